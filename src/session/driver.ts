import type { StartStep } from '../base/start-steps.js';
import type { CensusReport } from '../census/report.js';
import type { CgroupAccount } from '../proc/process/cgroup-files.js';
import type { SlabTexts } from '../rank/breakdown/cache-table.js';
import type { Report } from '../rank/report/report.js';
import type { ReportStack } from '../rank/report/report-rows.js';
import type { TriageReport } from '../triage/report.js';
import type { MachineNow } from './look/machine-now.js';
import type { MarksView } from './pipeline/mark-log.js';
import type { MemoryView } from './pipeline/memory-history.js';
import type { Pipeline } from './pipeline/pipeline.js';
import type { ActionStatus, SessionStatus } from './trace-session.js';

/** The part of the status that the driver knows; the user's actions make the rest. */
export type DriverStatus = Omit<SessionStatus, keyof ActionStatus>;

export interface TakenCensus {
  census: CensusReport;
  /** It is in the trace, and so in its recordings; false where they have no room for it. */
  isCarried: boolean;
}

export interface CensusWatch {
  /** Gets the name of what is being read, and the share of it that is done, 0..1. */
  onStep: (name: string, share: number) => void;
  signal: AbortSignal;
}

/** A trace that the worker thread controls: live, or a recording. */
export interface Driver {
  /** The present pipeline; a replay that seeks back makes a new one. */
  readonly pipeline: Pipeline;
  /** Grows whenever a new snapshot could differ from the previous one. */
  readonly changes: number;
  /** True while a seek runs: the pipeline does not show the requested time yet. */
  readonly seeking: boolean;
  /** slabinfo of this machine from before the trace; null where it cannot be read, absent in a replay. */
  readonly slabsBefore?: SlabTexts | null;
  /** Called when a seek has reached its time. */
  onSettled: (() => void) | null;
  /** Called once if the trace fails after it has started. */
  onFailure: ((error: unknown) => void) | null;
  /** Called at each step of a live start. */
  onStep?: ((step: StartStep) => void) | null;
  /** Called once if the first look asks for a census, when one can be taken. */
  onCensusAsked?: (() => void) | null;
  /** Resolves when events can arrive; rejects with a UserError when the trace cannot start. */
  start(): Promise<void>;
  status(): DriverStatus;
  /** /proc/meminfo over the whole trace, in a replay also after the present position; null without a sample. */
  memory(): MemoryView | null;
  /** What happened on the machine over the whole trace, likewise. The same object as before where nothing was added. */
  marks(): MarksView;
  /** Processes, mappings and limits beside the trace. */
  readonly machine: MachineNow;
  /** What triage says of the trace's first look; null while there is none. Always the same object. */
  triage(): TriageReport | null;
  play(): void;
  pause(): void;
  seek(timeNs: number): void;
  setSpeed(speed: number): void;
  /** Continues by this many events and pauses there. */
  step(events: number): void;
  /**
   * Takes a census of this machine beside the trace, and a look of the same moment; the pipeline has the census then.
   * Absent in a replay. Throws a UserError where it may not, or cannot. `signal` ends it.
   */
  takeCensus?(asked: { caches: readonly string[] }, watch: CensusWatch): Promise<TakenCensus>;
  /** Looks what the rows of this report belong to, where that is due; the pipeline has it soon. Absent in a replay. */
  watchNames?(report: Report, opened: ReportStack | null): void;
  /** What the kernel counts for these cgroups now, as far as they are there; absent in a replay. */
  cgroupAccounts?(paths: readonly string[]): ReadonlyMap<string, CgroupAccount>;
  /** Ends the trace; resolves when everything is written and closed. */
  stop(): Promise<void>;
}
