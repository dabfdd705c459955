/**
 * ReplayDriver: a recording with time under the user's control. It is first read to its end as fast as it can be; after
 * that time can be moved. The pipeline shows everything in the recording up to the first thing that is later than the
 * time asked for. To get there, reading goes on from where the pipeline stands or from the last checkpoint before,
 * whichever is nearer: checkpoints are made while reading, and reading again makes those that are missing.
 *
 * Reading goes in slices with a turn of the event loop between them, so that commands are answered at once. Of the times
 * that are asked for meanwhile only the last one is gone to, after the present one has been reached.
 */
import { checkpointSize } from '../pair/checkpoint.js';
import { CheckpointError } from '../pair/checkpoint-bytes.js';
import type { SeekableOptions } from '../recording/file-seekable.js';
import type { RecordingMark } from '../recording/open-recording.js';
import { CheckpointStore, type StoredCheckpoint } from './checkpoint-store.js';
import type { Driver, DriverStatus } from './driver.js';
import type { MemoryView } from './memory-history.js';
import { Pipeline } from './pipeline.js';
import { restorePipeline, savePipeline } from './pipeline-checkpoint.js';
import { ReplaySource } from './replay-source.js';
import { SymbolLog } from './symbol-log.js';
import { TimeGate } from './time-gate.js';
import type { TimelineView } from './timeline.js';
import type { SessionState } from './trace-session.js';

/** Play moves time in steps of this many ms. */
const TICK_MS = 50;
/** Reading gives way to commands after this long. */
const SLICE_MS = 20;
/** A way to a time that takes longer than this is given up when another time is asked for. */
const PATIENCE_MS = 300;
/** Memory for checkpoints. */
const BUDGET_BYTES = 256 << 20;
/**
 * Events between them: some 150 ms of reading, of which making one is a tenth. On the way to a time they come twice as
 * close, for those who look around stay in the neighbourhood.
 */
const SPACING_EVENTS = 1_250_000;
const SPACING_ON_THE_WAY = 0.5;
/** Checkpoints of the recording itself may be so many times further apart. */
const NEAR = 2.5;

export interface ReplayOptions extends SeekableOptions {
  /** Events between checkpoints. */
  spacing?: number;
  budgetBytes?: number;
}

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
  private readonly store: CheckpointStore<RecordingMark>;
  private readonly spacing: number;
  private symbolLog = new SymbolLog();
  private source: ReplaySource | null = null;
  /** The recording was read to its end, and what the gate does not hold was told. */
  private exhausted = false;
  /** Time to go to when the present way is done; null = none. */
  private wanted: number | null = null;
  /** On the way to a time: the pipeline is of no use to anybody yet. */
  private turning = false;
  private turnedMs = 0;
  private state: SessionState = 'reading';
  private message = '';
  private speed = 1;
  /** Where play continues when the reading has caught up; null = stay. */
  private playing = false;
  private durationNs = 0;
  /** It was read to its end once: durationNs and eventTotal are those of the whole recording. */
  private isMeasured = false;
  private eventTotal = 0;
  private ownChanges = 0;
  private pumping = false;
  private closed = false;
  private timer: NodeJS.Timeout | null = null;
  private lastTickMs = 0;
  private furthest: Furthest | null = null;
  /** A step goes on until there are so many events; null = no step is under way. */
  private stepTo: number | null = null;

  constructor(path: string, options: ReplayOptions = {}) {
    this.path = path;
    this.options = options;
    this.store = new CheckpointStore(options.budgetBytes ?? BUDGET_BYTES);
    this.spacing = options.spacing ?? SPACING_EVENTS;
  }

  get changes(): number {
    return this.pipeline.changes + this.ownChanges;
  }

  get seeking(): boolean {
    return this.turning;
  }

  async start(): Promise<void> {
    this.source = await ReplaySource.open(this.path, this.gate, this.options);
    if (this.closed) this.source.close();
    this.source.onMark = (mark) => this.keepCheckpoint(mark);
    this.takePipeline(this.freshPipeline(this.source));
    for (const [place, entry] of this.source.symbols.entries()) this.symbolLog.note(place, entry);
    for (const checkpoint of this.source.checkpoints) this.store.add(checkpoint);
    // With checkpoints close enough to go anywhere at once, only what comes after the last one is to be read.
    if (this.store.covers(this.spacing * NEAR)) {
      await this.turnTo(this.source, Number.POSITIVE_INFINITY);
      this.turning = false;
    }
    void this.pump();
  }

  status(): DriverStatus {
    const { history, core } = this.pipeline;
    const size = this.source?.sizeBytes ?? 0;
    return {
      state: this.state,
      message: this.message,
      eventRates: history.eventRates(),
      outstandingHistory: history.outstandingBytes(),
      positionNs: this.positionNs(),
      durationNs: Math.max(this.durationNs, core.nowNs),
      readShare:
        this.isMeasured || this.exhausted || size === 0 ? 1 : Math.min(1, (this.source?.bytesRead ?? 0) / size),
      speed: this.speed,
      recordingPath: null,
      recordingBytes: 0,
      timeline: this.furthestSeen().timeline,
      collectorCpu: null,
    };
  }

  play(): void {
    this.stepTo = null;
    if (this.playing) return;
    if (this.positionNs() >= this.durationNs && this.durationNs > 0) this.seek(0);
    this.playing = true;
    this.lastTickMs = performance.now();
    this.timer ??= setInterval(() => this.tick(), TICK_MS);
    this.enter('playing');
  }

  pause(): void {
    this.stopPlaying();
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
    const { gate, pipeline } = this;
    if (this.playing && gate.limitNs === Number.POSITIVE_INFINITY) gate.limitNs = pipeline.core.nowNs;
    this.speed = speed === 0 ? 0 : Math.min(1000, Math.max(0.1, speed));
    this.ownChanges++;
  }

  step(events: number): void {
    this.stopPlaying();
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
    this.stopPlaying();
    this.source?.close();
    return Promise.resolve();
  }

  /** Where time stands: what was asked for last, the limit, or what has been read while there is none. */
  private positionNs(): number {
    if (this.wanted !== null) return Math.min(this.wanted, this.durationNs > 0 ? this.durationNs : this.wanted);
    return this.gate.limitNs === Number.POSITIVE_INFINITY ? this.pipeline.core.nowNs : this.gate.limitNs;
  }

  private tick(): void {
    const now = performance.now();
    const elapsedMs = now - this.lastTickMs;
    this.lastTickMs = now;
    // Until the reading has caught up with the last step there is no next one: slow disks slow time, not the screen.
    if (this.pumping) return;
    const next = this.speed === 0 ? this.durationNs : this.positionNs() + elapsedMs * 1e6 * this.speed;
    this.ownChanges++;
    if (next >= this.durationNs) {
      // As fast as it can be read it is playing until it is there.
      if (this.speed !== 0 || this.exhausted) this.stopPlaying();
      this.gate.limitNs = Number.POSITIVE_INFINITY;
    } else {
      this.gate.limitNs = next;
    }
    void this.pump();
  }

  private stopPlaying(): void {
    this.playing = false;
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** Feeds the gate until it holds something back or the recording is over. */
  private async pump(): Promise<void> {
    const { source } = this;
    if (this.pumping || source === null) return;
    this.pumping = true;
    try {
      while (!this.closed) {
        if (this.wanted !== null && this.mayTurn()) await this.turnTo(source, this.wanted);
        if (!(await this.slice(source)) && !this.settle()) break;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.message = error instanceof Error ? error.message : String(error);
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
  private async turnTo(source: ReplaySource, timeNs: number): Promise<void> {
    this.turnedMs = performance.now();
    const atEnd = this.isMeasured && timeNs >= this.durationNs;
    // Before all was read once the way may be long: then what has been read so far is shown on it.
    this.turning = this.isMeasured;
    for (;;) {
      const nearest = this.store.latest(timeNs);
      const { core } = this.pipeline;
      if (core.nowNs <= timeNs && (nearest === null || nearest.events <= core.eventCount)) break;
      this.turning = true;
      if (nearest === null) {
        await source.restart();
        this.takePipeline(this.freshPipeline(source));
        break;
      }
      if (await this.restore(source, nearest)) break;
    }
    this.gate.limitNs = atEnd ? Number.POSITIVE_INFINITY : timeNs;
    if (this.wanted === timeNs) this.wanted = null;
  }

  private freshPipeline(source: ReplaySource): Pipeline {
    if (source.dictionary !== this.pipeline.dictionary) this.symbolLog = new SymbolLog();
    return new Pipeline('recording', { dictionary: source.dictionary, symbolLog: this.symbolLog });
  }

  /** False if the checkpoint is none after all; it is then forgotten. */
  private async restore(source: ReplaySource, checkpoint: StoredCheckpoint<RecordingMark>): Promise<boolean> {
    const loaded = await checkpoint.load();
    try {
      if (loaded !== null) {
        // First, for another thread decodes what comes next while this one restores.
        source.resume(loaded.mark);
        this.takePipeline(restorePipeline(loaded.state, 'recording', source.dictionary, this.symbolLog));
        return true;
      }
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      // The source no longer stands where the pipeline does.
      await source.restart();
      this.takePipeline(this.freshPipeline(source));
    }
    this.store.remove(checkpoint);
    return false;
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
    this.ownChanges += this.pipeline.changes + 1;
    this.pipeline = pipeline;
    this.gate.redirect(pipeline);
    this.exhausted = pipeline.ended !== null;
  }

  /** The reader is between two chunks: keeps the pipeline as it is now if that may save reading later. */
  private keepCheckpoint(mark: RecordingMark): void {
    const { pipeline, source } = this;
    if (this.gate.holding || pipeline.ended !== null || source === null) return;
    const { core } = pipeline;
    const events = core.eventCount;
    const total = this.isMeasured
      ? this.eventTotal
      : (events * source.sizeBytes) / (mark.byteOffset + (mark.part?.bytesBefore ?? 0));
    const spacing = this.turning ? this.spacing * SPACING_ON_THE_WAY : this.spacing;
    if (!this.store.wants(events, checkpointSize(core), total, spacing)) return;
    const bytes = savePipeline(pipeline);
    if (bytes === null) return;
    const load = (): Promise<{ state: Uint8Array; mark: RecordingMark }> => Promise.resolve({ state: bytes, mark });
    this.store.add({ events, timeNs: core.nowNs, byteLength: bytes.length, load });
  }

  private stateWhenCaughtUp(): SessionState {
    if (this.playing) return 'playing';
    const { ended } = this.pipeline;
    if (this.exhausted && !this.gate.holding) {
      const cut = ended?.reason === 'cut' ? ended.detail : '';
      this.message = [this.source?.damage ?? '', cut].filter(Boolean).join('; ');
      return 'ended';
    }
    return 'paused';
  }

  private enter(state: SessionState): void {
    this.state = state;
    this.ownChanges++;
  }
}
