import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  countLines,
  linkOf,
  linksOf,
  namesIn,
  readNumber,
  readShort,
  readWhole,
  statOf,
} from '../../../src/collect/look/kernel-files.js';

const folder = mkdtempSync(join(tmpdir(), 'unfreed-files-'));
const path = join(folder, 'file');
afterAll(() => rmSync(folder, { recursive: true }));

describe('countLines()', () => {
  it.each([0, 1, 65_535, 65_536, 200_000])('counts the lines of a file of %d bytes in pieces', (length) => {
    writeFileSync(path, 'nine line\n'.repeat(length / 10).padEnd(length, 'x'));
    const pieces = [...countLines(path)];
    expect(pieces.reduce((sum, lines) => sum + lines, 0)).toBe(Math.floor(length / 10));
    expect(pieces).toHaveLength(Math.ceil(length / 65_536));
  });

  it('counts nothing of a file that cannot be read', () => {
    expect([...countLines(join(folder, 'none')), ...countLines(folder)]).toEqual([]);
  });
});

describe('readWhole()', () => {
  it.each([0, 1, 3072, 65_535, 65_536, 65_537, 300_000])('returns all of %d bytes', (length) => {
    const text = Array.from({ length }, (_, index) => String.fromCharCode(97 + (index % 26))).join('');
    writeFileSync(path, text);
    expect(readWhole(path, 1 << 20)).toEqual({ text, why: null });
  });

  it('keeps whole characters across reads', () => {
    const text = `${'a'.repeat(65_535)}\u{1F600}b`;
    writeFileSync(path, text);
    expect(readWhole(path, 1 << 20).text).toBe(text);
  });

  it('cuts a long file at a line', () => {
    writeFileSync(path, 'line of ten\n'.repeat(100_000));
    const text = readWhole(path, 100_000).text ?? '';
    expect(text.length).toBeLessThanOrEqual(100_000);
    expect(text.length).toBeGreaterThan(99_980);
    expect(text.endsWith('line of ten\n')).toBe(true);
  });

  it('says why a file cannot be read', () => {
    expect(readWhole(join(folder, 'none'), 10)).toEqual({ text: null, why: 'not in this kernel' });
    expect(readWhole(folder, 10)).toEqual({ text: null, why: 'eisdir' });
  });
});

describe('short files', () => {
  it('are read whole, to 64 KiB', () => {
    writeFileSync(path, 'x'.repeat(70_000));
    expect(readShort(path)).toBe('x'.repeat(65_536));
    writeFileSync(path, 'y\n');
    expect(readShort(path)).toBe('y\n');
  });

  it('may be gone', () => {
    const gone = join(folder, 'gone');
    expect([readShort(gone), namesIn(gone), linkOf(gone), statOf(gone)]).toEqual([null, null, null, null]);
  });
});

describe('readNumber()', () => {
  it.each([
    ['0\n', 0],
    ['104857600\n', 104_857_600],
    ['12', 12],
    ['max\n', null],
    ['', null],
    ['\n', null],
    ['-5\n', null],
    // LONG_MAX of version 1: no limit.
    ['9223372036854771712\n', null],
  ])('reads %j as %j', (text, value) => {
    writeFileSync(path, text);
    expect(readNumber(path)).toBe(value);
  });

  it('has none of a file that is not there, or of a folder', () => {
    expect([readNumber(`${path}-gone`), readNumber(folder)]).toEqual([null, null]);
    expect([linksOf(`${path}-gone`), linksOf(folder)]).toEqual([null, 2]);
  });
});
