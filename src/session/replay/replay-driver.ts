/**
 * ReplayDriver: a recording with time under the user's control. It is first read to its end as fast as possible; after
 * that the user can move through time. The pipeline shows everything in the recording up to the first thing that is later
 * than the requested time. Seeker finds the shortest way there; PlayClock lets time pass.
 *
 * The recording is read in slices with a turn of the event loop between them, so that commands are answered at once. Of
 * several seeks requested meanwhile only the last is done, after the running one has reached its time.
 */
import type { RecordingMark } from '../../recording/trace/seekable-recording.js';
import type { TriageReport } from '../../triage/report.js';
import type { Driver, DriverStatus } from '../driver.js';
import { LookJudge } from '../look/look-judge.js';
import { LookedMachine } from '../look/look-processes.js';
import type { MarksView } from '../pipeline/mark-log.js';
import type { MemoryView } from '../pipeline/memory-history.js';
import { Pipeline } from '../pipeline/pipeline.js';
import type { TimelineView } from '../pipeline/timeline.js';
import type { SessionState } from '../trace-session.js';
import { PlayClock } from './play-clock.js';
import { readLooks } from './read-looks.js';
import { ReplaySource, type SourceOptions } from './replay-source.js';
import { Seeker, type SeekOptions } from './seek.js';
import { TimeGate } from './time-gate.js';

/** Commands are answered after at most this long. */
const SLICE_MS = 20;
/** A seek that takes longer than this is given up when another time is requested. */
const PATIENCE_MS = 300;

export type ReplayOptions = SourceOptions & SeekOptions;

interface Furthest {
  nowNs: number;
  timeline: TimelineView;
  memory: MemoryView | null;
  marks: MarksView;
}

export class ReplayDriver implements Driver {
  pipeline = new Pipeline('recording');
  onSettled: (() => void) | null = null;
  onFailure: ((error: unknown) => void) | null = null;
  private readonly path: string;
  private readonly judge: LookJudge;
  private readonly options: ReplayOptions;
  private readonly gate = new TimeGate(this.pipeline);
  private readonly clock = new PlayClock((elapsedNs) => this.tick(elapsedNs));
  private seeker: Seeker | null = null;
  /** The recording was read to its end, and all that the gate does not hold back is in the pipeline. */
  private exhausted = false;
  /** Target of the next seek, ns; null = none is requested. */
  private wanted: number | null = null;
  /** A seek is running: the pipeline does not show the requested time yet. */
  private isSeeking = false;
  /** When the last seek began (performance.now()). */
  private seekStartMs = 0;
  private state: SessionState = 'reading';
  private message = '';
  private durationNs = 0;
  /** The recording was read to its end once: durationNs and eventTotal are those of all of it. */
  private isMeasured = false;
  private eventTotal = 0;
  readonly machine = new LookedMachine(() => this.pipeline.looks);
  private ownChanges = 0;
  private pumping = false;
  private closed = false;
  private furthest: Furthest | null = null;
  /** A step goes on until the pipeline has this many events; null = no step is running. */
  private stepTo: number | null = null;
  /** Events of steps that begin at the present position; a step requested during a seek begins at the seek's target. */
  private stepBy = 0;

  constructor(path: string, options: ReplayOptions = {}) {
    this.path = path;
    this.judge = new LookJudge(path);
    this.options = options;
  }

  get changes(): number {
    return this.pipeline.changes + this.ownChanges;
  }

  get seeking(): boolean {
    return this.isSeeking;
  }

  async start(): Promise<void> {
    const source = await ReplaySource.open(this.path, this.gate, this.options);
    if (this.closed) source.close();
    const seeker = new Seeker(source, this.options);
    this.seeker = seeker;
    source.onMark = (mark) => this.keepCheckpoint(seeker, mark);
    this.takePipeline(seeker.fresh());
    // With good checkpoints only the part after the last one must be read.
    if (seeker.canSeekAnywhere) {
      await this.startSeek(seeker, Number.POSITIVE_INFINITY);
      this.isSeeking = false;
      const { lookCount, looks } = this.pipeline;
      if (lookCount > looks.length) this.pipeline.takeLooks(await readLooks(this.path, lookCount));
    }
    void this.pump();
  }

  status(): DriverStatus {
    const { history, core } = this.pipeline;
    const source = this.seeker?.source;
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
    this.forgetSteps();
    if (this.clock.isRunning) return;
    if (this.positionNs() >= this.durationNs && this.durationNs > 0) this.seek(0);
    this.clock.start();
    this.enter('playing');
  }

  pause(): void {
    this.forgetSteps();
    this.clock.stop();
    if (this.gate.limitNs === Number.POSITIVE_INFINITY) this.gate.limitNs = this.pipeline.core.nowNs;
    this.enter('paused');
  }

  seek(timeNs: number): void {
    this.wanted = Math.max(0, timeNs);
    this.forgetSteps();
    this.ownChanges++;
    void this.pump();
  }

  setSpeed(speed: number): void {
    // When the speed was "as fast as it can be read", time goes on from the present position.
    const { clock, gate, pipeline } = this;
    if (clock.isRunning && gate.limitNs === Number.POSITIVE_INFINITY) gate.limitNs = pipeline.core.nowNs;
    clock.speed = speed;
    this.ownChanges++;
  }

  step(events: number): void {
    this.clock.stop();
    if (this.wanted !== null || this.gate.limitNs !== Number.POSITIVE_INFINITY) this.stepBy += events;
    else if (!this.exhausted) this.pause();
    this.ownChanges++;
    void this.pump();
  }

  memory(): MemoryView | null {
    return this.furthestSeen().memory;
  }

  marks(): MarksView {
    return this.furthestSeen().marks;
  }

  triage(): TriageReport | null {
    return this.judge.of(this.pipeline.judgedLooks);
  }

  stop(): Promise<void> {
    this.closed = true;
    this.clock.stop();
    this.seeker?.source.close();
    return Promise.resolve();
  }

  /** The position, ns: the requested time, else the limit of the gate, else the time read so far. */
  private positionNs(): number {
    if (this.wanted !== null) return Math.min(this.wanted, this.durationNs > 0 ? this.durationNs : this.wanted);
    return this.gate.limitNs === Number.POSITIVE_INFINITY ? this.pipeline.core.nowNs : this.gate.limitNs;
  }

  private tick(elapsedNs: number): void {
    // Time waits until reading has caught up with the last tick: a slow disk slows time, not the screen.
    if (this.pumping) return;
    const { speed } = this.clock;
    const next = speed === 0 ? this.durationNs : this.positionNs() + elapsedNs;
    this.ownChanges++;
    if (next >= this.durationNs) {
      // At speed 0 the clock runs until the end of the recording has been read.
      if (speed !== 0 || this.exhausted) this.clock.stop();
      this.gate.limitNs = Number.POSITIVE_INFINITY;
    } else {
      this.gate.limitNs = next;
    }
    void this.pump();
  }

  /** Reads until the gate holds something back or the recording is over; starts requested seeks. */
  private async pump(): Promise<void> {
    const { seeker } = this;
    if (this.pumping || seeker === null) return;
    this.pumping = true;
    try {
      while (!this.closed) {
        if (this.wanted !== null && this.mayStartSeek()) await this.startSeek(seeker, this.wanted);
        if (!(await this.slice(seeker.source)) && !this.settle()) break;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.message = error instanceof Error ? error.message : String(error);
      // The requested time cannot be reached.
      this.wanted = null;
      this.forgetSteps();
      this.enter('failed');
    } finally {
      this.pumping = false;
      this.isSeeking = false;
    }
  }

  /** The requested time is reached: reports it. Returns true if another seek or a step was requested meanwhile. */
  private settle(): boolean {
    this.enter(this.stateWhenCaughtUp());
    const { isSeeking } = this;
    this.isSeeking = false;
    if (isSeeking && !this.closed) this.onSettled?.();
    return this.wanted !== null || this.stepBy > 0;
  }

  /** Reads for at most SLICE_MS; returns false when there is nothing to do until the limit moves. */
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

  /** Moves the limit towards the end of the running step, as far as it is known; returns false when the step is done. */
  private stepOn(): boolean {
    // A seek that was requested before the step comes first: the pipeline is not there yet.
    if (this.wanted !== null) return false;
    const { gate, pipeline } = this;
    const { eventCount } = pipeline.core;
    if (this.stepBy > 0) {
      this.stepTo = Math.max(this.stepTo ?? 0, eventCount) + this.stepBy;
      this.stepBy = 0;
    }
    const left = (this.stepTo ?? 0) - eventCount;
    const limit = left > 0 ? gate.limitFor(left) : null;
    if (limit === null) {
      this.stepTo = null;
      return false;
    }
    gate.limitNs = limit;
    gate.release();
    return true;
  }

  private forgetSteps(): void {
    this.stepTo = null;
    this.stepBy = 0;
  }

  /** True if the next seek may start: the running one has reached its time or takes too long. */
  private mayStartSeek(): boolean {
    const there = this.gate.holding || this.exhausted || this.gate.limitNs === Number.POSITIVE_INFINITY;
    return there || performance.now() - this.seekStartMs > PATIENCE_MS;
  }

  /** Starts a seek: takes a pipeline that reading on brings to the time, and sets the gate's limit to it. */
  private async startSeek(seeker: Seeker, timeNs: number): Promise<void> {
    this.seekStartMs = performance.now();
    const atEnd = this.isMeasured && timeNs >= this.durationNs;
    // Before the recording was read once a seek may take long: then the pipeline is shown on the way.
    this.isSeeking = this.isMeasured;
    if (!seeker.canContinueFrom(this.pipeline, timeNs)) {
      this.isSeeking = true;
      this.takePipeline(await seeker.pipelineAt(timeNs));
    }
    this.gate.limitNs = atEnd ? Number.POSITIVE_INFINITY : timeNs;
    if (this.wanted === timeNs) this.wanted = null;
  }

  /** Timeline, memory and marks of the pipeline that has gone furthest so far: this one or an earlier one. */
  private furthestSeen(): Furthest {
    const { pipeline, furthest } = this;
    const { nowNs } = pipeline.core;
    if (furthest !== null && furthest.nowNs > nowNs) return furthest;
    const { memory, marks } = pipeline;
    return { nowNs, timeline: pipeline.timelineView(), memory: memory.view(), marks: marks.view() };
  }

  private takePipeline(pipeline: Pipeline): void {
    this.furthest = this.furthestSeen();
    this.durationNs = Math.max(this.durationNs, this.furthest.nowNs);
    this.ownChanges += this.pipeline.changes + 1;
    pipeline.takeCoverage(this.pipeline.facts.coverage);
    pipeline.takeLooks(this.pipeline.looks);
    this.pipeline = pipeline;
    this.gate.redirect(pipeline);
    this.exhausted = pipeline.ended !== null;
  }

  private keepCheckpoint(seeker: Seeker, mark: RecordingMark): void {
    const { pipeline } = this;
    // Events that the gate holds back lie before the mark, but are not in the pipeline.
    if (this.gate.holding || pipeline.ended !== null) return;
    seeker.keep(pipeline, mark, this.isMeasured ? this.eventTotal : null, this.isSeeking);
  }

  private stateWhenCaughtUp(): SessionState {
    if (this.clock.isRunning) return 'playing';
    if (!this.exhausted || this.gate.holding) return 'paused';
    const { ended } = this.pipeline;
    const cut = ended?.reason === 'cut' ? ended.detail : '';
    const { damage = '', slowness = '' } = this.seeker?.source ?? {};
    this.message = [damage, cut, slowness].filter(Boolean).join('; ');
    return 'ended';
  }

  private enter(state: SessionState): void {
    this.state = state;
    this.ownChanges++;
  }
}
