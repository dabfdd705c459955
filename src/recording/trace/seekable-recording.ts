import type { InputFormat } from '../../decode/recognise.js';
import type { Damage } from '../../event/damage.js';
import type { SymbolisedAddress } from '../../event/trace-sink.js';
import type { IndexedCheckpoint } from '../format/index-format.js';
import type { RecordingPart } from '../format/part.js';
import type { RecordingSizes } from '../format/sizes.js';
import type { JoinerMark } from './part-joiner.js';
import type { ReaderMark } from './reader-mark.js';
import type { ImportSummary } from './text-reader.js';

export interface OpenOptions {
  /** Of texts only: keep user frames in call paths. */
  userFrames?: boolean;
  /** Of texts only: page size of the traced machine in bytes; absent = as far as the text tells. */
  pageSize?: number;
  /** Search an unknown input for chunks of a recording, whose header may be damaged. */
  salvage?: boolean;
}

/** What a file holds, as its first bytes show. */
export interface InputContent {
  format: InputFormat;
  gzipped: boolean;
}

/** One file of a recording. */
export interface PartFile {
  path: string;
  sizeBytes: number;
  /** Null = it is no part of a ring, or has not been read yet. */
  part: RecordingPart | null;
}

/**
 * A place between two chunks of a recording; byteOffset and the like count within the file that it
 * lies in.
 */
export interface RecordingMark extends ReaderMark {
  /** The file; absent = the only file, or the first. */
  part?: PartMark;
  /**
   * Share of the input, 0 to 1, that had been read when the mark was passed on; absent = the share
   * of its bytes.
   */
  share?: number;
}

export interface PartMark {
  /** Place of the file among those of the recording, from 0. */
  file: number;
  /** Bytes of the files before it. */
  bytesBefore: number;
  joined: JoinerMark;
}

/** The state of a checkpoint, and the mark from which reading continues behind it. */
export interface LoadedCheckpoint {
  state: Uint8Array;
  mark: RecordingMark;
}

/** A checkpoint, with its file in a recording of several. */
export interface PlacedCheckpoint extends IndexedCheckpoint {
  /**
   * Joins its file to those before it; `accounted` does not count yet the events before the
   * checkpoint in that file. Absent = it lies in the only file.
   */
  part?: PartMark;
}

export interface RecordingIndex {
  /** In the order of the recording. */
  checkpoints: PlacedCheckpoint[];
  /**
   * Payloads of each file's dictionary chunks that hold definitions, from the first file on up to
   * the first one without an index.
   */
  dictionaries: Uint8Array[][];
  /** All symbols of those files, in their order. */
  symbols: SymbolisedAddress[];
}

/** An open recording whose reading can resume at marks between its chunks. */
export interface SeekableRecording extends OpenRecording {
  /** Called between two chunks, when the sink has had everything before them, with a mark for resume(). */
  onMark: ((mark: RecordingMark) => void) | null;
  /** True if another thread decodes it. */
  readonly isThreaded: boolean;
  /**
   * False if resume() is not possible any more; must be read before each resume(). Absent = always
   * possible.
   */
  readonly canResume?: boolean;
  /** Why it is not possible, a sentence for the user; '' = it is. */
  readonly slowness?: string;
  /** Its checkpoints; null if it has none, or they were not asked for. */
  readonly index: RecordingIndex | null;
  /**
   * Returns a checkpoint of the index, and the mark for resume() after it is restored; null if it
   * cannot be read.
   */
  loadCheckpoint(checkpoint: PlacedCheckpoint): Promise<LoadedCheckpoint | null>;
  /**
   * The next readNext() continues at a mark, also after the end. Either the recording has been read
   * up to there before, or the dictionary of its index was loaded.
   */
  resume(mark: RecordingMark): void;
}

/** A recording (one file or several) or a text that is read from front to back. */
export interface OpenRecording {
  /** Bytes of all its files; 0 if not known (a pipe). */
  readonly sizeBytes: number;
  readonly content: InputContent;
  /** In the order of time. */
  readonly files: readonly PartFile[];
  /** Bytes of the files decoded so far. */
  readonly bytesRead: number;
  /** The first damaged spans met so far; damageCount counts all. */
  readonly damagedSpans: readonly Damage[];
  readonly damageCount: number;
  /**
   * How many bytes each kind of content takes, as far as it was read; null if the input is not a
   * recording.
   */
  readonly sizes: RecordingSizes | null;
  /** Returns what an import has read so far; null if the input is not a text. */
  importSummary(): ImportSummary | null;
  /**
   * Reads and decodes one piece. Resolves to false at the end of the recording, after the sink has
   * had the end. Rejects with a UserError if reading fails.
   */
  readNext(): Promise<boolean>;
  close(): void;
}
