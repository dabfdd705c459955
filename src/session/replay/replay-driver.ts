/**
 * ReplayDriver: a recording with time under the user's control. It is first read to its end as fast as it can be; after
 * that time can be moved. The pipeline shows everything in the recording up to the first thing that is later than the
 * time asked for. How it gets there is the business of ReplayWay, how time goes by that of PlayClock.
 *
 * Reading goes in slices with a turn of the event loop between them, so that commands are answered at once. Of the times
 * that are asked for meanwhile only the last one is gone to, after the present one has been reached.
 */
import type { RecordingMark } from '../../recording/trace/seekable-recording.js';
import type { Driver, DriverStatus } from '../driver.js';
import type { MemoryView } from '../pipeline/memory-history.js';
import { Pipeline } from '../pipeline/pipeline.js';
import type { TimelineView } from '../pipeline/timeline.js';
import type { SessionState } from '../trace-session.js';
import { PlayClock } from './play-clock.js';
import { ReplaySource, type SourceOptions } from './replay-source.js';
import { ReplayWay, type WayOptions } from './seek.js';
import { TimeGate } from './time-gate.js';

/** Reading gives way to commands after this long. */
const SLICE_MS = 20;
/** A way to a time that takes longer than this is given up when another time is asked for. */
const PATIENCE_MS = 300;

export type ReplayOptions = SourceOptions & WayOptions;

interface Furthest {
  nowNs: number;
  timeline: TimelineView;
  memory: MemoryView | null;
}

export class ReplayDriver implements Driver {
  pipeline = new Pipeline('recording');
  onSettled: (() => void) | null = null;
  onFailure: ((error: unknown) => void) | null = null;
  private readonly path: string;
  private readonly options: ReplayOptions;
  private readonly gate = new TimeGate(this.pipeline);
  private readonly clock = new PlayClock((elapsedNs) => this.tick(elapsedNs));
  private way: ReplayWay | null = null;
  /** The recording was read to its end, and what the gate does not hold was told. */
  private exhausted = false;
  /** Time to go to when the present way is done; null = none. */
  private wanted: number | null = null;
  /** On the way to a time: the pipeline is of no use to anybody yet. */
  private turning = false;
  private turnedMs = 0;
  private state: SessionState = 'reading';
  private message = '';
  private durationNs = 0;
  /** It was read to its end once: durationNs and eventTotal are those of the whole recording. */
  private isMeasured = false;
  private eventTotal = 0;
  private ownChanges = 0;
  private pumping = false;
  private closed = false;
  private furthest: Furthest | null = null;
  /** A step goes on until there are so many events; null = no step is under way. */
  private stepTo: number | null = null;

  constructor(path: string, options: ReplayOptions = {}) {
    this.path = path;
    this.options = options;
  }

  get changes(): number {
    return this.pipeline.changes + this.ownChanges;
  }

  get seeking(): boolean {
    return this.turning;
  }

  async start(): Promise<void> {
    const source = await ReplaySource.open(this.path, this.gate, this.options);
    if (this.closed) source.close();
    const way = new ReplayWay(source, this.options);
    this.way = way;
    source.onMark = (mark) => this.keepCheckpoint(way, mark);
    this.takePipeline(way.fresh());
    // Then only what comes after the last checkpoint is to be read.
    if (way.leadsAnywhere) {
      await this.turnTo(way, Number.POSITIVE_INFINITY);
      this.turning = false;
    }
    void this.pump();
  }

  status(): DriverStatus {
    const { history, core } = this.pipeline;
    const source = this.way?.source;
    const size = source?.sizeBytes ?? 0;
    return {
      state: this.state,
      message: this.message,
      eventRates: history.eventRates(),
      outstandingHistory: history.outstandingBytes(),
      positionNs: this.positionNs(),
      durationNs: Math.max(this.durationNs, core.nowNs),
      readShare: this.isMeasured || this.exhausted || size === 0 ? 1 : Math.min(1, (source?.bytesRead ?? 0) / size),
      speed: this.clock.speed,
      recordingPath: null,
      recordingBytes: 0,
      timeline: this.furthestSeen().timeline,
      collectorCpu: null,
    };
  }

  play(): void {
    this.stepTo = null;
    if (this.clock.isRunning) return;
    if (this.positionNs() >= this.durationNs && this.durationNs > 0) this.seek(0);
    this.clock.start();
    this.enter('playing');
  }

  pause(): void {
    this.clock.stop();
    if (this.gate.limitNs === Number.POSITIVE_INFINITY) this.gate.limitNs = this.pipeline.core.nowNs;
    this.enter('paused');
  }

  seek(timeNs: number): void {
    this.wanted = Math.max(0, timeNs);
    this.stepTo = null;
    this.ownChanges++;
    void this.pump();
  }

  setSpeed(speed: number): void {
    // From as fast as it can be read: time goes on from where it is.
    const { clock, gate, pipeline } = this;
    if (clock.isRunning && gate.limitNs === Number.POSITIVE_INFINITY) gate.limitNs = pipeline.core.nowNs;
    clock.speed = speed;
    this.ownChanges++;
  }

  step(events: number): void {
    this.clock.stop();
    if (this.gate.limitNs !== Number.POSITIVE_INFINITY) this.stepTo = this.pipeline.core.eventCount + events;
    else if (!this.exhausted) this.pause();
    this.ownChanges++;
    void this.pump();
  }

  memory(): MemoryView | null {
    return this.furthestSeen().memory;
  }

  stop(): Promise<void> {
    this.closed = true;
    this.clock.stop();
    this.way?.source.close();
    return Promise.resolve();
  }

  /** Where time stands: what was asked for last, the limit, or what has been read while there is none. */
  private positionNs(): number {
    if (this.wanted !== null) return Math.min(this.wanted, this.durationNs > 0 ? this.durationNs : this.wanted);
    return this.gate.limitNs === Number.POSITIVE_INFINITY ? this.pipeline.core.nowNs : this.gate.limitNs;
  }

  private tick(elapsedNs: number): void {
    // Until the reading has caught up with the last step there is no next one: slow disks slow time, not the screen.
    if (this.pumping) return;
    const { speed } = this.clock;
    const next = speed === 0 ? this.durationNs : this.positionNs() + elapsedNs;
    this.ownChanges++;
    if (next >= this.durationNs) {
      // As fast as it can be read it is playing until it is there.
      if (speed !== 0 || this.exhausted) this.clock.stop();
      this.gate.limitNs = Number.POSITIVE_INFINITY;
    } else {
      this.gate.limitNs = next;
    }
    void this.pump();
  }

  /** Feeds the gate until it holds something back or the recording is over. */
  private async pump(): Promise<void> {
    const { way } = this;
    if (this.pumping || way === null) return;
    this.pumping = true;
    try {
      while (!this.closed) {
        if (this.wanted !== null && this.mayTurn()) await this.turnTo(way, this.wanted);
        if (!(await this.slice(way.source)) && !this.settle()) break;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.message = error instanceof Error ? error.message : String(error);
      // It cannot be gone to.
      this.wanted = null;
      this.enter('failed');
    } finally {
      this.pumping = false;
      this.turning = false;
    }
  }

  /** There, for now: shows it, and says whether another time is wanted meanwhile. */
  private settle(): boolean {
    this.enter(this.stateWhenCaughtUp());
    const { turning } = this;
    this.turning = false;
    if (turning && !this.closed) this.onSettled?.();
    return this.wanted !== null;
  }

  /** Works for at most SLICE_MS; false when there is nothing to do until the limit moves. */
  private async slice(source: ReplaySource): Promise<boolean> {
    const until = performance.now() + SLICE_MS;
    this.gate.release();
    do {
      while (!this.gate.holding && !this.exhausted && !this.closed) {
        if (performance.now() >= until) return true;
        this.exhausted = !(await source.readNext());
      }
    } while (this.stepOn() && !this.closed);
    const { core, ended } = this.pipeline;
    this.durationNs = Math.max(this.durationNs, core.nowNs);
    if (ended !== null) {
      this.isMeasured = true;
      this.eventTotal = core.eventCount;
    }
    return this.gate.holding && !this.exhausted && this.gate.limitNs === Number.POSITIVE_INFINITY;
  }

  /** Moves the limit on to where the step under way leads, as far as that is known; false when it is there. */
  private stepOn(): boolean {
    const { gate, pipeline, stepTo } = this;
    const left = (stepTo ?? 0) - pipeline.core.eventCount;
    const limit = left > 0 ? gate.limitFor(left) : null;
    if (limit === null) {
      this.stepTo = null;
      return false;
    }
    gate.limitNs = limit;
    gate.release();
    return true;
  }

  /** Has the time that was asked for before been reached, or does that take too long? */
  private mayTurn(): boolean {
    const there = this.gate.holding || this.exhausted || this.gate.limitNs === Number.POSITIVE_INFINITY;
    return there || performance.now() - this.turnedMs > PATIENCE_MS;
  }

  /** Makes the pipeline one from which reading on leads to a time, and sets the limit to it. */
  private async turnTo(way: ReplayWay, timeNs: number): Promise<void> {
    this.turnedMs = performance.now();
    const atEnd = this.isMeasured && timeNs >= this.durationNs;
    // Before all was read once the way may be long: then what has been read so far is shown on it.
    this.turning = this.isMeasured;
    if (!way.leadsFrom(this.pipeline, timeNs)) {
      this.turning = true;
      this.takePipeline(await way.to(timeNs));
    }
    this.gate.limitNs = atEnd ? Number.POSITIVE_INFINITY : timeNs;
    if (this.wanted === timeNs) this.wanted = null;
  }

  /** The whole length as far as it was ever read: what a pipeline knew that went further than the present one. */
  private furthestSeen(): Furthest {
    const { pipeline, furthest } = this;
    const { nowNs } = pipeline.core;
    if (furthest !== null && furthest.nowNs > nowNs) return furthest;
    return { nowNs, timeline: pipeline.timelineView(), memory: pipeline.memory.view() };
  }

  private takePipeline(pipeline: Pipeline): void {
    this.furthest = this.furthestSeen();
    this.durationNs = Math.max(this.durationNs, this.furthest.nowNs);
    this.ownChanges += this.pipeline.changes + 1;
    this.pipeline = pipeline;
    this.gate.redirect(pipeline);
    this.exhausted = pipeline.ended !== null;
  }

  private keepCheckpoint(way: ReplayWay, mark: RecordingMark): void {
    const { pipeline } = this;
    // What waits in the gate is before the mark, but not in the pipeline.
    if (this.gate.holding || pipeline.ended !== null) return;
    way.keep(pipeline, mark, this.isMeasured ? this.eventTotal : null, this.turning);
  }

  private stateWhenCaughtUp(): SessionState {
    if (this.clock.isRunning) return 'playing';
    if (!this.exhausted || this.gate.holding) return 'paused';
    const { ended } = this.pipeline;
    const cut = ended?.reason === 'cut' ? ended.detail : '';
    const { damage = '', slowness = '' } = this.way?.source ?? {};
    this.message = [damage, cut, slowness].filter(Boolean).join('; ');
    return 'ended';
  }

  private enter(state: SessionState): void {
    this.state = state;
    this.ownChanges++;
  }
}
