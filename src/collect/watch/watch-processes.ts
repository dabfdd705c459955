/** What is read of this machine again and again while a screen shows it: processes with swap, and the mappings of one. */
import type { Look } from '../../proc/look.js';
import { type MappingsFacts, SmapsReader } from '../../proc/process/smaps.js';
import { textPieces, whyNot } from '../look/kernel-files.js';
import { LookBuilder } from '../look/look-builder.js';
import { readStatuses, tellProcesses } from '../look/process-tables.js';

export interface WatchOptions {
  deadlineMs: number;
  /** A clock that never goes back, ms; performance.now() if absent. */
  now?: () => number;
  /** Wall clock, ms since 1970; Date.now() if absent. */
  wall?: () => number;
}

/** Returns a look of processes and swap alone. */
export async function readProcesses({
  deadlineMs,
  now = () => performance.now(),
  wall = () => Date.now(),
}: WatchOptions): Promise<Look> {
  const look = new LookBuilder({ now, deadlineMs, root: process.geteuid?.() === 0 });
  const timeMs = wall();
  look.keepIfThere('/proc/swaps');
  tellProcesses(look, await readStatuses(look), new Map());
  return { timeMs, origin: 'live', source: 'this machine', texts: look.texts, notRead: look.notRead };
}

/**
 * Reads the mappings of a process from its smaps, which walks all of its page tables: in pieces, between which other work
 * gets its turn. `why` = why there are none, or not all.
 */
export async function readMappings(
  pid: number,
  { deadlineMs, now = () => performance.now() }: WatchOptions,
): Promise<{ mappings: MappingsFacts | null; why: string }> {
  const look = new LookBuilder({ now, deadlineMs, root: true });
  const reader = new SmapsReader();
  let why = '';
  try {
    for (const text of textPieces(`/proc/${pid}/smaps`)) {
      reader.push(text);
      await look.pause();
      if (look.isOver()) {
        why = 'it took too long: the sums are of the first mappings alone';
        break;
      }
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    return { mappings: null, why: code === 'ENOENT' || code === 'ESRCH' ? 'it has ended' : whyNot(error) };
  }
  const mappings = reader.end();
  // A kernel thread, or a zombie.
  return mappings.count === 0 ? { mappings: null, why: 'it has none' } : { mappings, why };
}
