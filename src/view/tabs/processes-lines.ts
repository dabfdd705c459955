/** The tab Who as ready-made lines. */
import { bar, formatAge, formatBytes, formatCountWithin } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import type { ProcessNameRow } from '../../rank/breakdown/process-names.js';
import type { ViewData } from '../../session/view-data.js';
import type { ViewBody } from '../head/list-body.js';
import { countedText, emptyBody, listBody } from '../head/list-body.js';
import { type Column, cellSpans, fitColumns, headSpans, heldColumn, shareColumn } from '../lines/columns.js';
import { nothingText, suppressedText } from '../lines/narrow-line.js';
import type { Line } from '../lines/styled-line.js';
import type { ViewState } from '../model/view-state.js';

export type Processes = Extract<ViewData, { kind: 'processes' }>;

/** The session's answer for the present grouping; null until there is one. */
export function processesOf({ data, processesBy }: ViewState): Processes | null {
  return data?.kind === 'processes' && data.by === processesBy ? data : null;
}

export function processesBody(state: ViewState): ViewBody {
  const processes = processesOf(state);
  if (processes === null) return emptyBody(state, ['working out who holds what']);
  if (processes.rows.length === 0) return emptyBody(state, nothingText(state));
  const { rows, total } = processes;
  const fitted = fitColumns(columnsOf(processes), state.columns, 6);
  const greatest = rows.reduce((most, row) => Math.max(most, row.bytes), 1);
  return listBody(state, {
    head: headSpans(fitted, '', processes.sort),
    rows: rows.length,
    row: (index) => [
      ...cellSpans(fitted, rows[index]),
      [bar(rows[index].bytes / greatest, Math.min(60, fitted.restWidth)), 'drawing'],
    ],
    closing: (last) => closingLine(state, processes, last, total.bytes),
  });
}

function columnsOf({ by, total }: Processes): Column<ProcessNameRow>[] {
  const pid: Column<ProcessNameRow> =
    by === 'pid'
      ? { title: 'PID', width: 7, align: 'right', rank: 0, text: (row) => String(row.pid ?? ''), tone: () => 'dim' }
      : { title: 'PIDS', width: 5, align: 'right', rank: 0, text: (row) => formatCountWithin(row.pids, 5) };
  return [
    pid,
    // A name has at most 15 bytes, which are at most 15 columns.
    { title: 'PROCESS', width: 16, align: 'left', rank: 0, text: (row) => safeText(row.comm) },
    { ...heldColumn(), sort: 'bytes' },
    shareColumn(5.5, total.bytes),
    bytesColumn('NO LINE', 2, (row) => row.noLineBytes),
    bytesColumn('SHMEM', 3, (row) => row.shmemBytes),
    bytesColumn('ANON', 3.1, (row) => row.anonBytes),
    bytesColumn('SLAB', 3.2, (row) => row.slabBytes),
    bytesColumn('CACHED', 3.3, (row) => row.cacheBytes),
    bytesColumn('PAGES', 6.5, (row) => row.pageBytes),
    bytesColumn('PERCPU', 8, (row) => row.percpuBytes),
    bytesColumn('VMALLOC', 7, (row) => row.vmallocBytes),
    bytesColumn('BACKING', 9, (row) => row.backingBytes),
    {
      title: 'ALLOCS',
      sort: 'allocs',
      width: 9,
      align: 'right',
      rank: 6,
      text: (row) => formatCountWithin(row.allocations, 9),
    },
    {
      title: 'PATHS',
      sort: 'paths',
      width: 6,
      align: 'right',
      rank: 5,
      // Processes of one name may share call paths, so the figure is a lower bound (process-names.ts).
      text: (row) => `${row.pids > 1 ? '≥' : ''}${formatCountWithin(row.stacks, 5)}`,
    },
    { title: 'OLDEST', sort: 'oldest', width: 7, align: 'right', rank: 4, text: (row) => formatAge(row.oldestAgeNs) },
  ];
}

function bytesColumn(title: string, rank: number, value: (row: ProcessNameRow) => number): Column<ProcessNameRow> {
  return {
    title,
    sort: title.toLowerCase(),
    width: 8,
    align: 'right',
    rank,
    text: (row) => (value(row) === 0 ? '-' : formatBytes(value(row))),
    tone: (row) => (value(row) === 0 ? 'dim' : 'plain'),
  };
}

function closingLine(state: ViewState, { by, rows, total }: Processes, last: number, all: number): Line {
  const names = by === 'pid' ? (['process', 'processes'] as const) : (['process name', 'process names'] as const);
  let shown = 0;
  for (let index = 0; index < last; index++) shown += rows[index].bytes;
  const more = total.rows - last;
  const text =
    more > 0
      ? `… ${countedText(more, names, ' more')}, ${formatBytes(Math.max(0, all - shown))}`
      : `${countedText(total.rows, names)}, ${formatBytes(all)}`;
  return [
    [text, 'dim'],
    [suppressedText(state), 'warn'],
  ];
}
