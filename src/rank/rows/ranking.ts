import type { Selection } from '../report/selection.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import type { PairedTrace } from '../select/paired-trace.js';
import type { PathQuery } from '../select/path-query.js';
import { type PathTotals, pathTotals } from '../select/path-totals.js';
import { LostFrees } from '../trust/lost-frees.js';
import { canMove } from '../trust/page-moves.js';
import { Reliability } from '../trust/reliability.js';
import { CurveVerdicts } from '../verdict/curve-verdicts.js';
import { CountersAgree } from './counters-agree.js';
import { queryOf } from './rank-memo.js';
import { type PathJudges, Suspicion } from './suspicion.js';

/** The judges of the rows of a ranking. */
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
  const reliability = new Reliability(core, (row) => canMove(query.facts.pageCategory(core.paths.stackId[row])));
  const curveVerdicts = new CurveVerdicts(core, query.selection.includeSelf);
  const countersAgree = new CountersAgree(core, reliability);
  const suspicion = new Suspicion(query, totals, { reliability, curveVerdicts, countersAgree });
  const judges = { reliability, curveVerdicts, countersAgree, suspicion, lostFrees: new LostFrees(core) };
  return { ...query, totals, judges };
}
