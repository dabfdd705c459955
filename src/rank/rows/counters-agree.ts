/**
 * CountersAgree: whether the kernel's own counters have risen with what a call path holds. Weaker
 * than `confirmed` (rank/trust), which bounds how much of a row can be false: few objects never stand
 * out from what slabinfo counts too much on each CPU. Here it is enough that the count rose as much.
 */
import { SLAB } from '../../event/kinds.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { MISSED_COUNT, PATH_STATS } from '../../pair/path-table.js';
import { SHARE_WORDS, type SlabGroup, UNMATCHED } from '../../pair/slab-balance.js';
import type { Reliability } from '../trust/reliability.js';
import { FEWEST_POINTS } from '../verdict/history.js';

/** Enough points where the counters rose with it; and where they do not contradict, and no free was missed. */
const FEWEST_AGREED = 8;
const FEWEST_UNMISSED = 12;
/** A cache's count rose by at least this share of the rise of what is held of it. */
const AGREES = 3 / 4;

export class CountersAgree {
  private readonly core: PairingCore;
  private readonly reliability: Reliability;
  /** By row: 1 = all its objects are of caches that agree; 2 = some are not. */
  private readonly slab: Uint8Array;

  constructor(core: PairingCore, reliability: Reliability) {
    this.core = core;
    this.reliability = reliability;
    const { slabBalance, paths } = core;
    this.slab = new Uint8Array(paths.size + 1);
    if (slabBalance.samples < 2) return;
    const agree = slabBalance.groups.map(hasRisen);
    const { shares } = slabBalance;
    for (let i = 0; i < shares.length; i += SHARE_WORDS) {
      const [row, group] = [shares[i], shares[i + 1]];
      if (row > paths.size || paths.allocator[row] !== SLAB || this.slab[row] === 2) continue;
      this.slab[row] = group !== UNMATCHED && agree[group] ? 1 : 2;
    }
  }

  /** Points of its curve that are enough for a verdict on a row. */
  fewestPoints(row: number): number {
    const { paths } = this.core;
    if (paths.stats[row * PATH_STATS + MISSED_COUNT] > 0) return FEWEST_POINTS;
    if (paths.allocator[row] === SLAB && this.slab[row] === 1) return FEWEST_AGREED;
    const state = this.reliability.state(row);
    return state === 'confirmed' ? FEWEST_AGREED : state === 'plausible' ? FEWEST_UNMISSED : FEWEST_POINTS;
  }
}

function hasRisen({ active, activeAtStart, held, heldAtStart }: SlabGroup): boolean {
  const rise = held - heldAtStart;
  return rise > 0 && active - activeAtStart >= rise * AGREES;
}
