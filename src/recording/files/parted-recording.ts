/**
 * PartedRecording: reads and decodes the files of a recording (one, or those of a ring) in this
 * thread. Reading can begin at any chunk of any of them.
 */
import { UserError } from '../../base/errors.js';
import { describeSystemError } from '../../base/system-errors.js';
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

/**
 * The open files of a recording that can be read from any chunk on. They stay open, because the
 * recorder of a ring may rename or delete them meanwhile.
 */
export interface OpenParts {
  /** At least one, oldest first. */
  files: readonly PartFile[];
  /** The handle of each file. */
  handles: readonly ReadHandle[];
  /** Null = there is none, or it was not asked for. */
  index: RecordingIndex | null;
}

/** A recording is the only format that can be read from any place in a plain file. */
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
    // resume() was called meanwhile: these bytes are from the place before it.
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

/**
 * Returns a nextBatch() that always returns the same batch, emptied: the sink no longer needs it
 * when events() returns.
 */
function oneBatch(): () => EventBatch {
  const batch = new EventBatch();
  return () => batch;
}
