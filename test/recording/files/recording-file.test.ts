import { spawn } from 'node:child_process';
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/base/errors.js';
import { formatBytes } from '../../../src/base/format.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { openRecording } from '../../../src/recording/files/open-parts.js';
import { createRecording, RecordingFile } from '../../../src/recording/files/recording-file.js';
import { NewFile } from '../../../src/recording/output/new-file.js';
import { sampleReading, sampleRecording } from '../../helpers/recording-bytes.js';
import { tellSample } from '../../helpers/sample-trace.js';
import { dumpDictionary, SinkLog } from '../../helpers/sink-log.js';
import { StreamBytes, utf8 } from '../../helpers/stream-bytes.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'unfreed-file-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function place(name: string, content?: Uint8Array | string): string {
  const path = join(directory, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

async function readAll(path: string): Promise<{ log: SinkLog; dictionary: TraceDictionary; bytesRead: number }> {
  const log = new SinkLog();
  const dictionary = new TraceDictionary();
  const recording = await openRecording(path, log, dictionary);
  while (await recording.readNext());
  return { log, dictionary, bytesRead: recording.bytesRead };
}

async function refusal(path: string): Promise<string> {
  try {
    await readAll(path);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('was read');
}

describe('createRecording', () => {
  it('writes a file that gives back the trace, and that nobody else may read', async () => {
    const path = place('whole.unfreed');
    const dictionary = new TraceDictionary();
    const recording = createRecording(path, { dictionary });
    tellSample(recording.sink, dictionary, () => recording.flush());
    recording.close();
    recording.close();
    const whole = sampleReading();
    const read = await readAll(path);
    expect(read.log.calls).toEqual(whole.log.calls);
    expect(dumpDictionary(read.dictionary)).toEqual(dumpDictionary(whole.dictionary));
    expect(read.bytesRead).toBe(statSync(path).size);
    expect(recording.bytes).toBe(statSync(path).size);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('can be read at any moment up to the last flush', async () => {
    const path = place('open.unfreed');
    const recording = createRecording(path, { dictionary: new TraceDictionary() });
    recording.sink.fact({ type: 'clock', timeNs: 5 });
    recording.flush();
    recording.sink.fact({ type: 'clock', timeNs: 6 });
    const { log } = await readAll(path);
    expect(log.calls[0]).toEqual({ call: 'clock', timeNs: 5 });
    expect(log.ending?.detail).toContain('without an end message');
    recording.close();
  });

  it('overwrites a file only when told to, and never a directory, device or pipe', () => {
    const path = place('there.unfreed', 'precious');
    const dictionary = new TraceDictionary();
    expect(() => createRecording(path, { dictionary })).toThrow(`${path} exists already`);
    expect(readFileSync(path, 'utf8')).toBe('precious');
    createRecording(path, { dictionary, force: true }).close();
    expect(readFileSync(path).subarray(0, 8).toString()).toBe('UNFREEDR');
    expect(() => createRecording(directory, { dictionary, force: true })).toThrow('is a folder');
    expect(() => createRecording('/dev/null', { dictionary, force: true })).toThrow('is a device or a pipe');
    expect(() => createRecording(place('no/such/dir'), { dictionary })).toThrow('no such file or directory');
    expect(() => createRecording('', { dictionary })).toThrow('the name of the recording is empty');
  });

  it('does not follow a link that somebody left there', () => {
    const path = place('link.unfreed');
    symlinkSync(place('target'), path);
    expect(() => createRecording(path, { dictionary: new TraceDictionary() })).toThrow('is a symbolic link');
    expect(existsSync(place('target'))).toBe(false);
  });

  it.runIf(existsSync('/dev/full'))('says that the disk is full', () => {
    const fd = openSync('/dev/full', 'w');
    expect(() => new RecordingFile(NewFile.adopt('full.unfreed', fd), { dictionary: new TraceDictionary() })).toThrow(
      'recording to full.unfreed stopped after 0 B: no space left on the device',
    );
  });

  it('keeps what was whole when a write fails half-way, says so once, and takes no notice of what comes after', async () => {
    const path = place('limited.unfreed');
    const program = `
      import { createRecording } from ${JSON.stringify(await bundled('recording-file'))};
      const none = { size: 0 };
      const dictionary = { stacks: { size: 0, frames: none }, comms: none, caches: none, cgroups: none };
      const recording = createRecording(${JSON.stringify(path)}, { dictionary });
      recording.onError = (error) => console.log(error.message + '; ' + error.nextSteps);
      for (let i = 0; i < 10; i++) {
        let text = '';
        for (let n = 0; n < 500; n++) text += Math.imul(n + i * 500, 2654435761).toString(36);
        recording.sink.fact({ type: 'counters', timeNs: i, source: 'vmstat', text });
        recording.flush();
      }
      recording.close();
      console.log(recording.bytes);
    `;
    // A limit on the file's size fails a write in the middle, as a full disk does.
    const limited = spawn('bash', [
      '-c',
      `trap '' XFSZ; ulimit -f 12; exec "$0" --input-type=module -e "$1"`,
      process.execPath,
      program,
    ]);
    const [told, bytes] = (await outputOf(limited)).trim().split('\n');
    expect(told).toContain(
      `recording to ${path} stopped after ${formatBytes(Number(bytes))}: the file would be larger than is allowed (`,
    );
    expect(told).toContain(`what was written can be read: unfreed info ${path}`);
    expect(statSync(path).size).toBe(Number(bytes));
    const { log } = await readAll(path);
    expect(log.calls.length).toBeGreaterThan(2);
    expect(log.ending?.detail).toBe(`the recording ends at byte ${bytes} without an end message; it was not closed`);
  });
});

describe('openRecording', () => {
  it('reads the raw stream of the collector by its content, whatever its name', async () => {
    const bytes = new StreamBytes().host({ hostname: 'box' }).clock(5).end(6, 1, '').bytes();
    const { log } = await readAll(place('raw.unfreed', bytes));
    expect(log.calls.map((call) => call.call)).toEqual(['host', 'clock', 'end']);
  });

  it('reads stdin, also when it is a socket', async () => {
    const path = place('stdin.unfreed', sampleRecording());
    const program = `
      import { openRecording } from ${JSON.stringify(await bundled('open-parts'))};
      let events = 0;
      const sink = { fact: () => undefined, events: (batch) => { events += batch.length; } };
      const tables = { frames: { intern: () => 1 }, intern: () => 1 };
      const recording = await openRecording('-', sink, { stacks: tables, comms: tables, caches: tables });
      while (await recording.readNext());
      console.log(events);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createReadStream(path).pipe(child.stdin);
    expect(await outputOf(child)).toBe('10\n');
  });

  it('says what a file is when it is no recording', async () => {
    expect(await refusal(place('missing'))).toBe(`cannot read ${place('missing')}: no such file or directory`);
    expect(await refusal(directory)).toBe(`${directory} is a folder. Name one of the recordings in it:`);
    expect(await refusal(place('empty', ''))).toBe(`${place('empty')} is empty: nothing was recorded`);
    expect(await refusal('')).toContain('name of the recording is empty');
    expect(await refusal(place('text', 'swapper 0 [000] kmem:kmalloc\n'))).toContain(
      'is not a recording: it names events of kernel memory',
    );
    expect(await refusal(place('perf', 'PERFILE2\0\0\0\0\0\0\0\0'))).toContain('it is a perf.data file');
    expect(await refusal(place('gz', Uint8Array.from([0x1f, 0x8b, 8, 0])))).toContain(
      'gzip file that cannot be read: it ends in the middle',
    );
    const random = Uint8Array.from({ length: 4096 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24);
    expect(await refusal(place('random', random))).toContain('it starts with the bytes');
    expect(await refusal('/dev/zero')).toContain('are all zero');
  });

  it('names both versions of a newer recording or stream, and how much of a header is there', async () => {
    const newer = sampleRecording();
    newer[8] = 7;
    const path = place('newer', newer);
    expect(await refusal(path)).toBe(`cannot read ${path}: recording format version 7, this build reads 1`);
    const stream = new StreamBytes().bytes();
    stream[8] = 9;
    expect(await refusal(place('newer-stream', stream))).toContain('stream version 9, this build reads 1');
    const swapped = new StreamBytes().bytes();
    swapped.set([1, 2, 3, 4], 12);
    expect(await refusal(place('swapped', swapped))).toContain('byte order mark 01 02 03 04');
    const short = place('short', sampleRecording().slice(0, 12));
    expect(await refusal(short)).toBe(`${short} is cut off: it ends after 12 bytes, before the first event`);
    const shortStream = place('short-stream', utf8('UNFREEDS'));
    expect(await refusal(shortStream)).toBe(`${shortStream} is cut off: it ends after 8 bytes, before the first event`);
  });

  it('is done at once with a huge hole, also behind a good header', async () => {
    const path = place('sparse', '');
    truncateSync(path, 2 ** 31);
    expect(await refusal(path)).toContain('bytes are all zero');
    const stream = place('sparse-stream', new StreamBytes().clock(5).bytes());
    truncateSync(stream, 2 ** 31);
    const { log, bytesRead } = await readAll(stream);
    expect(log.ending?.detail).toContain('message at byte 32 has kind 0');
    expect(bytesRead).toBeLessThan(1 << 20);
    const recording = place('sparse-recording', sampleRecording().slice(0, -20));
    truncateSync(recording, 2 ** 31);
    const read = await readAll(recording);
    expect(read.log.ending?.detail).toMatch(/^no chunk in 134217728 bytes from byte \d+ on; read up to there$/);
  });

  it('stops when it is closed in the middle of a read', async () => {
    const log = new SinkLog();
    const recording = await openRecording(place('closed', sampleRecording()), log, new TraceDictionary());
    await recording.readNext();
    recording.close();
    expect(await recording.readNext()).toBe(false);
  });

  it.runIf(process.getuid?.() !== 0)('says when it may not read', async () => {
    const path = place('secret', sampleRecording());
    chmodSync(path, 0);
    expect(await refusal(path)).toContain('permission denied');
  });
});

async function outputOf(child: { stdout: AsyncIterable<unknown> }): Promise<string> {
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  return output;
}

/** Bundles a file of src/recording/files as one module that node can run. */
async function bundled(file: 'recording-file' | 'open-parts'): Promise<string> {
  const { rolldown } = await import('rolldown');
  const root = new URL('../../..', import.meta.url).pathname;
  const bundle = await rolldown({
    input: join(root, `src/recording/files/${file}.ts`),
    platform: 'node',
    logLevel: 'silent',
  });
  const out = join(directory, 'bundle');
  mkdirSync(out, { recursive: true });
  await bundle.write({ dir: out, format: 'esm', entryFileNames: 'file.mjs' });
  await bundle.close();
  return join(out, 'file.mjs');
}
