import { mkdirSync, truncateSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { unfreed } from '../helpers/cli.js';
import { HANG_MS } from '../helpers/patience.js';
import { sampleRecording } from '../helpers/recording-bytes.js';
import { scratch } from '../helpers/scratch.js';
import { StreamBytes } from '../helpers/stream-bytes.js';

const place = scratch();
const RANDOM = Uint8Array.from({ length: 300_000 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24);

/** Files that no command can read, and the message for each. */
const BAD: [name: string, said: RegExp][] = [
  ['missing', /no such file or directory/],
  ['directory', /is a folder, and there is no recording in it/],
  ['empty', /is empty: nothing was recorded/],
  ['short', /ends after 12 bytes, before the first event/],
  ['random', /is not a recording: it starts with the bytes/],
  ['hole', /is not a recording: its first \d+ bytes are all zero/],
  ['newer', /recording format version 7, this build reads 1/],
  ['newer-stream', /stream version 9, this build reads 1/],
  ['mangled', /line ends were changed on the way/],
  ['perf.data', /it is a perf\.data file\n {2}.*perf script -i FILE/],
  ['trace.dat', /it is a trace\.dat file of trace-cmd\n {2}.*trace-cmd report -i FILE/],
  ['text', /it is text in which no event of kernel memory was found/],
  ['kernel.log', /it is a kernel log/],
  ['report.json', /it is an exported report, which holds no events/],
  ['garbage.gz', /gzip file that cannot be read: its compressed bytes are damaged/],
  ['random.gz', /is not a recording: it starts with the bytes/],
  ['nothing.gz', /is a gzip file of nothing/],
  ['twice.gz', /it is compressed with gzip twice/],
  ['zeros.gz', /is not a recording: its first \d+ bytes are all zero/],
  ['x.zst', /it is compressed with zstd/],
  ['program', /it is a program \(ELF\)/],
];

beforeAll(() => {
  mkdirSync(place('directory'));
  place('empty', '');
  place('short', sampleRecording().slice(0, 12));
  place('random', RANDOM);
  truncateSync(place('hole', ''), 2 ** 31);
  const newer = sampleRecording();
  newer[8] = 7;
  place('newer', newer);
  const stream = new StreamBytes().bytes();
  stream[8] = 9;
  place('newer-stream', stream);
  const mangled = sampleRecording();
  mangled[12] = 0x0a;
  place('mangled', mangled);
  place('perf.data', 'PERFILE2\x68\0\0\0\0\0\0\0\0\0\0\0');
  place('trace.dat', '\x17\x08Dtracing6\0\0\0\0\0\0');
  place('text', 'what was seen on the machine\n');
  place('kernel.log', 'Nov 21 11:37:10 vm kernel: Linux version 6.18\n');
  place('report.json', '{\n  "format": "unfreed-report",\n  "version": 1\n}\n');
  const garbage = Uint8Array.from(RANDOM);
  garbage.set([0x1f, 0x8b]);
  place('garbage.gz', garbage);
  place('random.gz', gzipSync(RANDOM));
  place('nothing.gz', gzipSync(''));
  place('twice.gz', gzipSync(gzipSync(sampleRecording())));
  place('zeros.gz', gzipSync(new Uint8Array(64 << 20)));
  place('x.zst', Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
  place('program', '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0');
});

const COMMANDS: [command: string, rest: string[]][] = [
  ['top', []],
  ['info', []],
  ['export', []],
  ['import', ['-o', 'OUT']],
  ['anonymize', ['-o', 'OUT']],
  ['repair', ['-o', 'OUT']],
  ['cut', ['--from', '0s', '--to', '1s', '-o', 'OUT']],
];

describe('an input that cannot be read', () => {
  it.each(BAD)('%s: one clear sentence, status 1, at once', async (name, said) => {
    const ran = await unfreed(['top', place(name)]);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toMatch(/^unfreed: [^\n]+\n( {2}[^\n]+\n)*$/);
    expect(ran.stderr).toMatch(said);
    expect(ran.stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect(ran.ms, 'ms').toBeLessThan(HANG_MS);
    expect(ran.peakBytes).toBeLessThan(200 << 20);
  });

  it.each(COMMANDS)('is refused by %s, which leaves no output behind', async (command, rest) => {
    for (const name of ['missing', 'random', 'garbage.gz', 'directory']) {
      const out = place(`out-${command}-${name}`);
      const ran = await unfreed([command, place(name), ...rest.map((word) => (word === 'OUT' ? out : word))]);
      expect(ran, `${command} ${name}`).toMatchObject({ code: 1, stdout: '' });
      expect(ran.stderr).toMatch(/^unfreed: [^\n]+\n( {2}[^\n]+\n)*$/);
      expect((await unfreed(['info', out])).stderr).toContain('no such file');
    }
  });

  it('may come on standard input', async () => {
    expect((await unfreed(['top', '-'], { stdin: '' })).stderr).toBe('unfreed: stdin is empty: nothing was recorded\n');
    expect((await unfreed(['info', '-'], { stdin: RANDOM })).stderr).toContain('stdin is not a recording');
  });

  it('that cannot be written to is refused in the same way', async () => {
    const input = place('good.unfreed', sampleRecording());
    for (const [command, rest] of COMMANDS.filter(([, words]) => words.includes('OUT') && words.length < 6)) {
      if (command === 'import') continue;
      const into = (out: string): Promise<{ code: number | null; stderr: string }> =>
        unfreed([command, input, ...rest.map((word) => (word === 'OUT' ? out : word))]);
      expect((await into(place('directory'))).stderr, command).toContain('is a folder\n  Name a file in it');
      expect((await into(place('no/such/place'))).stderr, command).toContain('no such file or directory');
      expect((await into(place('text'))).stderr, command).toContain('exists already');
      expect((await into(input)).stderr, command).toContain('is the input itself');
      expect((await into('')).code, command).toBe(2);
    }
  });
});
