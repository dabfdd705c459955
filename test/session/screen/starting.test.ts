import { describe, expect, it } from 'vitest';
import { firstLook, memoryOf, thisMachine } from '../../../src/session/screen/starting.js';

const FACTS = { kernel: '6.18.0', arch: 'x64', pageSize: 4096, percpuFirstChunkBytes: 0, balloonInTotal: false };
const MEMINFO = 'MemTotal: 1000000 kB\nMemFree: 600000 kB\nMemAvailable: 700000 kB\nAnonPages: 300000 kB\n';
/** 10,000 pages on per-CPU lists, 40,000 KiB. */
const ZONEINFO = '    managed 250000\n    nr_free_pages 150000\n    count 10000\n';
const MACHINE = { hostname: 'vm', kernel: '6.18.0', totalBytes: 24 * 2 ** 30, availableBytes: 2 ** 30 };

describe('the memory of this machine', () => {
  it('is total, available, and what no line shows, in bytes', () => {
    expect(memoryOf({ meminfo: MEMINFO, zoneinfo: ZONEINFO }, FACTS)).toEqual({
      totalBytes: 1_000_000 * 1024,
      availableBytes: 700_000 * 1024,
      gapBytes: 60_000 * 1024,
    });
  });

  it('has no gap where the free pages on per-CPU lists are not known: they would be in it', () => {
    expect(memoryOf({ meminfo: MEMINFO, zoneinfo: '' }, FACTS)).toMatchObject({ gapBytes: null });
  });

  it('leaves out what a balloon has given to the host', () => {
    const zoneinfo = `${ZONEINFO}balloon_inflate 5000\nballoon_deflate 1000\n`;
    expect(memoryOf({ meminfo: MEMINFO, zoneinfo }, { ...FACTS, balloonInTotal: true })).toMatchObject({
      gapBytes: 44_000 * 1024,
    });
  });

  it('is unknown without a meminfo', () => {
    expect(memoryOf({ meminfo: 'MemTotal: many kB\n', zoneinfo: ZONEINFO }, FACTS)).toEqual({
      totalBytes: 0,
      availableBytes: 0,
      gapBytes: null,
    });
  });

  it('is read of the machine that runs this', () => {
    const { hostname, totalBytes, availableBytes, gapBytes } = thisMachine();
    expect(hostname).not.toBe('');
    expect(totalBytes).toBeGreaterThan(availableBytes);
    expect(gapBytes).not.toBeNull();
    expect(gapBytes ?? totalBytes).toBeLessThan(totalBytes / 2);
  });
});

describe('the first look', () => {
  it('says in a sentence how much was gone before the trace, from 256 MiB and 2 % of all memory on', () => {
    expect(firstLook({ ...MACHINE, gapBytes: 14 * 2 ** 30 })).toBe(
      '14.0 GiB (58% of RAM) is in no line of /proc/meminfo and was there before this trace began.',
    );
    expect(firstLook({ ...MACHINE, gapBytes: 400 * 2 ** 20 })).toBeNull();
    expect(firstLook({ ...MACHINE, totalBytes: 2 ** 30, gapBytes: 255 * 2 ** 20 })).toBeNull();
  });

  it('says nothing of a gap that is not known', () => expect(firstLook({ ...MACHINE, gapBytes: null })).toBeNull());
});
