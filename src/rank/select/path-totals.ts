/**
 * PathTotals: the outstanding memory of each call path that passes a selection. It comes from the
 * core's running totals where they can answer; otherwise from one walk over all outstanding
 * allocations.
 */
import { ALLOCATOR_COUNT, ALLOCATOR_NAMES } from '../../event/kinds.js';
import { NAMES, SLOT_WORDS } from '../../pair/live-table.js';
import { categoryOf, isAccounted } from '../names/backing.js';
import { MergedCaches } from '../names/merged-caches.js';
import type { Category } from '../report/category.js';
import type { SuppressedRule } from '../report/report.js';
import type { PathRule } from '../report/selection.js';
import { type HeldByReference, heldByReference, mayBeHeldBytes, surelyHeldBytes } from './held-by-reference.js';
import { HeldTable, unitBytes } from './held-table.js';
import { GREP } from './path-matcher.js';
import type { PathQuery } from './path-query.js';
import { RowFilter } from './row-filter.js';
import type { RuleMatcher } from './rule-matcher.js';

export interface PathTotals {
  filter: RowFilter;
  /** Indexed by row of the PathTable. */
  bytes: Float64Array;
  /** Pages or objects. */
  count: Float64Array;
  /** Time of the oldest allocation; null unless the order needs it. */
  oldestNs: Float64Array | null;
  /** Rows with something outstanding that passes, in ascending order. */
  rows: number[];
  /**
   * Sums of what each suppression rule takes out of `rows`, and of what each watch rule matches; in
   * order of the rules.
   */
  suppressed: SuppressedRule[];
  watched: SuppressedRule[];
  /** Reason of the watch rule that matches a row, null = none. */
  watchOf: (row: number) => string | null;
  /** What of it is held by a reference; null where nothing is. */
  held: HeldByReference | null;
  /**
   * The category of a row, by what is surely held by a reference too; or of a part of it, with the
   * bytes that are held so and those of the part.
   */
  categoryOf: (row: number, heldBytes?: number, ofBytes?: number) => Category | null;
}

export function pathTotals(query: PathQuery): PathTotals {
  const { core, matcher, selection } = query;
  const filter = new RowFilter(query);
  const { paths } = core;
  const length = paths.size + 1;
  const oldestNs = selection.sort === 'age' ? new Float64Array(length).fill(Number.POSITIVE_INFINITY) : null;
  const commMatches = matcher.grep === null ? null : new Uint8Array(length);
  const bytes = new Float64Array(length);
  const count = new Float64Array(length);
  const suppressed = ruleSums(selection.suppress);
  const watched = ruleSums(selection.watch);
  const watchOf = (row: number): string | null => selection.watch[ruleOf(query, matcher.watch, row)]?.reason ?? null;
  const held = heldByReference(query, filter);
  const shownCategory = (row: number, heldBytes = surelyHeldBytes(held, row), ofBytes = bytes[row]): Category | null =>
    heldBytes > 0 && heldBytes * 2 >= ofBytes ? 'held by a reference' : categoryOf(core, query.facts, row);
  const totals: PathTotals = {
    filter,
    bytes,
    count,
    oldestNs,
    rows: [],
    suppressed,
    watched,
    watchOf,
    held,
    categoryOf: shownCategory,
  };
  if (filter.passesAll) readRunningTotals(query, totals);
  if (!filter.passesAll || oldestNs !== null || commMatches !== null) walk(query, totals, commMatches);
  const rows: number[] = [];
  const wanted = wantedPaths(query, commMatches);
  const wantedCategory = wantedCategories(query, totals);
  for (let row = 1; row <= paths.size; row++) {
    if (totals.count[row] === 0 || !wantedCategory(row) || !wanted(row)) continue;
    const watch = ruleOf(query, matcher.watch, row);
    if (watch < 0 && matcher.watch !== null) continue;
    const suppress = ruleOf(query, matcher.suppress, row);
    if (suppress >= 0) addTo(suppressed[suppress], bytes[row], count[row]);
    else {
      if (watch >= 0) addTo(watched[watch], bytes[row], count[row]);
      rows.push(row);
    }
  }
  return { ...totals, rows };
}

/**
 * True if everything that a row holds passes the selection: only then does the history of its call
 * path describe it.
 */
export function isWholePath({ core, selection }: PathQuery, totals: PathTotals, row: number): boolean {
  if (totals.filter.passesAll) return true;
  const { paths } = core;
  return totals.count[row] === paths.liveCount(row) - (selection.includeSelf ? 0 : paths.ownCount[row]);
}

/** Index of the first of the rules that matches a row's call path, -1 = none. */
export function ruleOf({ core, facts }: PathQuery, rules: RuleMatcher | null, row: number): number {
  if (rules === null) return -1;
  const stackId = core.paths.stackId[row];
  const end = facts.interruptedFrom(stackId) ?? core.dictionary.stacks.depth(stackId);
  return rules.ruleOf(stackId, end, facts.hiddenFrames(stackId));
}

function ruleSums(rules: readonly PathRule[]): SuppressedRule[] {
  return rules.map((rule) => ({ pattern: rule.pattern, reason: rule.reason, stacks: 0, bytes: 0, count: 0 }));
}

function addTo(sum: SuppressedRule, bytes: number, count: number): void {
  sum.stacks++;
  sum.bytes += bytes;
  sum.count += count;
}

function readRunningTotals({ core, selection }: PathQuery, totals: PathTotals): void {
  const { paths } = core;
  const own = selection.includeSelf ? 0 : 1;
  for (let row = 1; row <= paths.size; row++) {
    const unit = unitBytes(core, paths.allocator[row]);
    totals.bytes[row] = (paths.live(row) - own * paths.ownLive[row]) * unit;
    totals.count[row] = paths.liveCount(row) - own * paths.ownCount[row];
  }
}

function walk({ core, matcher }: PathQuery, totals: PathTotals, commMatches: Uint8Array | null): void {
  const { filter, bytes, count, oldestNs } = totals;
  const sumUp = !filter.passesAll;
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    const held = new HeldTable(core, allocator);
    const { words } = held.table;
    held.each((slot, path) => {
      if (!filter.passes(held, slot)) return;
      if (sumUp) {
        bytes[path] += held.bytesAt(slot);
        count[path] += held.countAt(slot);
      }
      if (oldestNs !== null) oldestNs[path] = Math.min(oldestNs[path], held.timeNsAt(slot));
      if (commMatches !== null && matcher.comm(words[slot * SLOT_WORDS + NAMES] & 0xffff)) commMatches[path] = 1;
    });
  }
}

/** Tests the part of a selection that concerns whole call paths, not single allocations. */
function wantedPaths(query: PathQuery, commMatches: Uint8Array | null): (row: number) => boolean {
  const { core, matcher, selection } = query;
  const { paths } = core;
  const merged = new MergedCaches(query);
  const allocators = selection.allocators.map((name) => ALLOCATOR_NAMES.indexOf(name));
  return (row) => {
    const stackId = paths.stackId[row];
    if (allocators.length > 0 && !allocators.includes(paths.allocator[row])) return false;
    if (!matcher.passesFrames(stackId)) return false;
    if (commMatches === null || commMatches[row] === 1 || (matcher.stack(stackId) & GREP) !== 0) return true;
    return paths.cachesOf(row).some((id) => merged.someName(id, stackId, (name) => matcher.cache(name)));
  };
}

function wantedCategories({ selection }: PathQuery, totals: PathTotals): (row: number) => boolean {
  const { categories, hideAccounted } = selection;
  if (categories.length === 0 && !hideAccounted) return () => true;
  return (row) => {
    const category = totals.categoryOf(row);
    const isHidden = hideAccounted && isAccounted(category);
    if (isHidden && mayBeHeldBytes(totals.held, row, totals.bytes[row]) === 0) return false;
    return categories.length === 0 || (category !== null && categories.includes(category));
  };
}
