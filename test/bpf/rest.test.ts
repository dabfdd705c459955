import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('rest.c', ['memory/rest.c', 'base/clock.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

/** The numbers of each line: [wall, CPU] in ms, in the order of what was asked for. */
const run = (budget: number, ...what: (string | number)[]): number[][] =>
  program
    .lines([String(budget), ...what.map(String)])
    .map((line) => [...line.matchAll(/[\d.]+/g)].map(([number]) => Number(number)));

describe('--budget', () => {
  it('20: for each millisecond of work four of rest; 100: none', () => {
    const [[wall, cpu]] = run(20, 'work', 20);
    expect(wall / cpu).toBeGreaterThan(3.5);
    expect(wall).toBeLessThan(20 * 5 * 4);
    const [, [all, own]] = run(100, 'work', 20);
    expect([all >= 20, all]).toEqual([true, own]);
  });

  it('a child, whose clock begins anew, rests as its parent: neither never, nor for good', () => {
    const [, [wall, cpu]] = run(20, 'work', 30, 'child', 10);
    expect(cpu).toBeGreaterThanOrEqual(10);
    expect(wall / cpu).toBeGreaterThan(3.5);
    expect(wall).toBeLessThan(10 * 5 * 4);
  });

  it('what belongs together has no pause in between, and one behind it', () => {
    const [[wall, cpu], [after]] = run(20, 'work', 2, 'together', 10).slice(1);
    // Others may run meanwhile: it would be 50.
    expect(wall).toBeLessThan(35);
    expect(after).toBeGreaterThanOrEqual(cpu * 3.5);
  });
});

it('the CPU time of all has that of a child, once it was waited for', () => {
  const [, [all, own]] = run(100, 'child', 30);
  expect(all - own).toBeGreaterThanOrEqual(29);
});
