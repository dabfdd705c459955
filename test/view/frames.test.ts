/**
 * Whole screens, as a user sees them. A changed frame is reviewed like code: `npm run golden`
 * rewrites them.
 */
import { expect, test } from 'vitest';
import { expectGolden } from '../helpers/golden.js';
import { FRAMES, frameOf } from './fixtures/frames.js';

test.each(Object.entries(FRAMES))('%s', async (name, spec) => {
  const lines = await frameOf(spec);
  expect(lines).toHaveLength(spec.rows);
  expectGolden(`view/${name.replaceAll(/[^\w]+/g, '-')}.txt`, `${lines.join('\n')}\n`);
});
