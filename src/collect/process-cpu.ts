/**
 * CPU that a process costs, from /proc/PID/stat (proc(5): utime and stime, in ticks of USER_HZ). What its BPF programs
 * cost is paid by the processes that they interrupt and is not in it.
 */
import { readFileSync } from 'node:fs';

/** USER_HZ: part of the kernel's ABI, 100 on every architecture that is traced here. */
const TICKS_PER_SECOND = 100;
/** sudo, its monitor, the collector. */
const DEPTH = 3;

/** CPU seconds of a process and of those it started that still run; null when it is gone. */
export function cpuSeconds(pid: number, depth = DEPTH): number | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name in parentheses may hold spaces and parentheses; after its end come state, ppid ... utime is the 12th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  let seconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  if (!Number.isFinite(seconds)) return null;
  if (depth > 0) for (const child of childrenOf(pid)) seconds += cpuSeconds(child, depth - 1) ?? 0;
  return seconds;
}

/** Share of one core over the time between calls; 1.5 = one and a half cores. */
export class CpuMeter {
  private last: { atMs: number; seconds: number } | null = null;
  private share: number | null = null;
  private readonly everyMs: number;

  /** Calls that come sooner than `everyMs` after a look are answered from it: ticks are coarse. */
  constructor(everyMs = 1000) {
    this.everyMs = everyMs;
  }

  /** Null until there are two looks, and when the process is gone. */
  read(pid: number | null, nowMs: number): number | null {
    const { last } = this;
    if (last !== null && nowMs - last.atMs < this.everyMs) return this.share;
    const seconds = pid === null ? null : cpuSeconds(pid);
    if (seconds === null) {
      this.last = null;
      this.share = null;
      return null;
    }
    if (last !== null) this.share = Math.max(0, seconds - last.seconds) / ((nowMs - last.atMs) / 1000);
    this.last = { atMs: nowMs, seconds };
    return this.share;
  }
}

/** Empty where the kernel does not say (CONFIG_PROC_CHILDREN). */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
