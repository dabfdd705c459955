/**
 * Findings: groups of call paths of one cause (clusters.ts). The first call paths of the ranking are
 * judged and clustered. Each of those below them is a row of its own: it holds little, and nothing of
 * it is judged.
 */
import { ALLOCATOR_NAMES } from '../../event/kinds.js';
import { isBacking } from '../names/backing.js';
import { shownPath } from '../names/frames.js';
import { nounOf, ownFunction } from '../names/nouns.js';
import { isCodeAddress } from '../names/user/user-frames.js';
import { isProcessAllocator } from '../report/category.js';
import { FIRST_ROWS, firstJudged, rankedRows } from '../rows/call-path-rows.js';
import type { Ranking } from '../rows/ranking.js';
import { unitBytes } from '../select/held-table.js';
import { type ClusterRow, clustersOf } from './clusters.js';
import { type GroupParts, groupOf, PartList } from './part-list.js';

/** A process that holds this share of a call path is its holder. */
const HOLDER_SHARE = 0.9;

export function findingParts(ranking: Ranking): GroupParts {
  const { core, totals } = ranking;
  const clustered = clusterRows(ranking);
  const clusters = clustersOf(clustered);
  const parts = new PartList();
  const groups = new Map<number, number>();
  const partOfRow = new Uint32Array(core.paths.size + 1);
  const add = (row: number, key: number): void => {
    const part = parts.add(row, groupOf(groups, key));
    partOfRow[row] = part;
    parts.holdWhole(part, totals);
  };
  for (const [i, { row }] of clustered.entries()) add(row, -clusters[i]);
  for (const row of totals.rows) {
    if (partOfRow[row] === 0) add(row, row);
  }
  return {
    parts,
    groups: groups.size,
    partOf: (row) => partOfRow[row],
    label: (part) => namesOf(ranking, parts.row[part]).noun,
    excess: null,
  };
}

/** The first rows of the ranking, with what decides their cluster; those that hold most first. */
function clusterRows(ranking: Ranking): ClusterRow[] {
  const { core, facts, totals, judges, selection } = ranking;
  const { paths } = core;
  const limit = Math.min(selection.limit, 4 * FIRST_ROWS);
  const first =
    limit <= FIRST_ROWS
      ? firstJudged(ranking)
      : rankedRows({ ...ranking, selection: { ...selection, group: 'stack', sort: 'suspect', limit } });
  const rows = first.map(({ row, detail, judgement }): ClusterRow => {
    const names = namesOf(ranking, row);
    const [greatest] = detail.comms;
    const isOne = greatest !== undefined && greatest.bytes >= totals.bytes[row] * HOLDER_SHARE;
    const now = totals.count[row];
    const bytes = totals.bytes[row];
    const held = judges.curveVerdicts.curveOf([row]);
    const size = now === 0 ? unitBytes(core, paths.allocator[row]) : bytes / now;
    return {
      row,
      ...names,
      isBacking: isBacking(core, facts, row),
      isBefore: paths.isBefore(row),
      verdict: judgement.verdict,
      comm: isOne ? greatest.comm : null,
      bytes,
      curve: held.length === 0 || size === 0 ? null : { counts: held.map((value) => value / size), now },
    };
  });
  return rows.toSorted((a, b) => b.bytes - a.bytes || a.row - b.row);
}

/** What names alone tell of a call path. */
function namesOf(
  { core, symbols, facts, totals }: Ranking,
  row: number,
): Pick<ClusterRow, 'noun' | 'category' | 'ownFunction' | 'module' | 'hasCode'> {
  const { paths, dictionary } = core;
  const path = shownPath({ stacks: dictionary.stacks, symbols, facts }, paths.stackId[row]);
  const category = totals.categoryOf(row);
  const allocator = ALLOCATOR_NAMES[paths.allocator[row]];
  const own = ownFunction({ ...path, allocator });
  return {
    noun: nounOf({ ...path, allocator, baseline: paths.isBefore(row), category }),
    category,
    ownFunction: own === null ? '' : `${own.symbol} ${allocator}`,
    module: own?.module ?? null,
    hasCode: isProcessAllocator(allocator) && path.frames.some(({ address }) => isCodeAddress(address)),
  };
}
