import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { ACCOUNT_TERMS, type AccountedMachine, type AccountTerm } from '../../src/proc/memory-account.js';
import { accountOf } from '../helpers/memory-account.js';

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

function unaccountedKiB(text: string, zoneinfo = '', machine: Partial<AccountedMachine> = {}): number | undefined {
  const bytes = accountOf(text, zoneinfo, machine)?.unaccountedBytes;
  return bytes === undefined ? undefined : bytes / 1024;
}

function termKiB(name: AccountTerm, text: string, zoneinfo = '', machine: Partial<AccountedMachine> = {}): number {
  return (accountOf(text, zoneinfo, machine)?.terms[ACCOUNT_TERMS.indexOf(name)] ?? Number.NaN) / 1024;
}

/** A short zoneinfo; \`more\` are further lines. */
function zones(perCpuPages: number, more = ''): string {
  return `managed 6171023\nnr_free_pages 5917687\ncount ${perCpuPages}\n${more}`;
}

function withLine(name: string, kib: number): string {
  return TEXT.replace(new RegExp(`^${name}: .*$`, 'm'), `${name}: ${kib} kB`);
}

describe('unaccounted memory', () => {
  it('is the total without all that a line accounts for, each page once', () => {
    expect(unaccountedKiB(TEXT)).toBe(24684092 - ACCOUNTED);
    expect(accountOf(TEXT)).toMatchObject({ timeNs: 7, totalBytes: 24684092 * 1024, freeBytes: 23670748 * 1024 });
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
      expect(accountOf(text)).toBeNull();
    }
    expect(accountOf(`MemTotal: 5 kB\n${'x'.repeat(1e6)}\nMemFree: 5 kB`)).toBeNull();
  });
});

describe('free pages on per-CPU lists', () => {
  it('are free memory, not in the gap', () => {
    const account = accountOf(TEXT, zones(10_000));
    expect(account?.perCpuFreeBytes).toBe(10_000 * 4096);
    expect(account?.unaccountedBytes).toBe((24684092 - ACCOUNTED - 40_000) * 1024);
    expect(unaccountedKiB(TEXT, zones(1000), { pageSize: 65536 })).toBe(24684092 - ACCOUNTED - 64_000);
  });

  it('are in the gap of a trace that did not sample them, which says so', () => {
    expect(accountOf(TEXT)?.perCpuFreeBytes).toBeNull();
  });
});

describe('memory held by a reference', () => {
  const onLists = 374624 + 360300 + 17036;
  const shown = 96880 + 636952 + 18056;

  it('is on the LRU lists, but in no line: a part of the gap', () => {
    const unmapped = withLine('AnonPages', 18056 - 8000);
    const account = accountOf(unmapped, zones(0));
    expect(account?.heldByReferenceBytes).toBe((onLists - shown + 8000) * 1024);
    expect(account?.unaccountedBytes).toBe((24684092 - ACCOUNTED + 8000) * 1024);
    expect(accountOf(unmapped, zones(0, 'nr_isolated_anon 100\nnr_isolated_file 50\n'))?.heldByReferenceBytes).toBe(
      (onLists - shown + 8000 + 600) * 1024,
    );
  });

  it('with swap in use is what the swap cache cannot be, and never more than the gap', () => {
    const swapping = withLine('AnonPages', 10056).replace('SwapCached:            0', 'SwapCached: 5000');
    expect(accountOf(swapping, zones(0))?.heldByReferenceBytes).toBe((onLists - shown + 8000 - 5000) * 1024);
    expect(accountOf('MemTotal: 100 kB\nMemFree: 95 kB\nActive: 50 kB\nInactive: 0 kB\n')).toMatchObject({
      unaccountedBytes: 5 * 1024,
      heldByReferenceBytes: 5 * 1024,
    });
  });

  it('is none where the lists say less than the lines, or nothing', () => {
    expect(accountOf(withLine('AnonPages', 19000))?.heldByReferenceBytes).toBe(0);
    expect(accountOf('MemTotal: 100 kB\nMemFree: 5 kB\nActive: 50 kB\n')?.heldByReferenceBytes).toBe(0);
  });

  it('stands beside the pins of user pages that were not given back', () => {
    expect(accountOf(TEXT, zones(0, 'nr_foll_pin_acquired 70\nnr_foll_pin_released 20\n'))?.pinnedPages).toBe(50);
    expect(accountOf(TEXT, zones(0))?.pinnedPages).toBeNull();
  });
});

describe('what other counters show, or meminfo shows twice', () => {
  it('zram is counted by nr_zspages; where zswap uses zsmalloc only what is beyond it', () => {
    expect(unaccountedKiB(TEXT, zones(0, 'nr_zspages 500\n'))).toBe(24684092 - ACCOUNTED - 2000);
    const zswap = `${TEXT}Zswap: 1500 kB\n`;
    expect(termKiB('zram', zswap, zones(0, 'nr_zspages 500\n'))).toBe(500);
    expect(unaccountedKiB(zswap, zones(0, 'nr_zspages 500\n'))).toBe(24684092 - ACCOUNTED - 2000);
  });

  it('the first percpu chunk is in Percpu, but not in MemTotal', () => {
    const machine = { percpuFirstChunkBytes: 424 * 1024 };
    expect(unaccountedKiB(TEXT, '', machine)).toBe(24684092 - ACCOUNTED + 424);
    expect(termKiB('Percpu without first chunk', TEXT, '', { percpuFirstChunkBytes: 2 ** 30 })).toBe(0);
  });

  it('a balloon counts only where its pages are still in MemTotal', () => {
    const line = `${TEXT}Balloon: 4096 kB\n`;
    expect(unaccountedKiB(line)).toBe(24684092 - ACCOUNTED);
    expect(unaccountedKiB(line, '', { balloonInTotal: true })).toBe(24684092 - ACCOUNTED - 4096);
    const events = zones(0, 'balloon_inflate 3000\nballoon_deflate 1000\n');
    expect(unaccountedKiB(TEXT, events, { balloonInTotal: true })).toBe(24684092 - ACCOUNTED - 8000);
    expect(unaccountedKiB(TEXT, events)).toBe(24684092 - ACCOUNTED);
  });

  it('vmalloc is address space before 4.4, and stacks are beside it where they are pages', () => {
    expect(termKiB('vmalloc without stacks', TEXT, '', { kernel: '3.10.0-1160.el7.x86_64' })).toBe(0);
    expect(termKiB('KernelStack', TEXT, '', { kernel: '3.10.0-1160.el7.x86_64' })).toBe(1444);
    expect(termKiB('vmalloc without stacks', TEXT)).toBe(14220 - 1444);
    expect(termKiB('vmalloc without stacks', TEXT, '', { arch: 'i686' })).toBe(14220);
    // More stacks than vmalloc cannot be inside it.
    expect(termKiB('vmalloc without stacks', withLine('KernelStack', 20_000))).toBe(14220);
    expect(termKiB('KernelStack', `${TEXT}ShadowCallStack: 360 kB\n`)).toBe(1804);
  });

  it('lines of the GPU count where the kernel has them', () => {
    expect(unaccountedKiB(`${TEXT}GPUActive: 2000 kB\nGPUReclaim: 30 kB\n`)).toBe(24684092 - ACCOUNTED - 2030);
  });

  it('memory that is not plugged in is in MemTotal and in no zone', () => {
    expect(accountOf(TEXT, 'managed 5000000\nnr_free_pages 4746664\n')?.unpluggedBytes).toBe(
      (24684092 - 20_000_000) * 1024,
    );
    // Zones and MemTotal differ by a few pages on most machines.
    expect(accountOf(TEXT, zones(0))?.unpluggedBytes).toBe(0);
  });
});

it("the terms and the gap of this machine's own counters add up to MemTotal", () => {
  const zoneinfo = readFileSync('/proc/zoneinfo', 'utf8');
  const account = accountOf(readFileSync('/proc/meminfo', 'utf8'), zoneinfo);
  if (account === null) throw new Error('no meminfo');
  const sum = account.terms.reduce((a, b) => a + b, 0) + account.unaccountedBytes;
  expect(Math.abs(sum - account.totalBytes)).toBeLessThan(account.totalBytes / 100);
  expect(account.terms.every((bytes) => bytes >= 0)).toBe(true);
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

  it('takes a zoneinfo with the meminfo of the same moment alone', () => {
    const core = new PairingCore(new TraceDictionary());
    core.fact({ type: 'counters', timeNs: 5, source: 'zoneinfo', text: zones(10_000) });
    core.fact({ type: 'counters', timeNs: 5, source: 'meminfo', text: TEXT });
    expect(core.lastMeminfo?.perCpuFreeBytes).toBe(10_000 * 4096);
    core.fact({ type: 'counters', timeNs: 1e9, source: 'zoneinfo', text: 'damaged' });
    core.fact({ type: 'counters', timeNs: 1e9, source: 'meminfo', text: TEXT });
    expect(core.lastMeminfo).toMatchObject({ timeNs: 1e9, perCpuFreeBytes: null });
    expect(core.firstMeminfo?.perCpuFreeBytes).toBe(10_000 * 4096);
  });
});
