/**
 * Replays of inputs that can be read only from their start: the report at any time is that of
 * reading them up to that time.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { CoverageGap } from '../../../src/event/host-facts.js';
import { ReplayDriver, type ReplayOptions } from '../../../src/session/replay/replay-driver.js';
import { decodeThreadProgram } from '../../helpers/decode-thread.js';
import { baseStreams } from '../../helpers/mutation-bases.js';
import { recordedText } from '../../helpers/recorded-text.js';
import { opened, settled, sought, textOf } from '../../helpers/replay-trace.js';
import { replayedUpTo } from '../../helpers/replayed.js';
import { scratch } from '../../helpers/scratch.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const place = scratch();
const threadProgram = decodeThreadProgram();
const HELD_PIPES = 'bpf/6.18-held-pipes/held-pipes.unfreed';
const TEXT = 'perf-script/6.1-page_split/perf-script.txt.gz';
/** Checkpoints close together. */
const CLOSE: ReplayOptions = { spacing: 1000, spool: { markEvents: 500 } };

function recorded(path: string): string {
  return new URL(`../../../recordings/${path}`, import.meta.url).pathname;
}

/** Gaps of coverage by path: of texts they are known at the end, and then hold for all times. */
const gaps = new Map<string, CoverageGap[]>();

/** Returns the report after reading the input from its start up to a time. */
async function reportAt(path: string, timeNs: number): Promise<string> {
  const known = gaps.get(path) ?? (await replayedUpTo(path, Number.POSITIVE_INFINITY)).facts.coverage;
  gaps.set(path, known);
  return textOf(await replayedUpTo(path, timeNs, known));
}

async function goAround(path: string, seed: number, options: ReplayOptions, message: unknown = ''): Promise<void> {
  const driver = await opened(path, options, message);
  const whole = await reportAt(path, Number.POSITIVE_INFINITY);
  expect(textOf(driver.pipeline)).toBe(whole);
  const { durationNs } = driver.status();
  const random = seededRandom(seed);
  for (let i = 0; i < 6; i++) {
    const timeNs = i === 3 ? 0 : Math.floor(random() * durationNs);
    await sought(driver, timeNs);
    driver.pipeline.core.checkInvariants();
    expect(textOf(driver.pipeline), `at ${timeNs}`).toBe(await reportAt(path, timeNs));
  }
  await sought(driver, durationNs);
  expect(textOf(driver.pipeline)).toBe(whole);
  expect(driver.status()).toMatchObject({ state: 'ended', message });
  await driver.stop();
}

describe('a replay shows at any time what reading it up to then shows', () => {
  it.each([
    'ftrace/6.18-hold-pipes-released/trace.txt.gz',
    'ftrace/6.18-hold-pipes/trace.txt.gz',
    'trace-cmd/6.18-hold-pipes/report.txt.gz',
    'perf-script/5.10-leak_pages/perf-script.txt.gz',
    'perf-script/6.1-leak_kmalloc/perf-script.txt.gz',
    'perf-script/6.18-hold-pipes/perf-script.txt.gz',
    'perf-script/7.2-bulk_rcu/perf-script.txt.gz',
    TEXT,
  ])('%s', async (path) => {
    await goAround(recorded(path), 1, CLOSE);
  });

  it('a text that is not compressed', async () => {
    await goAround(place('plain.txt', recordedText(TEXT)), 2, CLOSE);
  });

  it('a gzipped recording, with and without checkpoints', async () => {
    const path = place('packed.unfreed.gz', gzipSync(readFileSync(recorded(HELD_PIPES))));
    await goAround(path, 3, CLOSE);
    await goAround(path, 4, { spacing: 1e9 });
  });

  it('what another thread decodes', async () => {
    const options = { ...CLOSE, thread: true, threadProgram: threadProgram() };
    await goAround(place('packed.unfreed.gz', gzipSync(readFileSync(recorded(HELD_PIPES)))), 6, options);
    await goAround(recorded(TEXT), 7, options);
  });

  it('a gzipped recording that is cut off', async () => {
    const whole = gzipSync(readFileSync(recorded(HELD_PIPES)));
    const path = place('cut.unfreed.gz', whole.subarray(0, whole.length / 2));
    await goAround(path, 5, CLOSE, expect.stringContaining('damaged in'));
  });

  it('the stream of the collector', async () => {
    for (const [seed, stream] of baseStreams().entries()) {
      await goAround(place('some.stream', stream), seed, { spacing: 20, spool: { markEvents: 10 } });
    }
  });

  it.each([
    [
      'there is no room for a copy',
      { spool: { limitBytes: 30_000 } },
      expect.stringMatching(/^going back reads it from the start: no copy in /),
    ],
    ['none is wanted', { spool: false as const }, ''],
  ])('where %s', async (_, options, message) => {
    const path = recorded(TEXT);
    const driver = await opened(path, { spacing: 1000, ...options }, message);
    const { durationNs } = driver.status();
    for (const share of [0.7, 0.2, 0.9, 0.4]) {
      const timeNs = Math.floor(durationNs * share);
      await sought(driver, timeNs);
      expect(textOf(driver.pipeline)).toBe(await reportAt(path, timeNs));
    }
    await driver.stop();
  });
});

it('of a pipe without a copy says that there is no way back, and stays where it is', async () => {
  const path = place('fifo');
  execFileSync('mkfifo', [path]);
  const written = writeFile(path, recordedText(TEXT));
  const driver = await opened(path, { spool: false });
  await written;
  const whole = textOf(driver.pipeline);
  driver.seek(1e9);
  await settled(driver, 'failed', expect.stringContaining('read only once'));
  expect(textOf(driver.pipeline)).toBe(whole);
  expect(driver.status().positionNs).toBe(driver.status().durationNs);
  await driver.stop();
});

it('goes back while it is still being read', async () => {
  const path = place('plain.txt', recordedText(TEXT));
  const driver = new ReplayDriver(path, CLOSE);
  await driver.start();
  while (driver.pipeline.core.eventCount < 3000) await new Promise((resolve) => setImmediate(resolve));
  const timeNs = Math.floor(driver.pipeline.core.nowNs / 2);
  driver.seek(timeNs);
  await settled(driver, 'paused');
  expect(textOf(driver.pipeline)).toBe(await reportAt(path, timeNs));
  driver.seek(Number.MAX_SAFE_INTEGER);
  await settled(driver, 'ended');
  expect(textOf(driver.pipeline)).toBe(await reportAt(path, Number.POSITIVE_INFINITY));
  await driver.stop();
});
