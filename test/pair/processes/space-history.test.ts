import { expect, it } from 'vitest';
import { SpaceHistory } from '../../../src/pair/processes/space-history.js';

const HEAD = '# number pid vm_size_kb rss_kb minflt majflt';

it('keeps the first sample, the latest, and a series of bounded length', () => {
  const history = new SpaceHistory();
  for (let second = 0; second < 1000; second++) {
    history.take(second * 1e9, `${HEAD}\n1 4711 ${1000 + second} ${second} ${second * 2} 3\n`);
    const points = history.of(1)?.points ?? [];
    expect(points.length).toBeLessThanOrEqual(128);
    const step = (points[1]?.timeNs ?? 1e9) - points[0].timeNs;
    for (const [i, { timeNs, rssKb }] of points.entries()) {
      expect(timeNs).toBe(i * step);
      expect(rssKb).toBe(timeNs / 1e9);
    }
    // The series ends less than one step before the latest sample.
    expect(second * 1e9 - (points.at(-1)?.timeNs ?? 0)).toBeLessThan(step * 2);
  }
  const course = history.of(1);
  expect(course?.first).toMatchObject({ timeNs: 0, vm_size_kb: 1000 });
  expect(course?.last).toMatchObject({ timeNs: 999e9, vm_size_kb: 1999, minflt: 1998, heap_kb: -1 });
  expect(course?.points.length).toBeGreaterThanOrEqual(62);
  expect(SpaceHistory.restore(JSON.parse(JSON.stringify(history.save())))?.save()).toEqual(history.save());
});

it('begins anew when another process has the number', () => {
  const history = new SpaceHistory();
  history.take(1, `${HEAD}\n1 5 10 10 0 0\n`);
  history.take(2, `${HEAD}\n1 6 20 20 0 0\n`);
  expect(history.of(1)).toMatchObject({ first: { pid: 6, timeNs: 2 }, points: [{ rssKb: 20 }] });
  expect(history.of(2)).toBeNull();
});

it('has a series of the first 512 processes alone', () => {
  const history = new SpaceHistory();
  const lines = Array.from({ length: 2000 }, (_, i) => `${i + 1} ${i + 1} 5 5 0 0`);
  for (const timeNs of [1, 2]) history.take(timeNs, [HEAD, ...lines].join('\n'));
  expect([history.size, history.of(512)?.points.length, history.of(513)?.points.length]).toEqual([2000, 2, 0]);
  expect(history.of(2000)).toMatchObject({ first: { timeNs: 1 }, last: { timeNs: 2 } });
});

it.each([null, [1], [[[1], [1], [], 1, 0]], [[[], [], [[1, 2]], 1, 0]]])('is not restored from %j', (saved) => {
  expect(SpaceHistory.restore(saved)).toBeNull();
});
