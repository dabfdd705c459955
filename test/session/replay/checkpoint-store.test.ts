import { expect, it } from 'vitest';
import { CheckpointStore } from '../../../src/session/replay/checkpoint-store.js';

const SIZE = 10;

/** Reads a recording of `total` events in steps, and keeps the checkpoints that the store wants. */
function filled(budgetBytes: number, total: number, step: number, spacing: number): CheckpointStore<number> {
  const store = new CheckpointStore<number>(budgetBytes);
  for (let events = step; events <= total; events += step) {
    if (store.wants(events, SIZE, total, spacing)) add(store, events, SIZE);
  }
  return store;
}

function add(store: CheckpointStore<number>, events: number, byteLength: number): void {
  store.add({ events, timeNs: events * 10, byteLength, load: () => Promise.resolve(null) });
}

function places(store: CheckpointStore<number>, total: number): number[] {
  const found = new Set<number>();
  for (let timeNs = 0; timeNs <= total * 10; timeNs += 10) found.add(store.latest(timeNs)?.events ?? 0);
  return [...found].filter((events) => events > 0);
}

it('keeps checkpoints as far apart as is asked, where there is memory', () => {
  expect(places(filled(1000, 100, 1, 20), 100)).toEqual([20, 40, 60, 80, 100]);
});

it('spreads what there is memory for over the whole recording', () => {
  const store = filled(4 * SIZE, 1000, 1, 10);
  expect(store.byteLength).toBeLessThanOrEqual(4 * SIZE);
  expect(places(store, 1000)).toEqual([250, 500, 750, 1000]);
});

it('drops the one whose neighbours are nearest when there is too little memory, and stays within it', () => {
  const store = new CheckpointStore<number>(3 * SIZE);
  for (const events of [20, 50, 60, 100]) add(store, events, SIZE);
  expect(places(store, 200)).toEqual([20, 60, 100]);
  add(store, 200, 100 * SIZE);
  expect(store.byteLength).toBe(0);
});

it('those in the file cost nothing and stay', () => {
  const store = new CheckpointStore<number>(SIZE);
  for (let events = 100; events <= 1000; events += 100) add(store, events, 0);
  add(store, 150, SIZE);
  add(store, 250, SIZE);
  expect(store.count).toBe(11);
  expect(store.covers(100)).toBe(true);
  expect(store.covers(99)).toBe(false);
});

it('gives the last one before a time, and none before the first', () => {
  const store = filled(1000, 100, 1, 20);
  expect(store.latest(199)).toBeNull();
  expect(store.latest(200)?.events).toBe(20);
  expect(store.latest(Number.POSITIVE_INFINITY)?.events).toBe(100);
});
