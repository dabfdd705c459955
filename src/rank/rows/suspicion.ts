/**
 * Suspicion: the value of the default order (VERDICTS.md, "The default order"): bytes held, times a
 * weight of the category (who could take the memory back), times a weight of the verdict. Weights
 * rather than ranks, so that a page of unaccounted memory does not stand above a gigabyte of
 * growing slab, nor a gigabyte of page cache above the held pipe buffers that the user looks for.
 */
import { topN } from '../../base/top-n.js';
import { isOfProcess } from '../../event/kinds.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { categoryOf } from '../names/backing.js';
import type { CallPathFacts } from '../names/call-path-facts.js';
import { CACHE_INDEX, PSEUDO_FILE } from '../names/path-traits.js';
import { isReclaimableCache } from '../names/reclaimable.js';
import type { VerdictName } from '../report/report-rows.js';
import type { SortKey } from '../report/selection.js';
import { rowsOfGone } from '../select/gone-rows.js';
import { proportionBytes, surelyHeldBytes } from '../select/held-by-reference.js';
import type { PathQuery } from '../select/path-query.js';
import { isWholePath, type PathTotals } from '../select/path-totals.js';
import type { Reliability } from '../trust/reliability.js';
import type { CurveVerdicts } from '../verdict/curve-verdicts.js';
import { LEAST_RISE } from '../verdict/history.js';
import type { CounterFacts } from '../verdict/history-facts.js';
import type { Judgement } from '../verdict/verdict.js';
import type { CountersAgree } from './counters-agree.js';
import { GONE, memoryWeight, OF_BEFORE, RECLAIMABLE, UNACCOUNTED, verdictWeight } from './suspicion-weights.js';

/**
 * The order by verdict, last first. No verdict stands between verdicts that may be a leak and those
 * that are not.
 */
const VERDICT_ORDER: (VerdictName | null)[] = [
  'unreliable',
  'churning',
  'steady',
  null,
  'one-time',
  'rested',
  'in-steps',
  'growing',
];

/** Rows that are judged in each report besides those that it shows. */
const JUDGED_ROWS = 128;

/** The judges of single call paths. */
export interface PathJudges {
  readonly reliability: Reliability;
  readonly curveVerdicts: CurveVerdicts;
  readonly countersAgree: CountersAgree;
}

export class Suspicion {
  private readonly core: PairingCore;
  private readonly facts: CallPathFacts;
  private readonly judges: PathJudges;
  private readonly curveVerdicts: CurveVerdicts;
  private readonly totals: PathTotals;
  /** By cache id, for call paths without traits and for those of the page cache's index: 1 = reclaimable. */
  private readonly reclaimable: [Uint8Array, Uint8Array];
  private readonly judged = new Map<number, Judgement>();
  /** By row: bytes times the weight of their category. */
  private readonly weighed: Float64Array;
  /** By row: 1 = all processes that hold it have ended. */
  private readonly gone: Uint8Array;
  /** True for rows that a curve describes. */
  private readonly isWhole: (row: number) => boolean;

  constructor(query: PathQuery, totals: PathTotals, judges: PathJudges) {
    const { core, facts, selection } = query;
    this.core = core;
    this.facts = facts;
    this.judges = judges;
    this.curveVerdicts = judges.curveVerdicts;
    this.totals = totals;
    this.isWhole = (row) => isWholePath(query, totals, row);
    this.reclaimable = [reclaimableCaches(core, 0), reclaimableCaches(core, CACHE_INDEX)];
    this.gone = selection.sort === 'suspect' ? rowsOfGone(core) : new Uint8Array(0);
    this.weighed = new Float64Array(core.paths.size + 1);
    for (const row of totals.rows) {
      this.weighed[row] = this.weighedPart(row, totals.bytes[row], surelyHeldBytes(totals.held, row));
    }
    if (this.curveVerdicts.longEnough) this.judgeFirst(selection.sort);
  }

  /** Returns the suspicion of a row. Without a judgement that knows its ages, returns its upper bound. */
  score(row: number, judgement?: Judgement): number {
    const verdict = judgement === undefined ? this.atBest(row) : judgement.verdict;
    const weight = this.weightOf(row, verdict);
    // The ages may disprove a verdict of churning.
    return this.weighed[row] * (judgement === undefined ? Math.max(1, weight) : weight);
  }

  /** Bytes of a row times the weight of their category. */
  weighedBytes(row: number): number {
    return this.weighed[row];
  }

  /** The same of a part of a row, `surely` bytes of which are held by a reference. */
  weighedPart(row: number, bytes: number, surely: number): number {
    const known = Math.min(bytes, surely);
    const held = known + proportionBytes(this.totals.held, row, bytes - known);
    const weight = this.categoryWeight(row);
    const sum = (bytes - held) * weight + held * UNACCOUNTED;
    // Nobody is there any more who could give it back; caches are nobody's.
    return this.gone[row] === 1 && weight > RECLAIMABLE ? sum * GONE : sum;
  }

  /** Returns the suspicion of a sum of rows, from its weighed bytes, its bytes and its verdict. */
  weigh(weighed: number, bytes: number, verdict: VerdictName | null): number {
    return weighed * verdictWeight(verdict, weighed <= bytes * RECLAIMABLE);
  }

  /**
   * Place of a row in an order by verdict. Without a judgement that knows its ages, the best place
   * it may get.
   */
  verdictPlace(row: number, judgement?: Judgement): number {
    return verdictPlace(judgement === undefined ? this.atBest(row) : judgement.verdict);
  }

  private atBest(row: number): VerdictName | null {
    const judged = this.judged.get(row);
    return judged?.mayGrow === true ? 'growing' : (judged?.verdict ?? null);
  }

  /** Growth in bytes an hour; 0 for rows that rise too little to be judged. */
  growth(row: number): number {
    return this.judged.get(row)?.growth?.bytesPerHour ?? 0;
  }

  /** True if the history is long enough for verdicts. */
  get hasVerdicts(): boolean {
    return this.curveVerdicts.longEnough;
  }

  /** True if the last quarter exceeds the second by LEAST_RISE / 2: only such rows can be judged growing. */
  mayGrow(row: number): boolean {
    return this.hasVerdicts && this.isWhole(row) && this.curveVerdicts.lateRise(row) >= LEAST_RISE / 2;
  }

  /** Judges the rows that decide the order, by their curves alone. Ages are looked up later. */
  private judgeFirst(sort: SortKey): void {
    if (sort !== 'suspect' && sort !== 'growth' && sort !== 'verdict') return;
    const { curveVerdicts, totals, weighed } = this;
    const rises = new Float64Array(weighed.length);
    const whole = totals.rows.filter((row) => this.isWhole(row));
    for (const row of whole) rises[row] = Math.max(0, curveVerdicts.lateRise(row));
    const atMost = (row: number): number => weighed[row] * (rises[row] > 0 ? this.weightOf(row, 'growing') : 1);
    const value = sort === 'growth' ? (row: number): number => rises[row] : atMost;
    // A row that does not rise cannot be growing: until its ages are known, its value is the same
    // under every other verdict.
    const rows = sort === 'verdict' ? whole : whole.filter((row) => rises[row] >= LEAST_RISE / 2);
    for (const row of topN(rows, JUDGED_ROWS, (a, b) => value(b) - value(a) || a - b)) {
      this.judged.set(row, curveVerdicts.judge([row], null, counterFacts(this.judges, row)));
    }
  }

  private weightOf(row: number, verdict: VerdictName | null): number {
    return verdictWeight(verdict, this.categoryWeight(row) <= RECLAIMABLE);
  }

  private categoryWeight(row: number): number {
    const { paths } = this.core;
    if (isOfProcess(paths.allocator[row]) && paths.isBefore(row)) return OF_BEFORE;
    const category = categoryOf(this.core, this.facts, row);
    const traits = this.facts.traitsOf(paths.stackId[row]);
    if (category === 'slab' && this.isReclaimable(row, traits)) return RECLAIMABLE;
    return memoryWeight(category, traits);
  }

  private isReclaimable(row: number, traits: number): boolean {
    if ((traits & PSEUDO_FILE) !== 0) return false;
    const ids = this.core.paths.cachesOf(row);
    const known = this.reclaimable[(traits & CACHE_INDEX) === 0 ? 0 : 1];
    return ids.length > 0 && ids.every((id) => known[id] === 1);
  }
}

/** Place in an order by verdict, greatest first: growing, in-steps, rested, one-time, none, steady, churning, unreliable. */
export function verdictPlace(verdict: VerdictName | null): number {
  return VERDICT_ORDER.indexOf(verdict);
}

/** What the kernel's counters say of a row. */
export function counterFacts({ reliability, countersAgree }: PathJudges, row: number): CounterFacts {
  return { fewestPoints: countersAgree.fewestPoints(row), unreliable: unreliableReason(reliability, row) };
}

/** The evidence against an unreliable row; null for any other row. */
export function unreliableReason(reliability: Reliability, row: number): string | null {
  return reliability.state(row) === 'unreliable' ? reliability.evidence(row).reason : null;
}

function reclaimableCaches({ dictionary: { caches } }: PairingCore, traits: number): Uint8Array {
  const known = new Uint8Array(caches.size + 1);
  for (let id = 1; id <= caches.size; id++) known[id] = Number(isReclaimableCache(caches.name(id), traits));
  return known;
}
