/**
 * Columns of the tab Who where a row is a cgroup: what its tasks took and hold, and beside it what the kernel
 * counts for the cgroup and all below it, which is of all time and of user memory too.
 */
import { formatBytes, formatCountWithin } from '../../../base/format.js';
import { safeText } from '../../../base/safe-text.js';
import type { ProcessNameRow } from '../../../rank/breakdown/process-names.js';
import { type Column, placeCell } from '../../lines/columns.js';
import { isNewRow } from '../../model/row-order.js';
import type { ViewState } from '../../model/view-state.js';
import { heldColumns, type PlacedRow } from './held-columns.js';

/** Columns left for the name of the cgroup. */
export const LEAST_CGROUP = 22;

export function cgroupColumns(state: ViewState): Column<PlacedRow>[] {
  const isNew = ({ row }: PlacedRow): boolean => isNewRow(state.orders.data, cgroupKey(row), state.nowMs);
  return [
    { title: '#', width: 3, align: 'right', rank: 0, ...placeCell<PlacedRow>((of) => of.place, isNew) },
    ...heldColumns(state, 4),
    accountColumn('CURRENT', 1.1, ({ row }) => row.cgroup?.account?.current ?? null),
    {
      ...accountColumn('MAX', 1.2, ({ row }) => row.cgroup?.account?.max ?? null),
      text: ({ row }) => maxText(row.cgroup?.account),
      tone: ({ row }) => (isNearMax(row) ? 'warn' : row.cgroup?.account?.max == null ? 'dim' : 'plain'),
    },
    accountColumn('PEAK', 2, ({ row }) => row.cgroup?.account?.peak ?? null),
    bytesColumn('NO LINE', 5, (row) => row.noLineBytes),
    bytesColumn('SHMEM', 5.1, (row) => row.shmemBytes),
    bytesColumn('ANON', 5.2, (row) => row.anonBytes),
    bytesColumn('SLAB', 5.3, (row) => row.slabBytes),
    bytesColumn('CACHED', 5.4, (row) => row.cacheBytes),
    bytesColumn('PERCPU', 7, (row) => row.percpuBytes),
    bytesColumn('VMALLOC', 8, (row) => row.vmallocBytes),
    { title: 'PROCS', width: 5, align: 'right', rank: 3, text: ({ row }) => formatCountWithin(row.pids, 5) },
    {
      title: 'PATHS',
      sort: 'paths',
      width: 5,
      align: 'right',
      rank: 6,
      text: ({ row }) => formatCountWithin(row.stacks, 5),
    },
  ];
}

/** The name of a row's cgroup, in its last column. */
export function cgroupNameText({ cgroup }: ProcessNameRow): string {
  if (cgroup === undefined || cgroup.path === '') return '(unknown)';
  return safeText(`${cgroup.removedNs === null ? '' : '(removed) '}${cgroup.name}`);
}

/** Identifies a row: one that was removed and one that was made under its path are two. */
export function cgroupKey({ cgroup }: ProcessNameRow): string {
  return `cgroup ${cgroup?.removedNs ?? ''} ${cgroup?.path ?? ''}`;
}

const NEAR_MAX = 0.9;

function isNearMax({ cgroup }: ProcessNameRow): boolean {
  const account = cgroup?.account;
  return account?.max != null && account.current !== null && account.current > account.max * NEAR_MAX;
}

/** 'none' only where the kernel was asked. */
function maxText(account: NonNullable<ProcessNameRow['cgroup']>['account'] | undefined): string {
  if (account == null || account.current === null) return '-';
  return account.max === null ? 'none' : formatBytes(account.max);
}

function accountColumn(title: string, rank: number, value: (of: PlacedRow) => number | null): Column<PlacedRow> {
  return {
    title,
    width: 8,
    align: 'right',
    rank,
    text: (of) => {
      const bytes = value(of);
      return bytes === null ? '-' : formatBytes(bytes);
    },
    tone: (of) => (value(of) === null ? 'dim' : 'plain'),
  };
}

function bytesColumn(title: string, rank: number, value: (row: ProcessNameRow) => number): Column<PlacedRow> {
  return {
    title,
    width: 8,
    align: 'right',
    rank,
    text: ({ row }) => (value(row) === 0 ? '-' : formatBytes(value(row))),
    tone: ({ row }) => (value(row) === 0 ? 'dim' : 'plain'),
  };
}
