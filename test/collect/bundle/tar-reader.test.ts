import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TarReader } from '../../../src/collect/bundle/tar-reader.js';
import { pax, tar } from '../../helpers/tar.js';

/** Reads an archive in pieces of `piece` bytes: the text of each file that came whole, by name. */
function read(archive: Uint8Array, piece = archive.length) {
  const files: [string, string, boolean][] = [];
  const reader = new TarReader(({ name }) => {
    const pieces: Buffer[] = [];
    return {
      wantsMore: true,
      push: (bytes) => pieces.push(Buffer.from(bytes)),
      end: (whole) => files.push([name, Buffer.concat(pieces).toString('latin1'), whole]),
    };
  });
  for (let at = 0; at < archive.length; at += piece) reader.push(archive.subarray(at, at + piece));
  const whole = reader.finish();
  return { files, whole, damaged: reader.damaged, members: reader.members };
}

describe('TarReader', () => {
  it('gives files, whatever the pieces', () => {
    const archive = tar([
      { name: 'a/', type: '5' },
      { name: 'a/one', content: 'x'.repeat(513) },
      { name: 'a/empty' },
      { name: 'a/two', content: 'yes' },
    ]);
    const expected = [
      ['a/one', 'x'.repeat(513), true],
      ['a/empty', '', true],
      ['a/two', 'yes', true],
    ];
    for (const piece of [1, 7, 511, 512, 513, archive.length]) {
      expect(read(archive, piece)).toEqual({ files: expected, whole: true, damaged: 0, members: 3 });
    }
  });

  it.each(['ustar', 'pax', 'gnu', 'v7'])('reads what GNU tar writes as %s', (format) => {
    const folder = mkdtempSync(join(tmpdir(), 'unfreed-tar-'));
    try {
      const long = format === 'v7' ? 'short' : `${'deep/'.repeat(16)}${'n'.repeat(90)}`;
      mkdirSync(join(folder, long, '..'), { recursive: true });
      writeFileSync(join(folder, long), 'content');
      writeFileSync(join(folder, 'late'), 'z'.repeat(2000));
      symlinkSync('/etc/passwd', join(folder, 'link'));
      const archive = execFileSync('tar', ['-c', `--format=${format}`, '-C', folder, long, 'link', 'late'], {
        maxBuffer: 1 << 24,
      });
      const { files, whole, damaged } = read(archive, 1000);
      expect(files).toEqual([
        [long, 'content', true],
        ['late', 'z'.repeat(2000), true],
      ]);
      expect([whole, damaged]).toEqual([true, 0]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes the name and the size of a pax header, for one file', () => {
    const archive = tar([
      { name: 'x', type: 'x', content: pax({ path: 'true/näme', size: '5' }) },
      { name: 'said', content: 'abcde', size: 0 },
      { name: 'next', content: 'n' },
    ]);
    expect(read(archive).files).toEqual([
      ['true/näme', 'abcde', true],
      ['next', 'n', true],
    ]);
  });

  it.each(['', 'path=name', '12', '0 a=b', '-4 a=b', '9e9 a=b', ' a=b', '6 a=b\nno-length'])(
    'comes to the end of the records of a pax header that holds "%s"',
    (content) => {
      const archive = tar([
        { name: 'x', type: 'x', content },
        { name: 'one', content: '1' },
      ]);
      expect(read(archive).files).toEqual([['one', '1', true]]);
    },
  );

  it('passes over links, devices, pipes and sparse files', () => {
    const archive = tar([
      { name: 'hard', type: '1', link: '/etc/shadow', size: 4096 },
      { name: 'soft', type: '2', link: '../../etc/shadow' },
      { name: 'sda', type: '3' },
      { name: 'fifo', type: '6' },
      { name: 'sparse', type: 'S', content: 'holes' },
      { name: 'x', type: 'x', content: pax({ 'GNU.sparse.major': '1' }) },
      { name: 'sparse-pax', content: 'holes' },
      { name: 'file', content: 'f' },
    ]);
    expect(read(archive).files).toEqual([['file', 'f', true]]);
  });

  it('looks for the next header behind a damaged one', () => {
    const archive = tar([
      { name: 'one', content: '1' },
      { name: 'two', content: '2', badChecksum: true },
      { name: 'three', content: '3' },
    ]);
    expect(read(archive)).toMatchObject({
      files: [
        ['one', '1', true],
        ['three', '3', true],
      ],
      damaged: 2,
    });
  });

  it('says that an archive ends in the middle, and gives what came', () => {
    const archive = tar([{ name: 'one', content: 'abc'.repeat(400) }]);
    expect(read(archive.subarray(0, 1000))).toMatchObject({
      files: [['one', 'abc'.repeat(163).slice(0, 488), false]],
      whole: false,
    });
    expect(read(archive.subarray(0, 100)).whole).toBe(false);
  });

  it.each(['1e300', '-1', 'x', String(2 ** 50)])('does not trust a size of %s', (size) => {
    const archive = tar([
      { name: 'x', type: 'x', content: pax({ size }) },
      { name: 'one', content: '' },
    ]);
    expect(read(archive)).toMatchObject({ files: [], damaged: 1 });
  });

  it('never throws, whatever the bytes', () => {
    const good = tar([
      { name: 'x', type: 'x', content: pax({ path: 'p' }) },
      { name: 'one', content: 'abc' },
      { name: 'L', type: 'L', content: 'long\0' },
      { name: 'two', content: 'x'.repeat(600) },
    ]);
    const change = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 20 });
    fc.assert(
      fc.property(change, fc.integer({ min: 1, max: 700 }), (changes, piece) => {
        const bad = Buffer.from(good);
        for (const [at, byte] of changes) bad[at] = byte;
        const { files, members } = read(bad, piece);
        expect(files.length).toBeLessThanOrEqual(members);
      }),
    );
  });
});
