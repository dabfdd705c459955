/**
 * Holds the rows of the screen in their order (model/row-order.ts): those of the report, and those of the session's
 * answer for a view.
 */
import type { ReportStack } from '../../rank/report/report-rows.js';
import { dueMs, orderedRows, type RowOrder } from '../model/row-order.js';
import { orderedTree } from '../model/tree-order.js';
import type { ViewState } from '../model/view-state.js';
import { cacheTraits } from '../tabs/caches-view.js';
import { changeTraits } from '../tabs/diff-view.js';
import { heldPaths, pathRowKey, stackKey, stackTraits } from '../tabs/finding-rows.js';
import { processTraits } from '../tabs/processes-view.js';

/** A key that moves or acts on a list holds its order for this long. */
export const HELD_MS = 3000;

/**
 * Returns the state with the rows that came put into the order of those that `before` shows. Without times, and while a
 * replay is on its way to another time, they are taken as they come.
 */
export function withHeldOrder(before: ViewState, state: ViewState): ViewState {
  if (state.nowMs === null || before.seek !== null) return { ...state, orders: { report: null, data: null } };
  const times = { nowMs: state.nowMs, isHeld: state.nowMs < state.heldUntilMs };
  // While the display is paused, what is shown stays as it is.
  const next = state.report === before.report ? state : withHeldReport(before, state, times);
  return next.data === before.data ? next : withHeldData(before, next, times);
}

/** When the order of the list on the screen will change without another report; null = it will not. */
export function orderDueMs({ orders, heldUntilMs, frozen, view }: ViewState): number | null {
  const order = view === 'stacks' ? orders.report : orders.data;
  return frozen || order === null ? null : dueMs(order, heldUntilMs);
}

interface Times {
  nowMs: number;
  isHeld: boolean;
}

function withHeldReport(before: ViewState, state: ViewState, times: Times): ViewState {
  const { report } = state;
  if (report === null) return state;
  const { selection } = report;
  const { order, rows, renamed } = orderedRows(before.orders.report, {
    list: JSON.stringify(selection),
    shown: before.report?.stacks ?? [],
    ranked: report.stacks,
    traitsOf: (stack) => stackTraits(stack, selection),
    ...times,
  });
  const shown = new Map(
    before.report?.stacks.map((stack) => {
      const key = stackKey(stack, selection.group);
      return [renamed.get(key) ?? key, stack] as const;
    }),
  );
  const stacks = rows.map((stack, index): ReportStack => {
    const was = shown.get(stackKey(stack, selection.group));
    return { ...(order.isStale && was !== undefined ? heldPaths(was, stack) : stack), rank: index + 1 };
  });
  const orders = { ...state.orders, report: order };
  const next = { ...state, orders, report: { ...report, stacks } };
  if (renamed.size === 0) return next;
  const { selected, openFindings } = state;
  return {
    ...next,
    selected: selected === null || state.view !== 'stacks' ? selected : goneOn(selected, renamed),
    openFindings: openFindings.map((key) => renamed.get(key) ?? key),
  };
}

/** The key under which a row goes on; a call path of an opened finding has a key that begins with the finding's. */
function goneOn(selected: string, renamed: ReadonlyMap<string, string>): string {
  for (const [old, key] of renamed) {
    if (selected === old || selected.startsWith(pathRowKey(old, ''))) return key + selected.slice(old.length);
  }
  return selected;
}

function withHeldData(before: ViewState, state: ViewState, times: Times): ViewState {
  const { data, dataRequest, report } = state;
  if (data === null) return state;
  const which = { kind: data.kind, sort: 'sort' in data ? data.sort : '', by: 'by' in data ? data.by : '' };
  const list = JSON.stringify([which, report?.selection]);
  const was = before.data;
  const order = before.orders.data;
  switch (data.kind) {
    case 'tree': {
      const shown = was?.kind === 'tree' ? was.tree.nodes : [];
      const entries = dataRequest.kind === 'tree' && dataRequest.entries;
      const of = JSON.stringify([list, data.tree.direction, entries]);
      const held = orderedTree(order, { list: of, shown, ranked: data.tree.nodes, ...times });
      return withData(state, held.order, { ...data, tree: { ...data.tree, nodes: held.nodes } });
    }
    case 'processes': {
      const shown = was?.kind === 'processes' ? was.rows : [];
      const traitsOf = processTraits(data);
      const held = orderedRows(order, { list, shown, ranked: data.rows, traitsOf, ...times });
      return withData(state, held.order, { ...data, rows: held.rows });
    }
    case 'caches': {
      const shown = was?.kind === 'caches' ? was.rows : [];
      const traitsOf = cacheTraits(data);
      const held = orderedRows(order, { list, shown, ranked: data.rows, traitsOf, ...times });
      return withData(state, held.order, { ...data, rows: held.rows });
    }
    case 'diff': {
      const { since } = data;
      if (since === null) return withData(state, null, data);
      const shown = was?.kind === 'diff' ? (was.since?.paths ?? []) : [];
      const of = JSON.stringify([list, since.markNs]);
      const held = orderedRows(order, { list: of, shown, ranked: since.paths, traitsOf: changeTraits, ...times });
      return withData(state, held.order, { ...data, since: { ...since, paths: held.rows } });
    }
    default:
      return withData(state, null, data);
  }
}

function withData(state: ViewState, order: RowOrder | null, data: ViewState['data']): ViewState {
  return { ...state, orders: { ...state.orders, data: order }, data };
}
