import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unfreed } from '../helpers/cli.js';
import { recordedText } from '../helpers/recorded-text.js';
import { sampleRecording } from '../helpers/recording-bytes.js';
import { scratch } from '../helpers/scratch.js';
import { cases } from '../helpers/seeds.js';

const place = scratch();
const RECORDINGS = fileURLToPath(new URL('../../recordings/', import.meta.url));

const TEXTS: [format: string, path: string][] = [
  ['perf-script', 'perf-script/6.18-hold-pipes/perf-script.txt.gz'],
  ['ftrace', 'ftrace/6.18-hold-pipes-released/trace.txt.gz'],
  ['trace-cmd', 'trace-cmd/6.18-hold-pipes/report.txt.gz'],
];

/** Saved output of bpf/unfreed.bt: one page of 64 KiB bought by pipe_write. */
const BPFTRACE = [
  'unfreed-bpftrace 1',
  'Bffffff000',
  'H{"hostname":"box","kernel":"6.1.0","pageSize":4096,"allocators":["page"]}',
  'O64 65',
  'S1 ',
  '        pipe_write+424',
  '        vfs_write+920',
  '.',
  'N2 writer\\x00',
  `c${((0xffffff000n + 1000n) << 12n).toString(16)} 400000000001230 1000000c8 200000000`,
  `T${((0xffffff000n + 900_000_000n) << 12n).toString(16)} 0`,
  'X',
  '',
].join('\n');

describe('import', () => {
  it.each(TEXTS.slice(0, cases(1, 3)))(
    'of %s gives a recording with the report of the text itself',
    async (format, path) => {
      const output = place(`${format}.unfreed`);
      const imported = await unfreed(['import', RECORDINGS + path, '-o', output]);
      expect(imported).toMatchObject({ code: 0, stdout: '' });
      expect(imported.stderr).toMatch(new RegExp(`^read .* of ${format}, gzipped: [\\d,]+ lines, [\\d,]+ events in`));
      expect(imported.stderr).toContain(`wrote ${output}`);
      const direct = await unfreed(['export', RECORDINGS + path]);
      const recorded = await unfreed(['export', output]);
      expect(recorded.stdout).toBe(direct.stdout);
      expect(JSON.parse(direct.stdout)).toMatchObject({ source: { kind: 'import', collector: format } });
    },
  );

  it('reads the output of bpftrace that was saved as UTF-16 or quoted, and has status 1 where its lines are not understood', async () => {
    const plain = await unfreed(['export', place('bt.txt', BPFTRACE)]);
    expect(plain.code).toBe(0);
    const utf16 = Uint16Array.from(`\ufeff${BPFTRACE}`, (character) => character.charCodeAt(0));
    expect((await unfreed(['export', place('bt16.txt', new Uint8Array(utf16.buffer))])).stdout).toBe(plain.stdout);
    const quoted = BPFTRACE.replaceAll(/^/gm, '> ');
    expect((await unfreed(['export', place('bt-mail.txt', quoted)])).stdout).toBe(plain.stdout);
    const damaged = await unfreed(['top', place('bt-bad.txt', `${BPFTRACE.replace('X\n', '')}c123 zz\nX\n`)]);
    expect(damaged).toMatchObject({ code: 1, stderr: expect.stringContaining('1 of 2 event lines (50 %)') as unknown });
  });

  it('reads the same text plain, gzipped, and from standard input', async () => {
    const [, path] = TEXTS[0];
    const text = recordedText(path);
    const direct = await unfreed(['top', RECORDINGS + path]);
    expect(direct.stdout).toContain('anon_pipe_write');
    expect((await unfreed(['top', place('plain', text)])).stdout).toBe(direct.stdout);
    expect((await unfreed(['top', '-'], { stdin: text })).stdout).toBe(direct.stdout);
    expect((await unfreed(['top', '-'], { stdin: readFileSync(RECORDINGS + path) })).stdout).toBe(direct.stdout);
    expect((await unfreed(['import', '-', '-o', place('stdin.unfreed')], { stdin: text })).code).toBe(0);
  });

  it('names what was skipped, that pointers are hashed, and what was lost', async () => {
    const skipped = await unfreed(['import', RECORDINGS + TEXTS[0][1], '-o', place('skipped.unfreed')]);
    expect(skipped.stderr).toContain('skipped: kmem:mm_page_alloc_zone_locked 441');
    const hashed = await unfreed(['import', RECORDINGS + TEXTS[1][1], '-o', place('hashed.unfreed')]);
    expect(hashed.stderr).toContain('pointers are hashed');
    const text = new TextDecoder().decode(recordedText(TEXTS[0][1]));
    const lossy = await unfreed([
      'import',
      place('lossy', `${text}\nLOST 12 events!\nrubbish\n`),
      '-o',
      place('l.unfreed'),
    ]);
    expect(lossy.stderr).toContain('12 LOST');
    expect(lossy.stderr).toContain('1 line was not understood\n  the first: rubbish');
  });

  it('keeps user frames when told to', async () => {
    const text = recordedText(TEXTS[0][1]);
    const input = place('user', text);
    await unfreed(['import', input, '--user-frames', '-o', place('user.unfreed')]);
    expect((await unfreed(['top', place('user.unfreed'), '--frames'])).stdout).toMatch(/\[(libc\.so\.6|hold-pipes)\]/);
    await unfreed(['import', input, '-o', place('kernel.unfreed')]);
    expect((await unfreed(['top', place('kernel.unfreed'), '--frames'])).stdout).not.toMatch(/\[(libc|hold)/);
  });

  it('reads the saved output of our own bpftrace script', async () => {
    const path = place('saved.txt', BPFTRACE);
    const direct = await unfreed(['export', path]);
    expect(JSON.parse(direct.stdout)).toMatchObject({
      source: { kind: 'import', collector: 'bpftrace-text', hostname: 'box' },
      outstanding: { page: { bytes: 65536 } },
    });
    expect((await unfreed(['import', path, '-o', place('saved.unfreed')])).code).toBe(0);
    expect((await unfreed(['export', place('saved.unfreed')])).stdout).toBe(direct.stdout);
  });

  it('says that a text or gzip file is not whole, and reads it up to there', async () => {
    const whole = readFileSync(RECORDINGS + TEXTS[0][1]);
    const cut = await unfreed(['top', place('cut.gz', whole.subarray(0, whole.length - 3000))]);
    expect(cut.code).toBe(1);
    expect(cut.stdout).toContain('anon_pipe_write');
    expect(cut.stderr).toContain('the gzip file could not be read to its end: it ends in the middle');
    const wrong = Uint8Array.from(whole);
    wrong[wrong.length - 6] ^= 1;
    const damaged = await unfreed(['top', place('wrong.gz', wrong)]);
    expect(damaged.stderr).toContain('its compressed bytes are damaged (incorrect data check)');
  });

  it('refuses a recording, an input without events, and to write over anything', async () => {
    const recording = place('sample.unfreed', sampleRecording());
    const again = await unfreed(['import', recording, '-o', place('again')]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('is a recording already');
    const empty = place('none.txt', '# tracer: nop\n#\n# nothing\n');
    const none = await unfreed(['import', empty, '-o', place('none.unfreed')]);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('holds no events');
    expect(existsSync(place('none.unfreed'))).toBe(false);
    const text = place('text', recordedText(TEXTS[0][1]));
    expect((await unfreed(['import', text, '-o', text, '--force'])).stderr).toContain('is the input itself');
    expect((await unfreed(['import', text, '-o', recording])).stderr).toContain('exists already');
  });

  it('reads recordings and streams through gzip', async () => {
    const bytes = sampleRecording();
    const plain = await unfreed(['export', place('plain.unfreed', bytes)]);
    expect((await unfreed(['export', place('zipped.unfreed', gzipSync(bytes))])).stdout).toBe(plain.stdout);
  });
});
