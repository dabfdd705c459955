/**
 * FreeSites: for each call path, where its memory is usually freed: call paths of frees, as often as
 * they were seen, with how long the memory had lived and whether its alloc was on the same CPU. They
 * are known of a sample of all frees (bpf/programs/free-sites.bpf.h).
 *
 * A path keeps its SITES_KEPT most frequent ones by the space-saving algorithm (Metwally and others,
 * 2005): a new one takes the place of the rarest and begins with its count, which is then how much too
 * great the count may be. So a site that makes up more than one eighth of the samples is never missing.
 */
import { barOf, LIFETIME_BARS } from './lifetimes.js';

export const SITES_KEPT = 8;
/** Sites of all call paths together; call paths that come later have none. Some 20 MB. */
const MOST_SITES = 32768;

/** Of some frees: by how long the memory had lived, and the CPU. */
export interface FreeTally {
  /** As in Lifetimes. */
  bars: number[];
  /** Frees whose alloc was on the same CPU, and on another one; of the rest it is not known. */
  sameCpu: number;
  otherCpu: number;
}

export interface FreeSite extends FreeTally {
  /** Call path of the frees, an id of the trace's StackTable. */
  stackId: number;
  count: number;
  /** `count` is too great by this at most; the tally is of `count - over` frees. */
  over: number;
}

export interface PathFrees extends FreeTally {
  /** Frees of the sample. */
  samples: number;
  /** In the order in which they came. */
  sites: FreeSite[];
}

export class FreeSites {
  /** By PathTable.keyOf(). */
  readonly byPath = new Map<number, PathFrees>();
  private siteCount = 0;

  /** Notes a free of memory of the call path `key`. CPUs are as in an EventBatch, 0 = not known. */
  note(key: number, stackId: number, ageNs: number, cpu: number, freeCpu: number): void {
    let path = this.byPath.get(key);
    if (path === undefined) {
      if (this.siteCount >= MOST_SITES) return;
      path = { samples: 0, sites: [], ...newTally() };
      this.byPath.set(key, path);
    }
    path.samples++;
    tally(path, ageNs, cpu, freeCpu);
    let site = path.sites.find((known) => known.stackId === stackId);
    if (site === undefined) {
      let over = 0;
      if (path.sites.length === SITES_KEPT || this.siteCount >= MOST_SITES) over = this.removeRarest(path);
      site = { stackId, count: over, over, ...newTally() };
      path.sites.push(site);
      this.siteCount++;
    }
    site.count++;
    tally(site, ageNs, cpu, freeCpu);
  }

  /** Puts back what was saved. */
  restore(key: number, path: PathFrees): void {
    this.byPath.set(key, path);
    this.siteCount += path.sites.length;
  }

  /** Returns the count of the site that it removed, 0 if there was none. */
  private removeRarest({ sites }: PathFrees): number {
    let rarest = 0;
    for (let i = 1; i < sites.length; i++) if (sites[i].count < sites[rarest].count) rarest = i;
    const [removed] = sites.splice(rarest, 1);
    if (removed === undefined) return 0;
    this.siteCount--;
    return removed.count;
  }
}

function newTally(): FreeTally {
  return { bars: Array.from({ length: LIFETIME_BARS }, () => 0), sameCpu: 0, otherCpu: 0 };
}

function tally(to: FreeTally, ageNs: number, cpu: number, freeCpu: number): void {
  to.bars[barOf(ageNs)]++;
  if (cpu === 0 || freeCpu === 0) return;
  if (cpu === freeCpu) to.sameCpu++;
  else to.otherCpu++;
}
