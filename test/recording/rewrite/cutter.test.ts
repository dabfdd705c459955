import { expect, it } from 'vitest';
import { EventBatch } from '../../../src/event/event-batch.js';
import { unknownHost } from '../../../src/event/host-facts.js';
import { KMALLOC } from '../../../src/event/kinds.js';
import type { ProcessEvent } from '../../../src/event/process-facts.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { Cutter } from '../../../src/recording/rewrite/cutter.js';
import { SinkLog } from '../../helpers/sink-log.js';

function tell(cutter: Cutter, ...timesNs: number[]): void {
  const batch = new EventBatch(timesNs.length);
  for (const timeNs of timesNs) {
    batch.timeNs[batch.length] = timeNs;
    batch.kind[batch.length++] = KMALLOC;
  }
  cutter.events(batch);
}

it.each([
  { minAgeNs: 0, doneNs: 6.1e9 },
  { minAgeNs: 2e9, doneNs: 10.1e9 },
])('a cut of survivors of $minAgeNs ns waits for those that are told late, twice their age at most', (given) => {
  const cutter = new Cutter(new TraceDictionary(), { fromNs: 1e9, toNs: 5e9 });
  const log = new SinkLog();
  cutter.connect(log);
  cutter.fact({ type: 'host', facts: { ...unknownHost(), minAgeNs: given.minAgeNs } });
  tell(cutter, 0.9e9, 2e9, given.doneNs - 0.2e9);
  expect(cutter.isDone).toBe(false);
  // Allocated within the span, sent now.
  tell(cutter, 4.9e9, given.doneNs);
  expect(cutter.isDone).toBe(true);
  expect(log.eventRows.map(([timeNs]) => timeNs)).toEqual([1e9, 3.9e9]);
});

it.each([
  [0, 1],
  [1e9, 0],
])('a cut from %i ns has what was held before, with its names, only if it begins there', (fromNs, facts) => {
  const source = new TraceDictionary();
  source.stacks.intern(Uint32Array.of(source.stacks.frames.intern(1, 2)), 1);
  const stackId = source.stacks.intern(Uint32Array.of(source.stacks.frames.intern(3, 4)), 1);
  source.comms.intern('other');
  const commId = source.comms.intern('sh');
  const cutter = new Cutter(source, { fromNs, toNs: 5e9 });
  const log = new SinkLog();
  cutter.connect(log);
  cutter.fact({ type: 'host', facts: unknownHost() });
  const row = { stackId, allocator: 0, size: 1, count: 1, pfn: 7, ageNs: 9, pid: 5, commId, use: 0 };
  cutter.fact({ type: 'held', timeNs: 0, rows: [row] });
  cutter.finish();
  const held = log.calls.flatMap((call) => (call.call === 'held' ? call.rows : []));
  expect(held).toHaveLength(facts);
  for (const each of held) {
    const { stacks, comms } = cutter.dictionary;
    expect(each).toEqual({ ...row, stackId: 1, commId: 1 });
    expect([stacks.frames.hi[stacks.frameId(1, 0)], comms.name(1)]).toEqual([3, 'sh']);
  }
});

it.each([
  { fromNs: 0, toNs: 2e9, looks: [[1, 1e9]] },
  {
    fromNs: 2e9,
    toNs: 5e9,
    looks: [
      [1, 0],
      [2, 1e9],
    ],
  },
  { fromNs: 4e9, toNs: 5e9, looks: [[2, 0]] },
  { fromNs: 0, toNs: 1e8, looks: [] },
])('a cut from $fromNs to $toNs has the last look before it and those in it', ({ fromNs, toNs, looks }) => {
  const cutter = new Cutter(new TraceDictionary(), { fromNs, toNs });
  const log = new SinkLog();
  cutter.connect(log);
  cutter.fact({ type: 'host', facts: unknownHost() });
  const look = { unixMs: 1, texts: new Map([['proc/meminfo', 'x']]), notRead: [] };
  cutter.fact({ type: 'look', timeNs: 1e9, look });
  cutter.fact({ type: 'look', timeNs: 3e9, look: { ...look, unixMs: 2 } });
  cutter.finish();
  const kept = log.calls.flatMap((call) => (call.call === 'look' ? [[call.look.unixMs, call.timeNs]] : []));
  expect(kept).toEqual(looks);
});

it('a cut says which processes lived when it began, and what became of them', () => {
  const cutter = new Cutter(new TraceDictionary(), { fromNs: 2e9, toNs: 5e9 });
  const log = new SinkLog();
  cutter.connect(log);
  cutter.fact({ type: 'host', facts: unknownHost() });
  const shell = { number: 1, pid: 7, startNs: 5, parent: 0, stays: false, exe: '/bin/sh', cmdline: 'sh' } as const;
  const tellProcess = (timeNs: number, process: Partial<ProcessEvent>): void => {
    cutter.fact({ type: 'process', timeNs, process: { ...shell, why: 'first', ...process } });
  };
  tellProcess(0, {});
  cutter.fact({ type: 'image', image: { number: 1, buildId: '', path: '/bin/sh' } });
  tellProcess(1e9, { number: 2, parent: 1, why: 'fork' });
  tellProcess(1.1e9, { number: 3, parent: 2, why: 'exec', exe: '/bin/ls' });
  tellProcess(1.2e9, { number: 4, parent: 1, why: 'fork' });
  tellProcess(1.3e9, { number: 4, why: 'exit' });
  tellProcess(3e9, { number: 5, parent: 3, why: 'fork' });
  tell(cutter, 3.5e9);
  tellProcess(4e9, { number: 1, why: 'exit' });
  tellProcess(6e9, { number: 5, why: 'exit' });
  cutter.finish();
  const told = log.calls.flatMap((call) => {
    if (call.call === 'event') return ['event'];
    if (call.call === 'image') return [call.image.path];
    return call.call === 'process'
      ? [`${call.timeNs} ${call.process.number} ${call.process.why} ${call.process.exe}`]
      : [];
  });
  expect(told).toEqual([
    '/bin/sh',
    '0 1 first /bin/sh',
    '0 3 first /bin/ls',
    '1000000000 5 fork /bin/sh',
    'event',
    '2000000000 1 exit /bin/sh',
  ]);
});
