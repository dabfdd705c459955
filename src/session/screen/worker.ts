/** The worker thread. It runs the pipeline, so that a key press never waits for events and events never for a frame. */
import { parentPort, workerData } from 'node:worker_threads';
import { BugError, UserError } from '../../base/errors.js';
import type { Report } from '../../rank/report/report.js';
import { NO_MARKS } from '../../rank/report/report-marks.js';
import type { StackDetail } from '../../rank/report/report-rows.js';
import type { Selection } from '../../rank/report/selection.js';
import type { Driver } from '../driver.js';
import { LiveDriver } from '../live/live-driver.js';
import { ReplayDriver } from '../replay/replay-driver.js';
import type { MarksView } from '../trace-session.js';
import type { UserAction } from '../user-action.js';
import { NO_VIEW, type ViewData, type ViewRequest } from '../view-data.js';
import { answerView } from './answer-view.js';
import type { WorkerCommand, WorkerEvent, WorkerInit } from './messages.js';
import { UserActions } from './user-actions.js';

/** Least time between two snapshots that no command asked for; a command is answered at once. */
const SNAPSHOT_EVERY_MS = 250;
/** Time between two checks whether a snapshot is due. */
const LOOK_EVERY_MS = 25;
/** The share of this thread's time that reports may take without a command: the rest is for events. */
const REPORT_SHARE = 0.25;

const port = parentPort;
if (port === null) throw new BugError('session/screen/worker.ts is not running in a worker thread');
const init = workerData as WorkerInit;
const driver: Driver =
  init.mode === 'live'
    ? new LiveDriver(init.live)
    : new ReplayDriver(init.path, { pageSize: init.pageSize, ...(init.noSpool === true ? { spool: false } : {}) });
const actions = new UserActions(driver, init.mode === 'live');
let selection: Selection = init.selection;
let openedStack: number | null = null;
let sentChanges = -1;
let sentMs = 0;
/** Time that the last snapshot took. */
let costMs = 0;
let report: Report | null = null;
let detail: StackDetail | null = null;
let shown: ViewRequest = NO_VIEW;
let view: ViewData | null = null;
let viewRequest: ViewRequest = NO_VIEW;
let sentMarks: MarksView | null = null;
/** Actions requested during a seek: done when it has reached its time. */
let waiting: UserAction[] = [];

function post(event: WorkerEvent): void {
  port?.postMessage(event);
}

function postSnapshot(): void {
  sentChanges = changes();
  sentMs = performance.now();
  if (driver.pipeline.ended !== null) actions.finish();
  // During a seek the last report stays: key presses meanwhile cost nothing, and nothing flickers.
  if (!driver.seeking || report === null) {
    // Census and marks are long: the views that show them ask for them.
    report = { ...driver.pipeline.report(selection), ...NO_MARKS, census: null };
    detail = openedStack === null ? null : driver.pipeline.detail(selection, openedStack);
    view = answerView(driver, actions.mark, selection, shown);
    viewRequest = shown;
    driver.watchNames?.(report, detail?.stack ?? null);
  }
  const marks = driver.marks();
  post({
    type: 'snapshot',
    snapshot: {
      report,
      detail,
      view,
      viewRequest,
      triage: driver.triage(),
      // They are many, and mostly the same.
      ...(marks !== sentMarks && { marks }),
      status: { ...driver.status(), ...actions.status() },
    },
  });
  sentMarks = marks;
  costMs = performance.now() - sentMs;
  // The screen waits for the first event: the report with it must not wait for its turn.
  if (report.events.total === 0) sentMs = Number.NEGATIVE_INFINITY;
}

/** Grows whenever a new snapshot could differ from the previous one. */
function changes(): number {
  return driver.changes + actions.changes;
}

function act(action: UserAction): void {
  if (driver.seeking) {
    waiting.push(action);
    return;
  }
  void actions.obey(action, selection).then(postSnapshot).catch(fail);
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const bug = !(error instanceof UserError);
  const text = bug && error instanceof Error ? (error.stack ?? message) : message;
  post({
    type: 'failure',
    failure: { message: text, nextSteps: error instanceof UserError ? error.nextSteps : [], bug },
  });
}

async function stop(): Promise<void> {
  clearInterval(timer);
  actions.stopCensus();
  try {
    await driver.stop();
    actions.finish();
    postSnapshot();
  } catch (error) {
    fail(error);
  }
  post({ type: 'stopped' });
  port?.close();
}

function obey(command: WorkerCommand): void {
  switch (command.type) {
    case 'select':
      ({ selection } = command);
      break;
    case 'open':
      openedStack = command.stackId;
      break;
    case 'show':
      shown = command.view;
      break;
    case 'play':
      driver.play();
      break;
    case 'pause':
      driver.pause();
      break;
    case 'seek':
      driver.seek(command.timeNs);
      break;
    case 'speed':
      driver.setSpeed(command.speed);
      break;
    case 'act':
      act(command.action);
      return;
    case 'stop':
      void stop();
      return;
  }
  postSnapshot();
}

port.on('message', (command: WorkerCommand) => {
  try {
    obey(command);
  } catch (error) {
    fail(error);
  }
});

driver.onFailure = fail;
driver.onStep = (step) => post({ type: 'step', step });
driver.onCensusAsked = () => act({ name: 'census', caches: [], isAsked: false });
driver.onSettled = () => {
  try {
    postSnapshot();
    const now = waiting;
    waiting = [];
    for (const action of now) act(action);
  } catch (error) {
    fail(error);
  }
};

const timer = setInterval(() => {
  try {
    // Counted from the last snapshot of any kind: the answer to a key is recent enough.
    const due = sentMs + Math.max(SNAPSHOT_EVERY_MS, costMs / REPORT_SHARE);
    if (changes() !== sentChanges && performance.now() >= due) postSnapshot();
  } catch (error) {
    fail(error);
  }
}, LOOK_EVERY_MS);

try {
  await driver.start();
  post({ type: 'started' });
  postSnapshot();
} catch (error) {
  clearInterval(timer);
  fail(error);
  port.close();
}
