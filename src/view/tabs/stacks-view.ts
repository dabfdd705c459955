/** The Stacks view: the ranking; Enter opens a call path, or shows the call paths that a merged row stands for. */
import { CATEGORIES } from '../../rank/report/category.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import { type GroupKey, oneCgroup, type Selection } from '../../rank/report/selection.js';
import { NO_MODULES } from '../lines/narrow-line.js';
import { exactName } from '../model/filter-text.js';
import { asking } from '../model/state-requests.js';
import { goInto } from '../model/state-views.js';
import type { ViewState } from '../model/view-state.js';
import { type FindingRow, findingKey, findingRows, obeyFindings, pathRowKey, stackKey } from './finding-rows.js';
import { stacksBody } from './stacks-lines.js';
import type { View } from './view.js';

export const STACKS_VIEW: View = {
  request: () => ({ kind: 'stacks' }),
  rowCount: (state) => findingRows(state).length,
  rowKey: (state, index) => rowKey(findingRows(state)[index], state.report?.selection.group ?? 'stack'),
  body: stacksBody,
  open: openStack,
  obey: obeyFindings,
};

function rowKey(row: FindingRow | undefined, group: GroupKey): string {
  if (row === undefined) return '';
  return row.path === null ? stackKey(row.stack, group) : pathRowKey(findingKey(row.stack), row.path.stackId);
}

function openStack(state: ViewState): ViewState {
  const row = findingRows(state)[state.selectedIndex];
  if (row === undefined || state.report === null) return state;
  const { stack, path } = row;
  const { group } = state.report.selection;
  const selected = rowKey(row, group);
  if (path !== null) return openPath(state, path, selected);
  const parts = partsOf(stack, group, state.selection.hide);
  if (parts !== null) return goInto(state, 'stacks', { group: 'stack', ...parts });
  return openPath(state, stack, selected);
}

/** Opens the details of one call path; of a finding, those of its greatest. */
function openPath(
  state: ViewState,
  { stackId, allocator }: Pick<ReportStack, 'stackId' | 'allocator'>,
  selected: string,
): ViewState {
  return asking(
    { ...state, place: 'detail', opened: { stackId, allocator }, selected, detail: null, detailTop: 0 },
    { name: 'open', stackId },
  );
}

/** The selection of a merged row's call paths alone; null for a row of one call path, or when no selection fits. */
function partsOf(stack: ReportStack, group: GroupKey, hide: string | null): Partial<Selection> | null {
  const { merged } = stack;
  if (merged === null || merged.stacks < 2 || group === 'finding') return null;
  const parts = partsByLabel(stack, merged.label, group, hide);
  // Backing pages, on which other allocators stand, make rows of their own.
  return parts !== null && stack.category === 'backing' ? { ...parts, categories: ['backing'] } : parts;
}

function partsByLabel(
  stack: ReportStack,
  label: string,
  group: GroupKey,
  hide: string | null,
): Partial<Selection> | null {
  const { frames, firstFrame, allocator } = stack;
  switch (group) {
    case 'comm':
      return { comm: label === UNKNOWN ? '' : label };
    case 'cgroup':
      return stack.cgroups.length === 0 ? null : { cgroup: oneCgroup(stack.cgroups[0].cgroup) };
    case 'cache':
      // Memory in no cache has one row for each allocator.
      return allocator === 'slab' ? { cache: label } : { allocators: [allocator] };
    case 'module':
      if (frames.some((frame) => frame.module === label)) return { module: label };
      // The core kernel is no module and cannot be selected; hiding all call paths with a module leaves it.
      return frames.length === 0 ? null : { hide: hide === null ? NO_MODULES : `(?:${hide})|${NO_MODULES}` };
    case 'category': {
      const category = CATEGORIES.find((name) => name === label);
      return category === undefined ? null : { categories: [category] };
    }
    default: {
      const first = frames[firstFrame];
      return first === undefined ? null : { grep: exactName(first.symbol) };
    }
  }
}

/** A row of processes whose name is not known (group-parts.ts). */
const UNKNOWN = '(unknown)';
