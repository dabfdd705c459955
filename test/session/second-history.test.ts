import { expect, test } from 'vitest';
import { SecondHistory } from '../../src/session/second-history.js';

test('events are counted by second and the unfinished second is left out', () => {
  const history = new SecondHistory();
  history.add(0.1e9, 10, 100);
  expect(history.eventRates()).toEqual([10]);
  history.add(0.9e9, 5, 150);
  history.add(1.2e9, 7, 90);
  expect(history.eventRates()).toEqual([15]);
  expect(history.outstandingBytes()).toEqual([150]);
  history.add(2.0e9, 1, 10);
  expect(history.eventRates()).toEqual([15, 7]);
  expect(history.outstandingBytes()).toEqual([150, 90]);
});

test('a silent stretch shows no events and the outstanding bytes of before', () => {
  const history = new SecondHistory();
  history.add(0, 3, 64);
  history.add(4e9, 1, 128);
  expect(history.eventRates()).toEqual([3, 0, 0, 0]);
  expect(history.outstandingBytes()).toEqual([64, 64, 64, 64]);
});

test('a jump of years stays within sixty seconds of history', () => {
  const history = new SecondHistory();
  history.add(0, 3, 64);
  history.add(1e17, 2, 8);
  expect(history.eventRates()).toHaveLength(59);
  expect(Math.max(...history.eventRates())).toBe(0);
});

test('time that goes back a little is counted in the present second', () => {
  const history = new SecondHistory();
  history.add(1.5e9, 3, 64);
  history.add(0.9e9, 2, 65);
  history.add(2.1e9, 1, 66);
  expect(history.eventRates()).toEqual([5]);
});
