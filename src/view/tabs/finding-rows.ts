/** The rows of the first tab: those of the report, and below an opened finding its call paths. */
import type { Report } from '../../rank/report/report.js';
import type { FindingPath, ReportStack } from '../../rank/report/report-rows.js';
import type { GroupKey, SortKey } from '../../rank/report/selection.js';
import type { Command } from '../model/keys.js';
import type { RowTraits } from '../model/row-order.js';
import type { ViewState } from '../model/view-state.js';

/** A row; `path` is null for a row of the report, else a call path of it. */
export interface FindingRow {
  stack: ReportStack;
  path: FindingPath | null;
}

/** Identifies a finding from one report to the next: its greatest call path and its noun. */
export function findingKey({ stackId, merged }: ReportStack): string {
  return `finding ${merged?.label ?? ''} ${stackId}`;
}

/**
 * Identifies a row. A merged row is identified by its label, because which of its call paths comes first may change. With
 * group 'path' it is identified by its first call path, because several rows of it may have the same label.
 */
export function stackKey(stack: ReportStack, group: GroupKey): string {
  if (group === 'finding') return findingKey(stack);
  if (stack.merged === null || group === 'path') return `path ${stack.stackId}`;
  // Backing pages, on which other allocators stand, make rows of their own.
  return `${group} ${stack.category === 'backing' ? 'backing ' : ''}${stack.merged.label}`;
}

/** All keys under which a finding may have stood before: another of its call paths was the greatest then. */
function findingKeys({ merged }: ReportStack): string[] {
  return (merged?.paths ?? []).map(({ stackId }) => `finding ${merged?.label ?? ''} ${stackId}`);
}

/** What holds a row of the report in its order. */
export function stackTraits(stack: ReportStack, { sort, group }: Report['selection']): RowTraits {
  const isBacking = stack.category === 'backing';
  return {
    key: stackKey(stack, group),
    aliases: group === 'finding' ? findingKeys(stack) : [],
    value: STACK_VALUES[sort](stack),
    tier: isBacking ? 2 : stack.verdict === 'unreliable' ? 1 : 0,
    state: stack.verdict ?? '',
  };
}

const STACK_VALUES: Readonly<Record<SortKey, (stack: ReportStack) => number>> = {
  suspect: ({ suspicion, bytes }) => suspicion ?? bytes,
  bytes: ({ bytes }) => bytes,
  count: ({ count }) => count,
  growth: ({ growth }) => growth?.bytesPerHour ?? 0,
  age: ({ oldestAgeNs }) => oldestAgeNs,
  'median-age': ({ medianAgeNs }) => medianAgeNs,
  allocs: ({ allocCount }) => allocCount,
  freed: ({ freeCount, allocCount }) => (allocCount === 0 ? 0 : freeCount / allocCount),
  peak: ({ bytesAtHighWaterMark }) => bytesAtHighWaterMark,
  missed: ({ missedFrees }) => missedFrees,
  // Rows of one verdict stand by their bytes.
  verdict: ({ bytes }) => bytes,
};

/** Key of a call path below an opened finding. */
export function pathRowKey(finding: string, stackId: number | string): string {
  return `${finding} path ${stackId}`;
}

/** The row as it came, with the call paths that it showed before, in their order. */
export function heldPaths(was: ReportStack, stack: ReportStack): ReportStack {
  const { merged } = stack;
  if (merged?.paths === undefined || was.merged?.paths === undefined) return stack;
  const now = new Map(merged.paths.map((path) => [path.stackId, path]));
  const paths = was.merged.paths.map((path) => now.get(path.stackId) ?? path);
  return { ...stack, merged: { ...merged, paths } };
}

/** The rows of each report, for the findings that were open then: a list asks for one row at a time. */
const memo = new WeakMap<Report, { open: readonly string[]; rows: readonly FindingRow[] }>();

/** Returns all rows in their order. */
export function findingRows({ report, openFindings }: ViewState): readonly FindingRow[] {
  if (report === null) return [];
  let known = memo.get(report);
  if (known?.open !== openFindings) {
    known = { open: openFindings, rows: rowsOf(report, openFindings) };
    memo.set(report, known);
  }
  return known.rows;
}

function rowsOf(report: Report, openFindings: readonly string[]): FindingRow[] {
  return report.stacks.flatMap((stack): FindingRow[] => {
    const own = { stack, path: null };
    if (!openFindings.includes(findingKey(stack))) return [own];
    return [own, ...(stack.merged?.paths ?? []).map((path) => ({ stack, path }))];
  });
}

/** True for a finding of several call paths. */
export function canOpen({ merged }: ReportStack): boolean {
  return merged?.paths !== undefined && merged.paths.length > 1;
}

/** Returns the state after a command that opens or closes a finding; the same state for any other. */
export function obeyFindings(state: ViewState, command: Command): ViewState {
  const row = findingRows(state)[state.selectedIndex];
  if (row === undefined || !canOpen(row.stack)) return state;
  const key = findingKey(row.stack);
  const isOpen = state.openFindings.includes(key);
  if (command === 'expand' && !isOpen) return { ...state, selected: key, openFindings: [...state.openFindings, key] };
  if (command === 'collapse' && isOpen) {
    const openFindings = state.openFindings.filter((each) => each !== key);
    return { ...state, selected: key, openFindings };
  }
  return state;
}
