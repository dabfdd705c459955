/** A TraceSession without a trace: a test sets the next snapshot and reads the screen's requests. */
import type { Report } from '../../src/rank/report/report.js';
import type { StackDetail } from '../../src/rank/report/report-rows.js';
import { defaultSelection, type Selection } from '../../src/rank/report/selection.js';
import type {
  MarksView,
  SessionSnapshot,
  SessionStatus,
  TraceSession,
  UserAction,
} from '../../src/session/trace-session.js';
import { NO_VIEW, type ViewData, type ViewRequest } from '../../src/session/view-data.js';
import type { TriageReport } from '../../src/triage/report.js';

export const RATES = [310, 402, 388, 501, 620, 599, 512, 480, 433, 390, 402, 498, 512].map((value) => value * 1000);

export function fixtureStatus(changes: Partial<SessionStatus> = {}): SessionStatus {
  return {
    state: 'tracing',
    message: '',
    eventRates: RATES,
    outstandingHistory: RATES.map((_, index) => (index + 8) * 1e8),
    positionNs: 1200e9,
    durationNs: 0,
    readShare: 1,
    speed: 1,
    recordingPath: null,
    recordingBytes: 0,
    lateRecording: null,
    timeline: null,
    markNs: null,
    collectorCpu: null,
    notice: null,
    saved: [],
    ...changes,
  };
}

export interface FakeSource {
  report(selection: Selection, positionNs: number): Report | null;
  detail(report: Report, stackId: number): StackDetail | null;
  /** Returns the data of a view besides Stacks; without this function it is null. */
  view?(request: ViewRequest, selection: Selection): ViewData | null;
  /** The first look at the machine; absent: it was not looked at. */
  triage?: TriageReport;
  /** What happened on the machine. */
  marks?: MarksView;
}

/** Answers at once. `asked` lists the calls of the screen, in order. */
export class FakeSession implements TraceSession {
  readonly mode: 'live' | 'replay';
  readonly asked: string[] = [];
  private readonly source: FakeSource;
  private readonly listeners = new Set<() => void>();
  private selection = defaultSelection(100);
  private opened: number | null = null;
  private shown: ViewRequest = NO_VIEW;
  private status: SessionStatus;
  private snapshot: SessionSnapshot;

  constructor(mode: 'live' | 'replay', source: FakeSource, status: SessionStatus = fixtureStatus()) {
    this.mode = mode;
    this.source = source;
    this.status = status;
    this.snapshot = { report: null, detail: null, view: null, viewRequest: NO_VIEW, status };
    this.advance({});
  }

  getSnapshot(): SessionSnapshot {
    return this.snapshot;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Publishes a new snapshot with these changes of the status. */
  advance(changes: Partial<SessionStatus>): void {
    this.status = { ...this.status, ...changes };
    const report = this.source.report(this.selection, this.status.positionNs);
    const detail = report === null || this.opened === null ? null : this.source.detail(report, this.opened);
    const view = this.source.view?.(this.shown, this.selection) ?? null;
    const { triage, marks } = this.source;
    this.snapshot = { report, detail, view, viewRequest: this.shown, status: this.status, triage, marks };
    for (const listener of this.listeners) listener();
  }

  select(selection: Selection): void {
    this.asked.push(`select ${selection.sort} ${selection.allocators.join('+')} ${selection.grep ?? ''}`.trimEnd());
    this.selection = selection;
    this.advance({});
  }

  openStack(stackId: number | null): void {
    this.asked.push(`open ${stackId ?? 'none'}`);
    this.opened = stackId;
    this.advance({});
  }

  show(view: ViewRequest): void {
    this.asked.push(`show ${view.kind}`);
    this.shown = view;
    this.advance({});
  }

  play(): void {
    this.asked.push('play');
    this.advance({ state: 'playing' });
  }

  pause(): void {
    this.asked.push('pause');
    this.advance({ state: 'paused' });
  }

  seek(timeNs: number): void {
    this.asked.push(`seek ${timeNs}`);
    this.advance({ positionNs: timeNs });
  }

  setSpeed(speed: number): void {
    this.asked.push(`speed ${speed}`);
    this.advance({ speed });
  }

  act(action: UserAction): void {
    this.asked.push(Object.values(action).join(' '));
    this.advance({});
  }

  async stop(): Promise<void> {
    this.asked.push('stop');
    this.listeners.clear();
  }
}
