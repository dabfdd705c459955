/**
 * E0: what MemTotal lacks of the memory that the machine has. MemTotal is what the page allocator was
 * given (Σ managed of the zones); the rest of the pages that exist (Σ present) was kept at boot, or taken
 * off again by a balloon. Blocks that are offline are in no zone. Some machines count memory in MemTotal
 * that is not plugged in yet: no zone has it either.
 */
import type { Facts } from './facts.js';
import type { EquationTerm } from './report.js';

/** sizeof(struct page) of 64-bit kernels. */
const PAGE_RECORD_BYTES = 64;

/** Returns the parts that are not 0; empty without a zoneinfo. They are no terms of MemTotal. */
export function outsideTotal({ outside, zones, account, machine }: Facts): EquationTerm[] {
  if (outside === null || zones === null) return [];
  const managed = zones.reduce((sum, zone) => sum + zone.managed, 0) * machine.pageSize;
  const unplugged = account?.unpluggedBytes ?? 0;
  // Pages that are not plugged in yet are present already, or in no zone at all.
  const kept = Math.max(0, outside.presentBytes - managed - unplugged);
  const records = Math.min(kept, (outside.presentBytes / machine.pageSize) * PAGE_RECORD_BYTES);
  const balloon = Math.min(outside.balloonBytes, kept - records);
  const crash = Math.min(outside.crashkernelBytes, kept - records - balloon);
  const chunk = Math.min(outside.firstChunkBytes, kept - records - balloon - crash);
  const parts: EquationTerm[] = [
    { term: 'records of pages', bytes: records, source: 'present of /proc/zoneinfo, 64 bytes for each page' },
    {
      term: BALLOON,
      bytes: balloon,
      source: 'Balloon of /proc/meminfo, or balloon_inflate - balloon_deflate of /proc/vmstat',
    },
    { term: 'crash kernel', bytes: crash, source: '/sys/kernel/kexec_crash_size' },
    { term: 'first percpu chunk', bytes: chunk, source: "the kernel's log, or debugfs percpu_stats" },
    {
      term: KEPT,
      bytes: kept - records - balloon - crash - chunk,
      source: 'present - managed of /proc/zoneinfo, less all above and below',
    },
    { term: 'offline blocks', bytes: outside.offlineBytes ?? 0, source: '/sys/devices/system/memory/memory*/state' },
    { term: UNPLUGGED, bytes: unplugged, source: 'MemTotal - managed of /proc/zoneinfo' },
  ];
  return parts.filter(({ bytes }) => bytes > 0);
}

export const BALLOON = 'taken by a balloon';
/** Code and data of the kernel, its hash tables, initrd, firmware. */
export const KEPT = 'kept at boot';
/** In MemTotal and in MemFree, but not there. */
export const UNPLUGGED = 'not plugged in yet';
