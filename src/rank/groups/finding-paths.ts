import { ALLOCATOR_NAMES } from '../../event/kinds.js';
import { shownPath } from '../names/frames.js';
import type { FindingPath } from '../report/report-rows.js';
import type { Ranking } from '../rows/ranking.js';
import { byBytes } from './group-sums.js';
import type { GroupParts } from './part-list.js';

/** Call paths of a finding that its row lists. */
const SHOWN_PATHS = 8;

/** Returns the greatest call paths of a group's parts. */
export function findingPaths(ranking: Ranking, found: GroupParts, members: number[]): FindingPath[] {
  const { core, symbols, facts, totals } = ranking;
  const { paths, dictionary } = core;
  return members
    .toSorted(byBytes(core, found))
    .slice(0, SHOWN_PATHS)
    .map((part) => {
      const row = found.parts.row[part];
      const stackId = paths.stackId[row];
      const allocator = paths.allocator[row];
      return {
        stackId: paths.keyOf(row),
        allocator: ALLOCATOR_NAMES[allocator],
        category: totals.categoryOf(row),
        bytes: found.parts.bytes[part],
        count: found.parts.count[part],
        ...shownPath({ stacks: dictionary.stacks, symbols, facts }, stackId),
      };
    });
}
