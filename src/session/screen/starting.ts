/**
 * What the screen can say of this machine before the collector has said anything: its names, its memory, and whether much
 * of it is gone already.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arch, hostname, release } from 'node:os';
import { meminfoLines } from '../../proc/meminfo.js';
import { memoryAccount } from '../../proc/memory-account.js';
import { parseZoneinfo } from '../../proc/zoneinfo.js';
import { beforeText } from '../../rank/answer/before.js';
import type { TriageReport } from '../../triage/report.js';
import { isUrgent } from '../../triage/words.js';
import { pageSize } from '../live/page-size.js';
import type { FirstLook, StartingMachine } from '../trace-session.js';

/** The texts that the memory of a machine is known by; '' = it cannot be read. */
export interface MemoryTexts {
  meminfo: string;
  /** With the lines of /proc/vmstat that the equation needs, where a balloon is still in MemTotal. */
  zoneinfo: string;
}

/** Returns names and memory of this machine. */
export function thisMachine(): StartingMachine {
  // The collectors read the two in this order too.
  let zoneinfo = readText('/proc/zoneinfo');
  const meminfo = readText('/proc/meminfo');
  const balloonInTotal = isBalloonInTotal();
  if (balloonInTotal) zoneinfo += readText('/proc/vmstat');
  const kernel = release();
  const facts = { kernel, arch: kernelArch(), pageSize: pageSize(), percpuFirstChunkBytes: 0, balloonInTotal };
  return { hostname: hostname(), kernel, ...memoryOf({ meminfo, zoneinfo }, facts) };
}

/**
 * Returns the sizes, in bytes, by the one equation of the gap (proc/memory-account.ts). The first percpu chunk stands in
 * the kernel's log, which is long to read: until the collector has read it, the gap is too small by that.
 */
export function memoryOf(
  { meminfo, zoneinfo }: MemoryTexts,
  facts: Parameters<typeof memoryAccount>[2],
): Pick<StartingMachine, 'totalBytes' | 'availableBytes' | 'gapBytes'> {
  const lines = meminfoLines(meminfo);
  if (lines === null) return { totalBytes: 0, availableBytes: 0, gapBytes: null };
  const zones = parseZoneinfo(zoneinfo);
  const { totalBytes, unaccountedBytes } = memoryAccount(0, { meminfo: lines, zones }, facts);
  return {
    totalBytes,
    availableBytes: (lines.get('MemAvailable') ?? 0) * 1024,
    // Without a zoneinfo the free pages on per-CPU lists are in it.
    gapBytes: zones === null ? null : unaccountedBytes,
  };
}

/** Returns what the gap alone says at once, before the machine was looked at; null where the gap is usual. */
export function gapLook({ totalBytes, gapBytes }: StartingMachine): FirstLook | null {
  const text = gapBytes === null ? null : beforeText(gapBytes, totalBytes);
  return text === null ? null : { text, abnormal: true };
}

/**
 * Returns the first look in a sentence: what triage found first, or that nothing is abnormal. `elapsedMs` is how long
 * after the start of the program it came.
 */
export function firstLook({ findings, machine }: TriageReport, elapsedMs: number): FirstLook {
  const finding = findings.find(isUrgent);
  if (finding !== undefined) return { text: finding.text, abnormal: true };
  const at = `First look, ${(elapsedMs / 1000).toFixed(1)}s`;
  const isKnown = machine.totalBytes > 0;
  return {
    text: isKnown
      ? `${at}: nothing abnormal before the trace.`
      : `${at}: the memory of this machine could not be read.`,
    abnormal: false,
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The start says what it needs; this is only the first look.
    return '';
  }
}

/** uname -m of machines whose name Node spells in another way, as far as the equation asks for it. */
function kernelArch(): string {
  return arch() === 'ia32' ? 'i686' : arch();
}

const VIRTIO = '/sys/bus/virtio/devices';
const VIRTIO_ID_BALLOON = '0x0005';
const DEFLATE_ON_OOM = 2;

/** True if pages that a balloon gave to the host are still in MemTotal; by the rules of bpf/kernel/memory-facts.c. */
function isBalloonInTotal(): boolean {
  if (readText('/sys/class/dmi/id/sys_vendor').startsWith('VMware')) return existsSync('/sys/module/vmw_balloon');
  const balloon = namesIn(VIRTIO).find((name) => readText(`${VIRTIO}/${name}/device`).startsWith(VIRTIO_ID_BALLOON));
  // One digit a feature, the first is number 0.
  return balloon !== undefined && readText(`${VIRTIO}/${balloon}/features`)[DEFLATE_ON_OOM] === '1';
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
