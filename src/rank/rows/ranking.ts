import type { PairingCore } from '../../pair/pairing-core.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';
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
  const known = knownOf(trace);
  // Neither totals nor judges look at what makes one row, nor at the number of rows.
  const key = JSON.stringify({ ...query.selection, group: null, limit: null });
  let made = known.get(key);
  if (made === undefined) {
    made = totalsAndJudges(query);
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(key, made);
  }
  return { ...query, ...made };
}

/** Selections whose totals are kept: those of the rows, and of the whole trace for its findings. */
const KNOWN_LIMIT = 2;

type Made = Pick<Ranking, 'totals' | 'judges'>;

interface Memo {
  symbols: SymbolTable;
  /** What the core and the symbols were when the totals were made. */
  stamp: string;
  known: Map<string, Made>;
}

const memos = new WeakMap<PairingCore, Memo>();

/** What is known of the core as it is now: a memo, never an input. */
function knownOf({ core, symbols }: PairedTrace): Memo['known'] {
  const stamp = [core.version, core.eventCount, core.nowNs, symbols.version].join(' ');
  let memo = memos.get(core);
  if (memo === undefined || memo.symbols !== symbols || memo.stamp !== stamp) {
    memo = { symbols, stamp, known: new Map() };
    memos.set(core, memo);
  }
  return memo.known;
}

function totalsAndJudges(query: PathQuery): Made {
  const { core } = query;
  const totals = pathTotals(query);
  const reliability = new Reliability(core, (row) => canMove(query.facts.pageCategory(core.paths.stackId[row])));
  const curveVerdicts = new CurveVerdicts(core, query.selection.includeSelf);
  const countersAgree = new CountersAgree(core, reliability);
  const suspicion = new Suspicion(query, totals, { reliability, curveVerdicts, countersAgree });
  return { totals, judges: { reliability, curveVerdicts, countersAgree, suspicion, lostFrees: new LostFrees(core) } };
}
