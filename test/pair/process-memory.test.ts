import { describe, expect, it } from 'vitest';
import { EventBatch } from '../../src/event/event-batch.js';
import { HEAP, MAPPED, RESERVED } from '../../src/event/kinds.js';
import { checkpointSize, restoreCore, saveCore } from '../../src/pair/checkpoint/checkpoint.js';
import { pageOf, processOf } from '../../src/pair/live-ranges.js';
import { HI, LO, PATH, PID, PID_MASK, SLOT_WORDS } from '../../src/pair/live-table.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { PlainProcesses } from '../helpers/plain-processes.js';
import { busyProcessTrace, type ProcessTrace, processTrace } from '../helpers/process-trace.js';
import { randomDictionary, STACKS } from '../helpers/random-trace.js';
import { seeds } from '../helpers/seeds.js';
import { byPath, expectedPath, pathsOf, totalsOf } from './paired.js';

const EVENTS = 2000;

describe.each([
  ...seeds(8, 60).map((seed) => ['random', seed, processTrace] as const),
  ...seeds(8, 60).map((seed) => ['busy', seed, busyProcessTrace] as const),
])('processes, %s, seed %i', (_kind, seed, makeTrace) => {
  const trace = makeTrace(seed, EVENTS);

  it('hold what a table of all pages and blocks would', () => {
    const plain = new PlainProcesses();
    feed(trace, EVENTS, {
      events: (batch) => plain.apply(batch, STACKS),
      fact: ({ timeNs, process }) => plain.process(timeNs, process),
    });
    const core = paired(trace, EVENTS);
    core.checkInvariants();
    expect(core.processMemory.hugeBlocks).toBe(plain.huge);
    for (const allocator of [HEAP, MAPPED, RESERVED]) {
      expect(heldOf(core, allocator)).toEqual(plain.ranges(allocator));
    }
    expect(pathsOf(core)).toEqual([...plain.paths.values()].map(expectedPath).toSorted(byPath));
    expect(totalsOf(core)).toMatchObject({
      live: plain.total,
      peak: plain.peak,
      peakNs: plain.peakNs,
      nowNs: plain.nowNs,
      allocs: plain.allocs,
      frees: plain.frees,
      orphans: plain.orphans,
      missed: plain.missed,
      failed: plain.failed,
      nulls: plain.nulls,
      misses: plain.misses,
      bad: plain.bad,
    });
    expect(core.changeEvents).toBe(plain.changes);
    expect(
      core.allocEvents + core.freeEvents + core.changeEvents + core.failedAllocs + core.nullFrees + core.badEvents,
    ).toBe(core.eventCount);
  });

  it('are the same however the events are cut into batches', () => {
    const whole = paired(trace, EVENTS);
    for (const size of [1, 7, 64, 500]) {
      const cut = paired(trace, size);
      expect(pathsOf(cut)).toEqual(pathsOf(whole));
      expect(totalsOf(cut)).toEqual(totalsOf(whole));
      for (const allocator of [HEAP, MAPPED, RESERVED])
        expect(heldOf(cut, allocator)).toEqual(heldOf(whole, allocator));
    }
  });
});

it.each(seeds(4, 20))('a checkpoint anywhere in the trace leaves no difference, seed %i', (seed) => {
  const trace = processTrace(seed, EVENTS);
  const [often, never] = [finished(trace, 9), finished(trace, Number.POSITIVE_INFINITY)];
  expect(often.processMemory.history.size).toBe(2);
  expect(saveCore(often)).toEqual(saveCore(never));
});

/** The core after all of a trace and counters in between, saved and restored after each `every` calls. */
function finished(trace: ProcessTrace, every: number): PairingCore {
  let core = new PairingCore(randomDictionary());
  let calls = 0;
  const save = (): void => {
    if (++calls % every !== 0) return;
    const bytes = saveCore(core);
    if (bytes === null) throw new Error('this core cannot be saved');
    core = restoreCore(bytes.slice(), randomDictionary());
    core.checkInvariants();
  };
  feed(trace, 50, {
    events: (batch) => {
      core.events(batch);
      core.fact({ type: 'counters', timeNs: core.nowNs, source: 'spaces', text: countersAt(calls) });
      const rows = [{ firstPage: calls, pages: 10, resident: calls % 10 }];
      core.fact({ type: 'resident', timeNs: core.nowNs, process: 1 + (calls % 5), isWhole: calls % 2 === 0, rows });
      save();
    },
    fact: (fact) => {
      core.fact(fact);
      save();
    },
  });
  return core;
}

it('says about how large a checkpoint of processes is', () => {
  const core = new PairingCore(randomDictionary());
  const rows = Array.from({ length: 20_000 }, (_, i) => ({ firstPage: 2 ** 35 + i * 7, pages: 5, resident: 3 }));
  core.fact({ type: 'resident', timeNs: 5, process: 1, isWhole: true, rows });
  for (let second = 0; second < 300; second++) {
    core.fact({ type: 'counters', timeNs: second * 1e9, source: 'spaces', text: countersAt(second) });
  }
  for (let number = 1; number < 2000; number++) {
    const process = { number, pid: number, startNs: 1e12, parent: 1, stays: false, exe: '/bin/sh', cmdline: 'sh -c x' };
    core.fact({ type: 'process', timeNs: 1e9 + number, process: { ...process, why: 'fork' } });
  }
  const length = saveCore(core)?.length ?? 0;
  expect(checkpointSize(core) / length).toBeGreaterThan(0.8);
  expect(checkpointSize(core) / length).toBeLessThan(1.3);
});

function countersAt(call: number): string {
  return `# number pid vm_size_kb rss_kb minflt majflt\n1 101 ${call * 4} ${call} 7 8\n2 102 9 9 9 9\n`;
}

function paired(trace: ProcessTrace, batchSize: number): PairingCore {
  const core = new PairingCore(randomDictionary());
  feed(trace, batchSize, {
    events: (batch) => core.events(batch),
    fact: (fact) => core.fact(fact),
  });
  return core;
}

interface Fed {
  events(batch: EventBatch): void;
  fact(fact: ProcessTrace['facts'][number][1]): void;
}

function feed({ events, facts }: ProcessTrace, batchSize: number, into: Fed): void {
  let from = 0;
  for (const [after, fact] of [...facts, [events.length, null] as const]) {
    while (from < after) {
      const to = Math.min(from + batchSize, after);
      const part = new EventBatch(to - from);
      part.append(events, from, to);
      into.events(part);
      from = to;
    }
    if (fact !== null) into.fact(fact);
  }
}

/** As PlainProcesses.ranges(). */
function heldOf(core: PairingCore, allocator: number): string[] {
  const { words, times, slots } = core.tableOf(allocator);
  const { stackId } = core.paths;
  const held: string[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const at = slot * SLOT_WORDS;
    if (words[at + PATH] === 0) continue;
    const rest = `stack ${stackId[words[at + PATH]]} at ${times[slot * 4 + 1]} of ${words[at + PID] & PID_MASK}`;
    if (allocator === HEAP) {
      const key = (BigInt(words[at + HI] >>> 0) << 32n) | BigInt(words[at + LO] >>> 0);
      held.push(`${allocator} ${key} ${rest}`);
      continue;
    }
    for (let page = 0; page < core.tableOf(allocator).sizeAt(slot); page++) {
      held.push(`${allocator} ${processOf(words, at)} ${pageOf(words, at) + page} ${rest}`);
    }
  }
  return held.toSorted();
}
