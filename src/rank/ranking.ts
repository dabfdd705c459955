import type { CompiledSelection } from './compiled-selection.js';
import { CurveVerdicts } from './curve-verdicts.js';
import { LostFrees } from './lost-frees.js';
import type { PairedTrace } from './paired-trace.js';
import type { PathQuery } from './path-query.js';
import { type PathTotals, pathTotals } from './path-totals.js';
import { queryOf } from './rank-memo.js';
import { Reliability } from './reliability.js';
import type { Selection } from './selection.js';
import { type PathJudges, Suspicion } from './suspicion.js';

/** What judges the rows of a ranking. */
export interface RowJudges extends PathJudges {
  readonly lostFrees: LostFrees;
  readonly suspicion: Suspicion;
}

/** Everything that the rows of one ranking are made from. Valid until the core takes another event. */
export interface Ranking extends PathQuery {
  readonly totals: PathTotals;
  readonly judges: RowJudges;
}

/** Throws an Error if grep or hide of a plain Selection is not a regular expression. */
export function rankingOf(trace: PairedTrace, selection: Selection | CompiledSelection): Ranking {
  const query = queryOf(trace, selection);
  const { core } = trace;
  const totals = pathTotals(query);
  const reliability = new Reliability(core);
  const curveVerdicts = new CurveVerdicts(core, query.selection.includeSelf);
  const suspicion = new Suspicion(query, totals, { reliability, curveVerdicts });
  const judges = { reliability, curveVerdicts, suspicion, lostFrees: new LostFrees(core) };
  return { ...query, totals, judges };
}
