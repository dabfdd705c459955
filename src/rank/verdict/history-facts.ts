/** What the kernel's own counters say. */
export interface CounterFacts {
  /** Points of a curve that are enough for a verdict: the fewer, the more the counters bear it out. */
  fewestPoints: number;
  /** Reason why the kernel's counters contradict the curve; null = they do not. */
  unreliable: string | null;
}

/** Facts beside the curve, about all allocations of the call path or call paths. */
export interface HistoryFacts extends CounterFacts {
  nowNs: number;
  /** Everything ever allocated, and the number freed of it, seen or missed. */
  allocBytes: number;
  allocCount: number;
  freeCount: number;
  /** Bars of Lifetimes of the freed allocations; null = not known. */
  lifetimes: ArrayLike<number> | null;
  /** Of the outstanding allocations; null = not looked up. */
  oldestAgeNs: number | null;
  medianAgeNs: number | null;
  allocations: number | null;
  /** Unevenness of their ages: 0 = spread evenly from 0 to the oldest, near 1 = all of one age. */
  unevenness: number | null;
  /** Number of allocations in each of 32 equal parts of the time from now back to the oldest. */
  ageBars: ArrayLike<number> | null;
}

/** Ages of outstanding allocations. */
export interface Ages {
  oldestAgeNs: number;
  medianAgeNs: number;
  /** Number of allocations. */
  allocations: number;
  /**
   * Distance of their ages from an even spread from 0 to the oldest: 0 = quite even, near 1 = all
   * of one age.
   */
  unevenness: number;
  /** Number of allocations in each of 32 equal parts of the time from now back to the oldest. */
  ageBars: ArrayLike<number>;
}
