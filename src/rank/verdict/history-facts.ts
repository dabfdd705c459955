/** What is known beside the curve, of all allocations of the call path or call paths. */
export interface HistoryFacts {
  nowNs: number;
  /** Ever allocated, and how many were freed of those, seen or missed. */
  allocBytes: number;
  allocCount: number;
  freeCount: number;
  /** Bars of Lifetimes, of what was freed; null = not known. */
  lifetimes: ArrayLike<number> | null;
  /** Of what is outstanding; null = nobody looked. */
  oldestAgeNs: number | null;
  medianAgeNs: number | null;
  allocations: number | null;
  /** Of their ages: 0 = spread evenly from 0 to the oldest, near 1 = all of one age. */
  unevenness: number | null;
  /** Why the kernel's counters contradict it; null = they do not. */
  unreliable: string | null;
}

/** Ages of outstanding allocations. */
export interface Ages {
  oldestAgeNs: number;
  medianAgeNs: number;
  /** How many allocations there are. */
  allocations: number;
  /** How far their ages are from being spread evenly from 0 to the oldest: 0 = quite evenly, near 1 = all of one age. */
  unevenness: number;
}
