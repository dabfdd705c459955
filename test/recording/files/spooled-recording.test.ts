import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { openRecording } from '../../../src/recording/files/open-parts.js';
import { openSpool, type SpoolOptions, type ThreadOptions } from '../../../src/recording/open.js';
import { START_MARK } from '../../../src/recording/trace/reader-mark.js';
import type { RecordingMark, SeekableRecording } from '../../../src/recording/trace/seekable-recording.js';
import { decodeThreadProgram } from '../../helpers/decode-thread.js';
import { baseRecordings, baseStreams } from '../../helpers/mutation-bases.js';
import { until } from '../../helpers/patience.js';
import { recordedText } from '../../helpers/recorded-text.js';
import { scratch } from '../../helpers/scratch.js';
import { secondsRecording } from '../../helpers/seconds-trace.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { dumpDictionary, SinkLog } from '../../helpers/sink-log.js';
import { joined } from '../../helpers/stream-bytes.js';

const place = scratch();
const threadProgram = decodeThreadProgram();

interface Read {
  calls: SinkLog['calls'];
  dictionary: ReturnType<typeof dumpDictionary>;
  damageCount: number;
  damagedSpans: unknown;
  summary: unknown;
  content: unknown;
}

/** Reads an input once from its start, without a spool. */
async function readOnce(path: string): Promise<Read> {
  const dictionary = new TraceDictionary();
  const log = new SinkLog();
  const recording = await openRecording(path, log, dictionary);
  while (await recording.readNext());
  const { damageCount, damagedSpans } = recording;
  return {
    calls: log.calls,
    dictionary: dumpDictionary(dictionary),
    damageCount,
    damagedSpans,
    summary: recording.importSummary(),
    content: recording.content,
  };
}

function eventsOf(calls: SinkLog['calls']): SinkLog['eventRows'] {
  return calls.flatMap((call) => (call.call === 'event' ? [call.row] : []));
}

interface Spooled {
  recording: SeekableRecording;
  dictionary: TraceDictionary;
  log: SinkLog;
  marks: { mark: RecordingMark; calls: number }[];
}

async function spooled(
  path: string,
  { thread = false, threadProgram: program, ...options }: SpoolOptions & ThreadOptions = {},
): Promise<Spooled> {
  const dictionary = new TraceDictionary();
  const log = new SinkLog();
  const recording = await openSpool(path, log, dictionary, {
    thread,
    threadProgram: program,
    spool: { markEvents: 400, ...options },
  });
  const marks = [{ mark: START_MARK, calls: 0 }];
  recording.onMark = (mark) => marks.push({ mark, calls: log.calls.length });
  return { recording, dictionary, log, marks };
}

/** Resumes at a random mark; the log then holds only the calls before it. */
function resumeAt({ recording, log, marks }: Spooled, straight: Read, random: () => number): void {
  const { mark, calls } = marks[Math.floor(random() * marks.length)];
  expect(recording.canResume).toBe(true);
  recording.resume(mark);
  log.calls.length = 0;
  for (let i = 0; i < calls; i++) log.calls.push(straight.calls[i]);
}

/**
 * Returns the first call that differs. For thousands of calls, compared many times, toEqual() would
 * take a minute.
 */
function firstDifference(calls: SinkLog['calls'], expected: SinkLog['calls']): unknown {
  for (let i = 0; i < Math.max(calls.length, expected.length); i++) {
    if (JSON.stringify(calls[i]) === JSON.stringify(expected[i])) continue;
    // Fields may stand in another order.
    if (!isDeepStrictEqual(calls[i], expected[i])) return { i, got: calls[i], expected: expected[i] };
  }
  return null;
}

/** Seeks back to random places during and after the first reading; no call may come twice or be missing. */
async function wander(path: string, seed: number, thread = false): Promise<void> {
  const straight = await readOnce(path);
  const random = seededRandom(seed);
  const reading = await spooled(path, { thread, threadProgram: threadProgram() });
  const { recording, dictionary, log } = reading;
  expect(recording.isThreaded).toBe(thread);
  for (let resumed = 0; resumed < 8; ) {
    const goesOn = await recording.readNext();
    if (!goesOn) expect(firstDifference(log.calls, straight.calls)).toBeNull();
    if (goesOn && random() > 0.2) continue;
    resumeAt(reading, straight, random);
    resumed++;
  }
  while (await recording.readNext());
  expect(firstDifference(log.calls, straight.calls)).toBeNull();
  expect(dumpDictionary(dictionary)).toEqual(straight.dictionary);
  const { damageCount, damagedSpans, content } = recording;
  expect({ damageCount, damagedSpans, content }).toEqual({
    damageCount: straight.damageCount,
    damagedSpans: straight.damagedSpans,
    content: straight.content,
  });
  // The thread does not send the import summary, which a replay does not need: the notes are in the
  // trace.
  if (!thread) expect(recording.importSummary()).toEqual(straight.summary);
  recording.close();
}

const HELD_PIPES = readFileSync(recorded('bpf/6.18-held-pipes/held-pipes.unfreed'));

function recorded(path: string): string {
  return new URL(`../../../recordings/${path}`, import.meta.url).pathname;
}

const TEXTS = [
  'ftrace/6.18-hold-pipes-released/trace.txt.gz',
  'trace-cmd/6.18-hold-pipes/report.txt.gz',
  'perf-script/6.18-hold-pipes/perf-script.txt.gz',
];
/** A text of several batches. */
const LARGE = 'perf-script/6.1-page_split/perf-script.txt.gz';

describe.each([
  ['in this thread', false],
  ['in another thread', true],
])('what can be read only from its start, read %s, goes on from any mark', (_, thread) => {
  it.each([...TEXTS, LARGE])('%s', async (text) => {
    await wander(recorded(text), 1, thread);
  });

  it('a text that is not gzipped', async () => {
    await wander(place('plain.txt', recordedText(TEXTS[0])), 2, thread);
  });

  it('the stream of the collector', async () => {
    for (const [seed, stream] of baseStreams().entries()) {
      await wander(place('some.stream', stream), seed, thread);
      await wander(place('some.stream', stream.subarray(0, stream.length - 100)), seed, thread);
    }
  });

  it('gzipped recordings', async () => {
    for (const [seed, recording] of [...baseRecordings(), HELD_PIPES].entries()) {
      await wander(place('some.gz', gzipSync(recording)), seed, thread);
    }
  });

  it('gzipped recordings that were changed, damage told once', async () => {
    const random = seededRandom(6);
    for (let seed = 0; seed < 12; seed++) {
      const bytes = Uint8Array.from(seed % 2 === 0 ? HELD_PIPES : joined(secondsRecording(20)));
      for (let i = 0; i < 3; i++) bytes[100 + Math.floor(random() * (bytes.length - 100))] ^= 64;
      const packed = gzipSync(bytes);
      const isCut = random() < 0.3;
      const changed = isCut ? packed.subarray(0, packed.length * random() + 100) : packed;
      await wander(place('changed.gz', changed), seed, thread);
    }
  });
});

describe('what can be read only once goes on from any mark', () => {
  it('a fifo', async () => {
    const text = recordedText(LARGE);
    const path = place('fifo');
    execFileSync('mkfifo', [path]);
    const written = writeFile(path, text);
    const reading = await spooled(path);
    const { recording, log } = reading;
    while (await recording.readNext());
    await written;
    const told = [...log.calls];
    expect(recording.canResume).toBe(true);
    recording.resume(reading.marks[1].mark);
    log.calls.length = reading.marks[1].calls;
    while (await recording.readNext());
    expect(firstDifference(log.calls, told)).toBeNull();
    // A pipe gives smaller pieces, so symbols come at other places between the events.
    expect(log.eventRows).toEqual(eventsOf((await readOnce(place('plain.txt', text))).calls));
    recording.close();
  });
});

it('is asked to go on elsewhere while it reads', async () => {
  const path = recorded(LARGE);
  const reading = await spooled(path);
  const { recording, log } = reading;
  while (log.calls.length < 1000) await recording.readNext();
  const pending = recording.readNext();
  expect(recording.canResume).toBe(true);
  recording.resume(START_MARK);
  log.calls.length = 0;
  expect(await pending).toBe(true);
  expect(log.calls).toEqual([]);
  while (await recording.readNext());
  expect(firstDifference(log.calls, (await readOnce(path)).calls)).toBeNull();
  recording.close();
});

describe('the copy in the temporary directory', () => {
  const text = recorded(LARGE);

  it('has no name from the first moment on, is for its owner alone, and goes with the descriptor', async () => {
    const directory = place('spools');
    mkdirSync(directory);
    const { recording } = await spooled(text, { directory });
    expect(readdirSync(directory)).toEqual([]);
    while (await recording.readNext());
    expect(readdirSync(directory)).toEqual([]);
    const [copy] = openIn(directory);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(statSync(copy).size).toBeGreaterThan(1000);
    recording.close();
    expect(openIn(directory)).toEqual([]);
  });

  it('goes with the thread that fills it', async () => {
    const directory = place('thread-spools');
    mkdirSync(directory);
    const { recording } = await spooled(text, { directory, thread: true, threadProgram: threadProgram() });
    for (let i = 0; i < 5; i++) await recording.readNext();
    expect(readdirSync(directory)).toEqual([]);
    expect(openIn(directory).length).toBe(1);
    recording.close();
    await until('the spool to be closed', () => openIn(directory).length === 0);
  });

  it('is done without in another thread too, which says so', async () => {
    const options = { limitBytes: 20_000, thread: true, threadProgram: threadProgram() };
    const { recording, log } = await spooled(text, options);
    while (await recording.readNext());
    expect(recording.canResume).toBe(false);
    expect(recording.slowness).toContain('it would take more than 19.5 KiB');
    expect(firstDifference(log.calls, (await readOnce(text)).calls)).toBeNull();
    recording.close();
  });

  it.each([
    [
      'the directory is not there',
      { directory: '/nowhere/at/all' },
      'no copy in /nowhere/at/all (no such file or directory)',
    ],
    [
      'there is no room for its first bytes',
      { limitBytes: 10 },
      `no copy in ${tmpdir()} (it would take more than 10 B`,
    ],
    [
      'there is no room for all of it',
      { limitBytes: 20_000 },
      `no copy in ${tmpdir()} (it would take more than 19.5 KiB`,
    ],
  ])('is done without where %s', async (_, options, words) => {
    const { recording, log } = await spooled(text, options);
    while (await recording.readNext());
    expect(recording.canResume).toBe(false);
    expect(recording.slowness).toContain(words);
    expect(firstDifference(log.calls, (await readOnce(text)).calls)).toBeNull();
    recording.close();
  });
});

/** Returns paths of this process's open files in a directory, valid while these are open. */
function openIn(directory: string): string[] {
  return readdirSync('/proc/self/fd')
    .map((fd) => join('/proc/self/fd', fd))
    .filter((path) => linkOf(path).startsWith(directory));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // The descriptor of the listing itself.
    return '';
  }
}
