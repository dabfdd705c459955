/** Takes a snapshot of the session into the state. While the display is paused only answers to requests are taken. */
import type { SessionSnapshot } from '../../session/trace-session.js';
import type { ViewState } from '../model/view-state.js';
import { withHeldOrder } from './held-lists.js';
import { inView } from './state-scroll.js';

/** Returns the state with this snapshot taken; a requested seek or speed is forgotten once it has been reached. */
export function withSnapshot(state: ViewState, snapshot: SessionSnapshot): ViewState {
  let { seek, soughtNs, speed } = state;
  const { positionNs, durationNs } = snapshot.status;
  const isNear = (timeNs: number): boolean => Math.abs(positionNs - timeNs) <= durationNs / 1000;
  if (seek !== null) {
    const near = isNear(seek.timeNs);
    if (near) soughtNs = seek.timeNs;
    seek = near || seek.snapshotsLeft <= 1 ? null : { ...seek, snapshotsLeft: seek.snapshotsLeft - 1 };
  }
  if (soughtNs !== null && (positionNs >= soughtNs || !isNear(soughtNs))) soughtNs = null;
  if (speed !== null && snapshot.status.speed === speed) speed = null;
  const next: ViewState = { ...state, snapshot, seek, soughtNs, speed };
  if (!state.frozen) {
    next.report = snapshot.report;
    next.detail = snapshot.detail;
    next.marks = snapshot.marks ?? null;
    next.data = snapshot.view;
    next.dataRequest = snapshot.viewRequest;
  } else {
    // Paused, but a new sort, filter or view still takes its first answer.
    const wanted = snapshot.report !== null && same(snapshot.report.selection, state.selection);
    const other = state.report === null || !same(state.report.selection, state.selection);
    if (wanted && other) next.report = snapshot.report;
    if (wanted && same(snapshot.viewRequest, state.asked) && (other || !same(state.dataRequest, state.asked))) {
      next.data = snapshot.view;
      next.dataRequest = snapshot.viewRequest;
    }
    if (state.opened === null || state.detail?.stack.stackId !== state.opened.stackId) next.detail = snapshot.detail;
  }
  return inView(withHeldOrder(state, next));
}

/** True if two plain values are equal as JSON. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
