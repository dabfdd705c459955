import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, test, vi } from 'vitest';
import { EventBatch } from '../../../src/event/event-batch.js';
import { KFREE, KMALLOC } from '../../../src/event/kinds.js';
import type { TraceSink } from '../../../src/event/trace-sink.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { LateRecording } from '../../../src/session/live/late-recording.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { ReplaySource } from '../../../src/session/replay/replay-source.js';
import { randomDictionary, randomTrace, STACKS } from '../../helpers/random-trace.js';
import { opened, textOf as replayedText, sought } from '../../helpers/replay-trace.js';
import { replayedFile, replayedUpTo } from '../../helpers/replayed.js';
import { SAMPLE_HOST } from '../../helpers/sample-trace.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-late-'));
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(directory, { recursive: true }));

const EVENTS = 3000;
const STEP = 100;

function traceOf(seed: number): EventBatch {
  const trace = randomTrace(seed, EVENTS, false);
  for (let row = 0; row < EVENTS; row++) {
    if (trace.stackId[row] > STACKS) trace.stackId[row] = 0;
    trace.timeNs[row] = row * 1e6;
  }
  return trace;
}

/** Sends rows [from, to) with symbols, counters and losses in between. */
function tell(
  sink: TraceSink,
  trace: EventBatch,
  from: number,
  to: number,
  { shiftNs = 0, afterEach: after = (): void => undefined } = {},
): void {
  for (let at = from; at < to; at += STEP) {
    const part = new EventBatch(STEP);
    part.append(trace, at, at + STEP);
    for (let row = 0; row < STEP; row++) part.timeNs[row] -= shiftNs;
    sink.events(part);
    const timeNs = part.timeNs[STEP - 1];
    const addressLo = 0x81000000 + ((at / STEP) % 12) * 16;
    sink.fact({
      type: 'symbol',
      entry: { addressHi: 0xffffffff, addressLo, symbol: `function_${at}`, offset: 4, module: null },
    });
    sink.fact({
      type: 'counters',
      timeNs,
      source: 'meminfo',
      text: `MemTotal: ${1_000_000 + at} kB\nMemFree: ${at} kB\n`,
    });
    sink.fact({
      type: 'losses',
      timeNs,
      rows: [{ cause: 1, kind: 17, cpu: 0, count: 3, bytes: 192, countWithBytes: 3 }],
    });
    sink.fact({ type: 'clock', timeNs });
    after();
  }
}

async function replay(path: string): Promise<Pipeline> {
  const { pipeline, damageCount } = await replayedFile(path);
  expect(damageCount).toBe(0);
  return pipeline;
}

/** Returns everything that a pipeline shows, without the values of ids. */
function textOf(pipeline: Pipeline): unknown {
  const report = pipeline.report({ ...defaultSelection(1000), includeSelf: true });
  const stacks = report.stacks.map((stack) => JSON.stringify({ ...stack, stackId: 0, rank: 0 }));
  // Which call path leads a group goes by ids where they hold the same.
  return { ...report, source: null, findings: null, conclusions: null, stacks: stacks.toSorted() };
}

describe('a recording that is begun while the trace goes on', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'seed %i: replays as a trace of its own, with the names of all its call paths',
    async (seed) => {
      const path = join(directory, `${seed}.unfreed`);
      const trace = traceOf(seed);
      const pipeline = new Pipeline('live', { dictionary: randomDictionary() });
      pipeline.fact({ type: 'host', facts: SAMPLE_HOST });
      tell(pipeline, trace, 0, 1000);
      const late = new LateRecording(pipeline, path, (error) => {
        throw error;
      });
      const startNs = late.sinceNs;
      expect(startNs).toBe(999e6);
      tell(pipeline, trace, 1000, 2000);
      late.finish();
      tell(pipeline, trace, 2000, EVENTS);
      expect(pipeline.lateRecorder).toBeNull();

      // A pipeline that got only the recorded section, but had all symbols from the start.
      const alone = new Pipeline('recording', { dictionary: randomDictionary() });
      alone.fact({ type: 'host', facts: SAMPLE_HOST });
      for (let at = 0; at < 1000; at += STEP) {
        const addressLo = 0x81000000 + ((at / STEP) % 12) * 16;
        alone.fact({
          type: 'symbol',
          entry: { addressHi: 0xffffffff, addressLo, symbol: `function_${at}`, offset: 4, module: null },
        });
      }
      tell(alone, trace, 1000, 2000, { shiftNs: startNs });
      alone.fact({ type: 'end', timeNs: 1000e6, reason: 'stopped', detail: '' });
      const replayed = await replay(path);
      expect(textOf(replayed)).toEqual(textOf(alone));
      expect(replayed.ended).toEqual({ timeNs: 1000e6, reason: 'stopped', detail: '' });
      expect(replayed.facts.startUnixMs).toBe(SAMPLE_HOST.startUnixMs + 999);
      expect(replayed.facts.notes.at(-1)).toBe(
        'recording began 00:00:00.999 after the start of the trace: what was allocated before is not in it, and its frees are orphan frees',
      );
    },
  );

  it('has nothing of survivors that were allocated before it began and told after, and counts their frees as orphans', async () => {
    const path = join(directory, 'survivors.unfreed');
    const pipeline = new Pipeline('live', { dictionary: randomDictionary() });
    pipeline.fact({ type: 'host', facts: { ...SAMPLE_HOST, minAgeNs: 1e9 } });
    pipeline.fact({ type: 'clock', timeNs: 5e9 });
    const late = new LateRecording(pipeline, path, () => undefined);
    const batch = new EventBatch(8);
    const rows: [number, number, number][] = [
      [4.1e9, KMALLOC, 0x10],
      [4.9e9, KMALLOC, 0x20],
      [5.2e9, KMALLOC, 0x30],
      [4.95e9, KMALLOC, 0x40],
      [6e9, KFREE, 0x20],
    ];
    for (const [timeNs, kind, addrLo] of rows) {
      const row = batch.length++;
      batch.timeNs[row] = timeNs;
      [batch.kind[row], batch.addrHi[row], batch.addrLo[row], batch.size[row]] = [kind, 0xffff8881, addrLo, 64];
    }
    pipeline.events(batch);
    expect(late.finish()).toBe(true);
    const { core } = await replay(path);
    expect([core.eventCount, core.outstandingBytes(), core.orphanFrees]).toEqual([2, 64, 1]);
    expect(core.nowNs).toBe(1e9);
  });

  it('ends with the trace, and says how that ended', async () => {
    const path = join(directory, 'ended.unfreed');
    const pipeline = new Pipeline('live', { dictionary: randomDictionary() });
    pipeline.fact({ type: 'host', facts: SAMPLE_HOST });
    const late = new LateRecording(pipeline, path, () => undefined);
    tell(pipeline, traceOf(9), 0, 300);
    pipeline.fact({ type: 'end', timeNs: 400e6, reason: 'cut', detail: 'the collector is gone' });
    expect(late.finish()).toBe(true);
    expect(late.finish()).toBe(true);
    expect((await replay(path)).ended).toEqual({ timeNs: 400e6, reason: 'cut', detail: 'the collector is gone' });
  });
});

describe('what was begun and ended by a key is sought in as any recording', () => {
  it.each([
    { began: 'with the trace', seed: 11, before: 0 },
    { began: 'in the middle of it', seed: 12, before: 900 },
  ])('when it began $began', async ({ seed, before }) => {
    const path = join(directory, `indexed-${seed}.unfreed`);
    const trace = traceOf(seed);
    const pipeline = new Pipeline('live', { dictionary: randomDictionary() });
    pipeline.fact({ type: 'host', facts: SAMPLE_HOST });
    tell(pipeline, trace, 0, before);
    const pacing = { minEvents: 300, price: 0 };
    const late = new LateRecording(pipeline, path, () => undefined, { pacing });
    tell(pipeline, trace, before, 2400, { afterEach: () => late.keep() });
    expect(late.finish()).toBe(true);
    // The recording has ended, so it gets nothing more.
    late.keep();
    const restart = vi.spyOn(ReplaySource.prototype, 'restart');
    const driver = await opened(path, { spacing: 300 });
    const source = await ReplaySource.open(path, new Pipeline('recording'));
    expect(source.checkpoints.length).toBeGreaterThan(3);
    source.close();
    expect(replayedText(driver.pipeline)).toBe(replayedText(await replay(path)));
    if (before === 0) expect(textOf(driver.pipeline)).toEqual(textOf(pipeline));
    const random = seededRandom(seed);
    const { durationNs } = driver.status();
    for (let i = 0; i < 10; i++) {
      const timeNs = Math.floor((0.3 + random() * 0.7) * durationNs);
      await sought(driver, timeNs);
      driver.pipeline.core.checkInvariants();
      expect(replayedText(driver.pipeline), `at ${timeNs}`).toBe(await straightTo(path, timeNs));
    }
    expect(restart).not.toHaveBeenCalled();
    await driver.stop();
  });
});

async function straightTo(path: string, timeNs: number): Promise<string> {
  return replayedText(await replayedUpTo(path, timeNs));
}

test('a file that is there is never overwritten, and one that cannot be made leaves nothing behind', () => {
  const pipeline = new Pipeline('live', { dictionary: randomDictionary() });
  pipeline.fact({ type: 'host', facts: SAMPLE_HOST });
  const path = join(directory, 'there.unfreed');
  writeFileSync(path, 'mine');
  const begin = (at: string) => () => new LateRecording(pipeline, at, () => undefined);
  expect(begin(path)).toThrow('exists already');
  expect(readFileSync(path, 'utf8')).toBe('mine');
  expect(begin(join(directory, 'none', 'x.unfreed'))).toThrow('no such file or directory');
  expect(begin('/dev/full')).toThrow('is a device or a pipe');
  expect(existsSync('/dev/full')).toBe(true);
  expect(pipeline.lateRecorder).toBeNull();
});

it('has the look of the trace that it is a part of', async () => {
  const pipeline = new Pipeline('live', { dictionary: randomDictionary() });
  const look = { unixMs: 7, texts: new Map([['proc/meminfo', 'MemTotal: 9 kB\n']]), notRead: [] };
  pipeline.fact({ type: 'host', facts: SAMPLE_HOST });
  pipeline.fact({ type: 'look', timeNs: 0, look });
  const trace = traceOf(3);
  tell(pipeline, trace, 0, 1000);
  const path = join(directory, 'look.unfreed');
  const recording = new LateRecording(pipeline, path, () => undefined);
  tell(pipeline, trace, 1000, 2000);
  recording.finish();
  expect((await replayedFile(path)).pipeline.looks).toEqual([look]);
});
