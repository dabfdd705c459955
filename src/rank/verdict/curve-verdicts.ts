/**
 * CurveVerdicts: the curves of a core's call paths up to now, and the judgement on each
 * (verdict.ts). Trends are kept until the curves have one more point, because reports are made more
 * often than that: a memo, never an input.
 */
import { type HeldMeaning, heldMeaning } from '../../coverage/meaning.js';
import { type CurvePoints, hasCurve, heldAt } from '../../pair/curves.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { ALLOC_COUNT, ALLOC_SIZE, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../../pair/path-table.js';
import type { Report } from '../report/report.js';
import { unitBytes } from '../select/held-table.js';
import { SHORTEST_NS } from './history.js';
import type { Ages, CounterFacts, HistoryFacts } from './history-facts.js';
import { judgePart } from './part.js';
import { type Trend, trendOf } from './trend.js';
import { type Judgement, judge } from './verdict.js';

/** What such rows held in the course of time is not known. */
const NO_HISTORY: readonly HeldMeaning[] = ['allocated', 'sample', 'before'];

export class CurveVerdicts {
  /** Times of the curves' points; null while there is no point. */
  readonly times: Report['curve'];
  private readonly core: PairingCore;
  private readonly includeSelf: boolean;
  private readonly points: CurvePoints;
  private readonly trends: Map<number, Trend>;

  constructor(core: PairingCore, includeSelf: boolean) {
    this.core = core;
    this.includeSelf = includeSelf;
    this.points = comparable(core, core.curves.pointsAt(core.nowNs, core.paths));
    const { firstNs, stepNs, snapshots } = this.points;
    this.times = snapshots.length === 0 ? null : { firstNs, stepNs, points: snapshots.length };
    this.trends = trendsOf(core, this.points);
  }

  /** True if the history is long enough for verdicts. */
  get longEnough(): boolean {
    return this.points.snapshots.length * this.points.stepNs >= SHORTEST_NS;
  }

  /** Bytes at each point, summed over these rows; empty if one of them has no curve. */
  curveOf(rows: readonly number[]): Float64Array {
    if (!rows.every((row) => this.isKnown(row))) return new Float64Array(0);
    const { snapshots } = this.points;
    const sum = new Float64Array(snapshots.length);
    for (const row of rows) {
      const unit = unitBytes(this.core, this.core.paths.allocator[row]);
      for (let i = 0; i < sum.length; i++) sum[i] += heldAt(snapshots[i], row) * unit;
    }
    return sum;
  }

  /**
   * Rise from the mean of the second quarter to that of the last, in bytes: a cheap test for rows
   * that may grow.
   */
  lateRise(row: number): number {
    const { snapshots } = this.points;
    const { length } = snapshots;
    if (length < 4 || !this.isKnown(row)) return 0;
    const quarter = length >> 2;
    let rise = 0;
    for (let i = 0; i < quarter; i++) {
      rise += heldAt(snapshots[length - 1 - i], row) - heldAt(snapshots[quarter + i], row);
    }
    return (rise / quarter) * unitBytes(this.core, this.core.paths.allocator[row]);
  }

  /**
   * `rows`: whole call paths, at least one. `ages` of their outstanding allocations; null = not
   * looked up.
   */
  judge(rows: readonly number[], ages: Ages | null, counters: CounterFacts): Judgement {
    return this.asMeant(rows, counters, () => this.judgeCurve(rows, ages, counters));
  }

  private judgeCurve(rows: readonly number[], ages: Ages | null, counters: CounterFacts): Judgement {
    const values = this.curveOf(rows);
    const { firstNs, stepNs } = this.points;
    const facts = this.factsOf(rows, ages, counters);
    return judge({ firstNs, stepNs, values }, facts, (from) => {
      if (rows.length > 1) return trendOf(values.subarray(from));
      const key = rows[0] * 64 + from;
      let trend = this.trends.get(key);
      if (trend === undefined) {
        trend = trendOf(values.subarray(from));
        if (this.trends.size < TRENDS_LIMIT) this.trends.set(key, trend);
      }
      return trend;
    });
  }

  /** `rows`: call paths of which only a part is meant, with the `ages` of that part, which holds `bytes`. */
  judgePart(rows: readonly number[], part: { ages: Ages; bytes: number }, counters: CounterFacts): Judgement {
    const { firstNs, stepNs } = this.points;
    const values = this.curveOf(rows);
    return this.asMeant(rows, counters, () =>
      judgePart({ firstNs, stepNs, values }, this.factsOf(rows, part.ages, counters), part.bytes),
    );
  }

  /** The judgement, as far as one can hold by what the trace covers of these rows. */
  private asMeant(rows: readonly number[], { unreliable }: CounterFacts, judged: () => Judgement): Judgement {
    const { coverage, timesAreCounts } = this.core.hostFacts;
    // Counts of an unknown unit have no rate, and no least duration.
    if (timesAreCounts) return noVerdict(unreliable);
    const meanings = rows.map((row) => heldMeaning(coverage, this.core.paths.kind[row]));
    if (meanings.some((meaning) => NO_HISTORY.includes(meaning))) return noVerdict(unreliable);
    return meanings.includes('at-most') ? boundedJudgement(judged()) : judged();
  }

  private isKnown(row: number): boolean {
    // Curves leave out the tracer's own memory, so they do not fit a row that shows it.
    return hasCurve(row) && !(this.includeSelf && this.core.paths.ownLive[row] > 0);
  }

  private factsOf(rows: readonly number[], ages: Ages | null, counters: CounterFacts): HistoryFacts {
    const { paths, nowNs } = this.core;
    const facts = { allocBytes: 0, allocCount: 0, freeCount: 0 };
    let lifetimes: Float64Array | null = null;
    for (const row of rows) {
      const at = row * PATH_STATS;
      facts.allocBytes += paths.stats[at + ALLOC_SIZE] * unitBytes(this.core, paths.allocator[row]);
      facts.allocCount += paths.stats[at + ALLOC_COUNT];
      facts.freeCount += paths.stats[at + FREE_COUNT] + paths.stats[at + MISSED_COUNT];
      const bars = paths.lifetimes.bars(paths.lifetimeRow(row)) ?? [];
      lifetimes ??= new Float64Array(64);
      for (let bar = 0; bar < bars.length; bar++) lifetimes[bar] += bars[bar];
    }
    const { oldestAgeNs, medianAgeNs, allocations, unevenness, ageBars } = ages ?? UNKNOWN_AGES;
    return { nowNs, ...facts, lifetimes, oldestAgeNs, medianAgeNs, allocations, unevenness, ageBars, ...counters };
  }
}

/** The history cannot be judged. */
function noVerdict(unreliable: string | null): Judgement {
  return { verdict: unreliable === null ? null : 'unreliable', reason: unreliable, growth: null };
}

/** Frees elsewhere are missing, so that what seems held may be freed. What was seen to be freed was freed. */
function boundedJudgement(judgement: Judgement): Judgement {
  const { verdict, reason } = judgement;
  const holds = verdict === 'churning' || verdict === 'unreliable';
  return { verdict: holds ? verdict : null, reason: holds ? reason : null, growth: null };
}

/** The points since the traced share of addresses last changed: before, a byte stood for more or for less. */
function comparable({ sampling }: PairingCore, points: CurvePoints): CurvePoints {
  const movedNs = sampling.moves.at(-1)?.timeNs ?? -1;
  const { firstNs, stepNs, snapshots } = points;
  if (movedNs < firstNs) return points;
  // If the share changed more often than is kept, no points can be compared.
  const known = sampling.moveCount === sampling.moves.length;
  const from = known ? Math.min(snapshots.length, Math.floor((movedNs - firstNs) / stepNs) + 1) : snapshots.length;
  return { firstNs: firstNs + from * stepNs, stepNs, snapshots: snapshots.slice(from) };
}

const UNKNOWN_AGES = { oldestAgeNs: null, medianAgeNs: null, allocations: null, unevenness: null, ageBars: null };

const TRENDS_LIMIT = 8192;

interface Memo {
  stepNs: number;
  points: number;
  last: Float32Array;
  trends: Map<number, Trend>;
}

const memos = new WeakMap<PairingCore, Memo>();

/** Trends by row and first point, of curves with exactly these points. */
function trendsOf(core: PairingCore, { stepNs, snapshots }: CurvePoints): Map<number, Trend> {
  const memo = memos.get(core);
  const last = snapshots.at(-1);
  if (memo !== undefined && memo.last === last && memo.points === snapshots.length && memo.stepNs === stepNs) {
    return memo.trends;
  }
  const trends = new Map<number, Trend>();
  if (last !== undefined) memos.set(core, { stepNs, points: snapshots.length, last, trends });
  return trends;
}
