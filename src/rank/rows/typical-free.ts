/** Where the memory of rows is usually freed, after how long, and on which CPU: by a sample of their frees. */
import { type FreeSite, type FreeTally, type PathFrees, SITES_KEPT } from '../../pair/free-sites.js';
import { barStartNs, LIFETIME_BARS } from '../../pair/lifetimes.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { shownPath } from '../names/frames.js';
import { freePlace } from '../names/free-plumbing.js';
import type { FreeNode, FreePath, TypicalFree } from '../report/free-sites.js';
import type { ReportFrame } from '../report/report-rows.js';
import type { Ranking } from './ranking.js';

/** Call paths of frees that a row of a report lists. */
const SITES_LISTED = 3;
/** Nine of ten frees, and nearly all. */
const MOST = 0.9;
const NEARLY_ALL = 0.99;

/** Returns the frees of rows of the PathTable together; null if none was in the sample. */
export function freesOf({ paths, freeSites }: PairingCore, rows: readonly number[]): PathFrees | null {
  const all = rows.flatMap((row) => (paths.isBefore(row) ? [] : (freeSites.byPath.get(paths.keyOf(row)) ?? [])));
  if (all.length <= 1) return all[0] ?? null;
  const sum: PathFrees = { samples: 0, sites: [], ...emptyTally() };
  for (const frees of all) {
    sum.samples += frees.samples;
    addTally(sum, frees);
    for (const site of frees.sites) addSite(sum.sites, site);
  }
  return sum;
}

/** Age from which on memory has outlived nearly all that was freed, ns; infinite where nothing is known. */
export function latestFreeNs(frees: PathFrees | null): number {
  return frees === null ? Number.POSITIVE_INFINITY : boundNs(frees.bars, NEARLY_ALL);
}

/** `heldLonger`: pages or objects of the row that are older than latestFreeNs(). */
export function typicalFree(ranking: Ranking, frees: PathFrees | null, heldLonger: number): TypicalFree | null {
  if (frees === null) return null;
  const paths = freePaths(ranking, frees);
  const [function_, ...others] = byFunction(paths);
  return {
    samples: frees.samples,
    function: function_.name,
    module: function_.module,
    share: function_.count / frees.samples,
    afterGracePeriod: function_.afterGracePeriod,
    otherFunctions: others.flatMap(({ name, count }) =>
      name === null ? [] : [{ function: name, share: count / frees.samples }],
    ),
    medianNs: medianNs(frees.bars),
    withinNs: boundNs(frees.bars, MOST),
    otherCpuShare: otherCpuShare(frees),
    heldLonger,
    sites: paths.slice(0, SITES_LISTED),
  };
}

/** The call paths of frees that are known, most frequent first. */
export function freePaths({ core, symbols, facts }: Ranking, { samples, sites }: PathFrees): FreePath[] {
  // Of equal ones the one seen first: ids may differ in a recording of a part.
  const order = sites.toSorted((a, b) => b.count - a.count).slice(0, SITES_KEPT);
  return order.map((site) => {
    const { frames, interruptedFrom } = shownPath({ stacks: core.dictionary.stacks, symbols, facts }, site.stackId);
    const { index, afterGracePeriod } = freePlace(frames, interruptedFrom ?? frames.length);
    return {
      count: site.count,
      share: site.count / samples,
      function: index === null ? null : frames[index].symbol,
      module: index === null ? null : frames[index].module,
      afterGracePeriod,
      medianNs: medianNs(site.bars),
      otherCpuShare: otherCpuShare(site),
      frames,
      firstFrame: index ?? 0,
      interruptedFrom,
    };
  });
}

/** The call paths as a tree, from the function that let the memory go to its callers. */
export function freeTree(paths: readonly FreePath[]): FreeNode[] {
  return nodesOf(
    paths.map(({ count, frames, firstFrame, interruptedFrom }) => ({
      count,
      frames: frames.slice(firstFrame, interruptedFrom ?? frames.length),
    })),
  );
}

interface CountedFrames {
  count: number;
  frames: ReportFrame[];
}

function nodesOf(paths: readonly CountedFrames[]): FreeNode[] {
  const byFrame = new Map<string, CountedFrames[]>();
  for (const path of paths) {
    const [first] = path.frames;
    if (first === undefined) continue;
    const key = `${first.symbol} ${first.module}`;
    byFrame.set(key, [...(byFrame.get(key) ?? []), path]);
  }
  const nodes = Array.from(byFrame.values(), (same): FreeNode => {
    const callers = nodesOf(same.map(({ count, frames }) => ({ count, frames: frames.slice(1) })));
    const [{ symbol, module }] = same[0].frames;
    return { function: symbol, module, count: same.reduce((sum, { count }) => sum + count, 0), callers };
  });
  return nodes.toSorted((a, b) => b.count - a.count);
}

interface FunctionShare {
  name: string | null;
  module: string | null;
  afterGracePeriod: boolean;
  count: number;
}

/** Functions that let memory go, most frequent first; there is at least one path, and so one function. */
function byFunction(paths: readonly FreePath[]): FunctionShare[] {
  const shares = new Map<string, FunctionShare>();
  for (const { function: name, module, afterGracePeriod, count } of paths) {
    const key = `${name} ${module} ${afterGracePeriod}`;
    const share = shares.get(key) ?? { name, module, afterGracePeriod, count: 0 };
    share.count += count;
    shares.set(key, share);
  }
  return [...shares.values()].toSorted((a, b) => b.count - a.count);
}

function medianNs(bars: readonly number[]): FreePath['medianNs'] {
  const bar = barAt(bars, 0.5);
  return { from: barStartNs(bar), to: barStartNs(bar + 1) };
}

/** The end of the bar below which a share of the frees lies, ns. */
function boundNs(bars: readonly number[], share: number): number {
  return barStartNs(barAt(bars, share) + 1);
}

function barAt(bars: readonly number[], share: number): number {
  const all = bars.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (let bar = 0; bar < LIFETIME_BARS; bar++) {
    below += bars[bar];
    if (below >= all * share) return bar;
  }
  return LIFETIME_BARS - 1;
}

function otherCpuShare({ sameCpu, otherCpu }: FreeTally): number | null {
  const known = sameCpu + otherCpu;
  return known === 0 ? null : otherCpu / known;
}

function addSite(sites: FreeSite[], site: FreeSite): void {
  let sum = sites.find(({ stackId }) => stackId === site.stackId);
  if (sum === undefined) {
    sum = { stackId: site.stackId, count: 0, over: 0, ...emptyTally() };
    sites.push(sum);
  }
  sum.count += site.count;
  sum.over += site.over;
  addTally(sum, site);
}

function emptyTally(): FreeTally {
  return { bars: Array.from({ length: LIFETIME_BARS }, () => 0), sameCpu: 0, otherCpu: 0 };
}

function addTally(to: FreeTally, from: FreeTally): void {
  for (const [bar, count] of from.bars.entries()) to.bars[bar] += count;
  to.sameCpu += from.sameCpu;
  to.otherCpu += from.otherCpu;
}
