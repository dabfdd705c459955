/**
 * CPU time of a process, from /proc/PID/stat (proc(5): utime and stime, in ticks of USER_HZ). The
 * time of its BPF programs is not included: the processes that they interrupt pay it.
 */
import { readFileSync } from 'node:fs';

/** USER_HZ: part of the kernel's ABI, 100 on every architecture that can be traced here. */
const TICKS_PER_SECOND = 100;
/** Levels of processes: sudo, its monitor, the collector. */
const DEPTH = 3;

/** Returns the CPU seconds of a process and of those it started that still run; null if it is gone. */
export function cpuSeconds(pid: number, depth = DEPTH): number | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name in parentheses may contain spaces and parentheses. After it come state, ppid ...;
  // utime is the 12th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  let seconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  if (!Number.isFinite(seconds)) return null;
  if (depth > 0) for (const child of childrenOf(pid)) seconds += cpuSeconds(child, depth - 1) ?? 0;
  return seconds;
}

/** CpuMeter: CPU time as a share of one core between two calls; 1.5 = one and a half cores. */
export class CpuMeter {
  private last: { atMs: number; seconds: number } | null = null;
  private share: number | null = null;
  private readonly everyMs: number;

  /** A call sooner than `everyMs` after the last reading repeats its result, because ticks are coarse. */
  constructor(everyMs = 1000) {
    this.everyMs = everyMs;
  }

  /** Returns the share; null before the second reading, and if the process is gone. */
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

/** Returns the pids of the children; none if the kernel does not list them (CONFIG_PROC_CHILDREN). */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
