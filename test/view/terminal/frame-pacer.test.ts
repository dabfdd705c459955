import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FramePacer, KEY_GAP_MS, REPORT_GAP_MS } from '../../../src/view/terminal/frame-pacer.js';

let draws: number[] = [];
let pacer: FramePacer;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  draws = [];
  pacer = new FramePacer(() => draws.push(performance.now()));
});
afterEach(() => {
  pacer.stop();
  vi.useRealTimers();
});

test('a key press is drawn at once', () => {
  pacer.forKey();
  expect(draws).toHaveLength(1);
});

test('a key that is held down is drawn at a steady pace, its last press too', () => {
  for (let i = 0; i < 100; i++) {
    pacer.forKey();
    vi.advanceTimersByTime(5);
  }
  vi.advanceTimersByTime(1000);
  expect(draws.length).toBeGreaterThanOrEqual(500 / KEY_GAP_MS - 1);
  expect(draws.length).toBeLessThanOrEqual(500 / KEY_GAP_MS + 2);
});

test('reports are drawn at most four times a second, and the last one always', () => {
  for (let i = 0; i < 200; i++) {
    pacer.forReport();
    vi.advanceTimersByTime(5);
  }
  const streamed = draws.length;
  expect(streamed).toBeLessThanOrEqual(1000 / REPORT_GAP_MS + 1);
  vi.advanceTimersByTime(1000);
  expect(draws.length - streamed).toBeLessThanOrEqual(1);
  vi.advanceTimersByTime(10_000);
  expect(draws.length - streamed).toBeLessThanOrEqual(1);
});

test('a key press does not wait for the report that is due', () => {
  pacer.forReport();
  vi.advanceTimersByTime(100);
  pacer.forReport();
  pacer.forKey();
  expect(draws).toHaveLength(2);
  vi.advanceTimersByTime(1000);
  expect(draws).toHaveLength(2);
});

test('nothing is drawn when nothing is asked for, and nothing once stopped', () => {
  vi.advanceTimersByTime(1000);
  expect(draws).toEqual([]);
  pacer.forReport();
  pacer.forReport();
  pacer.stop();
  vi.advanceTimersByTime(1000);
  expect(draws).toHaveLength(1);
});
