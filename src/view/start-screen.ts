/**
 * The screen over a trace: owns the state, sends its requests to the session, and draws. It ends when the user quits, a
 * signal asks for the end, or the terminal goes away; the caller then stops the session.
 *
 * Ink takes longer to load than everything else here: it is imported once the first lines are on the screen.
 */
import type { Selection } from '../rank/report/selection.js';
import type { TraceSession } from '../session/trace-session.js';
import type { Frame } from './app.js';
import { attachingLines } from './attaching.js';
import { chromeOf, sameChrome } from './chrome.js';
import { tabLine } from './head/header-lines.js';
import { layoutOf } from './head/layout.js';
import { type LinePainter, linePainter } from './lines/styled-line.js';
import { firstLookOf } from './model/answers.js';
import type { SessionRequest, ViewAction, ViewState } from './model/view-state.js';
import { orderDueMs } from './reducer/held-lists.js';
import { initialViewState, viewReducer } from './reducer/state.js';
import { paintRegions } from './regions.js';
import { FramePacer } from './terminal/frame-pacer.js';
import type { TerminalInput } from './terminal/terminal-input.js';
import { type HeldTerminal, holdTerminal } from './terminal/terminal-lifecycle.js';
import { Screen, type TerminalOutput } from './terminal/terminal-screen.js';

/** A snapshot that arrives this soon after a key with a request counts as its answer: it is drawn at once, like a key. */
const ANSWER_MS = 500;
/** The time of the start has tenths of a second. */
const CLOCK_MS = 100;
/** A timer may fire a little before its time. */
const LEAST_TICK_MS = 10;

export interface ScreenOptions {
  /** From the command line; sent to the session at once. */
  selection: Selection;
  /** False obeys NO_COLOR: bold, dim and inverse only. */
  color: boolean;
  /** Rejects when the trace cannot start, which ends the screen with that error. */
  started?: Promise<void>;
  /** In the demo, the command that traces this machine. */
  demo?: string | null;
  /** True: the terminal draws printable ASCII alone. */
  plain?: boolean;
}

export interface ScreenStreams {
  stdin: TerminalInput;
  stdout: TerminalOutput;
}

/**
 * Shows the session until the user quits, a signal asks for the end or the terminal goes away. Rejects with the first
 * error of drawing or of a key. Either way the terminal is restored before the promise settles.
 */
export async function startScreen(session: TraceSession, io: ScreenStreams, options: ScreenOptions): Promise<void> {
  const screen = new Screen(io.stdout, { plain: options.plain });
  const paint = linePainter(options.color);
  let state = initialViewState({
    mode: session.mode,
    columns: screen.columns,
    rows: screen.rows,
    snapshot: session.getSnapshot(),
    selection: options.selection,
    demo: options.demo ?? null,
  });
  const ended = deferred();
  /** Null until Ink is loaded. */
  let frame: Frame | null = null;
  let chrome = chromeOf(state, paint);

  const dispatch = (action: ViewAction): void => {
    state = viewReducer(state, action);
    for (const request of state.requests) send(session, request);
  };
  let orderTimer: ReturnType<typeof setTimeout> | undefined;
  /** The rows get their new order even if no report comes any more. */
  const tick = guarded(() => {
    dispatch({ type: 'tick', nowMs: performance.now() });
    draw();
  });
  const draw = guarded(() => {
    const snapshot = session.getSnapshot();
    if (snapshot !== state.snapshot) dispatch({ type: 'snapshot', snapshot, nowMs: performance.now() });
    const next = chromeOf(state, paint);
    if (!sameChrome(chrome, next)) {
      chrome = next;
      frame?.show(chrome);
    }
    paintBody(screen, state, paint);
    screen.flush();
    clearTimeout(orderTimer);
    const due = orderDueMs(state);
    if (due !== null) orderTimer = setTimeout(tick, Math.max(LEAST_TICK_MS, due - performance.now()));
  });
  const pacer = new FramePacer(draw);
  /** Until this time (performance.now()) a snapshot counts as the answer to a key. */
  let answerUntilMs = 0;
  /** Wraps `run` so that an error ends the screen; the caller gets it once the terminal is restored. */
  function guarded<Values extends unknown[]>(run: (...values: Values) => void): (...values: Values) => void {
    return (...values) => {
      try {
        run(...values);
      } catch (error) {
        ended.reject(error);
      }
    };
  }

  let terminal: HeldTerminal | null = null;
  const resize = guarded(() => {
    if (screen.measure()) dispatch({ type: 'resize', columns: screen.columns, rows: screen.rows });
    pacer.forKey();
  });
  terminal = holdTerminal(io.stdin, screen, io.stdout, {
    onEnd: () => ended.resolve(),
    onResize: resize,
    onRepaint: resize,
    onKey: guarded((key) => {
      dispatch({ type: 'key', key, nowMs: performance.now() });
      if (state.requests.length > 0) answerUntilMs = performance.now() + ANSWER_MS;
      if (state.ended) ended.resolve();
      if (state.suspending) {
        dispatch({ type: 'suspended' });
        terminal?.suspend();
      } else pacer.forKey();
    }),
  });
  const unsubscribe = session.subscribe(() => {
    if (performance.now() < answerUntilMs) pacer.forKey();
    else pacer.forReport();
  });
  // The time of the start is rewritten until it is over.
  const clock = setInterval(() => {
    if (session.getSnapshot().status.starting === undefined) clearInterval(clock);
    else draw();
  }, CLOCK_MS);
  options.started?.catch((error: unknown) => ended.reject(error));
  let isOver = false;
  const addFrame = async (): Promise<void> => {
    const { showFrame } = await import('./app.js');
    if (isOver) return;
    frame = showFrame(screen, io.stdin, chrome);
    frame.failed.catch((error: unknown) => ended.reject(error));
    draw();
  };
  try {
    session.select(options.selection);
    draw();
    addFrame().catch((error: unknown) => ended.reject(error));
    await ended.promise;
  } finally {
    isOver = true;
    unsubscribe();
    clearInterval(clock);
    clearTimeout(orderTimer);
    pacer.stop();
    terminal.release();
    (frame as Frame | null)?.end();
  }
}

/** The regions over Ink's frame: the start of a live trace, then its report. The caches can be read during the start. */
function paintBody(screen: Screen, state: ViewState, paint: LinePainter): void {
  const { starting } = state.snapshot.status;
  const layout = layoutOf(state);
  const { columns } = state;
  if (starting === undefined || layout.tooSmall || state.place === 'help') {
    paintRegions(screen, state, paint);
    return;
  }
  // The first look and the slab caches are there before the first event.
  const isLooking = state.view === 'triage' && firstLookOf(state) !== null;
  const showsBody = isLooking || (state.view === 'caches' && state.opened === null);
  const rows = showsBody ? layout.bodyTop - 1 : layout.bodyTop + layout.bodyRows;
  // performance.now() counts from the start of the program.
  const lines = attachingLines(starting, performance.now(), { columns, rows });
  while (lines.length < rows) lines.push([]);
  if (showsBody) {
    paintRegions(screen, state, paint);
    lines.push(tabLine(state));
  }
  const painted = lines.map((line) => paint(line, columns));
  screen.setRegion('header', 0, painted.slice(0, layout.bodyTop));
  if (!showsBody) screen.setRegion('body', layout.bodyTop, painted.slice(layout.bodyTop));
}

function send(session: TraceSession, request: SessionRequest): void {
  switch (request.name) {
    case 'select':
      session.select(request.selection);
      break;
    case 'open':
      session.openStack(request.stackId);
      break;
    case 'show':
      session.show(request.view);
      break;
    case 'play':
      session.play();
      break;
    case 'pause':
      session.pause();
      break;
    case 'seek':
      session.seek(request.timeNs);
      break;
    case 'speed':
      session.setSpeed(request.speed);
      break;
    case 'act':
      session.act(request.action);
      break;
  }
}

interface Deferred {
  promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

function deferred(): Deferred {
  const settle: { resolve?: () => void; reject?: (error: unknown) => void } = {};
  const promise = new Promise<void>((resolve, reject) => {
    settle.resolve = resolve;
    settle.reject = reject;
  });
  return { promise, resolve: () => settle.resolve?.(), reject: (error) => settle.reject?.(error) };
}
