/** What machine a look is of: from its table, else from what its texts give away. */

import { cellNumber, tableRows } from '../proc/look-tables.js';
import { oneNumber } from '../proc/machine/counters.js';
import { percpuFirstChunk } from '../proc/machine/percpu.js';
import { cpusOfZoneinfo } from '../proc/machine/zones.js';
import type { MeminfoLines } from '../proc/meminfo.js';
import type { AccountedMachine } from '../proc/memory-account.js';
import type { MachineFacts, OutsideFacts, ZoneFacts } from './facts.js';

type Texts = ReadonlyMap<string, string>;

export function machineOf(
  texts: Texts,
  read: { meminfo: MeminfoLines | null; zones: ZoneFacts[] | null },
): MachineFacts {
  const row = tableRows('table/machine', texts.get('table/machine')).at(0);
  const cell = (name: keyof NonNullable<typeof row>): string => row?.[name] ?? '';
  const version = (texts.get('proc/version') ?? '').slice(0, 1024);
  return {
    hostname: cell('hostname') || (texts.get('proc/sys/kernel/hostname') ?? '').slice(0, 256).trim(),
    kernel: cell('kernel') || (/^Linux version (\S{1,128}) /.exec(version)?.[1] ?? ''),
    arch: cell('arch'),
    distribution: cell('distribution'),
    pageSize: pageSizeOf(cellNumber(cell('pageSize')), read),
    cpus: cellNumber(cell('cpus')) ?? cpusOfZoneinfo(texts.get('proc/zoneinfo') ?? ''),
    nodes: new Set((read.zones ?? []).filter(({ present }) => present > 0).map(({ node }) => node)).size,
    uptimeSeconds:
      cellNumber(cell('uptimeSeconds')) ?? cellNumber((texts.get('proc/uptime') ?? '').slice(0, 32).split(' ')[0]),
    totalBytes: (read.meminfo?.get('MemTotal') ?? 0) * 1024,
    // gVisor and other sandboxes write no Slab line; each Linux since 2.6.16 does, unless the text is cut.
    meminfoBy:
      cell('meminfoBy') ||
      (read.meminfo?.has('Slab') === false && read.meminfo.has('AnonPages') ? 'sandbox' : 'kernel'),
  };
}

/** Returns what the equation needs to know of it. */
export function accountedMachine(texts: Texts, machine: MachineFacts): AccountedMachine {
  const row = tableRows('table/machine', texts.get('table/machine')).at(0);
  return {
    kernel: machine.kernel,
    arch: machine.arch,
    pageSize: machine.pageSize,
    percpuFirstChunkBytes: Math.max(
      0,
      cellNumber(row?.percpuFirstChunk ?? '') || percpuFirstChunk(texts, machine.pageSize, machine.cpus),
    ),
    balloonInTotal: row?.balloonInTotal === '1',
  };
}

/** Returns what MemTotal lacks of the machine's memory; null without a zoneinfo. */
export function outsideOf(
  texts: Texts,
  read: {
    zones: ZoneFacts[] | null;
    meminfo: MeminfoLines | null;
    vmstat: ReadonlyMap<string, number> | null;
    accounted: AccountedMachine;
  },
): OutsideFacts | null {
  const { zones, meminfo, vmstat, accounted } = read;
  if (zones === null) return null;
  const row = tableRows('table/machine', texts.get('table/machine')).at(0);
  const of = (name: string): number => vmstat?.get(name) ?? 0;
  const ballooned = Math.max(0, of('balloon_inflate') - of('balloon_deflate')) * accounted.pageSize;
  const known = meminfo?.get('Balloon');
  return {
    presentBytes: zones.reduce((sum, { present }) => sum + present, 0) * accounted.pageSize,
    balloonBytes: accounted.balloonInTotal ? 0 : known === undefined ? ballooned : known * 1024,
    crashkernelBytes: oneNumber(texts.get('sys/kernel/kexec_crash_size')) ?? 0,
    firstChunkBytes: accounted.percpuFirstChunkBytes,
    offlineBytes: cellNumber(row?.offlineBytes ?? ''),
  };
}

/** The sizes that Linux has. */
const PAGE_SIZES = [4096, 8192, 16384, 65536, 262_144];

/** Returns the size of a page, found by comparing MemTotal with the pages of the zones if no table says it. */
function pageSizeOf(
  told: number | null,
  { meminfo, zones }: { meminfo: MeminfoLines | null; zones: ZoneFacts[] | null },
): number {
  if (told !== null && PAGE_SIZES.includes(told)) return told;
  const managed = (zones ?? []).reduce((sum, zone) => sum + zone.managed, 0);
  const size = managed === 0 ? 0 : ((meminfo?.get('MemTotal') ?? 0) * 1024) / managed;
  // MemTotal may be larger than the zones by memory that is not plugged in yet.
  return PAGE_SIZES.find((each) => size > each * 0.9 && size < each * 1.9) ?? 4096;
}
