import { readFileSync } from 'node:fs';

/**
 * Returns the greatest resident memory of a program so far, in bytes (VmHWM of Linux); 0 if the
 * process is gone. VmHWM begins anew with each program. The peak of getrusage() does not: the kernel
 * carries it over exec, so it may be that of the program that started this one.
 */
export function peakRssBytes(pid: number | 'self' = 'self'): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line === null ? 0 : Number(line[1]) * 1024;
  } catch {
    return 0;
  }
}
