import { expect, test } from 'vitest';
import { SecondHistory } from '../../../src/session/pipeline/second-history.js';

/** Adds events at a time, before which `bytesBefore` bytes were outstanding. */
function add(history: SecondHistory, timeNs: number, events: number, bytesBefore: number): void {
  history.reach(timeNs, () => bytesBefore);
  history.count(events);
}

test('events are counted by second and the unfinished second is left out', () => {
  const history = new SecondHistory();
  add(history, 0.1e9, 10, 0);
  expect(history.eventRates()).toEqual([10]);
  add(history, 0.9e9, 5, 100);
  add(history, 1.2e9, 7, 150);
  expect(history.eventRates()).toEqual([15]);
  expect(history.outstandingBytes()).toEqual([150]);
  add(history, 2.0e9, 1, 90);
  expect(history.eventRates()).toEqual([15, 7]);
  expect(history.outstandingBytes()).toEqual([150, 90]);
});

test('what is outstanding is asked once a second', () => {
  const history = new SecondHistory();
  let asked = 0;
  for (let ms = 0; ms < 3500; ms += 10) history.reach(ms * 1e6, () => ++asked);
  expect(history.outstandingBytes()).toEqual([1, 2, 3]);
  expect(asked).toBe(3);
});

test('a silent stretch shows no events and the outstanding bytes of before', () => {
  const history = new SecondHistory();
  add(history, 0, 3, 0);
  add(history, 4e9, 1, 64);
  expect(history.eventRates()).toEqual([3, 0, 0, 0]);
  expect(history.outstandingBytes()).toEqual([64, 64, 64, 64]);
});

test('a jump of years stays within sixty seconds of history', () => {
  const history = new SecondHistory();
  add(history, 0, 3, 0);
  add(history, 1e17, 2, 64);
  expect(history.eventRates()).toHaveLength(59);
  expect(Math.max(...history.eventRates())).toBe(0);
});

test('time that goes back a little is counted in the present second', () => {
  const history = new SecondHistory();
  add(history, 1.5e9, 3, 0);
  add(history, 0.9e9, 2, 64);
  add(history, 2.1e9, 1, 65);
  expect(history.eventRates()).toEqual([5]);
});
