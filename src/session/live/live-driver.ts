import type { StartStep } from '../../base/start-steps.js';
import { readLook } from '../../collect/look/read-look.js';
import { CpuMeter } from '../../collect/process-cpu.js';
import type { CarriedLook } from '../../event/trace-sink.js';
import { keptLook } from '../../proc/kept-look.js';
import type { CgroupAccount } from '../../proc/process/cgroup-files.js';
import type { SlabTexts } from '../../rank/breakdown/cache-table.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import type { TriageReport } from '../../triage/report.js';
import { lookWithCensus, shortCensus } from '../census/carried-census.js';
import { takeCensus, USUAL_CENSUS } from '../census/take-census.js';
import type { CensusWatch, Driver, DriverStatus, TakenCensus } from '../driver.js';
import { askedCensus, GAP_RULES } from '../look/asked-census.js';
import { LookJudge } from '../look/look-judge.js';
import { NamesWatch } from '../names/names-watch.js';
import type { MarksView } from '../pipeline/mark-log.js';
import type { MemoryView } from '../pipeline/memory-history.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { SessionState } from '../trace-session.js';
import { CgroupsHere } from './cgroups-here.js';
import { LiveMachine } from './live-machine.js';
import type { LiveOptions } from './live-options.js';
import { LiveRun } from './live-run.js';
import { slabsHere } from './slabs-here.js';

/** The walks of the look beside a census end after this. */
const LOOK_MS = 2000;

/** A live trace as a Driver: its time cannot be controlled, so the replay commands do nothing. */
export class LiveDriver implements Driver {
  readonly seeking = false;
  onSettled: (() => void) | null = null;
  slabsBefore: SlabTexts | null = null;
  onFailure: ((error: unknown) => void) | null = null;
  onStep: ((step: StartStep) => void) | null = null;
  onCensusAsked: (() => void) | null = null;
  private mayAskCensus = true;
  private readonly run: LiveRun;
  private state: SessionState = 'starting';
  private message = '';
  private ownChanges = 0;
  private readonly judge = new LookJudge('this machine');
  readonly machine = new LiveMachine(
    () => this.pipeline.looks,
    () => this.ownChanges++,
  );
  /** The look that was taken before the trace began, until the trace has it. */
  private earlyLooks: readonly CarriedLook[] = [];
  private readonly cpu = new CpuMeter();
  private readonly names: NamesWatch | null;
  private readonly cgroups = new CgroupsHere();

  constructor(options: LiveOptions) {
    // The screen looks while it shows the rows.
    const { names, ...others } = options;
    this.run = new LiveRun(others);
    const { run } = this;
    this.names = names === true ? new NamesWatch((wanted, signal) => run.names.look(wanted, signal)) : null;
  }

  get pipeline(): Pipeline {
    return this.run.pipeline;
  }

  get changes(): number {
    return this.run.pipeline.changes + this.ownChanges;
  }

  async start(): Promise<void> {
    this.run.onStep = (step) => this.onStep?.(step);
    // Beside the start, which takes longer: the caches can be looked at meanwhile.
    void slabsHere().then((slabs) => {
      this.slabsBefore = slabs;
      this.ownChanges++;
    });
    this.run.onLook = (look) => {
      this.earlyLooks = [look];
      this.ownChanges++;
      this.askForCensus();
    };
    await this.run.start();
    this.enter('tracing', '');
    this.askForCensus();
    void this.run.finished.then(
      () => this.enter('ended', this.run.pipeline.ended?.detail ?? ''),
      (error: unknown) => {
        this.enter('failed', error instanceof Error ? error.message : String(error));
        this.onFailure?.(error);
      },
    );
  }

  status(): DriverStatus {
    const { history, core } = this.pipeline;
    return {
      state: this.state,
      message: this.message,
      eventRates: history.eventRates(),
      outstandingHistory: history.outstandingBytes(),
      positionNs: core.nowNs,
      durationNs: 0,
      readShare: 1,
      speed: 1,
      recordingPath: this.run.recordingPath,
      recordingBytes: this.run.recordingBytes,
      timeline: null,
      collectorCpu: this.state === 'tracing' ? this.cpu.read(this.run.collectorPid, performance.now()) : null,
    };
  }

  memory(): MemoryView | null {
    return this.pipeline.memory.view();
  }

  marks(): MarksView {
    return this.pipeline.marks.view();
  }

  triage(): TriageReport | null {
    const { judgedLooks } = this.pipeline;
    return this.judge.of(judgedLooks.length > 0 ? judgedLooks : this.earlyLooks);
  }

  async takeCensus({ caches }: { caches: readonly string[] }, watch: CensusWatch): Promise<TakenCensus> {
    const look = readLook({ smaps: 'maps', deadlineMs: LOOK_MS });
    const census = await this.run.own.during((onProcess) =>
      takeCensus({ ...USUAL_CENSUS, caches }, look, { ...watch, onProcess }),
    );
    const short = shortCensus(census);
    this.pipeline.takeCensus(short);
    return { census: short, isCarried: this.run.carry(keptLook(lookWithCensus(await look, short))) };
  }

  watchNames(report: Report, opened: ReportStack | null): void {
    if (this.state === 'tracing') this.names?.want(report, opened, performance.now());
  }

  /** Where the first look does not say who holds what is abnormal, a census does. It waits for the hooks, which take longer. */
  private askForCensus(): void {
    const report = this.triage();
    if (this.state !== 'tracing' || report === null || !this.mayAskCensus) return;
    this.mayAskCensus = false;
    const asked = askedCensus(report, GAP_RULES);
    if (asked?.holders === true && process.getuid?.() === 0) this.onCensusAsked?.();
  }

  cgroupAccounts(paths: readonly string[]): ReadonlyMap<string, CgroupAccount> {
    return this.cgroups.accounts(paths);
  }

  play(): void {}

  pause(): void {}

  seek(): void {}

  setSpeed(): void {}

  step(): void {}

  async stop(): Promise<void> {
    this.names?.stop();
    await this.run.stop('stopped');
  }

  private enter(state: SessionState, message: string): void {
    this.state = state;
    this.message = message;
    this.ownChanges++;
  }
}
