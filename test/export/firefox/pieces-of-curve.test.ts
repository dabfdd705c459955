import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Piece, piecesOf } from '../../../src/export/firefox/pieces-of-curve.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';

const STEP_NS = 1e9;

/** The pieces of a curve with a point each second from 1s on, and the trace's end half a second after the last. */
function pieces(curve: number[], bytes: number, medianAgeNs = 0): Piece[] {
  const times = { firstNs: STEP_NS, stepNs: STEP_NS, points: curve.length };
  const durationNs = STEP_NS * (curve.length + 0.5);
  return piecesOf({ curve, bytes, medianAgeNs } as ReportStack, { curve: times, durationNs });
}

test('a rise is taken, a fall frees the youngest of it, and a part that is freed is a piece of its own', () => {
  expect(pieces([100, 300, 250, 50], 50)).toEqual([
    { bytes: 50, takenNs: 1e9, freedNs: 4e9 },
    { bytes: 50, takenNs: 1e9, freedNs: null },
    { bytes: 50, takenNs: 2e9, freedNs: 3e9 },
    { bytes: 150, takenNs: 2e9, freedNs: 4e9 },
  ]);
});

test('what came after the last point is of the end, whether taken or freed', () => {
  expect(pieces([100], 130)).toEqual([
    { bytes: 100, takenNs: 1e9, freedNs: null },
    { bytes: 30, takenNs: 1.5e9, freedNs: null },
  ]);
  expect(pieces([100], 0)).toEqual([{ bytes: 100, takenNs: 1e9, freedNs: 1.5e9 }]);
});

test('a row without a curve is one piece, as old as its median', () => {
  const row = { curve: [] as number[], bytes: 70, medianAgeNs: 3e9 } as ReportStack;
  expect(piecesOf(row, { curve: null, durationNs: 10e9 })).toEqual([{ bytes: 70, takenNs: 7e9, freedNs: null }]);
  expect(piecesOf({ ...row, medianAgeNs: 11e9 }, { curve: null, durationNs: 10e9 })[0].takenNs).toBe(0);
  expect(piecesOf({ ...row, bytes: 0 }, { curve: null, durationNs: 10e9 })).toEqual([]);
});

test('at each point the pieces that are taken and not freed add up to the curve', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }), fc.nat(1000), (curve, bytes) => {
      const made = pieces(curve, bytes);
      for (const piece of made) expect(piece.bytes).toBeGreaterThan(0);
      for (const [i, value] of [...curve, bytes].entries()) {
        const timeNs = i === curve.length ? STEP_NS * (i + 0.5) : STEP_NS * (i + 1);
        const held = made.filter(({ takenNs, freedNs }) => takenNs <= timeNs && (freedNs === null || freedNs > timeNs));
        expect(held.reduce((sum, piece) => sum + piece.bytes, 0)).toBe(value);
      }
    }),
    { numRuns: 200, seed: 20_261_130 },
  );
});
