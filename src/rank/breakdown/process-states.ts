/**
 * What each process's memory does: its growth, its state, and the call paths that it holds most by.
 *
 * A curve is kept of a whole call path, not of each process. A process has the part of a call path's
 * growth that it has of what came in the last half of that growth and is still held.
 */

import { ALLOCATOR_COUNT } from '../../event/kinds.js';
import { AddressTable } from '../../event/tables/address-table.js';
import { NAMES, PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import { pathKey } from '../../pair/path-table.js';
import { isBacking } from '../names/backing.js';
import { isRising, type VerdictName } from '../report/report-rows.js';
import type { Selection } from '../report/selection.js';
import { firstJudgements } from '../rows/call-path-rows.js';
import { type Ranking, rankingOf } from '../rows/ranking.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import { HeldTable } from '../select/held-table.js';
import type { PairedTrace } from '../select/paired-trace.js';
import type { HolderKeys, ProcessRow, ProcessState } from './processes.js';

/** Call paths named in a ProcessState. */
const SHOWN_PATHS = 16;

/** Returns the rows with their states. `rows` are of the same trace and selection (processes.ts). */
export function withStates(
  trace: PairedTrace,
  selection: Selection | CompiledSelection,
  rows: readonly ProcessRow[],
): ProcessRow[] {
  const { comms } = trace.core.dictionary;
  const states = statesOf(trace, selection, { keyOf: (task) => comms.nameId(task), withPids: true });
  const byName = new Map<string, ProcessState>();
  for (const { pid, key, state } of states) byName.set(`${pid} ${comms.nameOf(key)}`, state);
  return rows.map((row) => ({ ...row, state: byName.get(`${row.pid} ${row.comm}`) ?? NOTHING }));
}

const NOTHING: ProcessState = { growth: null, verdict: null, reliability: 'plausible', paths: [] };

/** Returns the state of each holder that holds something, by the keys of processes.ts. */
export function statesOf(
  trace: PairedTrace,
  selection: Selection | CompiledSelection,
  keys: Omit<HolderKeys, 'sinceNs'>,
): { pid: number; key: number; state: ProcessState }[] {
  const ranking = rankingOf(trace, selection);
  const shares = new Shares(ranking, keys);
  const listOf = new Map<number, Share[]>();
  for (const share of shares.all()) {
    const list = listOf.get(share.holder);
    if (list === undefined) listOf.set(share.holder, [share]);
    else list.push(share);
  }
  return [...listOf].map(([holder, list]) => ({ ...shares.holderOf(holder), state: stateOf(ranking, shares, list) }));
}

/** What a holder has of a call path. */
interface Share {
  holder: number;
  /** Row of the PathTable. */
  row: number;
  bytes: number;
  /** Of `bytes`: what came in the last half of the growth of a call path that grows. */
  youngBytes: number;
}

function stateOf({ core, judges }: Ranking, shares: Shares, list: readonly Share[]): ProcessState {
  const { paths } = core;
  const sorted = list.toSorted((a, b) => b.bytes - a.bytes || a.row - b.row);
  const bytesOf = new Map<VerdictName | null, number>();
  let growth: number | null = null;
  let fastest = { row: sorted[0]?.row ?? 0, rate: 0 };
  for (const { row, bytes, youngBytes } of sorted) {
    const judgement = shares.judgements.get(row);
    const verdict = judgement?.verdict ?? null;
    bytesOf.set(verdict, (bytesOf.get(verdict) ?? 0) + bytes);
    const all = shares.youngOf(row);
    if (youngBytes === 0 || all === 0) continue;
    const rate = ((judgement?.growth?.bytesPerHour ?? 0) * youngBytes) / all;
    growth = (growth ?? 0) + rate;
    if (rate > fastest.rate) fastest = { row, rate };
  }
  const most = [...bytesOf].reduce<[VerdictName | null, number]>(
    (best, each) => (each[1] > best[1] ? each : best),
    [null, 0],
  );
  const verdict = fastest.rate > 0 ? (shares.judgements.get(fastest.row)?.verdict ?? null) : withoutGrowth(most[0]);
  return {
    growth,
    verdict,
    reliability: fastest.row === 0 ? 'plausible' : judges.reliability.state(fastest.row),
    paths: sorted.slice(0, SHOWN_PATHS).map(({ row }) => pathKey(paths.stackId[row], paths.allocator[row])),
  };
}

/** Nothing of a growing call path that came lately is this process's. */
function withoutGrowth(verdict: VerdictName | null): VerdictName | null {
  return isRising(verdict) ? 'steady' : verdict;
}

/** One walk over all that passes the selection. */
class Shares {
  readonly judgements: ReturnType<typeof firstJudgements>;
  /** Pids (hi) and keys (lo). */
  private readonly holders = new AddressTable();
  /** Of a holder (hi) and a row of the PathTable (lo). */
  private readonly pairs = new AddressTable();
  private bytes = new Float64Array(1024);
  private young = new Float64Array(1024);
  private readonly youngOfRow: Float64Array;

  constructor(ranking: Ranking, { keyOf, withPids }: Omit<HolderKeys, 'sinceNs'>) {
    const { core, facts, totals } = ranking;
    this.judgements = firstJudgements(ranking);
    this.youngOfRow = new Float64Array(core.paths.size + 1);
    const wanted = new Uint8Array(core.paths.size + 1);
    for (const row of totals.rows) wanted[row] = isBacking(core, facts, row) ? 0 : 1;
    const youngFrom = this.youngFrom(core.paths.size, core.nowNs);
    for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
      const held = new HeldTable(core, allocator);
      const { words } = held.table;
      let lastPid = -1;
      let lastKey = -1;
      let lastRow = -1;
      let holder = 0;
      let pair = 0;
      held.each((slot, row) => {
        if (wanted[row] === 0 || !totals.filter.passes(held, slot)) return;
        const at = slot * SLOT_WORDS;
        const pid = withPids ? words[at + PID] & PID_MASK : 0;
        const key = keyOf(words[at + NAMES] & 0xffff);
        const isSame = pid === lastPid && key === lastKey;
        if (!isSame) holder = this.holders.intern(pid, key);
        if (!isSame || row !== lastRow) pair = this.pairOf(holder, row);
        lastPid = pid;
        lastKey = key;
        lastRow = row;
        const bytes = held.bytesAt(slot);
        this.bytes[pair] += bytes;
        if (held.timeNsAt(slot) < youngFrom[row]) return;
        this.young[pair] += bytes;
        this.youngOfRow[row] += bytes;
      });
    }
  }

  youngOf(row: number): number {
    return this.youngOfRow[row];
  }

  holderOf(holder: number): { pid: number; key: number } {
    return { pid: this.holders.hi[holder], key: this.holders.lo[holder] };
  }

  *all(): Generator<Share> {
    for (let pair = 1; pair <= this.pairs.size; pair++) {
      yield {
        holder: this.pairs.hi[pair],
        row: this.pairs.lo[pair],
        bytes: this.bytes[pair],
        youngBytes: this.young[pair],
      };
    }
  }

  /** By row: the time from which on what came is young; never for a call path that does not grow. */
  private youngFrom(rows: number, nowNs: number): Float64Array {
    const from = new Float64Array(rows + 1).fill(Number.POSITIVE_INFINITY);
    for (const [row, { verdict, growth }] of this.judgements) {
      if (isRising(verdict) && growth !== null) from[row] = (growth.sinceNs + nowNs) / 2;
    }
    return from;
  }

  private pairOf(holder: number, row: number): number {
    const pair = this.pairs.intern(holder, row);
    if (pair >= this.bytes.length) {
      this.bytes = longer(this.bytes);
      this.young = longer(this.young);
    }
    return pair;
  }
}

function longer(column: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(column.length * 2);
  grown.set(column);
  return grown;
}
