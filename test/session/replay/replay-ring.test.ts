import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { crc32 } from '../../../src/recording/files/node-codecs.js';
import { createRing } from '../../../src/recording/files/recording-ring.js';
import {
  CHUNK_HEADER_BYTES,
  FILE_HEADER_BYTES,
  FIRST_AUXILIARY_KIND,
  parseChunkHeader,
} from '../../../src/recording/format/chunk-header.js';
import { RecordingCheckpoints } from '../../../src/session/live/recording-checkpoints.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { SymbolLog } from '../../../src/session/pipeline/symbol-log.js';
import type { ReplayDriver } from '../../../src/session/replay/replay-driver.js';
import { ReplaySource } from '../../../src/session/replay/replay-source.js';
import { decodeThreadProgram } from '../../helpers/decode-thread.js';
import { randomDictionary } from '../../helpers/random-trace.js';
import { opened, reportAt, sought, tell, textOf } from '../../helpers/replay-trace.js';
import { replayedUpTo } from '../../helpers/replayed.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-replay-ring-'));
const threadProgram = decodeThreadProgram();
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(directory, { recursive: true }));

/** A chunk is some 3 KB. */
const PART_BYTES = 9000;
/** A checkpoint here is some 20 KB, an index 1 KB. */
const INDEXED_PART_BYTES = 60_000;

interface Ring {
  path: string;
  /** Its files without the newest one, oldest first. */
  older: string[];
}

/** Records the trace as a ring. */
function recordedRing(name: string, seed: number, keep = 100): Ring {
  const path = join(directory, name);
  const ring = createRing(path, { dictionary: randomDictionary(), maxBytes: PART_BYTES, keep });
  tell(seed, ring, () => ring.flush());
  ring.close();
  return { path, older: olderFiles(name) };
}

function olderFiles(name: string): string[] {
  const older = readdirSync(directory).filter((file) => file.startsWith(`${name}.0`));
  return older.toSorted().map((file) => join(directory, file));
}

/** The same ring as a live run records it: with checkpoints, and an index in each of its files. */
function indexedRing(name: string, seed: number, maxBytes = INDEXED_PART_BYTES, keep = 100): Ring {
  const path = join(directory, name);
  const symbolLog = new SymbolLog();
  const pipeline = new Pipeline('live', { dictionary: randomDictionary(), symbolLog });
  const { dictionary } = pipeline;
  const ring = createRing(path, { dictionary, maxBytes, keep, pacing: { minEvents: 400, price: 0 } });
  pipeline.recorder = ring.sink;
  const checkpoints = new RecordingCheckpoints(pipeline, ring, symbolLog);
  tell(seed, pipeline, () => {
    checkpoints.keep();
    ring.flush();
  });
  checkpoints.finish();
  ring.close();
  return { path, older: olderFiles(name) };
}

/** Returns the report of a pipeline that read the ring from its start up to a time. */
async function straightTo(path: string, timeNs: number): Promise<string> {
  return textOf(await replayedUpTo(path, timeNs));
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
  const { path, older } = recordedRing('once', 3);
  const driver = await opened(path, { spacing: 300 });
  const restart = vi.spyOn(ReplaySource.prototype, 'restart');
  const resume = vi.spyOn(ReplaySource.prototype, 'resume');
  const { durationNs } = driver.status();
  const shares = [0.9, 0.4, 0.7, 0.2, 0.5];
  for (const share of shares) await sought(driver, durationNs * share);
  expect(restart).not.toHaveBeenCalled();
  const files = resume.mock.calls.map(([mark]) => mark.part?.file ?? 0);
  // Back and forth across the files, to one at most three before that of the time, whose events are not even in time.
  expect(files.length).toBe(shares.length);
  for (const [i, share] of shares.entries()) {
    const place = share * (older.length + 1);
    expect(files[i]).toBeLessThanOrEqual(place);
    expect(files[i]).toBeGreaterThan(place - 3);
  }
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
  // The missing events were counted once.
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

describe('a ring with an index', () => {
  it.each([11, 12, 13])('shows its end at once, and any time before, seed %i', async (seed) => {
    const { path, older } = indexedRing(`indexed-${seed}`, seed);
    expect(older.length).toBeGreaterThan(1);
    const resume = vi.spyOn(ReplaySource.prototype, 'resume');
    const restart = vi.spyOn(ReplaySource.prototype, 'restart');
    const driver = await opened(path, { spacing: 1000 });
    // From a checkpoint at the end of the second newest file, or in the newest.
    expect(resume.mock.calls.length).toBe(1);
    expect(resume.mock.calls[0][0].part?.file).toBeGreaterThanOrEqual(older.length - 1);
    expect(restart).not.toHaveBeenCalled();
    expect(textOf(driver.pipeline)).toBe(reportAt(seed, Number.POSITIVE_INFINITY));
    await expectExact(path, driver, seed, 12);
    await driver.stop();
  });

  it('does so where a thread decodes it', async () => {
    const { path, older } = indexedRing('indexed-thread', 14);
    expect(older.length).toBeGreaterThan(1);
    const driver = await opened(path, { spacing: 1000, thread: true, threadProgram: threadProgram() });
    expect(textOf(driver.pipeline)).toBe(reportAt(14, Number.POSITIVE_INFINITY));
    await expectExact(path, driver, 14, 12);
    await driver.stop();
  });

  it.each([
    { hurt: 'whose oldest file is gone', hurting: ({ older }: Ring) => rmSync(older[0]), checkpoints: false },
    { hurt: 'whose middle file is gone', hurting: ({ older }: Ring) => rmSync(older[1]), checkpoints: true },
    { hurt: 'whose recorder was killed', hurting: ({ path }: Ring) => cut(path, 0.9), checkpoints: true },
    { hurt: 'of which a file is cut off', hurting: ({ older }: Ring) => cut(older[1], 0.7), checkpoints: true },
    {
      hurt: 'of which a file lost its footer',
      hurting: ({ older }: Ring) => change(older[1], 0.9999),
      checkpoints: true,
    },
    {
      hurt: 'of which the first file lost its index',
      hurting: ({ older }: Ring) => change(older[0], 0.998),
      checkpoints: false,
    },
  ])('$hurt shows at any time what a straight read up to then shows', async ({ hurt, hurting, checkpoints }) => {
    const ring = indexedRing(hurt.replaceAll(' ', '-'), 15);
    const { path, older } = ring;
    expect(older.length).toBeGreaterThan(1);
    hurting(ring);
    const source = await ReplaySource.open(path, new Pipeline('recording'));
    expect(source.checkpoints.length > 0).toBe(checkpoints);
    source.close();
    const driver = await opened(path, { spacing: 1000 }, expect.any(String));
    expect(textOf(driver.pipeline)).toBe(await straightTo(path, Number.POSITIVE_INFINITY));
    await expectExact(path, driver, 16, 10);
    await driver.stop();
  });

  it('has checkpoints only as long as its first file is there', async () => {
    const { path, older } = indexedRing('wrapped', 17, 30_000, 3);
    expect(older.map((file) => Number(file.slice(-6)))).not.toContain(1);
    // The newest file was begun after the first file was deleted.
    expect(aidsIn(path)).toBe(0);
    const source = await ReplaySource.open(path, new Pipeline('recording'));
    expect(source.checkpoints).toEqual([]);
    source.close();
    const driver = await opened(path, { spacing: 500 });
    expect(textOf(driver.pipeline)).toBe(await straightTo(path, Number.POSITIVE_INFINITY));
    await expectExact(path, driver, 18, 10);
    await driver.stop();
  });
});

/** Returns the number of auxiliary chunks in a file. */
function aidsIn(file: string): number {
  const bytes = readFileSync(file);
  let auxiliaries = 0;
  for (let at = FILE_HEADER_BYTES; at < bytes.length; ) {
    const header = parseChunkHeader(bytes, at, crc32);
    if (header === null) throw new Error(`no chunk at byte ${at}`);
    if (header.kind >= FIRST_AUXILIARY_KIND) auxiliaries++;
    at += CHUNK_HEADER_BYTES + header.storedBytes;
  }
  return auxiliaries;
}

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
