/**
 * forgetUnsampled: the sample has become smaller, so the frees of addresses outside it will not be
 * sent. Their allocations are taken out of the tables, and their allocs out of the counts, as if
 * they had never been traced; they are not counted as freed, because that is not known. Lifetimes
 * and the numbers of events and frees do not change.
 *
 * This is rare, so it uses ordinary frees and then takes back what they counted; the loop over
 * events needs no code for it.
 */
import { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import { ADDRESS_SPACES, ALLOCATOR_COUNT, FREE_BIT, isInPages } from '../event/kinds.js';
import { isSampled } from '../event/sampling.js';
import type { EventPairing } from './event-pairing.js';
import { ORDER_SHIFT } from './live-pages.js';
import { HI, LO, PATH, SLOT_WORDS } from './live-table.js';
import { ALLOC_COUNT, ALLOC_SIZE, FREE_COUNT, LIVE, PATH_STATS } from './path-table.js';

/** A kind of free for each address space: its first. */
const FREE_KINDS = ADDRESS_SPACES.map(({ kinds }) => kinds.find(([kind]) => (kind & FREE_BIT) !== 0)?.[0] ?? 0);
const PFN_HI_MASK = (1 << ORDER_SHIFT) - 1;

/** What was taken out, in bytes and in pages and objects. */
export interface Forgotten {
  bytes: number;
  count: number;
}

/** The sample that is left, and the size of a page. */
export type SmallerSample = Pick<HostFacts, 'sampleOneIn' | 'sampleSeed' | 'pageSize'>;

export function forgetUnsampled(pairing: EventPairing, sample: SmallerSample): Forgotten {
  const { paths } = pairing;
  const { lifetimes } = paths;
  const stats = paths.stats.slice();
  const bars = Array.from({ length: lifetimes.size }, (_, i) => lifetimes.barsOf(i + 1));
  const { eventCount, freeEvents, orphanFrees, orphanPages, orphanObjects } = pairing;
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    // Ranges of processes are all traced, whatever the sample.
    if (ADDRESS_SPACES[allocator].key === 'range') continue;
    pairing.events(freesOf(pairing, sample, allocator));
  }
  const forgotten = { bytes: 0, count: 0 };
  for (let row = 1; row <= paths.size; row++) {
    const at = row * PATH_STATS;
    const count = paths.stats[at + FREE_COUNT] - stats[at + FREE_COUNT];
    if (count === 0) continue;
    const size = stats[at + LIVE] - paths.stats[at + LIVE];
    paths.stats[at + FREE_COUNT] -= count;
    paths.stats[at + ALLOC_COUNT] -= count;
    paths.stats[at + ALLOC_SIZE] -= size;
    forgotten.bytes += size * (isInPages(paths.allocator[row]) ? sample.pageSize : 1);
    forgotten.count += count;
  }
  for (let row = 1; row <= lifetimes.size; row++) lifetimes.restoreBars(row, bars[row - 1] ?? NO_BARS);
  Object.assign(pairing, { eventCount, freeEvents, orphanFrees, orphanPages, orphanObjects });
  return forgotten;
}

/** Returns a free for each entry of an allocator's table that is outside the sample. */
function freesOf(pairing: EventPairing, { sampleOneIn, sampleSeed }: SmallerSample, allocator: number): EventBatch {
  const { words, slots, size } = pairing.tableOf(allocator);
  const isPfn = ADDRESS_SPACES[allocator].key === 'pfn';
  const batch = new EventBatch(Math.max(1, size));
  for (let slot = 0; slot < slots; slot++) {
    const at = slot * SLOT_WORDS;
    if (words[at + PATH] === 0) continue;
    const lo = words[at + LO] >>> 0;
    const key = words[at + HI] >>> 0;
    const hi = isPfn ? key & PFN_HI_MASK : key;
    if (isSampled(allocator, hi, lo, sampleOneIn, sampleSeed)) continue;
    const row = batch.length++;
    batch.timeNs[row] = pairing.nowNs;
    batch.kind[row] = FREE_KINDS[allocator];
    batch.addrHi[row] = hi;
    batch.addrLo[row] = lo;
    batch.size[row] = isPfn ? 2 ** (key >>> ORDER_SHIFT) : 0;
    for (const column of [batch.bytesReq, batch.stackId, batch.pid, batch.commId, batch.cacheId]) column[row] = 0;
  }
  return batch;
}

const NO_BARS = new Float64Array(64);
