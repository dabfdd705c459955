import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../../src/rank/conditions/conditions.js';
import { DIFF_CONDITIONS, verifyDiff } from '../../../src/rank/conditions/diff-conditions.js';
import { diffReports } from '../../../src/rank/diff/diff.js';
import type { DiffInput, DiffReport } from '../../../src/rank/report/diff-report.js';
import type { Selection } from '../../../src/rank/report/selection.js';
import { pairText } from '../../helpers/text-trace.js';

const HOST = { kernel: '6.18.1', arch: 'x86_64', allocators: ['page' as const, 'slab' as const] };

function diffOf(before: string, after: string, selection: Partial<Selection> = {}): DiffReport {
  const inputOf = (name: string, text: string): DiffInput => ({
    name,
    report: pairText(text, { host: HOST }).report({ limit: 1000, ...selection }),
    processes: null,
  });
  return diffReports(inputOf('a', before), inputOf('b', after), { sameTrace: false, sort: 'bytes', limit: 1000 });
}

/** Returns the value and the leaves of the rows for which a condition holds; null if it does not hold. */
function found(text: string, diff: DiffReport): unknown[] | string | null {
  const { ok, error } = parseCondition(text, DIFF_CONDITIONS);
  if (ok === null) return error;
  const { finding, untold } = verifyDiff(ok, diff);
  if (untold !== null) return untold;
  return finding === null ? null : [finding.value, ...finding.rows.map((row) => row.frames[0].symbol)];
}

/** A trace of a quarter of the addresses, in which this many objects of 100 bytes were seen. */
function sampleOfX(count: number): DiffInput {
  const allocs = Array.from({ length: count }, (_, i) => `${i} alloc ${i}00 100 x`);
  const { report } = pairText([...allocs, '3600000000000 clock'].join('; '), { host: { ...HOST, sampleOneIn: 4 } });
  return { name: '', report: report({ limit: 1000 }), processes: null };
}

describe('a condition on a diff', () => {
  const BEFORE = '0 alloc a 100 x; 1 alloc b 50 y; 2 alloc c 10 z; 3600000000000 clock';
  const AFTER = '0 alloc a 400 x; 1 alloc b 50 y; 3 alloc n 30 new; 3600000000000 clock';

  it('holds by what has grown or is new, the greatest first; what shrank takes nothing off', () => {
    const diff = diffOf(BEFORE, AFTER);
    expect(found('grown > 20', diff)).toEqual([300, 'x', 'new']);
    expect(found('grown >= 300', diff)).toEqual([300, 'x']);
    expect(found('grown > 300', diff)).toBeNull();
    expect(found('total grown > 329', diff)).toEqual([330, 'x', 'new']);
    expect(found('total grown > 330', diff)).toBeNull();
  });

  it('goes by pace where its value is one', () => {
    const diff = diffOf(BEFORE, AFTER);
    expect(found('grown > 299/h', diff)).toEqual([300, 'x']);
    expect(found('grown > 5/min', diff)).toBeNull();
    expect(found('grown > 4/min', diff)).toEqual([300, 'x']);
  });

  it('goes by the paces of both where one trace is shorter, though it may hold less', () => {
    const shorter = '0 alloc a 90 x; 1 alloc b 5 y; 360000000000 clock';
    const diff = diffOf(BEFORE, shorter);
    expect(found('grown > 0', diff)).toBeNull();
    // 900 an hour less 100; y holds 50 an hour on both sides.
    expect(found('grown > 799/h', diff)).toEqual([800, 'x']);
    expect(found('grown > 0/h', diff)).toEqual([800, 'x']);
    expect(found('grown > 0/h', diffOf(shorter, BEFORE))).toEqual([10, 'z']);
    // 45 frees were lost, which may be of x or of y.
    const lost = diffOf(BEFORE, shorter.replace('360', '359 lost kfree 2 45; 360'));
    expect(found('grown > 300/h', lost)).toEqual([350, 'x']);
  });

  it('of a sample goes by the low end of what is held and the high end of what was', () => {
    const [before, after] = [sampleOfX(10), sampleOfX(90)];
    const diff = diffReports(before, after, { sameTrace: false, sort: 'bytes', limit: 1000 });
    const low = after.report.stacks[0].estimate?.lowBytes ?? 0;
    const high = before.report.stacks[0].estimate?.highBytes ?? 0;
    expect(low - high).toBeLessThan(4 * 80 * 100);
    expect(found('grown > 1', diff)).toEqual([low - high, 'x']);
    expect(found('grown > 1/h', diff)).toEqual([low - high, 'x']);
    expect(diff.stacks[0].estimate?.lowBytes).toBe(low - high);
    expect(found('grown > 1', diffReports(after, before, { sameTrace: false, sort: 'bytes', limit: 1000 }))).toBeNull();
  });

  it('leaves out what could be lost frees, what is unreliable, and backing pages', () => {
    const lost = diffOf(BEFORE, `${AFTER}; 3600000000001 lost kfree 2 250`);
    expect(found('grown > 49', lost)).toEqual([50, 'x']);
    expect(found('grown > 50', lost)).toBeNull();
    expect(found('lost > 1', lost)).toEqual([2]);
    // Four frees were missed: one address was allocated five times.
    const missing = Array.from({ length: 5 }, (_, i) => `${i} alloc y 900 y`).join('; ');
    const unreliable = diffOf('0 alloc x 1 x', missing);
    expect(found('grown > 0', unreliable)).toBeNull();
    expect(found('grown > 0 including unreliable', unreliable)).toEqual([900, 'y']);
    const backing = ['0 alloc x 1 x', '0 alloc x 1 x; 1 palloc 8 order 0 new_slab < x'] as const;
    expect(found('grown > 0', diffOf(...backing))).toBeNull();
    expect(found('grown > 0', diffOf(...backing, { categories: ['backing'] }))).toEqual([4096, 'new_slab']);
  });

  it('has figures of its own', () => {
    expect(found('bytes > 5', diffOf('', ''))).toMatch(/'bytes' is none of the figures/);
    expect(found('grown > 5s', diffOf('', ''))).toMatch(/'5s' is not a size, such as 50M, nor a size a time/);
    expect(found('grown', diffOf('', ''))).toMatch(/lacks what to compare with/);
  });
});

describe('a condition on a diff of traces without frees', () => {
  const gap = { cause: 'frees-not-traced', kinds: ['kmalloc'], certain: true, detail: '' } as const;
  const inputOf = (name: string, text: string): DiffInput => ({
    name,
    report: pairText(text, { host: { ...HOST, coverage: [{ ...gap, kinds: [...gap.kinds] }] } }).report({
      limit: 1000,
    }),
    processes: null,
  });
  const diff = diffReports(
    inputOf('a', '0 alloc a 100 x; 3600000000000 clock'),
    inputOf('b', '0 alloc a 400 x; 3600000000000 clock'),
    { sameTrace: false, sort: 'bytes', limit: 1000 },
  );

  it('cannot be told by growth that frees might undo', () => {
    expect(found('grown > 100', diff)).toBe('frees of kmalloc were not traced');
    expect(found('total grown > 1/h', diff)).toBe('frees of kmalloc were not traced');
    expect(found('grown > 100 including unreliable', diff)).toEqual([300, 'x']);
    expect(found('grown > 1M', diff)).toBeNull();
  });

  it('has no rate, and says so', () => {
    expect(diff.outstanding.distinct.bytesPerHour).toBeNull();
    expect(diff.stacks.map(({ bytesPerHour, after }) => [bytesPerHour, after?.meaning])).toEqual([[null, 'allocated']]);
    expect(diff.notes.filter((note) => /^[ab]: frees of kmalloc/.test(note))).toHaveLength(2);
  });
});
