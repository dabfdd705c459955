import { describe, expect, it } from 'vitest';
import type { LifeRow, Lives } from '../../../src/event/marks/lives.js';
import { ProcessLives } from '../../../src/event/marks/process-lives.js';

const lives = (rows: [what: LifeRow['what'], pid: number, agoNs: number][], lostRows = 0): Lives => ({
  rows: rows.map(([what, pid, agoNs]) => ({ what, pid, agoNs, parent: 0 })),
  lostRows,
  lostMarks: 0,
});
const NOBODY = (): ReadonlySet<number> => new Set();

describe('ProcessLives', () => {
  it('a process is gone once it has ended, and another one with its number lives', () => {
    const known = new ProcessLives();
    expect(known.isGone(7, 5)).toBe(false);
    known.take(100, lives([['exit', 7, 90]]), NOBODY);
    expect(known.isGone(7, 5)).toBe(true);
    // On its way out.
    expect(known.isGone(7, 11)).toBe(true);
    known.take(200, lives([['start', 7, 100]]), NOBODY);
    expect(known.isGone(7, 5)).toBe(true);
    expect(known.isGone(7, 150)).toBe(false);
    known.take(400, lives([['exit', 7, 100]]), NOBODY);
    expect(known.isGone(7, 150)).toBe(true);
    expect(known.isGone(8, 150)).toBe(false);
  });

  it('an exit that is told twice, or late, changes nothing', () => {
    const known = new ProcessLives();
    known.take(
      100,
      lives([
        ['exit', 7, 0],
        ['exit', 7, 50],
        ['start', 7, 60],
      ]),
      NOBODY,
    );
    expect(known.isGone(7, 100)).toBe(true);
    expect(known.isGone(7, 101)).toBe(true);
  });

  it('where a start may have been lost, nothing is called gone that came behind the exit', () => {
    const known = new ProcessLives();
    known.take(100, lives([['exit', 7, 0]]), NOBODY);
    known.take(200, lives([], 3), NOBODY);
    expect(known.isGone(7, 50)).toBe(true);
    expect(known.isGone(7, 150)).toBe(true);
    expect(known.isGone(7, 250)).toBe(false);
  });

  it('keeps of many processes those that hold something', () => {
    const known = new ProcessLives();
    for (let from = 0; from < 300_000; from += 50_000) {
      const rows = Array.from({ length: 50_000 }, (_, i): ['exit', number, number] => ['exit', from + i, 0]);
      known.take(from * 1e6, lives(rows), () => new Set([3, 200_001]));
    }
    expect(known.isGone(3, 0)).toBe(true);
    expect(known.isGone(200_001, 0)).toBe(true);
    expect(known.isGone(4, 0)).toBe(false);
    const saved = known.save(() => new Set([3, 200_001]));
    expect(saved?.rows.length).toBe(6);
    const restored = new ProcessLives();
    expect(restored.restore(JSON.parse(JSON.stringify(saved)))).toBe(true);
    expect(restored.isGone(3, 0)).toBe(true);
    expect(restored.restore({ rows: [1, 2], lostFromNs: null })).toBe(false);
  });
});
