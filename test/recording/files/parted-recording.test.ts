import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { openParts } from '../../../src/recording/files/open-parts.js';
import { PartedRecording } from '../../../src/recording/files/parted-recording.js';
import { createRing } from '../../../src/recording/files/recording-ring.js';
import { openSeekable } from '../../../src/recording/open.js';
import type { RecordingMark, SeekableRecording } from '../../../src/recording/trace/seekable-recording.js';
import { scratch } from '../../helpers/scratch.js';
import { tellSeconds } from '../../helpers/seconds-trace.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { cases } from '../../helpers/seeds.js';
import { SinkLog } from '../../helpers/sink-log.js';

const place = scratch();

/** A ring of 30 seconds, a chunk each and some three in a file; its files in order. */
function ringOf(name: string): string[] {
  const path = place(name);
  tellSeconds(30, (dictionary) => createRing(path, { dictionary, maxBytes: 1000, keep: 100 }));
  const older = readdirSync(dirname(path)).filter((file) => file.startsWith(`${basename(path)}.`));
  return [...older.toSorted().map((file) => join(dirname(path), file)), path];
}

async function opened(path: string, log: SinkLog, dictionary = new TraceDictionary()): Promise<SeekableRecording> {
  const recording = await openSeekable(path, log, dictionary);
  if (recording === null) throw new Error('it cannot be read from anywhere');
  return recording;
}

async function readAll(recording: SeekableRecording): Promise<void> {
  while (await recording.readNext());
}

type Marks = [mark: RecordingMark, calls: number][];

/** Reads to the end and returns all marks, with the number of calls before each. */
async function marksOf(recording: SeekableRecording, log: SinkLog): Promise<Marks> {
  const marks: Marks = [];
  recording.onMark = (mark) => marks.push([mark, log.calls.length]);
  await readAll(recording);
  recording.onMark = null;
  return marks;
}

/** Returns the marks in a seeded random order. */
function shuffled(marks: Marks): Marks {
  return marks.map((_, i) => marks[(i * 17) % marks.length]);
}

async function expectRest(recording: SeekableRecording, log: SinkLog, marks: Marks): Promise<void> {
  const whole = [...log.calls];
  const { damageCount, sizes } = recording;
  for (const [mark, calls] of shuffled(marks)) {
    log.calls.length = 0;
    recording.resume(mark);
    expect(recording.bytesRead).toBe(mark.byteOffset + (mark.part?.bytesBefore ?? 0));
    await readAll(recording);
    expect(log.calls).toEqual(whole.slice(calls));
    expect(recording.bytesRead).toBe(recording.sizeBytes);
  }
  expect(recording.damageCount).toBe(damageCount);
  expect(recording.sizes).toEqual(sizes);
}

it('a ring goes on from each mark with just what came after it, whichever file that lies in', async () => {
  const files = ringOf('whole.unfreed');
  expect(files.length).toBeGreaterThan(4);
  const log = new SinkLog();
  const recording = await opened(files[files.length - 1], log);
  const marks = await marksOf(recording, log);
  expect(new Set(marks.map(([mark]) => mark.part?.file))).toEqual(new Set(files.keys()));
  await expectRest(recording, log, marks);
  expect(recording.damageCount).toBe(0);
  recording.close();
});

it('so does one of which a file turns out to be none; that is said once, and what it held is lost once', async () => {
  const files = ringOf('hurt.unfreed');
  const log = new SinkLog();
  const recording = await opened(files[files.length - 1], log);
  // Only now: it was a part when it was opened.
  truncateSync(files[2], 5);
  writeFileSync(files[4], 'not a recording at all');
  const marks = await marksOf(recording, log);
  expect(recording.damagedSpans.map(({ reason }) => reason)).toEqual([
    `cannot read ${files[2]}: the recording is cut off: it ends after 5 bytes, before the first event`,
    `cannot read ${files[4]}: not a recording of unfreed`,
    'events before part 4 that are in no file',
    'events before part 6 that are in no file',
  ]);
  await expectRest(recording, log, marks);
  recording.close();
});

it('goes on from its marks with just what came after them, whatever bytes of it are changed', async () => {
  const files = ringOf('changed.unfreed');
  const whole = files.map((path) => readFileSync(path));
  const random = seededRandom(8);
  const below = (n: number): number => Math.floor(random() * n);
  let damaged = 0;
  for (let n = 0; n < cases(18, 60); n++) {
    const at = below(files.length);
    const bytes = Uint8Array.from(whole[at]);
    for (let i = 0; i < 1 + below(3); i++) bytes[below(bytes.length)] ^= 1 << below(8);
    writeFileSync(files[at], random() < 0.2 ? bytes.subarray(0, below(bytes.length)) : bytes);
    const log = new SinkLog();
    // Its part item is damaged, so the newest file is a recording by itself.
    const recording = await openSeekable(files[files.length - 1], log, new TraceDictionary());
    if (recording !== null) {
      const marks = await marksOf(recording, log);
      if (recording.damageCount > 0) damaged++;
      await expectRest(recording, log, shuffled(marks).slice(0, 3));
      recording.close();
    }
    writeFileSync(files[at], whole[at]);
  }
  expect(damaged).toBeGreaterThan(cases(12, 40));
});

it('a ring that is open stays as it was, though its recorder renames and deletes its files', async () => {
  const files = ringOf('running.unfreed');
  const log = new SinkLog();
  const recording = await opened(files[files.length - 1], log);
  const marks = await marksOf(recording, log);
  for (const file of files) rmSync(file);
  writeFileSync(files[files.length - 1], 'the next part');
  await expectRest(recording, log, marks.slice(0, 5));
  recording.close();
});

it('goes on elsewhere also while a read is under way', async () => {
  const files = ringOf('hurry.unfreed');
  const log = new SinkLog();
  const recording = await opened(files[files.length - 1], log);
  const marks = await marksOf(recording, log);
  const whole = [...log.calls];
  const [last, lastCalls] = marks[marks.length - 1];
  for (const [mark] of shuffled(marks)) {
    recording.resume(mark);
    const reading = recording.readNext();
    recording.resume(last);
    expect(await reading).toBe(true);
    log.calls.length = 0;
    await readAll(recording);
    expect(log.calls).toEqual(whole.slice(lastCalls));
  }
  const reading = recording.readNext();
  recording.close();
  expect(await reading).toBe(false);
});

it('tells no marks in a part whose ids there is no memory for, and goes on all the same', async () => {
  const files = ringOf('poor.unfreed');
  const log = new SinkLog();
  // The definitions of each file take 8 KiB.
  const recording = new PartedRecording(await openParts(files), log, new TraceDictionary(), {
    knownBytesLimit: 20_000,
  });
  const marks = await marksOf(recording, log);
  expect(new Set(marks.map(([mark]) => mark.part?.file))).toEqual(new Set([0, 1]));
  const whole = [...log.calls];
  for (const [mark, calls] of shuffled(marks)) {
    log.calls.length = 0;
    recording.resume(mark);
    await readAll(recording);
    expect(log.calls).toEqual(whole.slice(calls));
  }
  recording.close();
});

it('a part that stands by itself goes on from each of its marks', async () => {
  const files = ringOf('few.unfreed');
  const log = new SinkLog();
  const recording = await opened(files[1], log);
  expect(recording.files).toEqual([{ path: files[1], sizeBytes: recording.sizeBytes, part: null }]);
  const marks = await marksOf(recording, log);
  expect(recording.files[0].part?.number).toBe(2);
  expect(marks.length).toBeGreaterThan(1);
  await expectRest(recording, log, marks);
  recording.close();
});
