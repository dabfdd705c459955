/** Rows that nobody holds who still lives. */
import { ALLOCATOR_COUNT } from '../../event/kinds.js';
import { PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { HeldTable } from './held-table.js';

const LIVES = 2;

/** Returns by row: 1 = it holds something, and each process that took it has ended; 0 = not, or it is not known. */
export function rowsOfGone(core: PairingCore): Uint8Array {
  const found = new Uint8Array(core.paths.size + 1);
  if (!core.lives.known) return found;
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    const held = new HeldTable(core, allocator);
    const { words } = held.table;
    held.each((slot, row) => {
      // Most rows are decided by the first that lives.
      if (found[row] === LIVES) return;
      const isGone = core.lives.isGone(words[slot * SLOT_WORDS + PID] & PID_MASK, held.timeNsAt(slot));
      found[row] = isGone ? 1 : LIVES;
    });
  }
  for (let row = 0; row < found.length; row++) if (found[row] === LIVES) found[row] = 0;
  return found;
}
