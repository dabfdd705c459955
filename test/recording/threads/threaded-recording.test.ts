import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { Damage } from '../../../src/event/damage.js';
import { KMALLOC } from '../../../src/event/kinds.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { createRecording } from '../../../src/recording/files/recording-file.js';
import { createRing } from '../../../src/recording/files/recording-ring.js';
import { openSeekable } from '../../../src/recording/open.js';
import { START_MARK } from '../../../src/recording/trace/reader-mark.js';
import type { PartFile, RecordingMark, SeekableRecording } from '../../../src/recording/trace/seekable-recording.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { decodeThreadProgram } from '../../helpers/decode-thread.js';
import { randomDictionary } from '../../helpers/random-trace.js';
import { tell, textOf } from '../../helpers/replay-trace.js';
import { batchOf, internPath } from '../../helpers/sample-trace.js';
import { scratch } from '../../helpers/scratch.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { dumpDictionary, type LoggedCall, SinkLog } from '../../helpers/sink-log.js';

const place = scratch();
const threadProgram = decodeThreadProgram();

/** A ring of a seeded trace, some 3 KB a chunk; its files in order. */
function ringOf(seed: number, maxBytes = 9000): string[] {
  const path = place(`ring-${seed}.unfreed`);
  const ring = createRing(path, { dictionary: randomDictionary(), maxBytes, keep: 100, force: true });
  tell(seed, ring, () => ring.flush());
  ring.close();
  const older = readdirSync(dirname(path)).filter((file) => file.startsWith(`${basename(path)}.`));
  return [...older.toSorted().map((file) => join(dirname(path), file)), path];
}

async function opened(path: string, thread: boolean, log: SinkLog | Pipeline, dictionary = new TraceDictionary()) {
  const recording = await openSeekable(path, log, dictionary, { thread, threadProgram: threadProgram() });
  if (recording === null) throw new Error('it cannot be read from anywhere');
  expect(recording.isThreaded).toBe(thread);
  return recording;
}

interface Told {
  calls: LoggedCall[];
  names: unknown;
  damagedSpans: readonly Damage[];
  damageCount: number;
  bytesRead: number;
  files: readonly PartFile[];
  marks: [mark: RecordingMark, calls: number][];
}

interface Reading {
  recording: SeekableRecording;
  log: SinkLog;
  dictionary: TraceDictionary;
  told: Told;
}

async function readWhole(path: string, thread: boolean, spoil: () => void): Promise<Reading> {
  const log = new SinkLog();
  const dictionary = new TraceDictionary();
  const recording = await opened(path, thread, log, dictionary);
  spoil();
  const marks: Told['marks'] = [];
  recording.onMark = (mark) => marks.push([mark, log.calls.length]);
  while (await recording.readNext());
  recording.onMark = null;
  const { damagedSpans, damageCount, bytesRead, files } = recording;
  const told = {
    calls: [...log.calls],
    names: dumpDictionary(dictionary),
    damagedSpans: [...damagedSpans],
    damageCount,
    bytesRead,
    files: structuredClone(files),
    marks,
  };
  return { recording, log, dictionary, told };
}

/** Resumes at marks in a seeded order, sometimes before the end of the reading before. */
async function expectSeeks({ recording, log, told }: Reading, seed: number): Promise<void> {
  const random = seededRandom(seed);
  for (let i = 0; i < 12; i++) {
    const [mark, calls] = told.marks[Math.floor(random() * told.marks.length)];
    recording.resume(mark);
    log.calls.length = 0;
    if (random() < 0.4) {
      // A seek while the thread decodes, or while a read is running.
      const reading = recording.readNext();
      if (random() < 0.5) await reading;
      log.calls.length = 0;
      recording.resume(mark);
      await reading;
    }
    const pieces = random() < 0.3 ? Math.floor(random() * 3) : Number.POSITIVE_INFINITY;
    let isOver = false;
    for (let piece = 0; piece < pieces && !isOver; piece++) isOver = !(await recording.readNext());
    const rest = told.calls.slice(calls);
    expectSame(log.calls, isOver ? rest : rest.slice(0, log.calls.length));
  }
  expect(recording.damageCount).toBe(told.damageCount);
}

/** Like toEqual(), which takes long to find a difference among so many calls. */
function expectSame(calls: LoggedCall[], expected: LoggedCall[]): void {
  const texts = expected.map((call) => JSON.stringify(call));
  const differs = calls.findIndex((call, i) => JSON.stringify(call) !== texts[i]);
  expect([differs, calls[differs]]).toEqual([-1, undefined]);
  expect(calls).toHaveLength(expected.length);
}

const HURTS: { what: string; hurt: (files: string[], below: (n: number) => number) => void; later?: boolean }[] = [
  { what: 'whole', hurt: () => undefined },
  { what: 'with changed bytes', hurt: change },
  {
    what: 'with changed bytes in several files',
    hurt: (files, below) => [1, 2, 3].forEach(() => change(files, below)),
  },
  { what: 'without a file in its middle', hurt: (files) => rmSync(files[2]) },
  { what: 'without its oldest files', hurt: (files) => files.slice(0, 2).forEach((file) => rmSync(file)) },
  { what: 'without its newest file', hurt: (files) => rmSync(files[files.length - 1]) },
  { what: 'with an empty file', hurt: (files) => truncateSync(files[1], 0) },
  { what: 'with a file that became empty', hurt: (files) => truncateSync(files[3], 0), later: true },
  { what: 'with a file that became a text', hurt: (files) => writeFileSync(files[2], 'no recording'), later: true },
  { what: 'with files cut off', hurt: (files, below) => truncateSync(files[1], 4000 + below(4000)) },
  { what: 'whose end is cut off', hurt: (files) => truncateSync(files[files.length - 1], 700), later: true },
];

it.each(
  HURTS.flatMap((each, i) => [
    { ...each, seed: i + 1 },
    { ...each, seed: i + 101 },
  ]),
)('a ring $what tells the same from a decode thread as decoded in place, seed $seed', async ({ hurt, later, seed }) => {
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const files = ringOf(seed);
  expect(files.length).toBeGreaterThan(4);
  const path = files[files.length - 1];
  if (later !== true) hurt(files, below);
  const whole = later === true ? files.map((file) => readFileSync(file)) : [];
  const spoil = (): void => (later === true ? hurt(files, below) : undefined);
  const inPlace = await readWhole(path, false, spoil);
  // The same again, but the files are damaged only after they were opened.
  for (const [i, bytes] of whole.entries()) writeFileSync(files[i], bytes);
  const threaded = await readWhole(path, true, spoil);
  expectSame(threaded.told.calls, inPlace.told.calls);
  expect({ ...threaded.told, calls: [] }).toEqual({ ...inPlace.told, calls: [] });
  for (const reading of [inPlace, threaded]) await expectSeeks(reading, seed);
  inPlace.recording.close();
  threaded.recording.close();
  expect(await threaded.recording.readNext()).toBe(false);
});

it.each([21, 22, 23])('a ring gives the report of one file, from a decode thread too, seed %i', async (seed) => {
  const dictionary = randomDictionary();
  const alone = place(`alone-${seed}.unfreed`);
  const recording = createRecording(alone, { dictionary });
  tell(seed, recording.sink, () => recording.flush());
  recording.close();
  const reports: string[] = [];
  for (const path of [alone, ringOf(seed).at(-1) ?? '']) {
    for (const thread of [false, true]) {
      const pipeline = new Pipeline('recording');
      const reading = await opened(path, thread, pipeline, pipeline.dictionary);
      while (await reading.readNext());
      reading.close();
      reports.push(textOf(pipeline));
    }
  }
  expect(reports[0].length).toBeGreaterThan(1000);
  expect(new Set(reports).size).toBe(1);
});

it('a thread that is called off has told all names all the same', async () => {
  const path = place('names.unfreed');
  const source = new TraceDictionary();
  const recording = createRecording(path, { dictionary: source });
  for (let i = 0; i < 100; i++) {
    // A chunk of its own, in which the symbol of a new call path comes before its first event.
    const stack = internPath(source, [0xffffffff81000000n + BigInt(i * 16)]);
    recording.sink.fact({
      type: 'symbol',
      entry: {
        addressHi: 0xffffffff,
        addressLo: 0x81000000 + i * 16,
        symbol: `f${i}`,
        offset: 0,
        module: null,
      },
    });
    recording.sink.events(batchOf([[i, KMALLOC, 0xffff8881, i * 64, 64, 50, stack, 1, 0, 0]]));
    recording.flush();
  }
  recording.sink.fact({ type: 'end', timeNs: 100, reason: 'stopped', detail: '' });
  recording.close();
  const inPlace = await readWhole(path, false, () => undefined);
  const log = new SinkLog();
  const dictionary = new TraceDictionary();
  const threaded = await opened(path, true, log, dictionary);
  await threaded.readNext();
  // By now the thread is waiting for a free slot.
  await new Promise((resolve) => setTimeout(resolve, 300));
  threaded.resume(START_MARK);
  log.calls.length = 0;
  while (await threaded.readNext());
  expectSame(log.calls, inPlace.told.calls);
  expect(dumpDictionary(dictionary)).toEqual(inPlace.told.names);
  threaded.close();
  inPlace.recording.close();
});

function change(files: string[], below: (n: number) => number): void {
  const file = files[below(files.length)];
  const bytes = readFileSync(file);
  // Not in the first chunk, without which the file is no part of the ring.
  bytes[400 + below(bytes.length - 400)] ^= 1 << below(8);
  writeFileSync(file, bytes);
}
