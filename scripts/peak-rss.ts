import { readFileSync } from 'node:fs';

/**
 * Returns the greatest resident memory of this program so far, in bytes. The VmHWM of Linux begins
 * anew with each program; getrusage() keeps the peak of the program that started this one (the
 * bundler of run-ts.mjs), because the kernel carries it over exec.
 */
export function peakRssBytes(): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return line === null ? Number.NaN : Number(line[1]) * 1024;
}
