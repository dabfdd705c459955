/**
 * The rows of a ranking by call path, with their verdicts.
 *
 * In orders by verdict, the first rows are found by their curves alone, with some more than are
 * shown. Then the ages of their allocations are looked up, which takes a walk over all outstanding
 * allocations, and the final verdicts put the rows in order.
 */
import { topN } from '../../base/top-n.js';
import type { ReportStack } from '../report/report-rows.js';
import type { SortKey } from '../report/selection.js';
import { isWholePath, type PathTotals } from '../select/path-totals.js';
import type { Ages } from '../verdict/history-facts.js';
import type { Judgement } from '../verdict/verdict.js';
import { rankOrder } from './rank-order.js';
import type { Ranking, RowJudges } from './ranking.js';
import { reportStack, type ShownRow } from './report-stack.js';
import { medianAges, shownDetails } from './shown-ages.js';
import { counterFacts, unreliableReason } from './suspicion.js';

/** Rows beyond those shown whose ages are looked up too. */
export const SPARE_ROWS = 64;
/**
 * Rows beyond these are judged only if they may be growing, because a judgement takes a tenth of a
 * millisecond.
 */
const JUDGED_LIMIT = 2000;

export interface RankedRow extends ShownRow {
  judgement: Judgement;
}

/** The first `selection.limit` rows. */
export function rankedRows(ranking: Ranking): RankedRow[] {
  const { judges } = ranking;
  const { limit, sort } = ranking.selection;
  const byVerdict = isByVerdict(sort);
  const first = firstRows(ranking, byVerdict ? limit + SPARE_ROWS : limit);
  const rows = first.map(({ row, detail }, i): RankedRow => {
    const isJudged = i < JUDGED_LIMIT || judges.suspicion.mayGrow(row) || !isWholePath(ranking, ranking.totals, row);
    return { row, detail, judgement: isJudged ? judgementOf(ranking, row, detail) : unjudged(judges, row) };
  });
  if (!byVerdict) return rows;
  const known = new Map(rows.map(({ row, judgement }) => [row, verdictValue(ranking, row, judgement)]));
  const order = rankOrder(ranking, known);
  return rows.toSorted((a, b) => order(a.row, b.row)).slice(0, limit);
}

/** Call paths that are judged for what stands beside the rows of a report; what stands below them holds little. */
export const FIRST_ROWS = 512;

/** The first FIRST_ROWS of the default order, whatever the selection's group, order and limit. */
export function firstJudged(ranking: Ranking): readonly RankedRow[] {
  const { totals, selection } = ranking;
  let rows = firsts.get(totals);
  if (rows === undefined) {
    rows = rankedRows({ ...ranking, selection: { ...selection, group: 'stack', sort: 'suspect', limit: FIRST_ROWS } });
    firsts.set(totals, rows);
  }
  return rows;
}

/** By the totals, which are made anew when the core has taken an event: a memo, never an input. */
const firsts = new WeakMap<PathTotals, readonly RankedRow[]>();

/** Their judgements, by row of the PathTable. */
export function firstJudgements(ranking: Ranking): Map<number, Judgement> {
  return new Map(firstJudged(ranking).map(({ row, judgement }) => [row, judgement]));
}

/** Judges any row, ranked or not. */
export function judgedRow(ranking: Ranking, row: number): RankedRow {
  const [detail] = shownDetails(ranking.core, ranking.totals.filter, [row]);
  return { row, detail, judgement: judgementOf(ranking, row, detail) };
}

/** Judges any rows with one walk over the outstanding allocations, in the order of `rows`. */
export function judgedRows(ranking: Ranking, rows: readonly number[]): RankedRow[] {
  const details = shownDetails(ranking.core, ranking.totals.filter, [...rows]);
  return rows.map((row, i) => ({ row, detail: details[i], judgement: judgementOf(ranking, row, details[i]) }));
}

/** A part of a call path is not judged by the history of the whole, but by what it holds itself. */
function judgementOf(ranking: Ranking, row: number, ages: Ages): Judgement {
  const { judges, totals } = ranking;
  if (!isWholePath(ranking, totals, row)) {
    // A selection by age leaves out what is young: the ages of the rest show nothing.
    if (ranking.selection.olderNs > 0) return unjudged(judges, row);
    return judges.curveVerdicts.judgePart([row], { ages, bytes: totals.bytes[row] }, counterFacts(judges, row));
  }
  return judges.curveVerdicts.judge([row], ages, counterFacts(judges, row));
}

/** One row of the Report. */
export function rankedStack(ranking: Ranking, ranked: RankedRow, place: number): ReportStack {
  const { row, judgement } = ranked;
  return {
    ...reportStack(ranking, ranked, place),
    verdict: judgement.verdict,
    verdictReason: judgement.reason,
    growth: judgement.growth,
    ...(ranking.selection.sort === 'suspect' && { suspicion: ranking.judges.suspicion.score(row, judgement) }),
    curve: isWholePath(ranking, ranking.totals, row) ? Array.from(ranking.judges.curveVerdicts.curveOf([row])) : [],
  };
}

function firstRows(ranking: Ranking, limit: number): ShownRow[] {
  const { core, totals, selection } = ranking;
  let known: Map<number, number> | undefined;
  if (selection.sort === 'median-age') {
    const ages = medianAges(core, totals.filter, totals.rows);
    known = new Map(totals.rows.map((row, i) => [row, ages[i]]));
  }
  const shown = topN(totals.rows, limit, rankOrder(ranking, known));
  const details = shownDetails(core, totals.filter, shown);
  return shown.map((row, i) => ({ row, detail: details[i] }));
}

/**
 * The judgement on a row without a look at a curve: contradiction by the counters is known for every
 * row.
 */
function unjudged({ reliability }: RowJudges, row: number): Judgement {
  const reason = unreliableReason(reliability, row);
  return { verdict: reason === null ? null : 'unreliable', reason, growth: null };
}

/** True if the order goes by verdicts, which are final only for the first rows. */
export function isByVerdict(sort: SortKey): boolean {
  return sort === 'suspect' || sort === 'verdict' || sort === 'growth';
}

function verdictValue({ judges, selection }: Ranking, row: number, judgement: Judgement): number {
  const { suspicion } = judges;
  const { sort } = selection;
  if (sort === 'suspect') return suspicion.score(row, judgement);
  if (sort === 'verdict') return suspicion.verdictPlace(row, judgement);
  return judgement.growth?.bytesPerHour ?? 0;
}
