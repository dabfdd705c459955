/** The rows of the first tab: those of the report, and below an opened finding its call paths. */
import type { Report } from '../../rank/report/report.js';
import type { FindingPath, ReportStack } from '../../rank/report/report-rows.js';
import type { Command } from '../model/keys.js';
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
