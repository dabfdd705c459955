import type { StartStep } from '../../base/start-steps.js';
import type { Selection } from '../../rank/report/selection.js';
import type { LiveOptions } from '../live/live-options.js';
import type { SessionSnapshot } from '../trace-session.js';
import type { UserAction } from '../user-action.js';
import type { ViewRequest } from '../view-data.js';

/** Start parameters of the worker thread. */
export type WorkerInit =
  | { mode: 'live'; live: LiveOptions; selection: Selection }
  | { mode: 'replay'; path: string; selection: Selection; noSpool?: boolean; pageSize?: number };

/** Screen -> worker. */
export type WorkerCommand =
  | { type: 'select'; selection: Selection }
  | { type: 'open'; stackId: number | null }
  | { type: 'show'; view: ViewRequest }
  | { type: 'play' }
  | { type: 'pause' }
  | { type: 'seek'; timeNs: number }
  | { type: 'speed'; speed: number }
  | { type: 'act'; action: UserAction }
  | { type: 'stop' };

/** Worker -> screen. `step` comes before `started`, in a live trace. `failure` is sent when the trace could not start or has failed. */
export type WorkerEvent =
  /** Without `marks` where they are those of the snapshot before. */
  | { type: 'snapshot'; snapshot: SessionSnapshot }
  | { type: 'step'; step: StartStep }
  | { type: 'started' }
  | { type: 'failure'; failure: { message: string; nextSteps: string[]; bug: boolean } }
  | { type: 'stopped' };
