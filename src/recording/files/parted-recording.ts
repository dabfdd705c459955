/**
 * PartedRecording: the files of a recording, be it one or those of a ring, read and decoded in this thread, from any chunk
 * of any of them on.
 */
import { UserError } from '../../base/errors.js';
import type { Damage } from '../../event/damage.js';
import { EventBatch } from '../../event/event-batch.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import type { RecordingSizes } from '../format/sizes.js';
import type {
  InputContent,
  LoadedCheckpoint,
  PartFile,
  PlacedCheckpoint,
  RecordingIndex,
  RecordingMark,
  SeekableRecording,
} from '../trace/seekable-recording.js';
import { type PartsOptions, PartsReader, READ_BYTES } from './parts-reader.js';
import type { ReadHandle } from './read-handle.js';
import { loadCheckpoint } from './read-index.js';
import { describeSystemError } from './system-errors.js';

/** The files of a recording that can be read from anywhere, held open, for a ring goes on being written. */
export interface OpenParts {
  /** At least one, in the order of time. */
  files: readonly PartFile[];
  /** Of each file. */
  handles: readonly ReadHandle[];
  /** Null = none, or not wanted. */
  index: RecordingIndex | null;
}

/** Plain files hold nothing else that can be read from anywhere. */
export const RECORDING_CONTENT: InputContent = { format: 'unfreed', gzipped: false };

export class PartedRecording implements SeekableRecording {
  readonly content: InputContent = RECORDING_CONTENT;
  readonly files: readonly PartFile[];
  readonly index: RecordingIndex | null;
  readonly isThreaded = false;

  private readonly handles: readonly ReadHandle[];
  private readonly reader: PartsReader;
  private readonly buffer = new Uint8Array(READ_BYTES);
  private generation = 0;
  private closed = false;

  /** Owns the handles. */
  constructor(opened: OpenParts, sink: TraceSink, dictionary: TraceDictionary, options: Partial<PartsOptions> = {}) {
    this.files = opened.files;
    this.handles = opened.handles;
    this.index = opened.index;
    this.reader = new PartsReader(opened.files, sink, dictionary, {
      ...options,
      nextBatch: options.nextBatch ?? oneBatch(),
    });
    for (const [file, payloads] of (opened.index?.dictionaries ?? []).entries()) this.reader.learn(file, payloads);
  }

  get sizeBytes(): number {
    return this.reader.sizeBytes;
  }

  get bytesRead(): number {
    return this.reader.bytesRead;
  }

  get damagedSpans(): readonly Damage[] {
    return this.reader.damagedSpans;
  }

  get damageCount(): number {
    return this.reader.damageCount;
  }

  get sizes(): RecordingSizes {
    return this.reader.sizes;
  }

  get onMark(): ((mark: RecordingMark) => void) | null {
    return this.reader.onMark;
  }

  set onMark(callback: ((mark: RecordingMark) => void) | null) {
    this.reader.onMark = callback;
  }

  importSummary(): null {
    return null;
  }

  loadCheckpoint(checkpoint: PlacedCheckpoint): Promise<LoadedCheckpoint | null> {
    return loadCheckpoint(this.handles, checkpoint);
  }

  resume(mark: RecordingMark): void {
    this.generation++;
    this.reader.resume(mark);
  }

  async readNext(): Promise<boolean> {
    const { reader, generation } = this;
    if (this.closed || reader.ended) return false;
    const length = await this.read();
    if (this.closed) return false;
    // resume() was called meanwhile: these bytes are of elsewhere.
    if (generation !== this.generation) return true;
    reader.push(this.buffer.subarray(0, length));
    return !reader.ended;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const handle of this.handles) handle.close();
  }

  private async read(): Promise<number> {
    const { file, offset } = this.reader;
    try {
      return await this.handles[file].readAt(this.buffer, offset);
    } catch (error) {
      if (this.closed) return 0;
      this.close();
      throw new UserError(`reading ${this.files[file].path} failed: ${describeSystemError(error)}`, [], {
        cause: error,
      });
    }
  }
}

/** The batch of a reader whose sink is done with it when the call returns. */
function oneBatch(): () => EventBatch {
  const batch = new EventBatch();
  return () => batch;
}
