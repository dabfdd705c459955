import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { openRecording } from '../../src/recording/file.js';
import { createRing } from '../../src/recording/file-ring.js';
import { Pipeline } from '../../src/session/pipeline.js';
import type { ReplayDriver } from '../../src/session/replay-driver.js';
import { ReplaySource } from '../../src/session/replay-source.js';
import { TimeGate } from '../../src/session/time-gate.js';
import { randomDictionary } from '../helpers/random-trace.js';
import { opened, reportAt, sought, tell, textOf } from '../helpers/replay-trace.js';
import { seededRandom } from '../helpers/seeded-random.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-replay-ring-'));
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(directory, { recursive: true }));

/** A chunk is some 3 KB. */
const PART_BYTES = 9000;

/** A ring of the trace; the names of its older files, oldest first. */
function recordedRing(name: string, seed: number, keep = 100): { path: string; older: string[] } {
  const path = join(directory, name);
  const ring = createRing(path, { dictionary: randomDictionary(), maxBytes: PART_BYTES, keep });
  tell(seed, ring, () => ring.flush());
  ring.close();
  const older = readdirSync(directory).filter((file) => file.startsWith(`${name}.0`));
  return { path, older: older.toSorted().map((file) => join(directory, file)) };
}

/** The report of a pipeline that read the ring from its start up to a time and no further. */
async function straightTo(path: string, timeNs: number): Promise<string> {
  const pipeline = new Pipeline('recording');
  const gate = new TimeGate(pipeline);
  gate.limitNs = timeNs;
  const recording = await openRecording(path, gate, pipeline.dictionary);
  while (!gate.holding && (await recording.readNext()));
  recording.close();
  return textOf(pipeline);
}

/** Seeks to times at random, forwards and backwards, and to the edges of the parts. */
async function expectExact(path: string, driver: ReplayDriver, seed: number, seeks: number): Promise<void> {
  const random = seededRandom(seed);
  const { durationNs } = driver.status();
  for (let i = 0; i < seeks; i++) {
    const timeNs = i === 5 ? 0 : i === 10 ? durationNs * 2 : Math.floor(random() * durationNs);
    await sought(driver, timeNs);
    driver.pipeline.core.checkInvariants();
    expect(textOf(driver.pipeline), `at ${timeNs}`).toBe(await straightTo(path, timeNs));
  }
}

it.each([
  { checkpoints: 'checkpoints close by', options: { spacing: 300 } },
  { checkpoints: 'few of them', options: { spacing: 300, budgetBytes: 60_000 } },
  { checkpoints: 'none', options: { spacing: 1e9 } },
])('a ring with $checkpoints shows at any time what a straight read up to then shows', async ({ options }) => {
  const { path, older } = recordedRing(`whole-${JSON.stringify(options)}`, 1);
  expect(older.length).toBeGreaterThan(4);
  const driver = await opened(path, options);
  expect(textOf(driver.pipeline)).toBe(reportAt(1, Number.POSITIVE_INFINITY));
  await expectExact(path, driver, 2, 25);
  await driver.stop();
});

it('a ring is not read from its start again', async () => {
  const { path } = recordedRing('once', 3);
  const driver = await opened(path, { spacing: 300 });
  const restart = vi.spyOn(ReplaySource.prototype, 'restart');
  const resume = vi.spyOn(ReplaySource.prototype, 'resume');
  const { durationNs } = driver.status();
  for (const share of [0.9, 0.4, 0.7, 0.2, 0.5]) await sought(driver, durationNs * share);
  expect(restart).not.toHaveBeenCalled();
  const files = resume.mock.calls.map(([mark]) => mark.part?.file ?? 0);
  // Back and forth across the six files.
  expect(files).toEqual([5, 1, 3, 0, 1]);
  await driver.stop();
});

it.each([
  { hurt: 'whose middle part is gone', hurting: (older: string[]) => rmSync(older[2]) },
  {
    hurt: 'whose oldest parts are gone',
    hurting: (older: string[]) => older.slice(0, 2).forEach((file) => rmSync(file)),
  },
  { hurt: 'of which a part is changed', hurting: (older: string[]) => change(older[1], 0.5) },
  { hurt: 'of which a part is cut off', hurting: (older: string[]) => cut(older[3], 0.6) },
  { hurt: 'of which two parts in a row are changed and one is gone', hurting: hurtThree },
])('a ring $hurt shows at any time what a straight read up to then shows', async ({ hurt, hurting }) => {
  const { path, older } = recordedRing(hurt.replaceAll(' ', '-'), 4);
  expect(older.length).toBeGreaterThan(4);
  hurting(older);
  const driver = await opened(path, { spacing: 300 }, expect.any(String));
  const { message } = driver.status();
  expect(textOf(driver.pipeline)).toBe(await straightTo(path, Number.POSITIVE_INFINITY));
  await expectExact(path, driver, 5, 20);
  // What is missing was counted once.
  await sought(driver, Number.POSITIVE_INFINITY);
  expect(driver.status()).toMatchObject({ state: 'ended', message });
  await driver.stop();
});

it('what stands by itself of a ring is sought in as well', async () => {
  const { older } = recordedRing('alone', 6);
  const driver = await opened(older[2], { spacing: 100 });
  const resume = vi.spyOn(ReplaySource.prototype, 'resume');
  await expectExact(older[2], driver, 7, 5);
  expect(resume).toHaveBeenCalled();
  await driver.stop();
});

function hurtThree(older: string[]): void {
  change(older[1], 0.3);
  change(older[2], 0.7);
  rmSync(older[3]);
}

function change(file: string, share: number): void {
  const bytes = readFileSync(file);
  bytes[Math.floor(bytes.length * share)] ^= 0x10;
  writeFileSync(file, bytes);
}

function cut(file: string, share: number): void {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length * share)));
}
