import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { openRecording } from '../../../src/recording/files/open-parts.js';
import { createRecording } from '../../../src/recording/files/recording-file.js';
import { CHUNK_CHECKPOINT } from '../../../src/recording/format/index-format.js';
import { IndexedCopy } from '../../../src/session/live/indexed-copy.js';
import { RecordingCheckpoints } from '../../../src/session/live/recording-checkpoints.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { SymbolLog } from '../../../src/session/pipeline/symbol-log.js';
import { randomDictionary } from '../../helpers/random-trace.js';
import { opened, reportAt, settled, sought, tell, textOf } from '../../helpers/replay-trace.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { cases, seeds } from '../../helpers/seeds.js';
import { SinkLog } from '../../helpers/sink-log.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-replay-'));
afterAll(() => rmSync(directory, { recursive: true }));

function recorded(seed: number): string {
  const path = join(directory, `${seed}.unfreed`);
  const recording = createRecording(path, { dictionary: randomDictionary(), force: true });
  tell(seed, recording.sink, () => recording.flush());
  recording.close();
  return path;
}

/** The same trace as a live run records it: with checkpoints and an index. */
function indexed(seed: number, name: string): string {
  const path = join(directory, name);
  const symbolLog = new SymbolLog();
  const pipeline = new Pipeline('live', { dictionary: randomDictionary(), symbolLog });
  const { dictionary } = pipeline;
  const recording = createRecording(path, { dictionary, force: true, pacing: { minEvents: 1000, price: 0 } });
  pipeline.recorder = recording.sink;
  const checkpoints = new RecordingCheckpoints(pipeline, recording, symbolLog);
  tell(seed, pipeline, () => checkpoints.keep());
  checkpoints.finish();
  recording.close();
  return path;
}

/** The same trace as import, cut and repair write it. */
function copied(seed: number, name: string): string {
  const path = join(directory, name);
  const dictionary = randomDictionary();
  const recording = createRecording(path, { dictionary, force: true, pacing: { minEvents: 1000, price: 0 } });
  const copy = new IndexedCopy(recording, dictionary);
  tell(seed, copy.sink, () => copy.keep());
  copy.finish();
  recording.close();
  return path;
}

describe.each([
  ['with checkpoints close by', { spacing: 500 }],
  ['with few of them', { spacing: 500, budgetBytes: 60_000 }],
  ['with none', { spacing: 1e9 }],
])('a replay %s', (_, options) => {
  it.each(seeds(1, 3))('shows at any time what a run up to then shows, seed %i', async (seed) => {
    const driver = await opened(recorded(seed), options);
    const { durationNs } = driver.status();
    expect(textOf(driver.pipeline)).toBe(reportAt(seed, Number.POSITIVE_INFINITY));
    const random = seededRandom(seed);
    for (let i = 0; i < cases(10, 25); i++) {
      const timeNs = i === 4 ? 0 : i === 8 ? durationNs * 2 : Math.floor(random() * durationNs);
      await sought(driver, timeNs);
      driver.pipeline.core.checkInvariants();
      expect(textOf(driver.pipeline), `at ${timeNs}`).toBe(reportAt(seed, timeNs));
    }
    await driver.stop();
  });
});

describe('a recording with an index', () => {
  it.each(
    [
      { seed: 1, by: indexed },
      { seed: 4, by: copied },
      { seed: 2, by: indexed },
      { seed: 3, by: indexed },
      { seed: 5, by: copied },
    ].slice(0, cases(2, 5)),
  )('shows its end at once, and any time before, seed $seed by $by.name', async ({ seed, by }) => {
    const path = by(seed, `indexed-${seed}.unfreed`);
    expect(checkpointPlaces(readFileSync(path)).length).toBeGreaterThan(2);
    const driver = await opened(path, { spacing: 1000 });
    expect(textOf(driver.pipeline)).toBe(reportAt(seed, Number.POSITIVE_INFINITY));
    const { durationNs, readShare } = driver.status();
    expect(readShare).toBe(1);
    const random = seededRandom(seed);
    for (let i = 0; i < cases(8, 15); i++) {
      const timeNs = Math.floor(random() * durationNs);
      await sought(driver, timeNs);
      driver.pipeline.core.checkInvariants();
      expect(textOf(driver.pipeline), `at ${timeNs}`).toBe(reportAt(seed, timeNs));
    }
    await driver.stop();
  });

  it('tells a reader who knows nothing of it the same as one without', async () => {
    const calls: unknown[] = [];
    for (const path of [indexed(1, 'with.unfreed'), recorded(1)]) {
      const log = new SinkLog();
      const reading = await openRecording(path, log, new TraceDictionary());
      while (await reading.readNext());
      expect(reading.damageCount).toBe(0);
      calls.push(log.calls);
    }
    expect(calls[0]).toEqual(calls[1]);
  });

  it('is read from its start where the index or a checkpoint is damaged', async () => {
    const whole = readFileSync(indexed(2, 'whole.unfreed'));
    const random = seededRandom(9);
    for (let attempt = 0; attempt < 12; attempt++) {
      const path = join(directory, 'damaged.unfreed');
      const bytes = Uint8Array.from(whole);
      // Damages the footer, the index, the chunks before it, or a checkpoint anywhere.
      const at = attempt < 6 ? bytes.length - 1 - attempt * 60 : checkpointPlace(bytes, random);
      bytes[at] ^= 1 << (attempt % 8);
      writeFileSync(path, attempt === 0 ? bytes.subarray(0, -40) : bytes);
      const driver = await opened(path, { spacing: 1000 });
      const half = Math.floor(driver.status().durationNs / 2);
      expect(textOf(driver.pipeline)).toBe(reportAt(2, Number.POSITIVE_INFINITY));
      await sought(driver, half);
      expect(textOf(driver.pipeline)).toBe(reportAt(2, half));
      await driver.stop();
    }
  });
});

/** Returns the places of the checkpoint chunks. */
function checkpointPlaces(bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = 0; at < bytes.length - 9; at++) {
    if (bytes[at] === 0xf5 && bytes[at + 1] === 0x55 && bytes[at + 8] === CHUNK_CHECKPOINT) places.push(at);
  }
  return places;
}

function checkpointPlace(bytes: Uint8Array, random: () => number): number {
  const places = checkpointPlaces(bytes);
  return places[Math.floor(random() * places.length)] + 64 + Math.floor(random() * 500);
}

it('of many times that are asked for at once, goes to the last', async () => {
  const driver = await opened(recorded(4), { spacing: 500 });
  const { durationNs } = driver.status();
  const shown: number[] = [];
  driver.onSettled = () => shown.push(driver.pipeline.core.nowNs);
  for (let i = 1; i <= 50; i++) driver.seek(Math.floor((durationNs * i) / 100));
  const { positionNs } = driver.status();
  expect(positionNs).toBe(Math.floor(durationNs / 2));
  await settled(driver, 'paused');
  expect(shown.length).toBeLessThanOrEqual(2);
  expect(textOf(driver.pipeline)).toBe(reportAt(4, Math.floor(durationNs / 2)));
  await driver.stop();
});

it('what cannot be read from the middle begins anew', async () => {
  const path = join(directory, 'packed.unfreed.gz');
  writeFileSync(path, gzipSync(readFileSync(recorded(5))));
  const driver = await opened(path, { spacing: 500 });
  const half = Math.floor(driver.status().durationNs / 2);
  for (const timeNs of [half, half / 2, half * 1.5]) {
    await sought(driver, timeNs);
    expect(textOf(driver.pipeline)).toBe(reportAt(5, timeNs));
  }
  await driver.stop();
});
