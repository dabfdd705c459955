/** The exit code of `unfreed triage` is its answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { unfreed } from '../../helpers/cli.js';
import { lookAt } from '../../helpers/look.js';

const folder = mkdtempSync(join(tmpdir(), 'unfreed-exit-'));
afterAll(() => rmSync(folder, { recursive: true }));

function meminfo(name: string, gap: number): string {
  const path = join(folder, name);
  writeFileSync(path, lookAt({ gap }).texts.get('proc/meminfo') ?? '');
  return path;
}

it.each([
  ['nothing is abnormal', 0.0625, 0],
  ['something is', 4, 3],
])('%s: as text and as JSON', async (_, gap, wanted) => {
  const path = meminfo(`meminfo-${gap}`, gap);
  const text = await unfreed(['triage', path]);
  expect([text.code, text.stderr]).toEqual([wanted, '']);
  expect(text.stdout).toContain('memory:');
  const json = await unfreed(['triage', '--json', path]);
  expect([json.code, json.stderr]).toEqual([wanted, '']);
  expect(JSON.parse(json.stdout)).toMatchObject({ format: 'unfreed-triage' });
});

it('what cannot be read is 1, and a wrong option 2', async () => {
  expect((await unfreed(['triage', join(folder, 'nowhere')])).code).toBe(1);
  expect((await unfreed(['triage', '--watch', '1s', meminfo('meminfo', 0)])).code).toBe(2);
});
