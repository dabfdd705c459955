/**
 * The rows of a ranking by call path, with their verdicts.
 *
 * In orders that go by verdicts, the rows to come first are found by their curves alone, with some more than are shown;
 * then the ages of what these hold are looked at, which takes a walk over all outstanding allocations, and the final
 * verdicts put them in order.
 */
import { topN } from '../base/top-n.js';
import type { PairingCore } from '../pair/pairing-core.js';
import type { SymbolTable } from '../symbols/symbol-table.js';
import type { Ages } from './history-facts.js';
import type { PathTotals } from './path-totals.js';
import { rankOrder } from './rank-order.js';
import type { ReportStack } from './report.js';
import { type RowJudges, reportStack } from './report-stack.js';
import { RowFilter } from './row-filter.js';
import { defaultSelection, type Selection, type SortKey } from './selection.js';
import { medianAges, type ShownDetail, shownDetails } from './shown-ages.js';
import { unreliableReason } from './suspicion.js';
import type { Judgement } from './verdict.js';

/** Rows beyond those shown whose ages are looked at too. */
export const SPARE_ROWS = 64;
/** Rows beyond these are judged only where they may be growing: a judgement takes a tenth of a millisecond. */
const JUDGED_LIMIT = 2000;

export interface RankedRow {
  /** Of the PathTable. */
  row: number;
  detail: ShownDetail;
  judgement: Judgement;
}

/** The first `selection.limit` rows. */
export function rankedRows(
  core: PairingCore,
  judges: RowJudges,
  totals: PathTotals,
  selection: Selection,
): RankedRow[] {
  const { limit, sort } = selection;
  const byVerdict = isByVerdict(sort);
  const first = firstRows(core, judges, totals, { ...selection, limit: byVerdict ? limit + SPARE_ROWS : limit });
  const ages = wholeAges(core, totals, selection, first);
  const rows = first.map(
    ({ row, detail }, i): RankedRow =>
      i < JUDGED_LIMIT || judges.suspicion.mayGrow(row)
        ? { row, detail, judgement: judgementOf(judges, row, ages[i]) }
        : { row, detail, judgement: unjudged(judges, row) },
  );
  if (!byVerdict) return rows;
  const known = new Map(rows.map(({ row, judgement }) => [row, verdictValue(judges, sort, row, judgement)]));
  const order = rankOrder(core, judges, totals, selection, known);
  return rows.toSorted((a, b) => order(a.row, b.row)).slice(0, limit);
}

/** Any row, ranked or not. */
export function judgedRow(
  core: PairingCore,
  judges: RowJudges,
  totals: PathTotals,
  selection: Selection,
  row: number,
): RankedRow {
  const [detail] = shownDetails(core, totals.filter, [row]);
  const [ages] = wholeAges(core, totals, selection, [{ row, detail }]);
  return { row, detail, judgement: judgementOf(judges, row, ages) };
}

function judgementOf({ curveVerdicts, reliability }: RowJudges, row: number, ages: Ages): Judgement {
  return curveVerdicts.judge([row], ages, unreliableReason(reliability, row));
}

/** Ages of all that each row holds, as the curve is of all of it, whatever part the selection shows. */
function wholeAges(
  core: PairingCore,
  { filter }: PathTotals,
  selection: Selection,
  rows: readonly { row: number; detail: ShownDetail }[],
): readonly Ages[] {
  if (filter.passesAll) return rows.map(({ detail }) => detail);
  const whole = new RowFilter(core, { ...defaultSelection(0), includeSelf: selection.includeSelf });
  return shownDetails(
    core,
    whole,
    rows.map(({ row }) => row),
  );
}

/** One row of the Report. */
export function rankedStack(
  core: PairingCore,
  symbols: SymbolTable,
  judges: RowJudges,
  totals: PathTotals,
  { row, detail, judgement }: RankedRow,
  place: number,
): ReportStack {
  return {
    ...reportStack(core, symbols, judges, totals, row, place, detail),
    verdict: judgement.verdict,
    verdictReason: judgement.reason,
    growth: judgement.growth,
    curve: Array.from(judges.curveVerdicts.curveOf([row])),
  };
}

function firstRows(
  core: PairingCore,
  judges: RowJudges,
  totals: PathTotals,
  selection: Selection,
): { row: number; detail: ShownDetail }[] {
  let known: Map<number, number> | undefined;
  if (selection.sort === 'median-age') {
    const ages = medianAges(core, totals.filter, totals.rows);
    known = new Map(totals.rows.map((row, i) => [row, ages[i]]));
  }
  const shown = topN(totals.rows, selection.limit, rankOrder(core, judges, totals, selection, known));
  const details = shownDetails(core, totals.filter, shown);
  return shown.map((row, i) => ({ row, detail: details[i] }));
}

/** What the counters contradict is known of every row. */
function unjudged({ reliability }: RowJudges, row: number): Judgement {
  const reason = unreliableReason(reliability, row);
  return { verdict: reason === null ? null : 'unreliable', reason, growth: null };
}

/** Does the order go by verdicts, which are settled only for the first rows? */
export function isByVerdict(sort: SortKey): boolean {
  return sort === 'suspect' || sort === 'verdict' || sort === 'growth';
}

function verdictValue({ suspicion }: RowJudges, sort: SortKey, row: number, judgement: Judgement): number {
  if (sort === 'suspect') return suspicion.score(row, judgement);
  if (sort === 'verdict') return suspicion.verdictPlace(row, judgement);
  return judgement.growth?.bytesPerHour ?? 0;
}
