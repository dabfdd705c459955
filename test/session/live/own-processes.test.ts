/** What a process takes that the program starts beside a trace is marked as the tracer's own, and nothing else. */
import { expect, it } from 'vitest';
import { EventBatch } from '../../../src/event/event-batch.js';
import { unknownHost } from '../../../src/event/host-facts.js';
import { KMALLOC, PAGE_FREE, SELF_BIT } from '../../../src/event/kinds.js';
import type { TraceSink } from '../../../src/event/trace-sink.js';
import { OwnProcesses } from '../../../src/session/live/own-processes.js';

type Row = [pid: number, kind: number, timeNs: number];

/** Passes rows through, and returns whether each is marked. */
function passed(own: OwnProcesses, marks: boolean[], ...rows: Row[]): boolean[] {
  const batch = new EventBatch(64);
  for (const [pid, kind, timeNs] of rows) {
    const row = batch.length++;
    batch.pid[row] = pid;
    batch.kind[row] = kind;
    batch.timeNs[row] = timeNs;
  }
  marks.length = 0;
  own.events(batch);
  return [...marks];
}

function setUp(knowsNumbers = true): { own: OwnProcesses; marks: boolean[] } {
  const marks: boolean[] = [];
  const next: TraceSink = {
    events: ({ kind, length }) => marks.push(...[...kind.subarray(0, length)].map((each) => (each & SELF_BIT) !== 0)),
    fact: () => undefined,
  };
  return { own: new OwnProcesses(next, knowsNumbers), marks };
}

it('marks its allocs from its start on, and no frees', async () => {
  const { own, marks } = setUp();
  expect(passed(own, marks, [7, KMALLOC, 1e9])).toEqual([false]);
  await own.during(async (began) => {
    began(7);
    expect(passed(own, marks, [7, KMALLOC, 2e9], [8, KMALLOC, 2e9], [7, KMALLOC, 2e9], [7, PAGE_FREE, 2e9])).toEqual([
      true,
      false,
      true,
      false,
    ]);
    await Promise.resolve();
  });
});

it('also those that come late, but not a process that gets its number later', async () => {
  const { own, marks } = setUp();
  passed(own, marks, [1, KMALLOC, 10e9]);
  await own.during((began) => Promise.resolve(began(7)));
  expect(passed(own, marks, [7, KMALLOC, 11e9], [7, KMALLOC, 15.1e9])).toEqual([true, false]);
  // An alloc that lived long comes with its own time.
  expect(passed(own, marks, [7, KMALLOC, 90e9], [7, KMALLOC, 9e9])).toEqual([false, true]);
});

it('a census that fails ends it as well', async () => {
  const { own, marks } = setUp();
  const work = own.during((began) => {
    began(7);
    return Promise.reject(new Error('no'));
  });
  await expect(work).rejects.toThrow('no');
  expect(passed(own, marks, [7, KMALLOC, 6e9])).toEqual([false]);
});

it('nothing in a PID namespace, where the kernel has other numbers, nor where the own is kept', async () => {
  const elsewhere = setUp(false);
  const kept = setUp();
  kept.own.fact({ type: 'host', facts: { ...unknownHost(), self: 'keep' } });
  for (const { own, marks } of [elsewhere, kept]) {
    await own.during((began) => {
      began(7);
      return Promise.resolve(expect(passed(own, marks, [7, KMALLOC, 1])).toEqual([false]));
    });
  }
});

it('forgets the oldest of many', async () => {
  const { own, marks } = setUp();
  for (let pid = 1; pid <= 20; pid++) await own.during((began) => Promise.resolve(began(pid)));
  expect(passed(own, marks, [4, KMALLOC, 1], [5, KMALLOC, 1], [20, KMALLOC, 1])).toEqual([false, true, true]);
});
