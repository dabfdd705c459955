import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/base/errors.js';
import { readBundle } from '../../../src/collect/bundle/read-bundle.js';
import { tableRows } from '../../../src/proc/look-tables.js';
import { type TarEntry, tar } from '../../helpers/tar.js';

const MEMINFO =
  'MemTotal:       16384000 kB\nMemFree:         1000000 kB\nAnonPages:       200000 kB\nSlab:  100000 kB\n';
const FILES: Readonly<Record<string, string>> = {
  'proc/meminfo': MEMINFO,
  'proc/vmstat': 'nr_free_pages 250000\n',
  'sos_commands/date/date': 'Mon Mar  2 11:12:13 CET 2026\n',
  'sos_commands/date/date_--utc': 'Mon Mar  2 10:12:14 UTC 2026\n',
  'sos_commands/kernel/uname_-a':
    'Linux db-17 5.14.0-570.el9.x86_64 #1 SMP PREEMPT_DYNAMIC Tue Apr 8 x86_64 x86_64 x86_64 GNU/Linux\n',
};
const entries = (top = 'sosreport-db-17/', files = FILES): TarEntry[] =>
  Object.entries(files).map(([name, content]) => ({ name: top + name, content }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unfreed-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function lookAt(path: string) {
  const looks = await readBundle(path);
  expect(looks).toHaveLength(1);
  return looks[0];
}

async function refusal(path: string): Promise<UserError> {
  const error: unknown = await readBundle(path).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UserError)) throw new Error(`no UserError: ${String(error)}`);
  return error;
}

describe('an archive', () => {
  const compressed: [string, (bytes: Uint8Array) => Uint8Array][] = [
    ['tar', (bytes) => bytes],
    ['tar.gz', (bytes) => gzipSync(bytes)],
    ['tar.xz', (bytes) => execFileSync('xz', ['-c'], { input: bytes })],
    ['tar.bz2', (bytes) => execFileSync('bzip2', ['-c'], { input: bytes })],
    ['tar.zst', (bytes) => execFileSync('zstd', ['-c', '-q'], { input: bytes })],
  ];

  it.each(compressed)('is read as %s, and as a folder, alike', async (suffix, compress) => {
    const look = await lookAt(file(`a.${suffix}`, compress(tar(entries()))));
    expect(look).toMatchObject({ origin: 'bundle', timeMs: Date.UTC(2026, 2, 2, 10, 12, 14) });
    expect(look.texts.get('proc/meminfo')).toBe(MEMINFO);
    expect(tableRows('table/machine', look.texts.get('table/machine'))[0]).toMatchObject({
      hostname: 'db-17',
      kernel: '5.14.0-570.el9.x86_64',
      arch: 'x86_64',
    });
    for (const [name, content] of Object.entries(FILES)) file(`dir/sos/${name}`, content);
    expect([...(await lookAt(join(folder, 'dir'))).texts]).toEqual([...look.texts]);
  });

  it.each(['', './', '/', 'sosreport-x/', './sosreport-x/', '/tmp/../', 'a/b/'])(
    'with names that begin with %j',
    async (top) => {
      const reading = readBundle(file('a.tar', tar(entries(top))));
      if (top.includes('..') || top === 'a/b/') await expect(reading).rejects.toThrow(UserError);
      else expect((await reading)[0].texts.get('proc/meminfo')).toBe(MEMINFO);
    },
  );

  it('follows no link, whatever it names', async () => {
    const look = await lookAt(
      file(
        'a.tar',
        tar([
          { name: 'x/proc/slabinfo', type: '2', link: '/proc/slabinfo' },
          { name: 'x/proc/zoneinfo', type: '1', link: '/proc/zoneinfo' },
          { name: 'x/proc', type: '2', link: '/proc' },
          ...entries('x/'),
        ]),
      ),
    );
    expect([...look.texts.keys()]).not.toContain('proc/slabinfo');
    expect([...look.texts.keys()]).not.toContain('proc/zoneinfo');
  });

  it.each([
    ['tar', (bytes: Uint8Array) => bytes],
    ['gz', (bytes: Uint8Array) => gzipSync(bytes)],
  ])('that is cut (%s) gives what came before', async (suffix, compress) => {
    const noise = Array.from({ length: 40_000 }, (_, at) => `${(at * 2_654_435_761) % 4_294_967_291}\n`).join('');
    const bytes = compress(tar([...entries(), { name: 'x/var/log/messages', content: noise }, ...entries('y/')]));
    const look = await lookAt(file(`a.tar.${suffix}`, bytes.subarray(0, Math.trunc(bytes.length * 0.6))));
    expect(look.texts.get('proc/meminfo')).toBe(MEMINFO);
    expect(look.notRead).toContainEqual({ what: 'the rest of the archive', why: 'it ends in the middle' });
  });

  it('with damaged bytes gives what came before', async () => {
    const bytes = gzipSync(tar([...entries(), { name: 'x/noise', content: Buffer.alloc(1 << 20, 'abcdefg') }]), {
      level: 0,
    });
    bytes.fill(0xff, bytes.length - 300_000, bytes.length - 200_000);
    const look = await lookAt(file('a.tgz', bytes));
    expect(look.texts.get('proc/meminfo')).toBe(MEMINFO);
    expect(look.notRead[0]).toEqual({ what: 'the rest of the archive', why: 'its compressed bytes are damaged' });
  });

  it('whose files are too long keeps a part of each, cut at a line', async () => {
    const long = `${MEMINFO}${'x'.repeat(80)}\n`.repeat(1000);
    const look = await lookAt(file('a.tar', tar(entries('s/', { ...FILES, 'proc/meminfo': long }))));
    expect(look.texts.get('proc/meminfo')?.length).toBeLessThanOrEqual(65_536);
    expect(look.texts.get('proc/meminfo')?.endsWith('\n')).toBe(true);
    expect(look.notRead).toContainEqual({ what: 'proc/meminfo', why: 'too long: only a part was read' });
  });

  it('of thousands of files, with names of control characters, is read', async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => ({ name: `s/etc/\u001b[2J${at}`, content: 'x' }));
    const group = { name: 's/sys/fs/cgroup/a\u001b]0;b/memory.current', content: '4096\n' };
    const look = await lookAt(file('a.tgz', gzipSync(tar([...many, group, ...entries('s/')]))));
    expect(tableRows('table/cgroups', look.texts.get('table/cgroups'))[0]).toMatchObject({ current: '4096' });
    expect(look.texts.size).toBeLessThan(8);
  });

  it('that swells a thousandfold is given up, with what came before', async () => {
    // Members of gzip may follow each other: 320 MiB of zeros in one file of the archive.
    const start = gzipSync(tar([...entries(), { name: 's/zeros', content: '', size: 320 << 20 }], false));
    const zeros = gzipSync(Buffer.alloc(8 << 20));
    const look = await lookAt(file('bomb.tgz', Buffer.concat([start, ...Array<Buffer>(40).fill(zeros)])));
    expect(look.notRead).toContainEqual({
      what: 'the rest of the archive',
      why: 'it swells to more than 400 times its size',
    });
  }, 60_000);
});

describe('a folder', () => {
  it('follows no link, and opens files alone', async () => {
    file('outside', 'slabinfo - version: 2.1\n');
    for (const [name, content] of Object.entries(FILES)) file(`sos/${name}`, content);
    symlinkSync(join(folder, 'outside'), join(folder, 'sos/proc/slabinfo'));
    symlinkSync('/proc/sys', join(folder, 'sos/proc/sys'));
    execFileSync('mkfifo', [join(folder, 'sos/proc/zoneinfo')]);
    const look = await lookAt(join(folder, 'sos'));
    expect([...look.texts.keys()].toSorted()).toEqual(['proc/meminfo', 'proc/vmstat', 'table/machine']);
  });

  it('of pasted texts is told by their content', async () => {
    file('one.txt', MEMINFO);
    file('two.log', '[ 12.000000] Out of memory: Killed process 77 (java) total-vm:1kB\n');
    file('readme', 'nothing\n');
    const looks = await readBundle(folder);
    expect(looks.map(({ texts }) => [...texts.keys()].toSorted().join(' ')).toSorted()).toEqual([
      'log/kernel table/machine',
      'proc/meminfo table/machine',
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('says what it may not read', async () => {
    for (const [name, content] of Object.entries(FILES)) file(name, content);
    chmodSync(join(folder, 'proc/vmstat'), 0);
    expect((await lookAt(folder)).notRead[0]).toEqual({ what: '1 files of the bundle', why: 'permission denied' });
  });
});

describe('what cannot be read', () => {
  it.each([
    ['a name', () => 'gone.tar', /cannot be read: no such file/],
    ['an empty file', () => file('empty', ''), /empty: it is empty/],
    ['a zip', () => file('a.zip', 'PK\u0003\u0004xxxx'), /zip archive/],
    ['a text of another kind', () => file('a.txt', 'hello\n'.repeat(100)), /says nothing of memory/],
    [
      'random bytes',
      () => file('a.bin', Buffer.from(Array.from({ length: 9000 }, (_, at) => (at * 77) % 251))),
      /says nothing/,
    ],
    [
      'an archive without a known file',
      () => file('a.tar', tar([{ name: 'x/y', content: 'z' }])),
      /says nothing of memory/,
    ],
    [
      'a broken gzip',
      () => file('a.gz', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(900, 7)])),
      /compressed bytes are damaged/,
    ],
    [
      'a broken xz',
      () => file('a.xz', Buffer.concat([Buffer.from('fd377a585a00', 'hex'), Buffer.alloc(900, 7)])),
      /damaged, or it ends/,
    ],
  ])('is refused in words: %s', async (_, path, message) => {
    const error = await refusal(path());
    expect(error.message).toMatch(message);
  });

  it('is refused with a word on the archives in it', async () => {
    const error = await refusal(file('a.tar', tar([{ name: 'x/sosreport-a.tar.xz', content: 'z' }])));
    expect(error.nextSteps).toEqual(['It holds other archives: unpack it, and name one of them.']);
  });

  it('is refused if its program is not installed', async () => {
    const before = process.env.PATH;
    const path = file('a.tar.xz', execFileSync('xz', ['-c'], { input: tar(entries()) }));
    process.env.PATH = folder;
    try {
      const error = await refusal(path);
      expect(error.message).toContain('the program xz is not installed');
      expect(error.nextSteps[0]).toContain('xz-utils');
    } finally {
      process.env.PATH = before;
    }
  });
});
