/**
 * Returns the facts of a look, from its texts and tables alone: live or from a bundle, whole or with
 * one text only. What a look does not have is null. Never throws, whatever the texts hold.
 */

import { parseCensusReport } from '../census/parse-report.js';
import { CENSUS_TEXT } from '../census/report.js';
import { kernelNumber } from '../proc/kernel-release.js';
import { parseKernelLog } from '../proc/log/log-facts.js';
import type { Look } from '../proc/look.js';
import {
  dmabufTotal,
  memoryCgroups,
  oneNumber,
  parseDentryState,
  parsePressure,
  vmstatLines,
} from '../proc/machine/counters.js';
import { debuggingOf } from '../proc/machine/debugging.js';
import { cmaAreas, ttmPoolBytes } from '../proc/machine/device-pools.js';
import { parseBuddyinfo, parsePagetypeinfo } from '../proc/machine/free-blocks.js';
import { hugepagesOf } from '../proc/machine/hugepages.js';
import { parseSlabRows } from '../proc/machine/slab-rows.js';
import { sumSockstats } from '../proc/machine/sockstat.js';
import { parseSwaps, parseZram } from '../proc/machine/swap.js';
import { parseVmallocinfo, vmallocBytes } from '../proc/machine/vmalloc-areas.js';
import { parseZones } from '../proc/machine/zones.js';
import { meminfoLines } from '../proc/meminfo.js';
import {
  type AccountedMachine,
  type AccountedTexts,
  type MemoryAccount,
  memoryAccount,
} from '../proc/memory-account.js';
import { parseZoneinfo } from '../proc/zoneinfo.js';
import type { Facts, Reading, ZramFacts } from './facts.js';
import { censusOf, limitsOf } from './gather-limits.js';
import { accountedMachine, machineOf, outsideOf } from './gather-machine.js';
import * as tables from './gather-tables.js';

type Texts = ReadonlyMap<string, string>;

/** /proc/modules: a line a module, its name first. */
function moduleNames(text: string): string[] {
  return [...text.slice(0, 1 << 20).matchAll(/^([\w-]{1,64}) \d/gm)].map(([, name]) => name);
}

export function gatherFacts(look: Look): Facts {
  const { texts } = look;
  const meminfo = parsed(texts, 'proc/meminfo', meminfoLines);
  const zones = parsed(texts, 'proc/zoneinfo', parseZones);
  const vmstat = parsed(texts, 'proc/vmstat', vmstatLines);
  const machine = machineOf(texts, { meminfo, zones });
  const accounted = accountedMachine(texts, machine);
  const areas = parsed(texts, 'proc/vmallocinfo', (text) => parseVmallocinfo(text, machine.pageSize));
  const hugepages = hugepagesOf(texts, meminfo);
  const beside: Beside = {
    areasBytes: areas === null ? null : vmallocBytes(areas),
    hugetlbBytes: hugepages?.reduce((sum, { sizeBytes, total }) => sum + sizeBytes * total, 0) ?? null,
  };
  const timeNs = Math.max(0, look.timeMs ?? 0) * 1_000_000;
  const sockstat = tables.sockstatOf(texts) ?? sockstatTexts(texts);
  const facts: Facts = {
    timeMs: look.timeMs,
    machine,
    meminfo,
    vmstat,
    account: accountOf(texts, '', timeNs, accounted, beside),
    readings: readingsOf(texts, timeNs, accounted, beside),
    zones,
    outside: outsideOf(texts, { zones, meminfo, vmstat, accounted }),
    modules: parsed(texts, 'proc/modules', moduleNames),
    buddies: parsed(texts, 'proc/buddyinfo', parseBuddyinfo),
    blockTypes: parsed(texts, 'proc/pagetypeinfo', parsePagetypeinfo),
    caches: parsed(texts, 'proc/slabinfo', parseSlabRows),
    areas,
    swaps: parsed(texts, 'proc/swaps', parseSwaps),
    pressure: parsed(texts, 'proc/pressure/memory', parsePressure),
    zram: zramOf(texts),
    hugepages,
    ksm: ksmOf(texts),
    processes: tables.processesOf(texts),
    mappings: tables.mappingsOf(texts),
    cgroups: tables.cgroupsOf(texts),
    memoryCgroups: parsed(texts, 'proc/cgroups', memoryCgroups),
    mounts: tables.mountsOf(texts),
    shmem: tables.shmemOf(texts),
    sockstat,
    sockets: tables.socketsOf(texts),
    limits: null,
    census: null,
    dentries: parsed(texts, 'proc/sys/fs/dentry-state', (text) =>
      parseDentryState(text, kernelNumber(machine.kernel) >= 5000),
    ),
    dmabuf: parsed(texts, 'sys/kernel/debug/dma_buf/bufinfo', dmabufTotal),
    cma: cmaAreas(texts, machine.pageSize),
    ttmPoolBytes: ttmPoolBytes(texts, machine.pageSize),
    rings: tables.ringsOf(texts),
    bpf: tables.bpfOf(texts),
    owners: tables.ownersOf(texts),
    log: parsed(texts, 'log/kernel', (text) => parseKernelLog(text, machine.pageSize)),
    pages: parsed(texts, CENSUS_TEXT, parseCensusReport),
    history: tables.historyOf(texts),
    debugging: debuggingOf(texts),
    notWhole: look.notRead.map(({ what }) => what),
  };
  return { ...facts, limits: limitsOf(texts, facts), census: censusOf(texts, facts) };
}

/** Returns what a parser makes of a text; null if there is none. */
function parsed<T>(texts: Texts, name: string, parse: (text: string) => T | null): T | null {
  const text = texts.get(name);
  return text === undefined ? null : parse(text);
}

/** What other texts know of the equation, where meminfo lacks it. */
type Beside = Pick<AccountedTexts, 'areasBytes' | 'hugetlbBytes'>;

/** Returns the account of 'proc/meminfo' and 'proc/zoneinfo', or of a later reading: `suffix` '#1'. */
function accountOf(
  texts: Texts,
  suffix: string,
  timeNs: number,
  machine: AccountedMachine,
  beside: Beside,
): MemoryAccount | null {
  const meminfo = parsed(texts, `proc/meminfo${suffix}`, meminfoLines);
  // What free or crash shows of it lacks most lines: their memory is no gap.
  if (meminfo === null || !meminfo.has('AnonPages')) return null;
  const zoneinfo = texts.get(`proc/zoneinfo${suffix}`);
  // A balloon's counts are in vmstat alone; the short text of a recording has both.
  const balloon = /^balloon_(?:in|de)flate \d{1,16}$/gm;
  const lines = (texts.get('proc/vmstat') ?? '').slice(0, 65536).match(balloon) ?? [];
  const zones = zoneinfo === undefined ? null : parseZoneinfo(`${lines.join('\n')}\n${zoneinfo}`);
  return memoryAccount(timeNs, { meminfo, zones, ...beside }, machine);
}

const READING_LIMIT = 64;

function readingsOf(texts: Texts, timeNs: number, machine: AccountedMachine, beside: Beside): Reading[] {
  const readings: Reading[] = [];
  for (let index = 1; index <= READING_LIMIT; index++) {
    const meminfo = parsed(texts, `proc/meminfo#${index}`, meminfoLines);
    const account = accountOf(texts, `#${index}`, timeNs, machine, beside);
    if (meminfo === null || account === null) break;
    readings.push({ uptimeSeconds: uptimeOf(texts.get(`proc/uptime#${index}`)), meminfo, account });
  }
  return readings;
}

function uptimeOf(text: string | undefined): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)(?: |$)/.exec(text ?? '');
  return match === null ? null : Number(match[1]);
}

function zramOf(texts: Texts): ZramFacts[] | null {
  const devices: ZramFacts[] = [];
  for (const [name, text] of texts) {
    const match = /^sys\/block\/(zram\d{1,4})\/mm_stat$/.exec(name);
    const facts = match === null ? null : parseZram(match[1], text);
    if (facts !== null) devices.push(facts);
  }
  return devices.length === 0 ? null : devices;
}

function ksmOf(texts: Texts): { pagesShared: number; pagesSharing: number } | null {
  const pagesShared = oneNumber(texts.get('sys/kernel/mm/ksm/pages_shared'));
  const pagesSharing = oneNumber(texts.get('sys/kernel/mm/ksm/pages_sharing'));
  return pagesShared === null || pagesSharing === null ? null : { pagesShared, pagesSharing };
}

/** A look without the table has the texts of one network namespace. */
function sockstatTexts(texts: Texts): ReadonlyMap<string, number> | null {
  return sumSockstats([texts.get('proc/net/sockstat') ?? '', texts.get('proc/net/sockstat6') ?? '']);
}
