import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EventBatch } from '../../src/event/event-batch.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { createRecording } from '../../src/recording/files/recording-file.js';
import { DefinitionsEncoder } from '../../src/recording/format/definitions.js';
import { unfreed } from '../../src/recording/format/generated/schema.js';
import {
  CHUNK_DICTIONARY,
  CHUNK_FOOTER,
  CHUNK_INDEX,
  encodeFooter,
  encodeIndex,
} from '../../src/recording/format/index-format.js';
import { openSeekable } from '../../src/recording/open.js';
import type { ReaderMark } from '../../src/recording/trace/reader-mark.js';
import type { SeekableRecording } from '../../src/recording/trace/seekable-recording.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
import { decodeThreadProgram } from '../helpers/decode-thread.js';
import { randomTrace } from '../helpers/random-trace.js';
import { tellSample } from '../helpers/sample-trace.js';
import { SinkLog } from '../helpers/sink-log.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-seekable-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The sample, with a chunk after each of its parts. */
function sampleFile(name: string): string {
  const path = join(directory, name);
  const dictionary = new TraceDictionary();
  const recording = createRecording(path, { dictionary, force: true });
  tellSample(recording.sink, dictionary, () => recording.flush());
  recording.close();
  return path;
}

async function readAll(recording: SeekableRecording): Promise<void> {
  while (await recording.readNext());
}

const threadProgram = decodeThreadProgram();

async function opened(
  path: string,
  thread: boolean,
  sink: SinkLog,
  dictionary: TraceDictionary,
): Promise<SeekableRecording> {
  const options = { thread, threadProgram: threadProgram() };
  const recording = await openSeekable(path, sink, dictionary, options);
  if (recording === null) throw new Error('it cannot be read from anywhere');
  expect(recording.isThreaded).toBe(thread);
  return recording;
}

describe.each([
  ['in this thread', false],
  ['by a decode thread', true],
])('a recording decoded %s', (_, thread) => {
  it('tells what openRecording tells', async () => {
    const path = sampleFile('same.unfreed');
    const plainDictionary = new TraceDictionary();
    const plain = new SinkLog();
    const reading = await openRecording(path, plain, plainDictionary);
    while (await reading.readNext());
    const dictionary = new TraceDictionary();
    const log = new SinkLog();
    const recording = await opened(path, thread, log, dictionary);
    await readAll(recording);
    recording.close();
    expect(log.calls).toEqual(plain.calls);
    expect(recording.damageCount).toBe(0);
  });

  it('goes on from each mark with just what came after it', async () => {
    const path = sampleFile('marks.unfreed');
    const dictionary = new TraceDictionary();
    const log = new SinkLog();
    const recording = await opened(path, thread, log, dictionary);
    const marks: [mark: ReaderMark, calls: number][] = [];
    recording.onMark = (mark) => marks.push([mark, log.calls.length]);
    await readAll(recording);
    recording.onMark = null;
    const whole = [...log.calls];
    expect(marks.length).toBeGreaterThan(2);
    for (const [mark, calls] of marks.toReversed()) {
      log.calls.length = 0;
      recording.resume(mark);
      await readAll(recording);
      expect(log.calls).toEqual(whole.slice(calls));
    }
    recording.close();
  });
});

it('a pipe, another format and a file that is not there cannot be read from anywhere', async () => {
  const log = new SinkLog();
  for (const path of ['-', import.meta.filename, join(directory, 'missing')]) {
    expect(await openSeekable(path, log, new TraceDictionary())).toBeNull();
  }
});

it('an index that names a dictionary again and again is none', async () => {
  for (const times of [1, 2, 1000]) {
    const pieces: Uint8Array[] = [];
    const dictionary = new TraceDictionary();
    const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes));
    tellSample(writer, dictionary);
    const place = writer.bytesWritten;
    const definitions = new DefinitionsEncoder(dictionary).take();
    writer.auxiliary(CHUNK_DICTIONARY, unfreed.Chunk.encode({ definitions, items: [] }).finish());
    const indexPlace = writer.bytesWritten;
    writer.auxiliary(
      CHUNK_INDEX,
      encodeIndex({ dictionary: Array.from({ length: times }, () => place), checkpoints: [] }),
    );
    writer.auxiliary(CHUNK_FOOTER, encodeFooter(indexPlace));
    const path = join(directory, 'hostile.unfreed');
    writeFileSync(path, Buffer.concat(pieces));
    const recording = await openSeekable(path, new SinkLog(), new TraceDictionary(), { seek: true });
    expect(recording?.index?.dictionaries.length).toBe(times === 1 ? 1 : undefined);
    recording?.close();
  }
});

it('a batch in shared memory holds the same', () => {
  const trace = randomTrace(3, 100);
  const copy = new EventBatch(100, new SharedArrayBuffer(8192), 8);
  copy.kind.set(trace.kind);
  copy.timeNs.set(trace.timeNs);
  copy.addrHi.set(trace.addrHi);
  copy.cacheId.set(trace.cacheId);
  expect(copy.timeNs).toEqual(trace.timeNs);
  expect(copy.kind).toEqual(trace.kind);
  expect(copy.addrHi).toEqual(trace.addrHi);
  expect(copy.cacheId).toEqual(trace.cacheId);
});
