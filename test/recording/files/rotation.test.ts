import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EventBatch } from '../../../src/event/event-batch.js';
import { LimitedSink } from '../../../src/event/limited-sink.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import type { CarriedLook } from '../../../src/event/trace-sink.js';
import { crc32 } from '../../../src/recording/files/node-codecs.js';
import { openRecording } from '../../../src/recording/files/open-parts.js';
import { createRecording } from '../../../src/recording/files/recording-file.js';
import { createRing } from '../../../src/recording/files/recording-ring.js';
import { CHUNK_HEADER_BYTES, FILE_HEADER_BYTES, parseChunkHeader } from '../../../src/recording/format/chunk-header.js';
import { randomDictionary, STACKS } from '../../helpers/random-trace.js';
import { SAMPLE_HOST } from '../../helpers/sample-trace.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { type LoggedEvent, SinkLog } from '../../helpers/sink-log.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-rotation-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The size of one chunk of these events and a piece of another: some 65,000 of them are 290 KB. */
const LIMIT_BYTES = 300_000;

/** Objects at addresses that compress badly, at times a little out of order, like those of two CPUs. */
function* batches(seed: number, count: number): Generator<EventBatch> {
  const random = seededRandom(seed);
  const batch = new EventBatch(32768);
  let timeNs = 5e9;
  for (let i = 0; i < count; i++) {
    batch.clear();
    const length = 1000 + Math.floor(random() * 31_000);
    while (batch.length < length) {
      const row = batch.length++;
      timeNs += Math.floor(random() * 2000);
      batch.timeNs[row] = timeNs - Math.floor(random() * 1e6);
      batch.kind[row] = 1;
      batch.addrHi[row] = 0xffff8880;
      batch.addrLo[row] = Math.floor(random() * 2 ** 29) * 8;
      batch.size[row] = 64;
      batch.stackId[row] = 1 + Math.floor(random() * STACKS);
    }
    yield batch;
  }
}

/** Stored sizes of a file's chunks, headers included. */
function chunkSizes(path: string): number[] {
  const bytes = readFileSync(path);
  const sizes: number[] = [];
  for (let at = FILE_HEADER_BYTES; at < bytes.length; at += sizes.at(-1) ?? 0) {
    sizes.push(CHUNK_HEADER_BYTES + (parseChunkHeader(bytes, at, crc32)?.storedBytes ?? Number.NaN));
  }
  return sizes;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function eventsOf(path: string): Promise<LoggedEvent[]> {
  const log = new SinkLog();
  const recording = await openRecording(path, log, new TraceDictionary());
  while (await recording.readNext());
  expect(recording.damageCount).toBe(0);
  return log.eventRows;
}

/** Like toEqual(), which takes minutes to find a difference among so many events. */
function expectSame(events: LoggedEvent[], expected: LoggedEvent[]): void {
  expect(events).toHaveLength(expected.length);
  const differs = expected.findIndex((event, i) => event.join() !== events[i].join());
  expect([differs, events[differs]]).toEqual([-1, undefined]);
}

function lookOf(unixMs: number, bytes: number): CarriedLook {
  return { unixMs, texts: new Map([['proc/meminfo', 'x'.repeat(bytes)]]), notRead: [] };
}

describe('a size limit', () => {
  it('is kept by each file of a ring to one chunk, and no event or time is lost between two', async () => {
    const path = join(directory, 'ring.unfreed');
    const ring = createRing(path, { dictionary: randomDictionary(), maxBytes: LIMIT_BYTES, keep: 100 });
    const told = new SinkLog();
    ring.fact({ type: 'host', facts: SAMPLE_HOST });
    for (const batch of batches(3, 20)) {
      told.events(batch);
      ring.events(batch);
    }
    ring.fact({ type: 'end', timeNs: 7e9, reason: 'duration', detail: '' });
    ring.close();
    const closed = readdirSync(directory).filter((name) => name.startsWith('ring.unfreed.'));
    expect(closed.length).toBeGreaterThan(4);
    for (const name of closed) {
      const sizes = chunkSizes(join(directory, name));
      // The last chunk holds only the end; without the chunk before it, the file was not full.
      expect(sizes.at(-1)).toBeLessThan(200);
      expect(sum(sizes) + FILE_HEADER_BYTES).toBeGreaterThanOrEqual(LIMIT_BYTES);
      expect(sum(sizes.slice(0, -2)) + FILE_HEADER_BYTES).toBeLessThan(LIMIT_BYTES);
    }
    expectSame(await eventsOf(path), told.eventRows);
  });

  it('leaves the last look in each file of a ring, unless it would be much of it', async () => {
    const path = join(directory, 'looks.unfreed');
    const ring = createRing(path, { dictionary: randomDictionary(), maxBytes: LIMIT_BYTES, keep: 2 });
    ring.fact({ type: 'host', facts: SAMPLE_HOST });
    ring.fact({ type: 'look', timeNs: 0, look: lookOf(1, 10) });
    ring.fact({ type: 'look', timeNs: 1, look: lookOf(2, 1000) });
    ring.fact({ type: 'look', timeNs: 1, look: lookOf(3, LIMIT_BYTES) });
    for (const batch of batches(5, 20)) ring.events(batch);
    ring.fact({ type: 'end', timeNs: 7e9, reason: 'duration', detail: '' });
    ring.close();
    expect(ring.partCount).toBeGreaterThan(3);
    const log = new SinkLog();
    const recording = await openRecording(path, log, new TraceDictionary());
    while (await recording.readNext());
    const looks = log.calls.flatMap((call) => (call.call === 'look' ? [call.look] : []));
    // The first parts are gone; each of the two that are left has it.
    expect(looks).toEqual([lookOf(2, 1000), lookOf(2, 1000)]);
  });

  it('ends a recording with the chunk that reaches it', async () => {
    const path = join(directory, 'one.unfreed');
    const recording = createRecording(path, { dictionary: randomDictionary() });
    const told = new SinkLog();
    let endedNs = -1;
    const limited = new LimitedSink(recording, LIMIT_BYTES, (timeNs) => {
      expect(endedNs).toBe(-1);
      endedNs = timeNs;
      recording.sink.fact({ type: 'end', timeNs, reason: 'size-limit', detail: '' });
    });
    limited.fact({ type: 'host', facts: SAMPLE_HOST });
    for (const batch of batches(4, 20)) {
      told.events(batch);
      limited.events(batch);
      limited.fact({ type: 'clock', timeNs: batch.timeNs[0] });
    }
    recording.close();
    const sizes = chunkSizes(path);
    expect(sum(sizes) + FILE_HEADER_BYTES).toBeGreaterThanOrEqual(LIMIT_BYTES);
    expect(sum(sizes.slice(0, -2)) + FILE_HEADER_BYTES).toBeLessThan(LIMIT_BYTES);
    const events = await eventsOf(path);
    expect(events.length).toBeGreaterThan(0);
    expectSame(events, told.eventRows.slice(0, events.length));
    expect(endedNs).toBe(events.reduce((latest, [timeNs]) => Math.max(latest, timeNs), 0));
  });
});
