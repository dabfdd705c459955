import fc from 'fast-check';
import { expect, it } from 'vitest';
import { joined, separated } from '../../src/base/pieces.js';
import { safeJson, safeJsonPieces } from '../../src/base/safe-json.js';
import { exportReport } from '../helpers/export-report.js';

it('the pieces of an object are the text of JSON.stringify', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
      const text = joined(safeJsonPieces(value));
      expect(text).toBe(`${safeJson(value)}\n`);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 500, seed: 20_261_130 },
  );
  for (const value of [{}, { a: [] }, { a: {}, b: undefined, c: [undefined, 1] }]) {
    expect(joined(safeJsonPieces(value))).toBe(`${JSON.stringify(value, null, 2)}\n`);
  }
});

it('a report of many paths is in pieces none of which is long', () => {
  const report = exportReport();
  report.stacks = Array.from({ length: 5000 }, () => report.stacks[0]);
  let longest = 0;
  let total = 0;
  for (const piece of safeJsonPieces(report)) {
    longest = Math.max(longest, piece.length);
    total += piece.length;
  }
  expect(total).toBeGreaterThan(5_000_000);
  expect(longest).toBeLessThan(20_000);
});

it('separates as join does', () => {
  for (const parts of [[], ['a'], ['a', '', 'c']])
    expect(joined(separated(parts, ', ', '!'))).toBe(`${parts.join(', ')}!`);
});
