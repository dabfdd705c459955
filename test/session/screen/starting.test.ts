import { describe, expect, it } from 'vitest';
import { triageOf } from '../../../src/session/look/triage-looks.js';
import { firstLook, gapLook, memoryOf, thisMachine } from '../../../src/session/screen/starting.js';
import type { FirstLook } from '../../../src/session/trace-session.js';
import { type LookParts, lookAt } from '../../helpers/look.js';

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

describe('what the gap alone says', () => {
  it('says in a sentence how much was gone before the trace, from 256 MiB and 2 % of all memory on', () => {
    expect(gapLook({ ...MACHINE, gapBytes: 14 * 2 ** 30 })).toEqual({
      text: '14.0 GiB (58% of RAM) is in no line of /proc/meminfo and was there before this trace began.',
      abnormal: true,
    });
    expect(gapLook({ ...MACHINE, gapBytes: 400 * 2 ** 20 })).toBeNull();
    expect(gapLook({ ...MACHINE, totalBytes: 2 ** 30, gapBytes: 255 * 2 ** 20 })).toBeNull();
  });

  it('says nothing of a gap that is not known', () => expect(gapLook({ ...MACHINE, gapBytes: null })).toBeNull());
});

function looked(parts: LookParts = {}): FirstLook {
  return firstLook(triageOf([lookAt(parts)]), 312);
}

describe('the first look', () => {
  it('is the first finding that is abnormal, with who holds it', () => {
    const sockets = [['packet', '', 2211, 'suricata', 112, 0, 0, 4.75 * 2 ** 30]];
    expect(looked({ gap: 5, tables: { 'table/sockets': sockets } })).toEqual({
      text: '5.00 GiB (31%) are in no line of /proc/meminfo. It is explained by packet rings of 2211 suricata (4.75 GiB).',
      abnormal: true,
    });
  });

  it('says that nothing is abnormal, and when; what is merely large is not', () => {
    const nothing = { text: 'First look, 0.3s: nothing abnormal before the trace.', abnormal: false };
    expect(looked()).toEqual(nothing);
    const large = {
      gib: { Cached: 5, Shmem: 2.5 },
      tables: { 'table/mounts': [['/dev/shm', 'tmpfs', '0:1', 1, 2.5 * 2 ** 30, 2 ** 33, 1, 0]] },
    };
    expect(looked(large)).toEqual(nothing);
  });

  it('says nothing of a machine whose memory could not be read', () => {
    expect(looked({ texts: { 'proc/meminfo': '' } }).text).toBe(
      'First look, 0.3s: the memory of this machine could not be read.',
    );
  });
});
