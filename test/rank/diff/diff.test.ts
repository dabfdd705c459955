import { describe, expect, it } from 'vitest';
import { processesOf } from '../../../src/rank/breakdown/processes.js';
import { diffReports } from '../../../src/rank/diff/diff.js';
import type { DiffInput, DiffReport } from '../../../src/rank/report/diff-report.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { type PairedText, pairText } from '../../helpers/text-trace.js';

const ALL = 100_000;

function inputOf(name: string, { core, symbols, report }: PairedText): DiffInput {
  return { name, report: report({ limit: ALL }), processes: processesOf({ core, symbols }, defaultSelection(ALL)) };
}

function traces(before: string, after: string, limit = ALL): DiffReport {
  const host = { kernel: '6.18.1', arch: 'x86_64' };
  return diffReports(inputOf('a', pairText(before, { host })), inputOf('b', pairText(after, { host })), {
    sameTrace: false,
    sort: 'bytes',
    limit,
  });
}

/** change, difference in bytes and count, leaf. */
const brief = ({ stacks }: DiffReport): unknown[] =>
  stacks.map(({ change, differenceBytes, differenceCount, frames }) => [
    change,
    differenceBytes,
    differenceCount,
    frames[0]?.symbol ?? '[no stack]',
  ]);

const briefProcesses = ({ processes }: DiffReport): unknown[] =>
  processes.map(({ comm, pid, pidBefore, change, beforeBytes, afterBytes, newAllocations }) => [
    comm,
    pid,
    pidBefore,
    change,
    beforeBytes,
    afterBytes,
    newAllocations,
  ]);

const notesOf = (before: object, after: object): string[] =>
  diffReports(
    { ...inputOf('a', pairText('9 clock', { host: before })), processes: null },
    inputOf('b', pairText('9 clock', { host: after })),
    { sameTrace: false, sort: 'bytes', limit: ALL },
  ).notes;

function pagesHeld(pages: number): string {
  return Array.from({ length: pages }, (_, i) => `${i} palloc ${i * 4096} order 0 driver_fills`).join('\n');
}

const BEFORE = `
  1 palloc 8 order 0 comm=sh pid=7 x
  2 palloc 9 order 0 comm=sh pid=7 shrinks
  3 palloc 10 order 0 comm=sh pid=7 shrinks
  4 alloc a 64 comm=old pid=8 goes
  5 alloc b 192 comm=ls pid=9 stays
  1000 clock`;
const AFTER = `
  1 palloc 108 order 2 comm=sh pid=17 x
  2 palloc 112 order 0 comm=sh pid=17 shrinks
  3 palloc 132 order 1 comm=fresh pid=18 comes
  5 alloc b 192 comm=ls pid=9 stays
  1000 clock`;

describe('a diff of two traces', () => {
  const diff = traces(BEFORE, AFTER);

  it('has growth first, then what shrank; what is as it was is only counted', () => {
    expect(brief(diff)).toEqual([
      ['grown', 3 * 4096, 3, 'x'],
      ['new', 2 * 4096, 2, 'comes'],
      ['shrunk', -4096, -1, 'shrinks'],
      ['gone', -64, -1, 'goes'],
    ]);
    expect(diff.changes).toEqual({
      new: { stacks: 1, differenceBytes: 8192 },
      grown: { stacks: 1, differenceBytes: 12288 },
      shrunk: { stacks: 1, differenceBytes: -4096 },
      gone: { stacks: 1, differenceBytes: -64 },
      unchanged: { stacks: 1, differenceBytes: 0 },
    });
    expect(diff.stacks[1]).toMatchObject({ before: null, after: { bytes: 8192, count: 2, allocCount: 2 } });
  });

  it('adds up: the changes are the difference of the totals', () => {
    const { page, slab, distinct } = diff.outstanding;
    expect([page.differenceBytes, slab.differenceBytes, distinct.differenceBytes]).toEqual([16384, -64, 16320]);
    const changed = Object.values(diff.changes).reduce((sum, group) => sum + group.differenceBytes, 0);
    expect(changed).toBe(distinct.differenceBytes);
    expect(diff.processes.reduce((sum, row) => sum + row.differenceBytes, 0)).toBe(distinct.differenceBytes);
  });

  it('says which processes are new, gone or restarted', () => {
    expect(briefProcesses(diff)).toEqual([
      ['sh', 17, 7, 'restarted', 12288, 20480, 2],
      ['fresh', 18, null, 'new', 0, 8192, 1],
      ['old', 8, null, 'gone', 64, 0, 0],
    ]);
    expect(diff.processesUnchanged).toBe(1);
  });

  it('lists no more rows than asked for, and counts all', () => {
    const short = traces(BEFORE, AFTER, 1);
    expect(brief(short)).toEqual([['grown', 12288, 3, 'x']]);
    expect(short.changes).toEqual(diff.changes);
  });

  it('compares per hour what is not equally long', () => {
    const longer = traces(BEFORE, AFTER.replace('1000 clock', '4000 clock'));
    // 20,480 bytes of x in 4 us against 4,096 in 1 us.
    expect(longer.stacks[0].bytesPerHour).toBeCloseTo((16384 / 4000 - 4096 / 1000) * 3600e9, 0);
    expect(longer.notes).toEqual([
      'the traces are not equally long (1.00µs, 4.00µs): bytes are those at the end of each; per hour is what can be compared',
    ]);
    expect(diff.notes).toEqual([]);
  });

  it('bounds what lost frees can have done, on both sides', () => {
    const lossy = traces(`${BEFORE}; 1001 lost kfree 1 100`, `${AFTER}; 1001 lost mm_page_free 1 4096`);
    expect(lossy.outstanding.slab).toMatchObject({ differenceBytes: -64, lowestBytes: -64, highestBytes: 36 });
    expect(lossy.outstanding.page).toMatchObject({ differenceBytes: 16384, lowestBytes: 12288, highestBytes: 16384 });
    expect(lossy.outstanding.distinct).toMatchObject({ lowestBytes: 12224, highestBytes: 16420 });
    expect([lossy.before.anomalies.lostEvents, lossy.after.anomalies.lostEvents]).toEqual([1, 1]);
  });

  it('of nothing and nothing is nothing', () => {
    const empty = traces('0 clock', '0 clock');
    expect(empty).toMatchObject({ stacks: [], processes: [], processesUnchanged: 0, elapsedNs: null });
    expect(empty.outstanding.distinct).toMatchObject({ differenceBytes: 0, bytesPerHour: null });
  });

  it('puts rows that the counters contradict below all that grew, and backing pages last', () => {
    const silent = '1 alloc s 4096 mas; 2 alloc s 4096 mas; 3 alloc s 4096 mas; 4 alloc s 4096 mas';
    const rows = traces('0 clock', `${silent}; 5 alloc t 64 y; 6 palloc 64 order 4 allocate_slab < kmalloc < z`);
    expect(brief(rows).map((row) => (row as unknown[])[3])).toEqual(['y', 'mas', 'allocate_slab']);
    expect(rows.stacks[1].after?.reliability).toBe('unreliable');
  });

  it('says how much suppression rules hide, and leaves it out of call paths and processes', () => {
    const selection = { suppress: [{ pattern: 'x', reason: 'known' }] };
    const [before, after] = [BEFORE, AFTER].map((trace, i) => {
      const paired = pairText(trace, { host: { kernel: '6.18.1', arch: 'x86_64' } });
      const processes = processesOf(paired, { ...defaultSelection(ALL), ...selection });
      return { name: String(i), report: paired.report({ ...selection, limit: ALL }), processes };
    });
    const hidden = diffReports(before, after, { sameTrace: false, sort: 'bytes', limit: ALL });
    expect(hidden.notes).toEqual(['suppression rules hide 4.00 KiB before and 16.0 KiB after']);
    expect(brief(hidden).map((row) => (row as unknown[])[3])).toEqual(['comes', 'shrinks', 'goes']);
    expect(hidden.processes[0]).toMatchObject({ comm: 'fresh', differenceBytes: 8192 });
  });

  it('of samples gives estimates: the ends of both intervals against each other', () => {
    const [before, after] = [40, 90].map((pages) =>
      pairText(`${pagesHeld(pages)}\n1000 clock`, { host: { sampleOneIn: 4 } }),
    );
    const compared = diffReports(inputOf('a', before), inputOf('b', after), {
      sameTrace: false,
      sort: 'suspect',
      limit: ALL,
    });
    const [a, b] = [before, after].map(({ report }) => report().estimate?.page);
    expect([a?.bytes, b?.bytes]).toEqual([4 * 40 * 4096, 4 * 90 * 4096]);
    expect(compared.outstanding.page).toMatchObject({
      differenceBytes: 50 * 4096,
      estimate: {
        differenceBytes: 200 * 4096,
        lowBytes: (b?.lowBytes ?? 0) - (a?.highBytes ?? 0),
        highBytes: (b?.highBytes ?? 0) - (a?.lowBytes ?? 0),
      },
    });
    expect(compared.outstanding.slab.estimate?.differenceBytes).toBe(0);
    expect(compared.outstanding.distinct.estimate).toBe(null);
    expect(compared.stacks[0].estimate).toEqual(compared.outstanding.page.estimate);
    expect(compared.notes).toEqual([
      '1 address in 4 was traced: bytes are what was seen; estimates stand for all (95 % interval, or wider)',
    ]);
    // A trace of every address saw everything.
    const whole = pairText(`${pagesHeld(90)}\n1000 clock`);
    const mixed = diffReports(inputOf('a', before), inputOf('b', whole), {
      sameTrace: false,
      sort: 'bytes',
      limit: ALL,
    });
    expect(mixed.outstanding.page).toMatchObject({
      differenceBytes: 50 * 4096,
      estimate: { differenceBytes: -70 * 4096, highBytes: 90 * 4096 - (a?.lowBytes ?? 0) },
    });
  });

  it('in order of suspicion: what only its code gives back before what the kernel takes back; by bytes when asked', () => {
    const before = pairText(`
      1 palloc 0x9000 order 9 __alloc_pages_noprof < filemap_alloc_folio_noprof < old_reads
      2 palloc 0xa000 order 1 __alloc_pages_noprof < anon_pipe_write < old_write
      1000 clock`);
    const after = pairText(`
      1 palloc 0x1000 order 9 __alloc_pages_noprof < filemap_alloc_folio_noprof < cat_reads
      2 palloc 0x2000 order 8 __alloc_pages_noprof < do_anonymous_page < cc_faults
      3 alloc a 300000 cache=dentry kmem_cache_alloc < d_alloc
      4 alloc b 6000 cache=skbuff kmem_cache_alloc < alloc_skb
      5 palloc 0x3000 order 0 __alloc_pages_noprof < anon_pipe_write
      6 palloc 0x7000 order 4 __alloc_pages_noprof < new_slab < ___slab_alloc < slab_user
      1000 clock`);
    const order = (sort: 'suspect' | 'bytes'): string[] => {
      const compared = diffReports(inputOf('a', before), inputOf('b', after), { sameTrace: false, sort, limit: ALL });
      expect(compared.selection.sort).toBe(sort);
      return compared.stacks.map(({ frames, firstFrame }) => frames.slice(firstFrame).at(-1)?.symbol ?? '');
    };
    const [shrunk, backing] = [['old_write', 'old_reads'], 'slab_user'];
    expect(order('suspect')).toEqual([
      'anon_pipe_write',
      'alloc_skb',
      'cc_faults',
      'cat_reads',
      'd_alloc',
      ...shrunk,
      backing,
    ]);
    expect(order('bytes')).toEqual([
      'cat_reads',
      'cc_faults',
      'd_alloc',
      'alloc_skb',
      'anon_pipe_write',
      ...shrunk.toReversed(),
      backing,
    ]);
  });

  it('in an order of its own where a report has a word for verdicts that nobody here knows', () => {
    const [before, after] = ['0 alloc z 1 z; 9 clock', '0 alloc a 64 a; 1 alloc b 128 b; 2 alloc c 96 c; 9 clock'].map(
      (text) => inputOf('', pairText(text)),
    );
    for (const stack of after.report.stacks) Object.assign(stack, { verdict: 'shrinking' });
    const compared = diffReports(before, after, { sameTrace: false, sort: 'suspect', limit: ALL });
    expect(compared.stacks.map(({ frames }) => frames[0].symbol)).toEqual(['b', 'c', 'a', 'z']);
  });

  it('says what the two have not in common', () => {
    expect(notesOf({ hostname: 'x', kernel: '6.1' }, { hostname: 'y', kernel: '6.2', sampleOneIn: 16 })).toEqual([
      'the kernels differ: call paths are matched by function names, without offsets',
      'every address was traced before and 1 address in 16 after: bytes are what was seen, and cannot be compared; ' +
        'estimates stand for all (95 % interval, or wider)',
      'two machines are compared',
      'a report does not say which pids: processes are compared by name',
    ]);
    // An unknown value does not count as different.
    expect(notesOf({ hostname: 'x', kernel: '6.1', arch: 'x86_64' }, { hostname: '', kernel: '', arch: '' })).toEqual([
      'a report does not say which pids: processes are compared by name',
    ]);
    expect(notesOf({ minAgeNs: 1e9 }, {})[0]).toBe(
      'allocs and frees are counted from an age of 1.00s before and 0s after, and what was younger at the end is not shown',
    );
    expect(notesOf({ allocators: ['page'] }, { allocators: ['page', 'slab'] })[0]).toBe(
      'slab was traced only after: all of it looks new',
    );
  });
});
