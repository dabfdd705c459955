import { byProcessName } from '../rank/process-names.js';
import { processesOf } from '../rank/processes.js';
import type { Selection } from '../rank/selection.js';
import { type Mark, sinceMark } from '../rank/since-mark.js';
import { cachesOf } from '../rank/slab-caches.js';
import { callTree } from '../rank/tree.js';
import type { Driver } from './driver.js';
import type { Rows, ViewData, ViewRequest } from './view-data.js';

/** Rows of a list that are sent to the screen; the rest is a sum. */
const ROW_LIMIT = 1000;

/** What a view needs besides the Report, as things are now; null when that is nothing. */
export function answerView(
  driver: Driver,
  mark: Mark | null,
  selection: Selection,
  request: ViewRequest,
): ViewData | null {
  const { core, symbols } = driver.pipeline;
  switch (request.kind) {
    case 'tree':
      return { kind: 'tree', tree: callTree(core, symbols, selection, request) };
    case 'processes': {
      const rows = processesOf(core, symbols, selection);
      const { by } = request;
      return {
        kind: 'processes',
        by,
        ...first(by === 'name' ? byProcessName(rows) : rows.map((row) => ({ ...row, pids: 1 }))),
      };
    }
    case 'caches':
      return { kind: 'caches', ...first(cachesOf(core, symbols, selection)) };
    case 'memory':
      return { kind: 'memory', memory: driver.memory() };
    case 'diff':
      return { kind: 'diff', since: mark === null ? null : sinceMark(core, symbols, selection, mark) };
    default:
      return null;
  }
}

function first<Row extends { bytes: number }>(rows: Row[]): Rows<Row> {
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  return { rows: rows.slice(0, ROW_LIMIT), total: { rows: rows.length, bytes } };
}
