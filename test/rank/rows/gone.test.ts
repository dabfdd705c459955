/** Memory of processes that have ended: counted by row, selected by --gone, weighed in the default order. */
import { describe, expect, it } from 'vitest';
import { KMALLOC } from '../../../src/event/kinds.js';
import type { LifeRow } from '../../../src/event/marks/lives.js';
import { goneSentence } from '../../../src/rank/answer/gone-words.js';
import { readingOf } from '../../../src/rank/answer/readings.js';
import type { GoneHolders } from '../../../src/rank/report/report-rows.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { restorePipeline, savePipeline } from '../../../src/session/pipeline/pipeline-checkpoint.js';
import { SymbolLog } from '../../../src/session/pipeline/symbol-log.js';
import { batchOf, internPath, SAMPLE_HOST } from '../../helpers/sample-trace.js';

const HI = 0xffff8880;
const ALL = defaultSelection(100);

const life = (what: LifeRow['what'], pid: number, agoNs: number): LifeRow => ({ what, pid, agoNs, parent: 1 });

/** Two call paths with as much: `left` of processes 7 and 8, which end; `used` of 9, which lives, and of 7's successor. */
function traced(): { pipeline: Pipeline; left: number; used: number } {
  const symbolLog = new SymbolLog();
  const pipeline = new Pipeline('live', { symbolLog });
  const [used, left] = [1n, 2n].map((address) => internPath(pipeline.dictionary, [address]));
  const comm = pipeline.dictionary.comms.intern('x');
  const row = (at: number, stack: number, pid: number): number[] => [
    at,
    KMALLOC,
    HI,
    0x40 * (at + 1),
    64,
    64,
    stack,
    pid,
    comm,
    0,
  ];
  pipeline.fact({ type: 'host', facts: { ...SAMPLE_HOST, sampleOneIn: 1, minAgeNs: 0 } });
  pipeline.events(
    batchOf([row(1, used, 9), row(2, left, 7), row(3, left, 8), row(4, left, 8), row(9, used, 7), row(10, used, 9)]),
  );
  const rows = [life('exit', 7, 15), life('exit', 8, 14), life('start', 7, 12)];
  pipeline.fact({ type: 'lives', timeNs: 20, lives: { rows, lostRows: 0, lostMarks: 0 } });
  return { pipeline, left, used };
}

const goneOf = (pipeline: Pipeline, part = {}): (GoneHolders | null)[] =>
  pipeline.report({ ...ALL, ...part }).stacks.map(({ gone }) => gone);

describe('processes that are gone', () => {
  const LEFT: GoneHolders = { processes: 2, gone: 2, bytes: 192, count: 3 };
  const USED: GoneHolders = { processes: 2, gone: 0, bytes: 0, count: 0 };

  it('are counted by row; a process with a used number is another one', () => {
    const { pipeline } = traced();
    expect(goneOf(pipeline, { sort: 'bytes' })).toEqual(expect.arrayContaining([LEFT, USED]));
  });

  it('go before as much of processes that live, in the default order alone', () => {
    const { pipeline } = traced();
    expect(goneOf(pipeline)[0]).toEqual(LEFT);
    const { stacks } = pipeline.report(ALL);
    expect((stacks[0].suspicion ?? 0) / (stacks[1].suspicion ?? 1)).toBe(2);
  });

  it('--gone ranks their memory alone', () => {
    const { pipeline } = traced();
    expect(goneOf(pipeline, { gone: true })).toEqual([LEFT]);
  });

  it('are known behind a checkpoint too', () => {
    const { pipeline } = traced();
    const bytes = savePipeline(pipeline);
    if (bytes === null) throw new Error('no checkpoint');
    const restored = restorePipeline(bytes, 'recording', pipeline.dictionary, new SymbolLog());
    expect(goneOf(restored)).toEqual(goneOf(pipeline));
  });

  it('nothing is said where the trace tells of no lives', () => {
    const pipeline = new Pipeline('live');
    const stack = internPath(pipeline.dictionary, [1n]);
    pipeline.fact({ type: 'host', facts: { ...SAMPLE_HOST, sampleOneIn: 1, minAgeNs: 0 } });
    pipeline.events(batchOf([[1, KMALLOC, HI, 0x40, 64, 64, stack, 7, 0, 0]]));
    expect(goneOf(pipeline)).toEqual([null]);
    expect(goneOf(pipeline, { gone: true })).toEqual([]);
  });
});

it.each([
  [{ processes: 3, gone: 3, bytes: 1, count: 1 }, 'held by 3 processes that are gone'],
  [{ processes: 1, gone: 1, bytes: 1, count: 1 }, 'held by a process that is gone'],
  [{ processes: 5, gone: 2, bytes: 4096, count: 1 }, '2 of the 5 processes that took it are gone: 4.00 KiB'],
  [{ processes: 5, gone: 1, bytes: 184 << 20, count: 1 }, '1 of the 5 processes that took it is gone: 184 MiB'],
  [{ processes: 5, gone: 0, bytes: 0, count: 0 }, null],
  [null, null],
])('%j: %s', (gone, text) => {
  expect(goneSentence(gone)).toBe(text);
});

it.each([
  ['anon', 'process memory', 'cat /proc/7/smaps_rollup', null],
  [null, 'pipe buffers', 'lsof -n -p 7', 'lsof -n'],
  [null, 'open files', 'lsof -n -p 7', 'lsof -n'],
])('no command asks for the pid of one that is gone: %s, %s', (category, noun, living, dead) => {
  const holder = { kind: 'process' as const, name: 'x', pid: 7, more: 0 };
  const next = (gone: GoneHolders | null): string | null | undefined =>
    readingOf({ allocator: 'page', category, noun, holder, bytes: 400, gone, heldByReference: null })?.next;
  expect(next(null)).toBe(living);
  expect(next({ processes: 1, gone: 0, bytes: 0, count: 0 })).toBe(living);
  expect(next({ processes: 1, gone: 1, bytes: 400, count: 4 })).toBe(dead);
  // Others took the rest; the named one has nearly all.
  expect(next({ processes: 3, gone: 1, bytes: 340, count: 3 })).toBe(dead);
  expect(next({ processes: 3, gone: 2, bytes: 60, count: 2 })).toBe(living);
});

it('memory that a reference holds in part is not said to be only the process’s own', () => {
  const holder = { kind: 'process' as const, name: 'x', pid: 7, more: 0 };
  const text = (bytes: number): string | undefined =>
    readingOf({
      allocator: 'page',
      category: 'anon',
      noun: 'process memory',
      holder,
      bytes: 400,
      gone: null,
      heldByReference: { bytes, goneBytes: 0, atMostBytes: 150, isExact: false },
    })?.text;
  expect(text(0)).toBe("the process's own memory, not a kernel leak");
  expect(text(150)).toBe("the process's own memory, but for what a reference holds");
});
