/** The equation on a meminfo of each kernel era: corpus.json says where each is from, and its gap. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { meminfoLines } from '../../src/proc/meminfo.js';
import { ACCOUNT_TERMS, memoryAccount } from '../../src/proc/memory-account.js';
import { memoryParts } from '../../src/proc/memory-parts.js';

interface CorpusEntry {
  file: string;
  kernel: string;
  arch: string;
  pageSize: number;
  source: string;
  perCpuFreePages: number;
  percpuFirstChunkBytes: number;
  areasBytes: number | null;
  /** MemTotal less the terms, worked out by another program. */
  gapKiB: number;
  balloonInTotal: boolean;
}

const FOLDER = join(import.meta.dirname, 'corpus');
const CORPUS = JSON.parse(readFileSync(join(FOLDER, 'corpus.json'), 'utf8')) as CorpusEntry[];

function accountOf(entry: CorpusEntry) {
  const meminfo = meminfoLines(readFileSync(join(FOLDER, entry.file), 'utf8'));
  if (meminfo === null) throw new Error(`${entry.file} is no meminfo`);
  const managed = ((meminfo.get('MemTotal') ?? 0) * 1024) / entry.pageSize;
  const zones = {
    managed,
    free: 0,
    perCpuFree: entry.perCpuFreePages,
    isolated: 0,
    zspages: null,
    pins: null,
    ballooned: null,
  };
  return memoryAccount(0, { meminfo, zones, areasBytes: entry.areasBytes }, entry);
}

describe('the equation', () => {
  it('has a meminfo of every era, of both machines and all sizes of pages', () => {
    expect(CORPUS.map(({ file }) => file).toSorted()).toEqual(
      readdirSync(FOLDER)
        .filter((name) => name.endsWith('.txt'))
        .toSorted(),
    );
    const eras = [
      '3.10',
      '3.13',
      '4.4',
      '4.9',
      '4.14',
      '4.18',
      '4.19',
      '5.3',
      '5.4',
      '5.14',
      '6.1',
      '6.12',
      '6.17',
      '7.3',
    ];
    expect(eras.filter((era) => !CORPUS.some(({ kernel }) => kernel.startsWith(`${era}.`)))).toEqual([]);
    expect(new Set(CORPUS.filter(({ arch }) => arch === 'aarch64').map(({ pageSize }) => pageSize))).toEqual(
      new Set([4096, 16384, 65536]),
    );
  });

  it.each(CORPUS)('adds up for $file', (entry) => {
    const account = accountOf(entry);
    const terms = account.terms.reduce((sum, term) => sum + term, 0);
    expect(account.terms.every((term) => term >= 0)).toBe(true);
    expect((account.totalBytes - terms) / account.totalBytes).toBeGreaterThanOrEqual(-0.01);
    expect((account.totalBytes - terms) / 1024).toBe(entry.gapKiB);
    expect(terms + account.unaccountedBytes).toBe(account.totalBytes);
    expect(memoryParts(account).reduce((sum, part) => sum + part, 0)).toBe(account.totalBytes);
  });

  it.each([
    ['3.10-el7-x86.txt', 41_984],
    ['4.4-x86.txt', 58_368],
    ['4.14-x86.txt', 64_512 - 13_712],
    ['4.18-el8-early-x86.txt', 388_096 - 31_216],
    ['4.18-el8-x86.txt', 402_120 - 31_216],
    ['3.13-x86.txt', 0],
  ])('takes the vmalloc memory of %s from vmallocinfo where meminfo does not count it', (file, kib) => {
    const entry = CORPUS.find((each) => each.file === file);
    if (entry === undefined) throw new Error(file);
    expect(accountOf(entry).terms[ACCOUNT_TERMS.indexOf('vmalloc without stacks')]).toBe(kib * 1024);
  });
});
