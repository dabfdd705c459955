/** The sentences on a diff: two traces, or two moments of one, as text. */
import { describe, expect, it } from 'vitest';
import type { HostFacts } from '../../../src/event/host-facts.js';
import { diffReports } from '../../../src/rank/diff/diff.js';
import type { DiffInput, DiffReport } from '../../../src/rank/report/diff-report.js';
import { readDump } from '../../helpers/dump-text.js';
import { pairText } from '../../helpers/text-trace.js';

const LIMIT = 1000;
const HOST: Partial<HostFacts> = { kernel: '6.18.1', arch: 'x86_64', allocators: ['page', 'slab'] };
const PIPES = 'anon_pipe_write < vfs_write';
const NONE = 'No line of /proc/meminfo shows it.';
const UNCHECKED = "Not checked by the kernel's counters.";

let next = 1;
/** `count` allocations of 32 pages. */
function pages(count: number, path: string, who = 'comm=leak pid=7', ns = 1): string {
  return Array.from({ length: count }, () => `${ns} palloc ${32 * next++} order 5 ${who} ${path}`).join('\n');
}

function compared(sameTrace: boolean, before: string, after: string, host: Partial<HostFacts> = {}): DiffReport {
  const input = (name: string, text: string): DiffInput => {
    const report = pairText(text, { host: { ...HOST, ...host } }).report({ group: 'stack', limit: LIMIT });
    return { name, report, processes: null };
  };
  return diffReports(input('a', before), input('b', after), { sameTrace, sort: 'suspect', limit: LIMIT });
}

function dumpOf(count: number): DiffInput {
  const report = readDump(` f+0x1/0x2 [mod]\nnr_base_pages: ${count}\n\n`).report({ group: 'stack' });
  return { name: 'dump', report, processes: null };
}

const traces = (before: string, after: string): DiffReport =>
  compared(false, `${before}\n1000000000 clock`, `${after}\n1000000000 clock`);

/** The second moment is 10 s after the first. */
const moments = (before: string, then: string): DiffReport =>
  compared(true, `${before}\n1000000000 clock`, `${before}\n1000000000 clock\n${then}\n11000000000 clock`);

const said = ({ conclusions }: DiffReport): string[] =>
  conclusions.map(({ kind, text, detail }) => `${kind}: ${text} ${detail ?? ''}`.trim());
const kinds = ({ conclusions }: DiffReport): string[] => conclusions.map(({ kind }) => kind);

describe('two moments', () => {
  it('say who holds what, by how much it grew in what time, and where meminfo counts it', () => {
    const diff = moments(pages(2, PIPES), pages(14, PIPES, undefined, 2e9));
    expect(said(diff)).toEqual([
      `grew: leak 7 holds 2.00 MiB of pipe buffers, which grew by 1.75 MiB in 10.0s. ${NONE} ${UNCHECKED} ` +
        'Written into pipes that nobody reads.',
    ]);
    expect(diff.conclusions[0]).toMatchObject({ rank: 1, next: 'lsof -n -p 7' });
    expect(diff.stacks[0].after?.holder).toEqual({ kind: 'process', name: 'leak', pid: 7, more: 0 });
  });

  it('say what is new and what is gone', () => {
    const old = '1 palloc 900000 order 5 comm=old pid=5 goes';
    const diff = moments(old, `2000000000 pfree 900000 order 5\n${pages(3, PIPES, undefined, 3e9)}`);
    expect(said(diff)).toEqual([
      `new: leak 7 took 384 KiB of pipe buffers in 10.0s, and still holds it. ${NONE} ${UNCHECKED} ` +
        'Written into pipes that nobody reads.',
      `gone: old 5 held 128 KiB of memory of goes, and nothing of it 10.0s later. ${NONE} ${UNCHECKED}`,
    ]);
  });

  it('call paths of one holder and one noun are one sentence, and of many there are three and a number', () => {
    const both = moments('', pages(2, PIPES) + '\n' + pages(2, 'anon_pipe_write < do_splice'));
    expect(said(both).map((text) => text.slice(0, 44))).toEqual(['new: leak 7 took 512 KiB of pipe buffers in ']);
    const many = moments('', ['a', 'b', 'c', 'd', 'e'].map((name) => pages(2, `take_${name}`)).join('\n'));
    expect(kinds(many)).toEqual(['new', 'new', 'new', 'grew']);
    expect(many.conclusions[3].text).toBe('2 more grew.');
  });

  it('small beside the greatest is left to the rows', () => {
    const diff = moments('', `${pages(40, PIPES)}\n${pages(1, 'take_little')}`);
    expect(kinds(diff)).toEqual(['new']);
    expect(diff.stacks).toHaveLength(2);
  });
});

describe('nothing grew', () => {
  it('and nothing changed at all', () => {
    const text = pages(2, PIPES);
    expect(said(traces(text, text))).toEqual([
      'quiet: Nothing grew from the first trace to the second. 256 KiB is held, as before.',
    ]);
    expect(said(moments('', ''))).toEqual(['quiet: Nothing grew in 10.0s. Nothing held passes the selection.']);
  });

  it('but for a few pages, with the floor', () => {
    const diff = moments(pages(2, PIPES), '2000000000 palloc 800000 order 2 comm=sh pid=8 few');
    expect(said(diff)).toEqual([
      'quiet: Nothing grew by 32.0 KiB or more in 10.0s. All that is held changed by +16.0 KiB to 272 KiB.',
    ]);
  });

  it('and what shrank is said, the greatest two', () => {
    const diff = traces([pages(9, 'x'), pages(6, 'y'), pages(4, 'z')].join('\n'), pages(1, 'x'));
    expect(kinds(diff)).toEqual(['quiet', 'shrank', 'gone']);
    expect(diff.conclusions[1].text).toBe(
      'leak holds 128 KiB of memory of x, which shrank by 1.00 MiB from the first trace to the second.',
    );
    expect(diff.conclusions[2].text).toBe(
      'leak held 768 KiB of memory of y in the first trace, and nothing of it in the second.',
    );
  });
});

describe('two traces', () => {
  it('name no pid: after a boot it is another process', () => {
    const diff = traces(pages(1, PIPES), pages(9, PIPES));
    expect(diff.conclusions[0].text).toBe(
      'leak holds 1.13 MiB of pipe buffers, which grew by 1.00 MiB from the first trace to the second.',
    );
    expect(diff.conclusions[0].next).toBe('lsof -n');
    for (const { before, after } of diff.stacks) expect([before?.holder.pid, after?.holder.pid]).toEqual([null, null]);
  });

  it('what one process had and another has is not called shrunk', () => {
    const diff = traces(pages(40, PIPES), pages(1, PIPES, 'comm=sh pid=9'));
    expect(diff.conclusions.map(({ text }) => text)).toEqual([
      'Nothing grew from the first trace to the second. All that is held changed by -4.88 MiB to 128 KiB.',
      'leak held 5.00 MiB of pipe buffers in the first trace, and nothing of it in the second.',
    ]);
  });

  it('what moved from one process to another has not grown, but for what is more', () => {
    const diff = traces(
      pages(9, PIPES, 'comm=old pid=3'),
      `${pages(9, PIPES, 'comm=young pid=4')}\n9 palloc 7 order 0 ${PIPES}`,
    );
    expect(diff.conclusions.map(({ text }) => text)).toEqual([
      'Nothing grew by 32.0 KiB or more from the first trace to the second. ' +
        'All that is held changed by +4.00 KiB to 1.13 MiB.',
    ]);
  });

  it('that are not equally long compare the pace too', () => {
    const diff = compared(false, `${pages(4, PIPES)}\n1000000000 clock`, `${pages(8, PIPES)}\n2000000000 clock`);
    expect(diff.conclusions[0].detail).toContain('The traces last 1.00s and 2.00s: its pace changed by ±0 B/s.');
    expect(traces(pages(4, PIPES), pages(8, PIPES)).conclusions[0].detail).not.toContain('pace');
  });

  it('of dumps speak of dumps, and of no trend', () => {
    const diff = diffReports(dumpOf(100), dumpOf(900), { sameTrace: false, sort: 'suspect', limit: LIMIT });
    expect(said(diff)).toEqual([
      'grew: Module mod holds 3.52 MiB of memory of f [mod], which grew by 3.13 MiB from the first dump to the second. ' +
        NONE,
    ]);
  });
});

describe('doubt', () => {
  it('comes first where so much was lost that nothing can be relied on', () => {
    const diff = traces(pages(1, PIPES), `${pages(9, PIPES)}\n5 lost mm_page_free 20 ${20 * 4096}`);
    expect(kinds(diff)).toEqual(['doubt', 'grew']);
    expect(said(diff)[0]).toBe(
      'doubt: 69% of the events of the second trace (20) were lost: do not rely on what looks held. ' +
        'All together changed by +1.00 MiB; with lost frees it is anything from +944 KiB to +1.00 MiB.',
    );
  });

  it('is all that is said where frees were not traced', () => {
    const coverage = [{ cause: 'no-frees-seen' as const, kinds: [], certain: true, detail: '' }];
    const diff = compared(false, `${pages(1, PIPES)}\n9 clock`, `${pages(9, PIPES)}\n9 clock`, { coverage });
    expect(said(diff)).toEqual([
      'doubt: The first trace has no frees: what is listed was allocated, and may be freed long ago.',
    ]);
  });

  it('a name that moves the cursor stays a name: printers make it safe', () => {
    const diff = moments('', pages(3, PIPES, 'comm=\u001b[2J pid=3'));
    expect(diff.conclusions[0].text).toMatch(/^\u001b\[2J 3 took 384 KiB of pipe buffers/);
  });
});
