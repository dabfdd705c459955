import type { CensusReport, CensusType } from '../../census/report.js';
import { subtractCensus } from '../../census/subtract-census.js';

/** KeptCensuses: the censuses of one trace, those that its looks carry and those that were taken while it was shown. */
export class KeptCensuses {
  /** By time; of unknown time first. */
  private readonly all: CensusReport[] = [];
  private shown: { last: CensusReport; report: CensusReport } | null = null;

  /** Takes a census, in any order; one that is there already, of the same time, is not taken twice. */
  take(census: CensusReport): void {
    const timeMs = census.timeMs ?? 0;
    if (this.all.some((each) => (each.timeMs ?? 0) === timeMs)) return;
    this.all.push(census);
    this.all.sort((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0));
    this.shown = null;
  }

  /**
   * The last one up to a time, ms since 1970, with its changes since the first; null = there is none. The same object until
   * another one is.
   */
  reportAt(timeMs: number): CensusReport | null {
    const known = this.until(timeMs);
    const [first, last] = [known[0], known.at(-1)];
    if (first === undefined || last === undefined) return null;
    if (this.shown?.last !== last) {
      this.shown = { last, report: first === last ? last : subtractCensus(last, first) };
    }
    return this.shown.report;
  }

  /** What the objects of caches are up to a time, of each cache the newest. */
  typesAt(timeMs: number): CensusType[] {
    const newest = new Map<string, CensusType>();
    for (const { types } of this.until(timeMs)) for (const type of types ?? []) newest.set(type.cache, type);
    // With the changes since the first, where the last one knows them.
    for (const type of this.reportAt(timeMs)?.types ?? []) newest.set(type.cache, type);
    return [...newest.values()];
  }

  private until(timeMs: number): CensusReport[] {
    return this.all.filter((census) => (census.timeMs ?? 0) <= timeMs);
  }
}
