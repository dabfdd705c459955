/**
 * ReplayDriver: a recording with time under the user's control. It is first read to its end as fast as it can be; after
 * that time can be moved. Forwards continues from where the pairing core stands; backwards begins anew from the start.
 *
 * Reading goes in slices with a turn of the event loop between them, so that commands are answered at once.
 */
import { damageSentence } from '../recording/damage-text.js';
import { type OpenRecording, openRecording } from '../recording/file.js';
import type { Driver } from './driver.js';
import { Pipeline } from './pipeline.js';
import { TimeGate } from './time-gate.js';
import type { SessionState, SessionStatus } from './trace-session.js';

/** Play moves time in steps of this many ms. */
const TICK_MS = 50;
/** Reading gives way to commands after this long. */
const SLICE_MS = 20;

export class ReplayDriver implements Driver {
  pipeline = new Pipeline('recording');
  private readonly path: string;
  private gate = new TimeGate(this.pipeline);
  private recording: OpenRecording | null = null;
  private exhausted = false;
  private state: SessionState = 'reading';
  private message = '';
  private speed = 1;
  /** Where play continues when the reading has caught up; null = stay. */
  private playing = false;
  private durationNs = 0;
  private bytesRead = 0;
  private generation = 0;
  private ownChanges = 0;
  private pumping = false;
  private closed = false;
  private timer: NodeJS.Timeout | null = null;
  private lastTickMs = 0;

  constructor(path: string) {
    this.path = path;
  }

  get changes(): number {
    return this.pipeline.changes + this.ownChanges;
  }

  async start(): Promise<void> {
    await this.open();
    void this.pump();
  }

  status(): SessionStatus {
    const { history, core } = this.pipeline;
    const size = this.recording?.sizeBytes ?? 0;
    return {
      state: this.state,
      message: this.message,
      eventRates: history.eventRates(),
      outstandingHistory: history.outstandingBytes(),
      positionNs: this.positionNs(),
      durationNs: Math.max(this.durationNs, core.nowNs),
      readShare: this.exhausted || size === 0 ? 1 : Math.min(1, this.bytesRead / size),
      speed: this.speed,
      recordingPath: null,
      recordingBytes: 0,
    };
  }

  play(): void {
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
    const target = Math.max(0, timeNs);
    if (target < this.positionNs()) this.restart();
    this.gate.limitNs = this.durationNs > 0 && target >= this.durationNs ? Number.POSITIVE_INFINITY : target;
    this.ownChanges++;
    void this.pump();
  }

  setSpeed(speed: number): void {
    this.speed = Math.min(1000, Math.max(0.1, speed));
    this.ownChanges++;
  }

  stop(): Promise<void> {
    this.closed = true;
    this.stopPlaying();
    this.recording?.close();
    return Promise.resolve();
  }

  /** Where time stands: the limit, or what has been read while there is none. */
  private positionNs(): number {
    return this.gate.limitNs === Number.POSITIVE_INFINITY ? this.pipeline.core.nowNs : this.gate.limitNs;
  }

  private tick(): void {
    const now = performance.now();
    const elapsedMs = now - this.lastTickMs;
    this.lastTickMs = now;
    // Until the reading has caught up with the last step there is no next one: slow disks slow time, not the screen.
    if (this.pumping) return;
    const next = this.positionNs() + elapsedMs * 1e6 * this.speed;
    this.ownChanges++;
    if (next >= this.durationNs) {
      this.stopPlaying();
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

  /** Back to time 0: a fresh pipeline over the file from its start. */
  private restart(): void {
    this.recording?.close();
    this.recording = null;
    this.generation++;
    this.ownChanges += this.pipeline.changes + 1;
    this.pipeline = new Pipeline('recording');
    this.gate = new TimeGate(this.pipeline);
    this.exhausted = false;
    this.bytesRead = 0;
  }

  /** Feeds the gate until it holds something back or the recording is over. */
  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (!this.closed && (await this.slice())) await new Promise<void>((resolve) => setImmediate(resolve));
    } catch (error) {
      this.message = error instanceof Error ? error.message : String(error);
      this.enter('failed');
    } finally {
      this.pumping = false;
    }
    if (this.state !== 'failed') this.enter(this.stateWhenCaughtUp());
  }

  /** Works for at most SLICE_MS; false when there is nothing to do until the limit moves. */
  private async slice(): Promise<boolean> {
    const { generation } = this;
    const recording = this.recording ?? (await this.open());
    if (generation !== this.generation) return true;
    const until = performance.now() + SLICE_MS;
    this.gate.release();
    while (!this.gate.holding && !this.exhausted) {
      if (performance.now() >= until) return true;
      const more = await recording.readNext();
      if (generation !== this.generation) return true;
      this.exhausted = !more;
      this.bytesRead = recording.bytesRead;
    }
    this.durationNs = Math.max(this.durationNs, this.pipeline.core.nowNs);
    return this.gate.holding && !this.exhausted && this.gate.limitNs === Number.POSITIVE_INFINITY;
  }

  /** Opens the file for the present pipeline; what a seek has overtaken meanwhile is closed again. */
  private async open(): Promise<OpenRecording> {
    const { generation } = this;
    const recording = await openRecording(this.path, this.gate, this.pipeline.dictionary);
    if (generation === this.generation) this.recording = recording;
    else recording.close();
    return recording;
  }

  private stateWhenCaughtUp(): SessionState {
    if (this.playing) return 'playing';
    const { ended } = this.pipeline;
    if (this.exhausted && !this.gate.holding) {
      this.message = [this.damage(), ended?.reason === 'cut' ? ended.detail : ''].filter(Boolean).join('; ');
      return 'ended';
    }
    return 'paused';
  }

  /** What of the recording could not be read. */
  private damage(): string {
    return this.recording === null ? '' : damageSentence(this.recording.damages, this.recording.damageCount);
  }

  private enter(state: SessionState): void {
    this.state = state;
    this.ownChanges++;
  }
}
