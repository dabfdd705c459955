/**
 * Seeker: brings a replay near a time without reading all that is before it. It starts from the present pipeline or
 * from the last checkpoint before the time, whichever is nearer; reading on leads to the time. Checkpoints are made while
 * reading, and reading again makes those that are missing.
 */
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import { checkpointSize } from '../../pair/checkpoint/checkpoint.js';
import { CheckpointError } from '../../pair/checkpoint/checkpoint-bytes.js';
import type { RecordingMark } from '../../recording/trace/seekable-recording.js';
import { Pipeline } from '../pipeline/pipeline.js';
import { restorePipeline, savePipeline } from '../pipeline/pipeline-checkpoint.js';
import { SymbolLog } from '../pipeline/symbol-log.js';
import { CheckpointStore, type StoredCheckpoint } from './checkpoint-store.js';
import type { ReplaySource } from './replay-source.js';

/** Memory for checkpoints. */
const BUDGET_BYTES = 256 << 20;
/**
 * Events between checkpoints: some 100 ms of reading; making one takes a seventh of that. During a seek they are twice as
 * close, because users then stay near that time; and twice as close where no other thread decodes, because reading then
 * takes twice as long.
 */
const SPACING_EVENTS = 800_000;
const CLOSER = 0.5;
/** Checkpoints of the recording itself may be this many times further apart. */
const NEAR = 3;

export interface SeekOptions {
  /** Events between checkpoints. */
  spacing?: number;
  budgetBytes?: number;
}

export class Seeker {
  readonly source: ReplaySource;
  private readonly spacing: number;
  private readonly store: CheckpointStore<RecordingMark>;
  /** Symbols of `dictionary`. */
  private symbolLog = new SymbolLog();
  private dictionary: TraceDictionary;

  constructor(source: ReplaySource, { spacing = SPACING_EVENTS, budgetBytes = BUDGET_BYTES }: SeekOptions) {
    this.source = source;
    this.spacing = spacing;
    this.store = new CheckpointStore(budgetBytes);
    this.dictionary = source.dictionary;
    for (const [place, entry] of source.symbols.entries()) this.symbolLog.note(place, entry);
    for (const checkpoint of source.checkpoints) this.store.add(checkpoint);
  }

  /** True if the recording's own checkpoints are close enough to seek anywhere at once. */
  get canSeekAnywhere(): boolean {
    return this.store.covers(this.spacing * NEAR);
  }

  /** A new pipeline for the source, which must be at its start. */
  fresh(): Pipeline {
    const { dictionary } = this.source;
    if (dictionary !== this.dictionary) this.symbolLog = new SymbolLog();
    this.dictionary = dictionary;
    return new Pipeline('recording', { dictionary, symbolLog: this.symbolLog });
  }

  /** True if reading on brings this pipeline to the time, and no checkpoint is nearer to it. */
  canContinueFrom({ core }: Pipeline, timeNs: number): boolean {
    const nearest = this.nearest(timeNs);
    return core.nowNs <= timeNs && (nearest === null || nearest.events <= core.eventCount);
  }

  /** A pipeline that reading on brings to the time; the source is moved to its place. Rejects where restart() does. */
  async pipelineAt(timeNs: number): Promise<Pipeline> {
    for (;;) {
      const nearest = this.nearest(timeNs);
      if (nearest === null) break;
      const restored = await this.restore(nearest);
      if (restored !== null) return restored;
      this.store.remove(nearest);
    }
    await this.source.restart();
    return this.fresh();
  }

  /**
   * Keeps a checkpoint of the pipeline if that may save reading later. Must be called when the reader is between two
   * chunks. `totalEvents` is the number in the whole recording, null = not known yet; `seeking` = a seek is running.
   */
  keep(pipeline: Pipeline, mark: RecordingMark, totalEvents: number | null, seeking: boolean): void {
    const { core } = pipeline;
    const { source, store } = this;
    const events = core.eventCount;
    const share = mark.share ?? (mark.byteOffset + (mark.part?.bytesBefore ?? 0)) / source.sizeBytes;
    const total = totalEvents ?? events / share;
    const spacing = this.spacing * (seeking ? CLOSER : 1) * (source.isThreaded ? 1 : CLOSER);
    if (!store.wants(events, checkpointSize(core), total, spacing)) return;
    const state = savePipeline(pipeline);
    if (state === null) return;
    store.add({ events, timeNs: core.nowNs, byteLength: state.length, load: () => Promise.resolve({ state, mark }) });
  }

  private nearest(timeNs: number): StoredCheckpoint<RecordingMark> | null {
    return this.source.canResume ? this.store.latest(timeNs) : null;
  }

  /** The pipeline of a checkpoint; null if it cannot be restored: the source may then be at any place. */
  private async restore(checkpoint: StoredCheckpoint<RecordingMark>): Promise<Pipeline | null> {
    const loaded = await checkpoint.load();
    if (loaded === null) return null;
    const { source } = this;
    // Resumed first, so that another thread decodes the next chunk while this one restores.
    source.resume(loaded.mark);
    try {
      return restorePipeline(loaded.state, 'recording', source.dictionary, this.symbolLog);
    } catch (error) {
      if (error instanceof CheckpointError) return null;
      throw error;
    }
  }
}
