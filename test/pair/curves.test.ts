import { describe, expect, it } from 'vitest';
import { EventBatch } from '../../src/event/event-batch.js';
import { KFREE, KMALLOC } from '../../src/event/kinds.js';
import { restoreCore, saveCore } from '../../src/pair/checkpoint/checkpoint.js';
import { FIRST_STEP_NS, heldAt, POINTS } from '../../src/pair/curves.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { PlainPairing } from '../helpers/plain-pairing.js';
import { randomDictionary, randomTrace, STACKS } from '../helpers/random-trace.js';
import { seededRandom } from '../helpers/seeded-random.js';

const SEEDS = Array.from({ length: 50 }, (_, i) => i + 1);
const EVENTS = 2000;

describe.each(SEEDS)('random trace, seed %i', (seed) => {
  it('tells what was outstanding before the first event at each point, however the events are cut', () => {
    const random = seededRandom(seed);
    const dictionary = randomDictionary();
    const trace = randomTrace(seed, EVENTS, false);
    let core = new PairingCore(dictionary);
    for (let from = 0; from < EVENTS; ) {
      const to = Math.min(EVENTS, from + 1 + Math.floor(random() * 700));
      core.events(rowsOf(trace, from, to));
      // A clock fact changes only values read from the curves, and a checkpoint changes nothing.
      core.fact({ type: 'clock', timeNs: core.nowNs + Math.floor(random() * 5e8) });
      if (random() < 0.5) core = restoreCore(saveCore(core)?.slice() ?? new Uint8Array(), dictionary);
      from = to;
    }
    const { firstNs, stepNs, snapshots } = core.curves.pointsAt(core.nowNs, core.paths);
    expect(snapshots.length).toBeLessThan(POINTS);
    expect(firstNs + (snapshots.length - 1) * stepNs).toBeLessThanOrEqual(core.nowNs);
    expect(firstNs + snapshots.length * stepNs).toBeGreaterThan(core.nowNs);
    const curves = snapshots.map((snapshot) =>
      Array.from({ length: core.paths.size }, (_, i) => heldAt(snapshot, i + 1)),
    );
    expect(curves).toEqual(plainCurves(trace, core, firstNs, stepNs, snapshots.length));
  });
});

it('keeps the last 32 to 64 steps, twice as long each time', () => {
  const core = new PairingCore(randomDictionary());
  const counts: number[] = [];
  for (let i = 1; i <= 1000; i++) {
    core.events(batchOf([[KMALLOC, i * FIRST_STEP_NS, i * 64]]));
    counts.push(core.curves.snapshots.length);
  }
  expect(Math.max(...counts)).toBe(POINTS - 1);
  expect(Math.min(...counts.slice(POINTS))).toBe(POINTS / 2);
  expect(core.curves.stepNs).toBe(FIRST_STEP_NS * 16);
  // One object at each first step: the point does not count the object allocated at its own time.
  const values = core.curves.snapshots.map((snapshot) => heldAt(snapshot, 1));
  expect(values).toEqual(values.map((_, k) => ((k + 1) * 16 - 1) * 8));
});

it('takes a jump in time in its stride, and shares the points in which nothing happened', () => {
  const core = new PairingCore(randomDictionary());
  core.events(batchOf([[KMALLOC, 1e8, 64]]));
  const far = 2 ** 52;
  core.events(batchOf([[KFREE, far, 64]]));
  const { stepNs, snapshots } = core.curves;
  expect(snapshots.length * stepNs).toBeLessThanOrEqual(far);
  expect((snapshots.length + 1) * stepNs).toBeGreaterThan(far);
  expect(new Set(snapshots).size).toBe(1);
  expect(heldAt(snapshots[0], 1)).toBe(8);
  const restored = restoreCore(saveCore(core)?.slice() ?? new Uint8Array(), randomDictionary());
  expect(new Set(restored.curves.snapshots).size).toBe(1);
  expect(restored.curves).toEqual(core.curves);
});

it('begins where the trace has its first event', () => {
  const core = new PairingCore(randomDictionary());
  core.events(batchOf([[KMALLOC, 1e9, 64]]));
  core.fact({ type: 'clock', timeNs: 1.5e9 });
  const { firstNs, stepNs, snapshots } = core.curves.pointsAt(core.nowNs, core.paths);
  expect(stepNs).toBe(FIRST_STEP_NS);
  expect(firstNs).toBe(1e9 + FIRST_STEP_NS);
  expect(snapshots.map((snapshot) => heldAt(snapshot, 1))).toEqual(Array.from({ length: 8 }, () => 8));
});

it('does not believe the time of an event that cannot be', () => {
  const core = new PairingCore(randomDictionary());
  core.events(batchOf([[KMALLOC, 1e7, 64]]));
  core.events(batchOf([[32, 2 ** 50, 64]]));
  expect(core.badEvents).toBe(1);
  expect(core.curves.stepNs).toBe(FIRST_STEP_NS);
  expect(core.curves.snapshots).toHaveLength(0);
});

/** Returns, by the slow pairing, the memory held at each point, for each row of the core in its order. */
function plainCurves(
  trace: EventBatch,
  core: PairingCore,
  firstNs: number,
  stepNs: number,
  points: number,
): number[][] {
  const plain = new PlainPairing();
  const curves: number[][] = [];
  const take = (): void => {
    curves.push(
      Array.from({ length: core.paths.size }, (_, i) => {
        const path = [...plain.paths.values()].find(
          (each) => each.stackId === core.paths.stackId[i + 1] && each.allocator === core.paths.allocator[i + 1],
        );
        return Math.fround((path?.live ?? 0) - (path?.ownLive ?? 0));
      }),
    );
  };
  for (let i = 0; i < trace.length; i++) {
    while (curves.length < points && trace.timeNs[i] >= firstNs + curves.length * stepNs) take();
    plain.apply(rowsOf(trace, i, i + 1), STACKS);
  }
  while (curves.length < points) take();
  return curves;
}

function rowsOf(batch: EventBatch, from: number, to: number): EventBatch {
  const part = new EventBatch(to - from);
  part.append(batch, from, to);
  return part;
}

/** Objects of 8 bytes on one call path. */
function batchOf(events: [kind: number, timeNs: number, address: number][]): EventBatch {
  const batch = new EventBatch(events.length);
  batch.length = events.length;
  for (const [row, [kind, timeNs, address]] of events.entries()) {
    batch.kind[row] = kind;
    batch.timeNs[row] = timeNs;
    batch.addrLo[row] = address;
    batch.size[row] = 8;
    batch.stackId[row] = 1;
  }
  return batch;
}
