import { describe, expect, it, test } from 'vitest';
import { BoundedSeries, FIRST_STEP_NS, POINTS } from '../../../src/session/pipeline/bounded-series.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const STEP = FIRST_STEP_NS;

test('events add up within a point, a level keeps its last value and stays over a silent stretch', () => {
  const series = new BoundedSeries(['sum', 'last']);
  for (const [at, level] of [
    [0, 5],
    [0.5, 7],
    [3, 9],
  ]) {
    series.advance(at * STEP);
    series.add(0, 1);
    series.set(1, level);
  }
  expect(series.values(0)).toEqual([2, 0, 0, 1]);
  expect(series.values(1)).toEqual([7, 7, 7, 9]);
});

test('the first point stands where the first thing happened', () => {
  const series = new BoundedSeries(['last']);
  series.advance(5 * STEP + 1);
  series.set(0, 3);
  expect([series.firstNs, series.values(0)]).toEqual([5 * STEP, [3]]);
});

test('time that goes back, is no number or lies beyond any trace changes nothing', () => {
  const series = new BoundedSeries(['sum']);
  series.advance(10 * STEP);
  for (const time of [0, 9 * STEP, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) series.advance(time);
  expect([series.point, series.stepNs]).toEqual([10, STEP]);
});

describe('a trace that outgrows the points', () => {
  it('keeps sums, the last of each level, and at most so many points', () => {
    const series = new BoundedSeries(['sum', 'last']);
    const ticks = POINTS * 5 + 3;
    for (let tick = 0; tick < ticks; tick++) {
      series.advance(tick * STEP);
      series.add(0, 1);
      series.set(1, tick);
    }
    expect(series.stepNs).toBe(STEP * 8);
    const sums = series.values(0);
    const levels = series.values(1);
    expect(sums).toHaveLength(Math.ceil(ticks / 8));
    expect(sums.reduce((a, b) => a + b)).toBe(ticks);
    expect(sums.slice(0, -1).every((sum) => sum === 8)).toBe(true);
    expect(levels).toEqual(sums.map((_, point) => Math.min(point * 8 + 7, ticks - 1)));
  });

  it('survives a jump to the end of time', () => {
    const series = new BoundedSeries(['sum', 'last']);
    series.advance(0);
    series.add(0, 4);
    series.set(1, 4);
    series.advance(2 ** 53 - 2);
    expect(series.values(0).reduce((a, b) => a + b)).toBe(4);
    expect(series.values(0).length).toBeGreaterThan(POINTS / 2);
    expect(new Set(series.values(1))).toEqual(new Set([4]));
  });
});

it.each(Array.from({ length: 50 }, (_, seed) => seed))(
  'seed %i: saving and restoring anywhere gives what an uninterrupted series gives',
  (seed) => {
    const random = seededRandom(seed);
    const times: number[] = [];
    let time = 0;
    for (let i = 0; i < 300; i++) times.push((time += Math.floor(random() * STEP * (random() < 0.02 ? 400 : 2))));
    const cut = Math.floor(random() * times.length);
    const feed = (series: BoundedSeries, from: number, to: number): BoundedSeries => {
      for (let i = from; i < to; i++) {
        series.advance(times[i]);
        series.add(0, i);
        series.set(1, i);
      }
      return series;
    };
    const whole = feed(new BoundedSeries(['sum', 'last']), 0, times.length);
    const half = feed(new BoundedSeries(['sum', 'last']), 0, cut);
    const restored = new BoundedSeries(['sum', 'last']);
    expect(restored.restore(JSON.parse(JSON.stringify(half.save())))).toBe(true);
    feed(restored, cut, times.length);
    expect(restored.save()).toEqual(whole.save());
    expect(whole.values(0).reduce((a, b) => a + b)).toBe((299 * 300) / 2);
  },
);

test.each([
  ['another number of columns', { columns: [[1]] }],
  ['columns of other lengths', { columns: [[1], [1, 2]] }],
  ['a step that no halving gives', { stepNs: STEP * 3 }],
  ['a point beyond the last', { point: POINTS }],
  ['a first point beyond the present one', { first: 2 }],
  ['text among the numbers', { columns: [['1'], [1]] }],
  ['nothing', null],
])('%s is refused', (_, change) => {
  const series = new BoundedSeries(['sum', 'last']);
  series.advance(0);
  series.add(0, 1);
  const saved = series.save();
  expect(new BoundedSeries(['sum', 'last']).restore(saved)).toBe(true);
  expect(new BoundedSeries(['sum', 'last']).restore(change === null ? null : { ...saved, ...change })).toBe(false);
});
