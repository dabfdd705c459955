import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('rest.c', ['memory/rest.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

/** The two numbers of each line, in ms: CPU time and rests. */
const run = (budget: number, ...what: (string | number)[]): [number, number][] =>
  program.lines([String(budget), ...what.map(String)]).map((line) => {
    const [cpu, slept] = line.split(' ').map(Number);
    return [cpu, slept];
  });

/** Nearly as long as --budget wants; what was done since the last rest may still be due. */
function expectRests(budget: number, [cpu, slept]: [number, number]): void {
  const due = cpu * (100 / budget - 1);
  expect(slept).toBeGreaterThan(due * 0.7);
  expect(slept).toBeLessThan(due * 1.3 + 10);
}

describe('--budget', () => {
  it.each(['work', 'loop'])('%s: a rest in proportion, and none at 100', (what) => {
    for (const budget of [1, 20, 80]) expectRests(budget, run(budget, what, 20)[0]);
    expect(run(100, what, 20)[0][1]).toBe(0);
  });

  it('a child, whose clock begins anew, rests as its parent: neither never, nor for good', () => {
    const [parent, child] = run(20, 'work', 30, 'child', 10);
    expectRests(20, parent);
    expect(child[0]).toBeGreaterThanOrEqual(10);
    expectRests(20, child);
  });

  it('what belongs together has no rest in between, and one behind it', () => {
    const [, together, [, after]] = run(20, 'work', 2, 'together', 10);
    expect(together[1]).toBe(0);
    expectRests(20, [together[0], after]);
  });
});

it('the CPU time of all has that of a child, once it was waited for', () => {
  const [, [all, own]] = run(100, 'child', 30);
  expect(all - own).toBeGreaterThanOrEqual(29);
});
