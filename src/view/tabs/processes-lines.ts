/** The tab Who as ready-made lines. */
import { formatAge, formatBytes, formatCountWithin } from '../../base/format.js';
import { cutToWidth, safeText } from '../../base/safe-text.js';
import type { AllocatorName } from '../../event/kinds.js';
import type { ProcessNameRow } from '../../rank/breakdown/process-names.js';
import { isOfProcesses } from '../../rank/report/category.js';
import type { ProcessKey, ViewData } from '../../session/view-data.js';
import type { ViewBody } from '../head/list-body.js';
import { countedText, emptyBody, listBody } from '../head/list-body.js';
import { type Column, cellSpans, fitColumns, headSpans, placeCell, shareColumn } from '../lines/columns.js';
import { nothingText, suppressedText } from '../lines/narrow-line.js';
import type { Line } from '../lines/styled-line.js';
import { isNewRow } from '../model/row-order.js';
import type { ViewState } from '../model/view-state.js';
import { noLookText } from './memory/equation-lines.js';
import { cgroupColumns, cgroupKey, cgroupNameText, LEAST_CGROUP } from './who/cgroup-columns.js';
import { heldColumns, type PlacedRow } from './who/held-columns.js';
import { besideColumns, everyProcessColumns, residentText } from './who/resident-columns.js';

export type Processes = Extract<ViewData, { kind: 'processes' }>;

/** The session's answer for the present grouping; null until there is one. */
export function processesOf({ data, processesBy }: ViewState): Processes | null {
  return data?.kind === 'processes' && data.by === processesBy ? data : null;
}

export function processesBody(state: ViewState): ViewBody {
  const processes = processesOf(state);
  if (processes === null) return emptyBody(state, ['working out who holds what']);
  if (processes.rows.length === 0) return emptyBody(state, withoutRows(state));
  const { rows, total } = processes;
  if (processes.by === 'cgroup') return cgroupsBody(state, processes);
  const fitted = fitColumns(columnsOf(processes, state), state.columns, LEAST_FINDINGS);
  const findings = findingsByPath(state);
  return listBody(state, {
    head: headSpans(fitted, 'FINDINGS', processes.sort),
    rows: rows.length,
    row: (index) => [
      ...cellSpans(fitted, { place: index + 1, row: rows[index] }),
      [findingsText(rows[index], findings, fitted.restWidth), 'dim'],
    ],
    closing: (last) => closingLine(state, processes, last, total.bytes),
  });
}

function withoutRows(state: ViewState): readonly string[] {
  if (state.processesBy !== 'all') return nothingText(state);
  return [state.mode === 'live' ? 'reading the processes of this machine' : noLookText(state)];
}

function cgroupsBody(state: ViewState, processes: Processes): ViewBody {
  const { rows, total } = processes;
  const fitted = fitColumns(cgroupColumns(state), state.columns, LEAST_CGROUP);
  return listBody(state, {
    head: headSpans(fitted, 'CGROUP', processes.sort),
    rows: rows.length,
    row: (index) => [
      ...cellSpans(fitted, { place: index + 1, row: rows[index] }),
      [cutToWidth(cgroupNameText(rows[index]), fitted.restWidth), 'plain'],
    ],
    closing: (last) => closingLine(state, processes, last, total.bytes),
  });
}

/** Columns left for the numbers of findings. */
const LEAST_FINDINGS = 8;

/** Numbers of the rows of the first tab, by the call paths that they list. */
function findingsByPath({ report }: ViewState): Map<number, number> {
  const numbers = new Map<number, number>();
  for (const { rank, stackId, merged } of report?.stacks ?? []) {
    for (const id of merged?.paths?.map((path) => path.stackId) ?? [stackId]) numbers.set(id, rank);
  }
  return numbers;
}

/** '1, 3, 12': those that the process holds most of come first; as many as fit. */
function findingsText({ state }: ProcessNameRow, findings: ReadonlyMap<number, number>, width: number): string {
  const numbers = [...new Set(state?.paths.flatMap((id) => findings.get(id) ?? []))];
  let text = '';
  for (const [index, number] of numbers.entries()) {
    const next = index === 0 ? String(number) : `${text}, ${number}`;
    const isLast = index === numbers.length - 1;
    if (next.length + (isLast ? 0 : 2) > width) return `${text} …`;
    text = next;
  }
  return text;
}

function columnsOf({ by, total }: Processes, state: ViewState): Column<PlacedRow>[] {
  const isNew = ({ row }: PlacedRow): boolean => isNewRow(state.orders.data, processKey(row, by), state.nowMs);
  const pid: Column<PlacedRow> =
    by !== 'name'
      ? { title: 'PID', width: 7, align: 'right', rank: 0, text: ({ row }) => String(row.pid ?? ''), tone: () => 'dim' }
      : { title: 'PIDS', width: 5, align: 'right', rank: 0, text: ({ row }) => formatCountWithin(row.pids, 5) };
  const allocators = state.report?.source.allocators ?? [];
  const share = shareColumn(5.5, total.bytes);
  const place: Column<PlacedRow> = {
    title: '#',
    width: 3,
    align: 'right',
    rank: 0,
    ...placeCell<PlacedRow>((placed) => placed.place, isNew),
  };
  // A name has at most 15 bytes, which are at most 15 columns.
  const name: Column<PlacedRow> = {
    title: 'PROCESS',
    width: 15,
    align: 'left',
    rank: 0,
    text: ({ row }) => safeText(row.comm),
  };
  if (by === 'all') return [place, ...everyProcessColumns<PlacedRow>(), pid, name];
  return [
    place,
    ...heldColumns(state, 1.5),
    ...(isOfProcesses(allocators) ? ownColumns(allocators) : kernelColumns(state)),
    { ...share, text: ({ row }) => share.text(row), tone: () => 'plain' },
    {
      title: 'ALLOCS',
      sort: 'allocs',
      width: 9,
      align: 'right',
      rank: 6,
      text: ({ row }) => formatCountWithin(row.allocations, 9),
    },
    {
      title: 'PATHS',
      sort: 'paths',
      width: 6,
      align: 'right',
      rank: 5,
      // Processes of one name may share call paths, so the figure is a lower bound (process-names.ts).
      text: ({ row }) => `${row.pids > 1 ? '≥' : ''}${formatCountWithin(row.stacks, 5)}`,
    },
    {
      title: 'OLDEST',
      sort: 'oldest',
      width: 7,
      align: 'right',
      rank: 4,
      text: ({ row }) => formatAge(row.oldestAgeNs),
    },
    pid,
    name,
  ];
}

/** What a row holds by line of meminfo, and by allocator of the kernel. */
function kernelColumns({ columns }: ViewState): Column<PlacedRow>[] {
  const none = columns < 100 ? { title: 'NO LINE', width: 8 } : { title: 'NOT IN MEMINFO', width: 14 };
  return [
    { ...bytesColumn('NO LINE', 2, (row) => row.noLineBytes), ...none },
    bytesColumn('SHMEM', 3, (row) => row.shmemBytes),
    bytesColumn('ANON', 3.1, (row) => row.anonBytes),
    bytesColumn('SLAB', 3.2, (row) => row.slabBytes),
    bytesColumn('CACHED', 3.3, (row) => row.cacheBytes),
    ...besideColumns<PlacedRow>(),
    bytesColumn('PAGES', 6.5, (row) => row.pageBytes),
    bytesColumn('PERCPU', 8, (row) => row.percpuBytes),
    bytesColumn('VMALLOC', 7, (row) => row.vmallocBytes),
    bytesColumn('BACKING', 9, (row) => row.backingBytes),
  ];
}

/** What a process has of its own memory. */
function ownColumns(allocators: readonly AllocatorName[]): Column<PlacedRow>[] {
  const heap = bytesColumn('HEAP', 2.6, (row) => row.heapBytes ?? 0);
  return [
    ...(allocators.includes('heap') ? [heap] : []),
    bytesColumn('MAPPED', 3, (row) => row.mappedBytes ?? 0),
    bytesColumn('RESERVED', 2.7, (row) => row.reservedBytes ?? 0),
    ...besideColumns<PlacedRow>(),
  ];
}

/** Identifies a row. */
export function processKey(row: ProcessNameRow, by: ProcessKey): string {
  if (by === 'cgroup') return cgroupKey(row);
  const { pid, comm } = row;
  return `${by === 'name' ? '' : pid} ${comm}`;
}

function bytesColumn(title: string, rank: number, value: (row: ProcessNameRow) => number): Column<PlacedRow> {
  return {
    title,
    sort: title.toLowerCase(),
    width: 8,
    align: 'right',
    rank,
    text: ({ row }) => (value(row) === 0 ? '-' : formatBytes(value(row))),
    tone: ({ row }) => (value(row) === 0 ? 'dim' : 'plain'),
  };
}

const ROW_NAMES: Readonly<Record<ProcessKey, readonly [string, string]>> = {
  pid: ['process', 'processes'],
  name: ['process name', 'process names'],
  cgroup: ['cgroup', 'cgroups'],
  all: ['process', 'processes'],
};

function closingLine(state: ViewState, { by, rows, total, read }: Processes, last: number, all: number): Line {
  const names = ROW_NAMES[by];
  let shown = 0;
  for (let index = 0; index < last; index++) shown += rows[index].bytes;
  const more = total.rows - last;
  // What every process holds is the lesser part of this list.
  const held = (bytes: number): string => (by === 'all' ? '' : `, ${formatBytes(bytes)}`);
  const text =
    more > 0
      ? `… ${countedText(more, names, ' more')}${held(Math.max(0, all - shown))}`
      : `${countedText(total.rows, names)}${held(all)}`;
  const readAt = residentText(read);
  return [
    [text, 'dim'],
    [suppressedText(state), 'warn'],
    [readAt === '' ? '' : `; ${readAt}`, 'dim'],
  ];
}
