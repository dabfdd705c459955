/** Looks at this machine for `unfreed triage`. */
import { readLook, readLooks } from '../../collect/look/read-look.js';
import type { Look } from '../../proc/look.js';
import type { TriageFlags } from '../options/flags.js';
import { censusBeside } from './census-beside.js';

/** Between the two looks of a single run: long enough for the noise of counters, short enough to wait for. */
const BETWEEN_MS = 1500;

/** One look, and without --quick a second one of counters, for pace and noise, and a census if a finding asks for it. */
export async function looksHere({ quick, json }: Pick<TriageFlags, 'quick' | 'json'>): Promise<Look[]> {
  if (process.stderr.isTTY && !json) process.stderr.write('looking at this machine ...\r');
  return quick ? [await readLook({ smaps: false })] : readLooks({ intervalMs: BETWEEN_MS, between: censusBeside });
}
