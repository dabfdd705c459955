/** What the screen can say of this machine before the collector has said anything. */
import { readFileSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { meminfoLines } from '../../proc/meminfo.js';
import type { StartingStatus } from '../trace-session.js';

/** Returns names and sizes of this machine; sizes are 0 where /proc/meminfo cannot be read. */
export function thisMachine(): NonNullable<StartingStatus['machine']> {
  let text = '';
  try {
    text = readFileSync('/proc/meminfo', 'utf8');
  } catch {
    // The start says what it needs; this is only the first look.
  }
  return { hostname: hostname(), kernel: release(), ...memoryOf(text) };
}

/** Returns the two sizes of a meminfo, in bytes; 0 = the line is not there. */
export function memoryOf(meminfo: string): { totalBytes: number; availableBytes: number } {
  const lines = meminfoLines(meminfo);
  const of = (name: string): number => (lines?.get(name) ?? 0) * 1024;
  return { totalBytes: of('MemTotal'), availableBytes: of('MemAvailable') };
}
