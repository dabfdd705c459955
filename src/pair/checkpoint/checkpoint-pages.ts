/**
 * Which pages the blocks of LivePages hold, in a checkpoint. A block that lost no page is described
 * by its entry in the table. The other blocks follow in the order of the slots of `blocks`: first
 * their number, then for each its key, the number of runs of held pages, and for each run its
 * distance from the end of the run before and its length.
 */

import { type LivePages, MAX_ORDER, ORDER_SHIFT, PFN_HI_LIMIT } from '../live-pages.js';
import { HI, PATH, SIZE, SLOT_WORDS } from '../live-table.js';
import { REGION_SHIFT } from '../page-regions.js';
import { CheckpointError, type StateReader, type StateWriter } from './checkpoint-bytes.js';

const PFN_HI_MASK = (1 << ORDER_SHIFT) - 1;
/** Most pages that all blocks with lost pages may have: 16 GiB of 4 KiB pages. Each is checked. */
const PARTIAL_LIMIT = 2 ** 22;

/** Returns true if savePages() can save all blocks. It always can, unless the trace is damaged. */
export function canSavePages(pages: LivePages): boolean {
  let partial = 0;
  eachBlock(pages, (slot, order) => {
    if (pages.blocks.sizeAt(slot) < 1 << order) partial += 1 << order;
  });
  return partial <= PARTIAL_LIMIT && !pages.regions.crowded;
}

export function savePages(writer: StateWriter, pages: LivePages): void {
  const partial: number[] = [];
  eachBlock(pages, (slot, order) => {
    if (pages.blocks.sizeAt(slot) < 1 << order) partial.push(slot);
  });
  writer.varint(partial.length);
  for (const slot of partial) {
    const runs = runsOf(pages, slot);
    // The key, not the slot: the restored table has other slots.
    writer.varint(pages.blocks.words[slot * SLOT_WORDS + HI] >>> 0);
    writer.varint(pages.blocks.words[slot * SLOT_WORDS] >>> 0);
    writer.varint(runs.length / 2);
    for (const number of runs) writer.varint(number);
  }
}

/** Restores the pages after the table of blocks. Throws a CheckpointError. */
export function restorePages(reader: StateReader, pages: LivePages): void {
  const { blocks } = pages;
  let partial = 0;
  eachBlock(pages, (slot, order) => {
    checkBlock(pages, slot, order);
    pages.blocksOfOrder[order]++;
    if (blocks.sizeAt(slot) === 1 << order) adopt(pages, slot, 0, 1 << order);
    else partial++;
  });
  if (reader.count(4) !== partial) throw new CheckpointError('blocks that lost pages without saying which');
  const slots: number[] = [];
  for (let i = 0; i < partial; i++) slots.push(restorePartial(reader, pages));
  // Each page must belong to the smallest block around it, or a later free would be charged to another.
  let looked = 0;
  for (const slot of slots) {
    looked += 1 << orderOf(pages, slot);
    if (looked > PARTIAL_LIMIT) throw new CheckpointError('too many blocks that lost pages');
    let held = 0;
    for (const [i, number] of runsOf(pages, slot).entries()) held += i % 2 === 1 ? number : 0;
    if (held !== blocks.sizeAt(slot)) throw new CheckpointError('a page of two blocks');
  }
}

function restorePartial(reader: StateReader, pages: LivePages): number {
  const { blocks } = pages;
  const hi = reader.upTo(0xffffffff) | 0;
  const lo = reader.upTo(0xffffffff) | 0;
  const slot = blocks.locate(hi, lo);
  const limit = slot < 0 ? 0 : 1 << orderOf(pages, slot);
  let first = 0;
  let held = 0;
  for (let runs = reader.count(2); runs > 0; runs--) {
    first += reader.upTo(limit);
    const count = reader.upTo(limit);
    if (first + count > limit) throw new CheckpointError('pages beyond the end of their block');
    adopt(pages, slot, first, count);
    first += count;
    held += count;
  }
  if (slot < 0 || held !== blocks.sizeAt(slot)) throw new CheckpointError('a block of another size');
  return slot;
}

/** Returns the distance and length of each run of pages that a block still holds. */
function runsOf(pages: LivePages, slot: number): number[] {
  const { words } = pages.blocks;
  const { bits } = pages.regions;
  const hi = words[slot * SLOT_WORDS + HI] & PFN_HI_MASK;
  const runs: number[] = [];
  let end = 0;
  for (let page = 0; page < 1 << orderOf(pages, slot); page++) {
    const lo = (words[slot * SLOT_WORDS] + page) | 0;
    const base = pages.regions.find((hi << 23) | (lo >>> REGION_SHIFT));
    const word = base + ((lo >>> 4) & 30);
    const bit = 1 << (lo & 31);
    // Even words are for single pages, odd words for pages of blocks.
    if (base < 0 || (bits[word + 1] & bit) === 0 || pages.ownerOf(hi, lo, false) !== slot) continue;
    if (page === end && runs.length > 0) runs[runs.length - 1]++;
    else runs.push(page - end, 1);
    end = page + 1;
  }
  return runs;
}

function checkBlock(pages: LivePages, slot: number, order: number): void {
  const at = slot * SLOT_WORDS;
  const { words } = pages.blocks;
  const isBlock = order <= MAX_ORDER && (words[at + HI] & PFN_HI_MASK) < PFN_HI_LIMIT;
  const aligned = (words[at] & ((1 << order) - 1)) === 0;
  const holds = words[at + SIZE] > 0 && words[at + SIZE] <= 1 << order;
  if (!isBlock || !aligned || !holds) throw new CheckpointError('a block that no allocator gives');
}

/** Marks pages [first, first + count) of a block as held. */
function adopt(pages: LivePages, slot: number, first: number, count: number): void {
  const { regions } = pages;
  const { words } = pages.blocks;
  const hi = words[slot * SLOT_WORDS + HI] & PFN_HI_MASK;
  const plane = orderOf(pages, slot) === 0 ? 0 : 1;
  const end = first + count;
  for (let page = first; page < end; ) {
    const lo = (words[slot * SLOT_WORDS] + page) | 0;
    const base = regions.findOrAdd((hi << 23) | (lo >>> REGION_SHIFT));
    const word = base + ((lo >>> 4) & 30);
    // The pages whose bits are in this word.
    const inWord = Math.min(32 - (lo & 31), end - page);
    const mask = inWord === 32 ? -1 : ((1 << inWord) - 1) << (lo & 31);
    if (base < 0 || ((regions.bits[word] | regions.bits[word + 1]) & mask) !== 0) {
      throw new CheckpointError('a page that is held twice');
    }
    regions.bits[word + plane] |= mask;
    page += inWord;
  }
}

function orderOf(pages: LivePages, slot: number): number {
  return pages.blocks.words[slot * SLOT_WORDS + HI] >>> ORDER_SHIFT;
}

function eachBlock(pages: LivePages, visit: (slot: number, order: number) => void): void {
  const { words, slots } = pages.blocks;
  for (let slot = 0; slot < slots; slot++) {
    if (words[slot * SLOT_WORDS + PATH] !== 0) visit(slot, orderOf(pages, slot));
  }
}
