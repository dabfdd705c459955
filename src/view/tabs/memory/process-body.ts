/** In a trace of processes the tab Memory shows each of them: sizes now, and up to as many over time as there is room for. */
import { processLines } from '../../../rank/answer/process-lines.js';
import { isOfProcesses } from '../../../rank/report/category.js';
import { emptyBody, listBody, type ViewBody } from '../../head/list-body.js';
import type { Line } from '../../lines/styled-line.js';
import type { ViewState } from '../../model/view-state.js';

export function isProcessTrace({ report }: Pick<ViewState, 'report'>): boolean {
  return report !== null && isOfProcesses(report.source.allocators);
}

/** The lines below the head; empty before the first figures. */
export function processRows({ report, columns }: Pick<ViewState, 'report' | 'columns'>): readonly string[] {
  return report === null ? [] : processLines(report, columns).slice(1);
}

export function processBody(state: ViewState): ViewBody {
  const { report, columns } = state;
  const [head = ''] = report === null ? [] : processLines(report, columns);
  const rows = processRows(state);
  if (rows.length === 0) return emptyBody(state, ['no figures of a process so far']);
  return listBody(state, {
    head: [[head, 'head']],
    rows: rows.length,
    row: (index): Line => [[rows[index]]],
    closing: () => [['faults a second since the line above; Who has each process, Enter there its mappings', 'dim']],
  });
}
