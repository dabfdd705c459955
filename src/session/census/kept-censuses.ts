import type { CensusReport, CensusType } from '../../census/report.js';
import { subtractCensus } from '../../census/subtract-census.js';

/** KeptCensuses: the censuses of one trace, those that its looks carry and those that were taken while it was shown. */
export class KeptCensuses {
  /** By time; of unknown time first. */
  private readonly all: CensusReport[] = [];
  private shown: CensusReport | null = null;

  /** Takes a census, in any order; one that is there already, of the same time, is not taken twice. */
  take(census: CensusReport): void {
    const timeMs = census.timeMs ?? 0;
    if (this.all.some((each) => (each.timeMs ?? 0) === timeMs)) return;
    this.all.push(census);
    this.all.sort((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0));
    this.shown = null;
  }

  /** The last one, with its changes since the first; null = there is none. The same object until another is taken. */
  get report(): CensusReport | null {
    const [first, last] = [this.all[0], this.all.at(-1)];
    if (first === undefined || last === undefined) return null;
    this.shown ??= first === last ? last : subtractCensus(last, first);
    return this.shown;
  }

  /** What the objects of caches are, of each cache the newest. */
  get types(): CensusType[] {
    const newest = new Map<string, CensusType>();
    for (const { types } of this.all) for (const type of types ?? []) newest.set(type.cache, type);
    // With the changes since the first, where the last one knows them.
    for (const type of this.report?.types ?? []) newest.set(type.cache, type);
    return [...newest.values()];
  }
}
