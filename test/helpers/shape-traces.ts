/**
 * Histories of known truth with rises and rests: memory taken in steps, leaks that rest, and what
 * looks like them but is neither. All are made. Each draws its own number of steps, sizes, times
 * and noise, so that every seed is another shape.
 */
import { churn, exponential, type HistoryKind, kind, type Life, NEVER, times } from './history-traces.js';

type Random = () => number;

const STAIRS: HistoryKind['truth'] = ['in-steps', 'growing'];
const BOUNDED: HistoryKind['truth'] = ['steady', 'one-time', 'churning', null];

export const SHAPE_KINDS: HistoryKind[] = [
  kind('4 to 6 even steps', STAIRS, 4096, (random) => stairs(random, evenTimes(random, 4 + int(random, 3)), 40)),
  kind('6 to 12 even steps', STAIRS, 4096, (random) => stairs(random, evenTimes(random, 6 + int(random, 7)), 40)),
  kind('7 to 12 steps at random times', [...STAIRS, 'rested'], 4096, (random) =>
    stairs(random, randomTimes(random, 7 + int(random, 6)), 40),
  ),
  kind('5 to 8 steps of other sizes each', STAIRS, 4096, (random) =>
    evenTimes(random, 5 + int(random, 4)).flatMap((at) => block(random, at, 20 + int(random, 60))),
  ),
  kind('5 to 8 steps over churn', STAIRS, 4096, (random) =>
    stairs(random, evenTimes(random, 5 + int(random, 4)), 100).concat(churn(random, 2000, 1 / 200)),
  ),
  kind('8 jobs, each keeps a tenth', STAIRS, 1024, (random) => {
    const begins = evenTimes(random, 8);
    return begins.flatMap((at) =>
      times(400, () => [at + random() / 40, random() < 0.1 ? NEVER : at + 1 / 40 + random() / 80]),
    );
  }),
  kind('6 to 10 single allocations', STAIRS, 65_536, (random) =>
    evenTimes(random, 6 + int(random, 5)).map((at): Life => [at, NEVER]),
  ),
  kind('grows, rests a third, grows', STAIRS, 1024, (random) => {
    const from = 0.25 + random() * 0.15;
    return times(400, () => afterRest(random() * (2 / 3), from, 1 / 3));
  }),
  kind('grows, rests twice a fifth, grows', STAIRS, 1024, (random) =>
    times(400, () => afterRest(afterRest(random() * 0.6, 0.2, 0.2), 0.6, 0.2)),
  ),
  kind('rests a third, then grows', ['growing'], 1024, (random) =>
    block(random, 0, 50).concat(times(400, () => [1 / 3 + (random() * 2) / 3, NEVER])),
  ),
  kind('leak that rests for the last third', ['rested', 'growing'], 1024, (random) =>
    times(400, () => [random() * (2 / 3), NEVER]),
  ),
  kind('leak of 10 % that rests for the last third', ['rested', 'growing'], 1024, (random) =>
    churn(random, 3000, 1 / 200)
      .filter(([at]) => at < 2 / 3)
      .map(([at, freedAt]): Life => [at, random() < 0.1 ? NEVER : freedAt]),
  ),
  kind('leak of 2 % that rests for the last third', ['rested', 'growing'], 1024, (random) =>
    churn(random, 6000, 1 / 100)
      .filter(([at]) => at < 2 / 3)
      .map(([at, freedAt]): Life => [at, random() < 0.02 ? NEVER : freedAt]),
  ),
  kind('leak that rests a third while others churn', ['rested', 'growing'], 1024, (random) =>
    churn(random, 2000, 1 / 200).concat(times(400, () => [random() * (2 / 3), NEVER])),
  ),
  kind('leak that rests for the last sixth', ['rested', 'growing'], 1024, (random) =>
    times(400, () => [(random() * 5) / 6, NEVER]),
  ),
  kind('rests, grows, rests a quarter each', ['rested', 'growing', null], 1024, (random) =>
    block(random, 0, 40).concat(times(400, () => [0.3 + random() * 0.45, NEVER])),
  ),
  kind('one step late', ['one-time', null], 4096, (random) => {
    const at = 0.5 + random() * 0.2;
    return block(random, at, 200);
  }),
  kind('two steps', BOUNDED, 4096, (random) => stairs(random, spread(random, 2), 100)),
  kind('three steps', [...BOUNDED, 'in-steps'], 4096, (random) => stairs(random, spread(random, 3), 100)),
  kind('start-up in 4 to 6 steps, then level', [...BOUNDED, 'rested'], 4096, (random) =>
    stairs(
      random,
      evenTimes(random, 4 + int(random, 3)).map((at) => at * (0.2 + random() * 0.2)),
      60,
    ),
  ),
  kind('one large step and five small ones', ['one-time', ...STAIRS], 4096, (random) =>
    block(random, 0.2 + random() * 0.2, 2000).concat(stairs(random, evenTimes(random, 5), 8)),
  ),
  kind('cache warms up and levels off', [...BOUNDED, 'rested'], 1024, (random) => {
    const tau = 0.1 + random() * 0.15;
    return times(800, () => [exponential(random) * tau, NEVER]);
  }),
  kind('pool that grows in steps with the load', BOUNDED, 512, (random) => {
    const begins = evenTimes(random, 4 + int(random, 3));
    return begins.flatMap((at) => churn(random, 3000, 1 / 80).filter(([madeAt]) => madeAt >= at));
  }),
  kind('sawtooth, 4 to 8 teeth', BOUNDED, 1024, (random) => {
    const teeth = 4 + int(random, 5);
    const phase = random();
    return times((teeth + 1) * 80, (i): Life => {
      const tooth = Math.floor(i / 80);
      return [(tooth + (i % 80) / 80 - phase) / teeth, (tooth + 1 - phase) / teeth];
    }).filter(([at]) => at >= 0);
  }),
  kind('steps up and steps down', BOUNDED, 4096, (random) => {
    const begins = evenTimes(random, 8);
    return begins.flatMap((at, i) => block(random, at, 40, begins[i + 1 + int(random, 3)] ?? NEVER));
  }),
  kind('jobs that hold nothing between', BOUNDED, 1024, (random) =>
    evenTimes(random, 6).flatMap((at) => times(60, () => [at + random() / 40, at + 1 / 12])),
  ),
  kind('wanders in steps', BOUNDED, 4096, (random) => wander(random)),
  kind('table that doubles and is copied', BOUNDED, 1024, (random) => {
    const begins = evenTimes(random, 5);
    return begins.flatMap((at, i) =>
      block(random, at, 20 * 2 ** i, begins[i + 1] === undefined ? NEVER : begins[i + 1] + 0.02),
    );
  }),
  kind('LRU cache, full at two thirds', [...BOUNDED, 'growing'], 1024, (random) => {
    const made = times(900, () => random()).toSorted((a, b) => a - b);
    return made.map((at, i): Life => [at, made[i + 600] ?? NEVER]);
  }),
];

function int(random: Random, below: number): number {
  return Math.floor(random() * below);
}

/** `count` times, one in each equal part of the trace, at about the same place of each. */
function evenTimes(random: Random, count: number): number[] {
  const phase = 0.1 + random() * 0.6;
  return times(count, (i: number): number => (i + phase + random() * 0.2) / count);
}

/** Times of a Poisson process with this many events. */
function randomTimes(random: Random, count: number): number[] {
  return times(count, (): number => random()).toSorted((a, b) => a - b);
}

/** Times that are a tenth of the trace or more from each other and from its ends. */
function spread(random: Random, count: number): number[] {
  const room = 1 - (count + 1) / 10;
  return times(count, (): number => random() * room)
    .toSorted((a, b) => a - b)
    .map((at, i) => at + (i + 1) / 10);
}

/** A base that is there from the start, and a block at each of these times. */
function stairs(random: Random, at: readonly number[], objects: number): Life[] {
  return at.flatMap((time) => block(random, time, objects));
}

/** Objects taken within a hundredth of the trace. */
function block(random: Random, at: number, objects: number, freedAt = NEVER): Life[] {
  return times(objects, () => [at + random() / 100, freedAt]);
}

/** A time of work, with a rest of `length` put in at `from`. */
function afterRest(at: number | Life, from: number, length: number): Life {
  const time = typeof at === 'number' ? at : at[0];
  return [time < from ? time : time + length, NEVER];
}

/** Some 12 blocks come, and as many of them go again, the oldest first, at random. */
function wander(random: Random): Life[] {
  const lives: Life[] = [];
  const held: Life[][] = [block(random, 0, 40), block(random, 0, 40), block(random, 0, 40)];
  lives.push(...held.flat());
  for (const at of randomTimes(random, 24)) {
    if (random() < 0.5) {
      const taken = block(random, at, 40);
      held.push(taken);
      lives.push(...taken);
    } else for (const life of held.shift() ?? []) life[1] = at;
  }
  return lives;
}
