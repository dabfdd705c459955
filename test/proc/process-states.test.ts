import { expect, it } from 'vitest';
import { PAGE } from '../../src/event/kinds.js';
import { holdersOf } from '../../src/pair/live-table.js';
import { ProcessStates } from '../../src/proc/process-states.js';
import { pairText } from '../helpers/text-trace.js';

const NO_PAGES = (): Set<number> => new Set();

it('a process stays gone until its id comes back; what the others map is of the latest sample', () => {
  const states = new ProcessStates();
  states.take('5-7 gone\n20 300\n21 9\n', NO_PAGES);
  states.take('6 back\n9 gone\n21 8\n', NO_PAGES);
  expect([...states.gone].toSorted((a, b) => a - b)).toEqual([5, 7, 9]);
  expect([...states.mapped]).toEqual([[21, 8]]);
});

it('of very many that are gone, those that hold nothing are forgotten', () => {
  const { core } = pairText('0 palloc 8 order 0 pid=4000 comm=a x\n1 palloc 16 order 0 pid=70000 comm=a x');
  const states = new ProcessStates();
  states.take('1-70000 gone\n', () => holdersOf(core.tableOf(PAGE)));
  expect([...states.gone]).toEqual([4000, 70_000]);
  states.take('100001-130000 gone\n', () => holdersOf(core.tableOf(PAGE)));
  expect(states.gone.size).toBe(30_002);
});

it('is restored from plain data, or not at all', () => {
  const states = new ProcessStates();
  states.take('5-7 gone\n20 300\n', NO_PAGES);
  const restored = ProcessStates.restore(JSON.parse(JSON.stringify(states.save())));
  expect(restored).toEqual(states);
  for (const bad of [null, {}, { gone: [-1], mapped: [], limit: 1 }, { gone: [], mapped: [[1]], limit: 1 }, 7]) {
    expect(ProcessStates.restore(bad)).toBeNull();
  }
});
