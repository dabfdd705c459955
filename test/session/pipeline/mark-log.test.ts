import { expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import type { LoggedMark } from '../../../src/event/marks/marks.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { MarkLog, MOST_MARKS, MOST_SHOWN, type SavedMarks } from '../../../src/session/pipeline/mark-log.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { restorePipeline, savePipeline } from '../../../src/session/pipeline/pipeline-checkpoint.js';
import { SymbolLog } from '../../../src/session/pipeline/symbol-log.js';
import { fullMark } from '../../helpers/marks.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const vmstat = (pagecache: number, slab: number): string =>
  `nr_free_pages 1\ndrop_pagecache ${pagecache}\ndrop_slab ${slab}\n`;

it('keeps marks in the order of time, whatever order they come in', () => {
  const log = new MarkLog();
  for (const timeNs of [30, 10, 20]) log.fact({ type: 'mark', timeNs, mark: fullMark('exec') });
  expect(log.marks().map(({ timeNs }) => timeNs)).toEqual([10, 20, 30]);
});

it('stays within its bounds: the commonest kind is thinned, and all are counted', () => {
  const log = new MarkLog();
  log.fact({ type: 'mark', timeNs: 0, mark: fullMark('oom-kill') });
  for (let i = 1; i <= 100_000; i++) log.fact({ type: 'mark', timeNs: i, mark: fullMark('memcg-reclaim') });
  log.fact({ type: 'mark', timeNs: 100_001, mark: fullMark('user') });
  const marks = log.marks();
  expect(marks.length).toBeLessThanOrEqual(MOST_MARKS);
  expect(marks.length).toBeGreaterThan(MOST_MARKS / 3);
  expect(marks[0].mark.kind).toBe('oom-kill');
  expect(marks.at(-1)?.mark.kind).toBe('user');
  const kept = marks.filter(({ mark }) => mark.kind === 'memcg-reclaim').length;
  expect(log.countsByKind()).toEqual([
    { kind: 'user', count: 1, leftOut: 0 },
    { kind: 'oom-kill', count: 1, leftOut: 0 },
    { kind: 'memcg-reclaim', count: 100_000, leftOut: 100_000 - kept },
  ]);
});

it('finds dropped caches in the kernel’s counters, not in their first sample', () => {
  const log = new MarkLog();
  const came: LoggedMark[] = [];
  log.onMark = (mark) => came.push(mark);
  const samples: [number, number][] = [
    [5, 3],
    [5, 3],
    [7, 3],
    [7, 4],
    [1, 1],
  ];
  for (const [i, [pagecache, slab]] of samples.entries()) {
    log.fact({ type: 'counters', timeNs: i * 1e9, source: 'vmstat', text: vmstat(pagecache, slab) });
  }
  log.fact({ type: 'counters', timeNs: 9e9, source: 'vmstat', text: 'nr_free_pages 1\n' });
  expect(came.map(({ timeNs, mark }) => [timeNs, mark.kind, mark.values])).toEqual([
    [2e9, 'drop-caches', [2, 0]],
    [3e9, 'drop-caches', [0, 1]],
  ]);
});

it('gives the screen as many as it can take, and says how many it left out; the same object while nothing is added', () => {
  const log = new MarkLog();
  log.fact({ type: 'mark', timeNs: 1, mark: fullMark('oom-kill') });
  for (let i = 0; i < 9000; i++) log.fact({ type: 'mark', timeNs: 9000 - i, mark: fullMark('exec') });
  const view = log.view();
  expect(view.marks.length).toBeLessThanOrEqual(MOST_SHOWN);
  expect(view.marks.length).toBeGreaterThan(MOST_SHOWN / 3);
  expect(view.marks.every(({ timeNs }, at) => at === 0 || timeNs >= view.marks[at - 1].timeNs)).toBe(true);
  expect(view.counts).toEqual([
    { kind: 'oom-kill', count: 1, leftOut: 0 },
    { kind: 'exec', count: 9000, leftOut: 9000 - (view.marks.length - 1) },
  ]);
  log.fact({ type: 'lives', timeNs: 9001, lives: { rows: [], lostRows: 0, lostMarks: 0 } });
  expect(log.view()).toBe(view);
  log.fact({ type: 'lives', timeNs: 9001, lives: { rows: [], lostRows: 0, lostMarks: 2 } });
  expect(log.view()).toMatchObject({ lost: 2, marks: view.marks });
  log.fact({ type: 'mark', timeNs: 9002, mark: fullMark('user') });
  expect(log.view().marks.at(-1)?.mark.kind).toBe('user');
  const restored = new MarkLog();
  expect(restored.view().marks).toEqual([]);
  expect(restored.restore(log.save())).toBe(true);
  expect(restored.view().counts.map(({ kind, count }) => [kind, count])).toEqual([
    ['user', 1],
    ['oom-kill', 1],
    ['exec', 9000],
  ]);
});

it('sums what was lost on the way', () => {
  const log = new MarkLog();
  for (const lostMarks of [2, 3]) log.fact({ type: 'lives', timeNs: 1, lives: { rows: [], lostRows: 9, lostMarks } });
  expect(log.lost).toBe(5);
});

function saved(count: number): { pipeline: Pipeline; bytes: Uint8Array } {
  const pipeline = new Pipeline('recording', { symbolLog: new SymbolLog() });
  pipeline.fact({ type: 'host', facts: unknownHost() });
  pipeline.fact({ type: 'counters', timeNs: 0, source: 'vmstat', text: vmstat(1, 1) });
  for (let i = 0; i < count; i++)
    pipeline.fact({ type: 'mark', timeNs: i, mark: fullMark(i === 7 ? 'oom-kill' : 'shmat') });
  const bytes = savePipeline(pipeline);
  if (bytes === null) throw new Error('not saved');
  return { pipeline, bytes };
}

it('is in a checkpoint, with what it needs to go on', () => {
  const { pipeline, bytes } = saved(100);
  const restored = restorePipeline(bytes, 'recording', new TraceDictionary(), new SymbolLog());
  expect(restored.marks.marks()).toEqual(pipeline.marks.marks());
  expect(restored.marks.countsByKind()).toEqual(pipeline.marks.countsByKind());
  restored.fact({ type: 'counters', timeNs: 1e9, source: 'vmstat', text: vmstat(2, 1) });
  expect(restored.marks.marks().at(-1)?.mark.kind).toBe('drop-caches');
});

it('does not make a checkpoint large: of 20,000 marks some are in it, and the counts of all', () => {
  const { bytes } = saved(20_000);
  expect(bytes.length).toBeLessThan(400_000);
  const { marks } = restorePipeline(bytes, 'recording', new TraceDictionary(), new SymbolLog());
  expect(marks.marks().some(({ mark }) => mark.kind === 'oom-kill')).toBe(true);
  expect(marks.countsByKind().map(({ kind, count }) => [kind, count])).toEqual([
    ['oom-kill', 1],
    ['shmat', 19_999],
  ]);
});

it.each([
  ['counts', [[99, 1]]],
  ['marks', [[0, 2, 'pid', 'comm', [], []]]],
  ['marks', [[0, 2, 1, 'comm', ['1'], []]]],
  ['lost', -1],
])('refuses a saved log with bad %s', (name, value) => {
  const log = new MarkLog();
  expect(log.restore({ counts: [], marks: [], lost: 0, drops: null })).toBe(true);
  expect(log.restore({ counts: [], marks: [], lost: 0, drops: null, [name]: value })).toBe(false);
});

it('a mark of the user’s is at its wall clock time, as far as the trace can have come, and in the recording', () => {
  const pipeline = new Pipeline('live');
  const recorded: number[] = [];
  pipeline.recorder = {
    events: () => undefined,
    fact: (fact) => {
      if (fact.type === 'mark') recorded.push(fact.timeNs);
    },
  };
  pipeline.fact({ type: 'host', facts: { ...unknownHost(), startUnixMs: 1000 } });
  pipeline.fact({ type: 'clock', timeNs: 2e9 });
  // 2.3 s after the start; a clock that was set back; one that was set forward.
  expect([3300, 1500, 99_000].map((unixMs) => pipeline.mark('deploy 42', unixMs))).toEqual([2.3e9, 2.3e9, 3.3e9]);
  expect(recorded).toEqual([2.3e9, 2.3e9, 3.3e9]);
  expect(pipeline.marks.marks()[0].mark).toEqual(fullMark('user', { pid: 0, comm: '', texts: ['deploy 42'] }));
  const unknownStart = new Pipeline('live');
  unknownStart.fact({ type: 'clock', timeNs: 7e9 });
  expect(unknownStart.mark('x', 5000)).toBe(7e9);
});

it('a report has the same marks whether they were read from the start, or from a checkpoint, or two', () => {
  const random = seededRandom(7);
  const kinds = ['reclaim', 'exec', 'shmat', 'oom-kill'] as const;
  const told = Array.from({ length: 60_000 }, (_, timeNs) => {
    // Phases in which another kind is the commonest.
    const usual = kinds[Math.floor((timeNs / 60_000) * 3)];
    return { timeNs, kind: random() < 0.9 ? usual : kinds[Math.floor(random() * 4)] };
  });
  for (const stops of [[1500], [2500, 9000], [100, 19_999, 20_100], [25_000, 45_000, 59_999]]) {
    const whole = new MarkLog();
    let log = new MarkLog();
    for (const [i, { timeNs, kind }] of told.entries()) {
      for (const each of [whole, log]) each.fact({ type: 'mark', timeNs, mark: fullMark(kind) });
      if (!stops.includes(i)) continue;
      const restored = new MarkLog();
      expect(restored.restore(JSON.parse(JSON.stringify(log.save())) as SavedMarks)).toBe(true);
      log = restored;
    }
    expect(log.atMost(1000)).toEqual(whole.atMost(1000));
    expect(log.countsByKind().map(({ count }) => count)).toEqual(whole.countsByKind().map(({ count }) => count));
  }
}, 60_000);
