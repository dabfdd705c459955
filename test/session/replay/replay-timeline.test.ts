import { expect, test } from 'vitest';
import { ReplayDriver } from '../../../src/session/replay/replay-driver.js';
import { until } from '../../helpers/patience.js';

const RECORDING = new URL('../../../recordings/bpf/6.18-held-pipes/held-pipes.unfreed', import.meta.url).pathname;

async function opened(): Promise<ReplayDriver> {
  const driver = new ReplayDriver(RECORDING, { thread: false });
  await driver.start();
  await reached(driver, 'ended');
  return driver;
}

async function reached(driver: ReplayDriver, state: string): Promise<void> {
  await until(`the replay to be ${state}`, () => driver.status().state === state && !driver.seeking, 1);
}

async function sought(driver: ReplayDriver, timeNs: number): Promise<void> {
  const settled = new Promise<void>((resolve) => (driver.onSettled = resolve));
  driver.seek(timeNs);
  await settled;
}

/** Steps the driver until nothing changes any more. */
async function stepped(driver: ReplayDriver): Promise<void> {
  for (let before = -1; before !== driver.pipeline.core.eventCount; ) {
    before = driver.pipeline.core.eventCount;
    await new Promise((wake) => setTimeout(wake, 30));
  }
  await reached(driver, 'paused');
}

test('the timeline and the memory are those of the whole recording, wherever time stands', async () => {
  const driver = await opened();
  const whole = driver.status().timeline;
  const memory = driver.memory();
  expect(whole?.events.reduce((a, b) => a + b)).toBe(driver.pipeline.core.eventCount);
  expect((whole?.firstNs ?? 0) + (whole?.stepNs ?? 0) * (whole?.events.length ?? 0)).toBeGreaterThan(
    driver.pipeline.core.nowNs,
  );
  expect(memory?.parts.find(({ name }) => name === 'unaccounted')?.bytes.length).toBeGreaterThan(10);
  for (const at of [1e9, 5e9, 0, 6e9]) {
    await sought(driver, at);
    expect(driver.pipeline.core.nowNs).toBeLessThanOrEqual(at);
    expect(driver.status().timeline).toEqual(whole);
    expect(driver.memory()).toEqual(memory);
  }
  await driver.stop();
});

test('a step goes on by so many events and stays there', async () => {
  const driver = await opened();
  await sought(driver, 2e9);
  const counts = [driver.pipeline.core.eventCount];
  for (let step = 0; step < 5; step++) {
    driver.step(1000);
    await stepped(driver);
    counts.push(driver.pipeline.core.eventCount);
  }
  for (let i = 1; i < counts.length; i++) {
    // At least that many, because events at the time of the last one come too.
    expect(counts[i] - counts[i - 1]).toBeGreaterThanOrEqual(1000);
    expect(counts[i] - counts[i - 1]).toBeLessThan(1030);
  }
  expect(driver.status().positionNs).toBeGreaterThan(2e9);
  await driver.stop();
});

test('a step that is asked for on the way to a time begins there', async () => {
  const driver = await opened();
  await sought(driver, 2e9);
  driver.step(1000);
  await stepped(driver);
  const { positionNs } = driver.status();
  for (const [before, then] of [
    [7e9, 2e9],
    [0, 2e9],
    [3e9, 2e9],
  ]) {
    await sought(driver, before);
    driver.seek(then);
    driver.step(1000);
    await stepped(driver);
    expect(driver.status().positionNs).toBe(positionNs);
  }
  await driver.stop();
});

test('steps that are asked for faster than they are made add up', async () => {
  const driver = await opened();
  await sought(driver, 2e9);
  const { eventCount } = driver.pipeline.core;
  for (let step = 0; step < 5; step++) driver.step(1000);
  await stepped(driver);
  expect(driver.pipeline.core.eventCount - eventCount).toBeGreaterThanOrEqual(5000);
  expect(driver.pipeline.core.eventCount - eventCount).toBeLessThan(5030);
  await driver.stop();
});

test('at the end a step does nothing', async () => {
  const driver = await opened();
  const { eventCount } = driver.pipeline.core;
  driver.step(100);
  await reached(driver, 'ended');
  expect(driver.pipeline.core.eventCount).toBe(eventCount);
  await driver.stop();
});

test('speed 0 plays to the end as fast as the recording can be read', async () => {
  const driver = await opened();
  await sought(driver, 1e9);
  const events = driver.pipeline.core.eventCount;
  driver.setSpeed(0);
  expect(driver.status().speed).toBe(0);
  driver.play();
  expect(driver.status().state).toBe('playing');
  await reached(driver, 'ended');
  expect(driver.pipeline.core.eventCount).toBeGreaterThan(events);
  expect(driver.pipeline.ended).not.toBeNull();
  await driver.stop();
});

test('once all was read the share that was read is all of it, wherever time is', async () => {
  const driver = await opened();
  await sought(driver, 1e9);
  expect(driver.status()).toMatchObject({ state: 'paused', readShare: 1 });
  await driver.stop();
});
