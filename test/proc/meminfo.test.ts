import { describe, expect, it } from 'vitest';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { parseMeminfo } from '../../src/proc/meminfo.js';

/** A machine of Linux 6.18, shortened. */
const TEXT = `MemTotal:       24684092 kB
MemFree:        23670748 kB
MemAvailable:   24251936 kB
Buffers:           96880 kB
Cached:           636952 kB
SwapCached:            0 kB
Active:           374624 kB
Inactive:         360300 kB
Active(anon):       1544 kB
Unevictable:       17036 kB
AnonPages:         18056 kB
Mapped:            10804 kB
Shmem:              8856 kB
KReclaimable:     128896 kB
Slab:             154160 kB
SReclaimable:     128896 kB
SUnreclaim:        25264 kB
KernelStack:        1444 kB
PageTables:         1960 kB
SecPageTables:         0 kB
VmallocTotal:   34359738367 kB
VmallocUsed:       14220 kB
Percpu:              744 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
Hugetlb:               0 kB
DirectMap1G:    25165824 kB
`;
const ACCOUNTED = 23670748 + 96880 + 636952 + 18056 + 154160 + 1960 + 744 + 14220;

function unaccountedKiB(text: string): number | undefined {
  const bytes = parseMeminfo(0, text)?.unaccountedBytes;
  return bytes === undefined ? undefined : bytes / 1024;
}

function withLine(name: string, kib: number): string {
  return TEXT.replace(new RegExp(`^${name}: .*$`, 'm'), `${name}: ${kib} kB`);
}

describe('unaccounted memory', () => {
  it('is the total without all that a line accounts for, each page once', () => {
    expect(unaccountedKiB(TEXT)).toBe(24684092 - ACCOUNTED);
    expect(parseMeminfo(7, TEXT)).toMatchObject({ timeNs: 7, totalBytes: 24684092 * 1024, freeBytes: 23670748 * 1024 });
  });

  it('does not count kernel stacks beside the vmalloc that they are made of', () => {
    expect(unaccountedKiB(withLine('KernelStack', 14000))).toBe(24684092 - ACCOUNTED);
    // Before Linux 5.3 VmallocUsed is always 0.
    expect(unaccountedKiB(withLine('VmallocUsed', 0))).toBe(24684092 - ACCOUNTED + 14220 - 1444);
  });

  it('counts of the swap cache only what is not in AnonPages', () => {
    const onLru = 374624 + 360300 + 17036;
    const shown = 96880 + 636952 + 18056;
    expect(onLru - shown).toBe(72);
    expect(unaccountedKiB(withLine('SwapCached', 50))).toBe(24684092 - ACCOUNTED - 50);
    expect(unaccountedKiB(withLine('SwapCached', 5000))).toBe(24684092 - ACCOUNTED - 72);
  });

  it('counts reclaimable kernel memory that is not slab, and huge pages of older kernels', () => {
    expect(unaccountedKiB(withLine('KReclaimable', 128996))).toBe(24684092 - ACCOUNTED - 100);
    const old = withLine('Hugetlb', 0)
      .replace(/^Hugetlb.*\n/m, '')
      .replace('HugePages_Total:       0', 'HugePages_Total: 3');
    expect(unaccountedKiB(old)).toBe(24684092 - ACCOUNTED - 3 * 2048);
  });

  it('is never negative', () => {
    expect(unaccountedKiB('MemTotal: 100 kB\nMemFree: 60 kB\nCached: 70 kB\n')).toBe(0);
  });

  it('is not had from what is no meminfo', () => {
    for (const text of ['', 'MemTotal: x kB', 'MemFree: 5 kB', 'MemTotal: 0 kB\nMemFree: 0 kB', 'nr_free_pages 7']) {
      expect(parseMeminfo(0, text)).toBeNull();
    }
    expect(parseMeminfo(0, `MemTotal: 5 kB\n${'x'.repeat(1e6)}\nMemFree: 5 kB`)).toBeNull();
  });
});

describe('the core', () => {
  it('keeps the first and the last sample', () => {
    const core = new PairingCore(new TraceDictionary());
    core.fact({ type: 'counters', timeNs: 5, source: 'meminfo', text: TEXT });
    core.fact({ type: 'counters', timeNs: 6, source: 'vmstat', text: 'nr_free_pages 1' });
    core.fact({ type: 'counters', timeNs: 7, source: 'meminfo', text: 'damaged' });
    core.fact({ type: 'counters', timeNs: 9, source: 'meminfo', text: withLine('MemFree', 23000000) });
    expect(core.firstMeminfo?.timeNs).toBe(5);
    expect(core.lastMeminfo).toMatchObject({ timeNs: 9, freeBytes: 23000000 * 1024 });
    expect(core.nowNs).toBe(9);
  });
});
