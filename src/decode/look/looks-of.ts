/**
 * The texts of a bundle as looks: what other tools printed becomes a text of /proc or a table, so that
 * nobody after this knows where a look comes from.
 */
import { kernelNumber } from '../../proc/kernel-release.js';
import type { Look, NotRead } from '../../proc/look.js';
import { cgroupTable } from './cgroup-table.js';
import { balloonLines, meminfoOfTools, swapsOfSwapon, sysctlTexts } from './command-texts.js';
import { bpfTable, ringTable } from './device-tables.js';
import { historyTable, sarRowsOf } from './history-table.js';
import { logText } from './log-text.js';
import { machineTable } from './machine-table.js';
import { type LookMember, NamedTexts } from './members.js';
import { openFiles } from './open-files.js';
import { ownerTable } from './owner-table.js';
import { pastedTexts, samplesOf } from './pasted.js';
import { processTable } from './process-table.js';
import { splitSections } from './sections.js';
import { mountTable, shmemTable } from './shmem-tables.js';
import { socketTable } from './socket-table.js';
import { meminfoOfCrash, vmallocinfoOfCrash, vmstatOfCrash } from './tools/crash-texts.js';
import { meminfoOfSar, swapsOfSar } from './tools/sar-meminfo.js';
import type { SarRow } from './tools/sar-rows.js';
import { slabinfoOfCrash, slabinfoOfSlabtop, slabinfoOfVmstat } from './tools/slab-text.js';

export interface BundleHead {
  source: string;
  origin: 'bundle' | 'file';
  /** When the file was written, ms; null = unknown. A date in the bundle is better. */
  timeMs: number | null;
  notRead: readonly NotRead[];
}

/** Texts that are kept as they are. */
const AS_IS =
  /^(?:proc\/(?:meminfo|vmstat|swaps|slabinfo|pagetypeinfo|vmallocinfo|zoneinfo|buddyinfo|cgroups|uptime|version|cmdline|modules|allocinfo|pressure\/memory|net\/(?:sockstat6?|netstat)|sys\/.*)|sys\/(?:kernel|block|module|devices)\/.*)$/;

/** Returns the looks of a bundle, oldest first, of a file as many as it has samples; none if its texts say nothing of memory. */
export function looksOf(members: readonly LookMember[], head: BundleHead): Look[] {
  const areFiles = members.length > 0 && members.every(({ name }) => name === 'file');
  if (!areFiles) return lookOf(new NamedTexts(members.flatMap(expanded)), head);
  const isFolder = members.length > 1;
  const files = members.map((member) => ({ member, texts: expanded(member) }));
  // What names the machine says nothing alone: it belongs to all others.
  const common = files.flatMap(({ texts }) => (texts.every(({ name }) => OF_MACHINE.test(name)) ? texts : []));
  return files.flatMap(({ member, texts }) => {
    if (isFolder && texts.every(({ name }) => OF_MACHINE.test(name))) return [];
    // Texts of a folder have times of their own.
    const own = isFolder ? { ...head, origin: 'file' as const, timeMs: member.timeMs ?? head.timeMs } : head;
    return samplesOf(texts).flatMap((each) => lookOf(new NamedTexts([...each, ...(isFolder ? common : [])]), own));
  });
}

const OF_MACHINE = /^(?:command\/(?:uname|hostname|uptime|getconf|lsb_release)(?: |$)|proc\/version$|etc\/)/;

function lookOf(texts: NamedTexts, head: BundleHead): Look[] {
  const found = new Map<string, string>();
  for (const { name, text } of texts) if (AS_IS.test(name)) found.set(name, text);
  for (const [name, text] of sysctlTexts(texts)) if (!found.has(name)) found.set(name, text);
  const machine = machineTable(texts);
  const notRead = [...head.notRead];
  const sar = sarRowsOf(texts, { localOffsetMs: machine.localOffsetMs, fileTimeMs: head.timeMs });
  const pageSize = machine.pageSize || pageSizeOf(found);
  const { meminfoBy, meminfoMs } = foreignTexts(texts, found, { pageSize, sar });
  const isShort = meminfoBy === 'sar' || found.get('proc/meminfo')?.includes('AnonPages:') === false;
  if (meminfoBy !== '' && isShort) notRead.push({ what: 'proc/meminfo', why: `only what ${meminfoBy} shows of it` });
  const total = Number(/^MemTotal: +(\d{1,13}) kB$/m.exec(found.get('proc/meminfo') ?? '')?.[1] ?? 0) * 1024;
  const open = openFiles(texts);
  const tables: Record<string, string | null> = {
    'table/processes': processTable(texts, pageSize, open),
    'table/cgroups': cgroupTable(texts),
    'table/mounts': mountTable(texts),
    'table/shmem': shmemTable(texts, open),
    'table/sockets': socketTable(texts),
    'table/rings': ringTable(texts),
    'table/bpf': bpfTable(texts),
    'table/owners': ownerTable(texts, pageSize),
    'table/history': historyTable(sar, {
      localOffsetMs: machine.localOffsetMs,
      fileTimeMs: head.timeMs,
      kernel: kernelNumber(machine.kernel),
      totalBytes: total,
      pageSize,
    }),
    'log/kernel': logText(texts),
  };
  for (const [name, text] of Object.entries(tables)) if (text !== null) found.set(name, text);
  if (![...found.keys()].some((name) => TELLING.test(name))) return [];
  found.set('table/machine', machine.table(meminfoBy));
  notRead.push(...binarySar(texts), ...missing(found, head.origin), ...cutTexts(texts));
  const timeMs = machine.timeMs ?? meminfoMs ?? texts.timeMs('proc/meminfo') ?? head.timeMs;
  return [{ timeMs, origin: head.origin, source: head.source, texts: found, notRead }];
}

/** Without one of these there is nothing to say. */
const TELLING =
  /^(?:proc\/(?:meminfo|vmstat|slabinfo|vmallocinfo|zoneinfo|buddyinfo|pagetypeinfo|allocinfo|swaps|net\/sockstat|pressure\/memory)|table\/.*|log\/kernel)$/;

function expanded(member: LookMember): LookMember[] {
  if (member.name.startsWith('sections/')) return splitSections(member) ?? [];
  return member.name === 'file' ? pastedTexts(member) : [member];
}

/**
 * Texts that other tools printed, where the kernel's own are missing. Returns the tool whose output stands
 * for /proc/meminfo, '' = none, and the time that it says.
 */
function foreignTexts(
  texts: NamedTexts,
  found: Map<string, string>,
  { pageSize, sar }: { pageSize: number; sar: readonly SarRow[] },
): { meminfoBy: string; meminfoMs: number | null } {
  const add = (name: string, text: string | null): void => {
    if (text !== null && !found.has(name)) found.set(name, text);
  };
  const slabtop = texts.command('slabtop').at(0)?.text ?? '';
  add(
    'proc/slabinfo',
    slabinfoOfCrash(texts.get('crash/kmem -s') ?? '', pageSize) ??
      slabinfoOfSlabtop(slabtop, pageSize) ??
      slabinfoOfVmstat(texts.get('command/vmstat -m') ?? '', pageSize),
  );
  add('proc/vmstat', vmstatOfCrash(texts.get('crash/kmem -V') ?? ''));
  add('proc/vmallocinfo', vmallocinfoOfCrash(texts.get('crash/kmem -v') ?? ''));
  add('proc/swaps', swapsOfSwapon(texts) ?? swapsOfSar(sar));
  const vmstat = found.get('proc/vmstat');
  if (vmstat !== undefined) found.set('proc/vmstat', vmstat + balloonLines(texts, { vmstat, pageSize }));
  if (found.has('proc/meminfo')) return { meminfoBy: '', meminfoMs: null };
  const crash = meminfoOfCrash(texts.get('crash/kmem -i') ?? '', vmstat ?? null, pageSize);
  if (crash !== null) {
    add('proc/meminfo', crash);
    return { meminfoBy: vmstat === undefined ? 'kmem -i' : 'kmem -i and -V', meminfoMs: null };
  }
  const tool = meminfoOfTools(texts);
  const history = meminfoOfSar(sar);
  add('proc/meminfo', tool?.text ?? history?.text ?? null);
  if (tool !== null) return { meminfoBy: tool.by, meminfoMs: null };
  return { meminfoBy: history === null ? '' : 'sar', meminfoMs: history?.timeMs ?? null };
}

/** A page's size where no command says it: the memory of the zones is MemTotal. */
function pageSizeOf(found: ReadonlyMap<string, string>): number {
  let pages = 0;
  for (const [, managed] of (found.get('proc/zoneinfo') ?? '').matchAll(/^ +managed +(\d{1,15})$/gm))
    pages += Number(managed);
  const total = Number(/^MemTotal: +(\d{1,13}) kB$/m.exec(found.get('proc/meminfo') ?? '')?.[1] ?? 0) * 1024;
  const size = pages === 0 ? 0 : total / pages;
  return [4096, 8192, 16_384, 65_536].find((each) => size > each * 0.9 && size < each * 1.9) ?? 4096;
}

function binarySar(texts: NamedTexts): NotRead[] {
  if (texts.startingWith('sar/').length > 0) return [];
  const [file] = texts.binaries;
  if (file === undefined) return [];
  return [
    {
      what: 'table/history',
      why: `sar's files are binary: run sar -r ALL -f ${file} where they come from, and name its output`,
    },
  ];
}

/** Texts that a bundle may have, with what its absence means to the reader of a report. */
const EXPECTED = [
  'proc/meminfo',
  'proc/zoneinfo',
  'proc/vmstat',
  'proc/slabinfo',
  'proc/vmallocinfo',
  'table/processes',
  'table/cgroups',
  'table/mounts',
  'table/shmem',
  'table/sockets',
  'table/history',
  'log/kernel',
];

function missing(found: ReadonlyMap<string, string>, origin: BundleHead['origin']): NotRead[] {
  const why = origin === 'bundle' ? 'not in the bundle' : 'not in the file';
  return EXPECTED.filter((name) => !found.has(name)).map((what) => ({ what, why }));
}

function cutTexts(texts: NamedTexts): NotRead[] {
  return [...texts]
    .filter(({ cut, name }) => cut && !name.startsWith('sa/'))
    .slice(0, 16)
    .map(({ name }) => ({ what: name, why: 'too long: only a part was read' }));
}
