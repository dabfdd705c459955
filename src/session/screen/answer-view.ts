import { sortedCaches } from '../../rank/breakdown/cache-order.js';
import { cacheTableOf } from '../../rank/breakdown/cache-table.js';
import { cgroupRowsOf } from '../../rank/breakdown/cgroups.js';
import { byProcessName, type ProcessNameRow } from '../../rank/breakdown/process-names.js';
import { withStates } from '../../rank/breakdown/process-states.js';
import { processesOf } from '../../rank/breakdown/processes.js';
import { type Mark, sinceMark } from '../../rank/breakdown/since-mark.js';
import { withTraced } from '../../rank/breakdown/traced-sizes.js';
import { callTree } from '../../rank/breakdown/tree.js';
import type { Selection } from '../../rank/report/selection.js';
import type { Driver } from '../driver.js';
import { cgroupAccountsIn } from '../look/look-accounts.js';
import { PROCESS_VALUES, type ProcessSort, type Rows, type ViewData, type ViewRequest } from '../view-data.js';
import { everyProcess, withResidents } from './resident-rows.js';

/** At most this many rows of a list are sent to the screen; the rest only count in its total. */
const ROW_LIMIT = 1000;

/** The data that a view needs besides the Report, from the pipeline as it is now; null when it needs none. */
export function answerView(
  driver: Driver,
  mark: Mark | null,
  selection: Selection,
  request: ViewRequest,
): ViewData | null {
  const { pipeline } = driver;
  switch (request.kind) {
    case 'tree':
      return { kind: 'tree', tree: callTree(pipeline, selection, request) };
    case 'processes':
      return processesView(driver, selection, request);
    case 'limits':
      return { kind: 'limits', limits: driver.machine.limits() };
    case 'paging':
      return { kind: 'paging', paging: pipeline.paging.view(), swaps: driver.machine.processes()?.swaps ?? null };
    case 'caches':
      return {
        kind: 'caches',
        sort: request.sort,
        types: pipeline.cacheTypes,
        ...cut(sortedCaches(cacheTableOf(pipeline, selection, driver.slabsBefore ?? null), request.sort)),
      };
    case 'memory':
      return { kind: 'memory', memory: driver.memory() };
    case 'census':
      return { kind: 'census', census: pipeline.census };
    case 'diff':
      return { kind: 'diff', since: mark === null ? null : sinceMark(pipeline, selection, mark) };
    default:
      return null;
  }
}

function processesView(
  driver: Driver,
  selection: Selection,
  { by, sort, pid }: Extract<ViewRequest, { kind: 'processes' }>,
): ViewData {
  if (by === 'cgroup')
    return { kind: 'processes', by, sort, ...withAccounts(driver, cgroupHolders(driver, selection, sort)) };
  const { pipeline, machine } = driver;
  const now = machine.processes();
  const { core } = pipeline;
  const held = withStates(pipeline, selection, processesOf(pipeline, selection));
  const isTraced = core.processMemory.history.size > 0;
  // What the trace has of its processes is of the moment that is shown.
  const looked = now === null ? held : withResidents(held, now.processes, core.processes.gone);
  const known = isTraced ? withTraced(looked, core) : looked;
  const read = now === null || isTraced ? null : { timeMs: now.timeMs, isNow: now.isNow };
  const rows =
    by === 'name'
      ? byProcessName(known)
      : by === 'all'
        ? everyProcess(now?.processes ?? [], known)
        : known.map((row) => ({ ...row, pids: 1 }));
  const mappings = pid === undefined ? {} : { mappings: machine.mappings(pid) };
  return { kind: 'processes', by, sort, read, ...mappings, ...first(rows, PROCESS_VALUES[sort]) };
}

/** The kernel is asked for the accounts of the first rows alone. */
const WITH_ACCOUNT = 200;

function cgroupHolders({ pipeline }: Driver, selection: Selection, sort: ProcessSort): Rows<ProcessNameRow> {
  const rows = cgroupRowsOf(pipeline, selection).map((row) => ({ ...row, comm: '', pid: null }));
  return first(rows, PROCESS_VALUES[sort]);
}

function withAccounts(driver: Driver, { rows, total }: Rows<ProcessNameRow>): Rows<ProcessNameRow> {
  const paths = rows.slice(0, WITH_ACCOUNT).flatMap(({ cgroup }) => (cgroup?.removedNs === null ? [cgroup.path] : []));
  const accounts = driver.cgroupAccounts?.(paths) ?? cgroupAccountsIn(driver.pipeline.looks);
  const withAccount = rows.map((row) => {
    const { cgroup } = row;
    const account = cgroup === undefined ? undefined : accounts.get(cgroup.path);
    return cgroup === undefined || account === undefined ? row : { ...row, cgroup: { ...cgroup, account } };
  });
  return { rows: withAccount, total };
}

/** The first rows by `value`, the greatest first. `rows` are sorted by bytes, and rows of equal value keep that order. */
function first<Row extends { bytes: number }>(rows: readonly Row[], value: (row: Row) => number): Rows<Row> {
  // Compared, not subtracted: the difference of two infinities is NaN.
  return cut(rows.toSorted((a, b) => (value(a) === value(b) ? 0 : value(b) > value(a) ? 1 : -1)));
}

function cut<Row extends { bytes: number }>(sorted: Row[]): Rows<Row> {
  const bytes = sorted.reduce((sum, row) => sum + row.bytes, 0);
  return { rows: sorted.slice(0, ROW_LIMIT), total: { rows: sorted.length, bytes } };
}
