/** Reads the session's answers from a state. */
import type { SinceMark } from '../../rank/breakdown/since-mark.js';
import type { TriageFinding, TriageReport } from '../../triage/report.js';
import type { ViewState } from './view-state.js';

/** Position in a replay, in ns: the target of a running seek, else the position in the newest snapshot. */
export function positionOf(state: ViewState): number {
  return state.seek?.timeNs ?? state.soughtNs ?? state.snapshot.status.positionNs;
}

/** The changes since the mark; null when there is no mark or no answer yet. */
export function sinceOf({ data }: ViewState): SinceMark | null {
  return data?.kind === 'diff' ? data.since : null;
}

/** What triage says of the machine before the trace; null if it was not looked at. */
export function firstLookOf({ snapshot }: Pick<ViewState, 'snapshot'>): TriageReport | null {
  return snapshot.triage ?? null;
}

/** Identifies a finding of triage from one look to the next. */
export function triageKey({ rule, item }: TriageFinding): string {
  return `${rule} ${item}`;
}
