/** How many points of its curve are enough for a verdict on a row. The traces and counters are made. */
import { describe, expect, it } from 'vitest';
import type { VerdictName } from '../../../src/rank/report/report-rows.js';
import { slabinfoText } from '../../helpers/counter-texts.js';
import { pairText } from '../../helpers/text-trace.js';

/** 60 s in points of 1 s; 100 objects of a cache, ten a second, in the last `seconds`. */
function trace(seconds: number, more = ''): string {
  const lines = ['0 alloc first 64 kmalloc < other'];
  for (let i = 0; i < seconds * 10; i++) {
    const timeNs = 60e9 - seconds * 1e9 + i * 1e8;
    lines.push(`${timeNs} alloc a${i} 1024 cache=held kmem_cache_alloc < taker`);
  }
  return `${lines.join('\n')}\n${more}\n60000000000 clock`;
}

/** The verdict on `taker` if slabinfo counts so many objects of its cache at the start and at the end. */
function verdict(seconds: number, [before, after]: [number, number], more = ''): VerdictName | null {
  const start = pairText('0 clock', { host: { cpus: 64 } }).core;
  start.fact({ type: 'counters', timeNs: 0, source: 'slabinfo', text: slabinfoText({ held: [before, 1024, 4] }) });
  const { core, report } = pairText(trace(seconds, more), { host: { cpus: 64 } });
  core.slabBalance = start.slabBalance;
  core.fact({ type: 'counters', timeNs: 60e9, source: 'slabinfo', text: slabinfoText({ held: [after, 1024, 4] }) });
  const row = report().stacks.find(({ frames }) => frames.some(({ symbol }) => symbol === 'taker'));
  if (row === undefined) throw new Error('no row');
  // Too few objects to stand out from what 64 CPUs may count too much.
  expect(row.reliability).toBe('plausible');
  return row.verdict;
}

describe('a call path that began in the last sixth of a trace', () => {
  it('has a verdict if slabinfo counts as many objects more', () => {
    expect(verdict(10, [1000, 1100])).toBe('growing');
    expect(verdict(10, [1000, 1076])).toBe('growing');
    expect(verdict(10, [1000, 1074])).toBe(null);
    expect(verdict(10, [1000, 1000])).toBe(null);
  });

  it('has one with 12 points if the counters do not contradict it', () => {
    expect(verdict(13, [1000, 1000])).toBe('growing');
    expect(verdict(11, [1000, 1000])).toBe(null);
  });

  it('needs a whole history if a free of it was missed', () => {
    const missed = '59900000000 alloc a3 1024 cache=held kmem_cache_alloc < taker';
    expect(verdict(10, [1000, 1100], missed)).toBe(null);
    expect(verdict(30, [1000, 1300], missed)).toBe('growing');
  });

  it('has none with fewer than 8 points', () => {
    expect(verdict(7, [1000, 1070])).toBe(null);
  });
});
