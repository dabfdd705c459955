/** The Stacks view: the ranking; Enter opens a call path, or shows the call paths that a merged row stands for. */
import { CATEGORIES } from '../../rank/report/category.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import type { GroupKey, Selection } from '../../rank/report/selection.js';
import { NO_MODULES } from '../lines/scope-text.js';
import { exactName } from '../model/filter-text.js';
import { asking } from '../model/state-requests.js';
import { goInto } from '../model/state-views.js';
import type { ViewState } from '../model/view-state.js';
import { stacksBody } from './stacks-lines.js';
import type { View } from './view.js';

export const STACKS_VIEW: View = {
  request: () => ({ kind: 'stacks' }),
  rowCount: (state) => state.report?.stacks.length ?? 0,
  rowKey: ({ report }, index) => stackKey(report?.stacks[index], report?.selection.group ?? 'stack'),
  body: stacksBody,
  open: openStack,
};

/**
 * Identifies a row. A merged row is identified by its label, because which of its call paths comes first may change. With
 * group 'path' it is identified by its first call path, because several rows of it may have the same label.
 */
function stackKey(stack: ReportStack | undefined, group: GroupKey): string {
  if (stack === undefined) return '';
  if (stack.merged === null || group === 'path') return `path ${stack.stackId}`;
  // Backing pages, on which other allocators stand, make rows of their own.
  return `${group} ${stack.category === 'backing' ? 'backing ' : ''}${stack.merged.label}`;
}

function openStack(state: ViewState): ViewState {
  const stack = state.report?.stacks[state.selectedIndex];
  if (stack === undefined || state.report === null) return state;
  const { group } = state.report.selection;
  const parts = partsOf(stack, group, state.selection.hide);
  if (parts !== null) return goInto(state, 'stacks', { group: 'stack', ...parts });
  const opened = { stackId: stack.stackId, allocator: stack.allocator };
  return asking(
    { ...state, place: 'detail', opened, selected: stackKey(stack, group), detail: null, detailTop: 0 },
    { name: 'open', stackId: stack.stackId },
  );
}

/** The selection of a merged row's call paths alone; null for a row of one call path, or when no selection fits. */
function partsOf(stack: ReportStack, group: GroupKey, hide: string | null): Partial<Selection> | null {
  const { merged } = stack;
  if (merged === null || merged.stacks < 2) return null;
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
