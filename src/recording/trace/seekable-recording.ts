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
  /** Texts only: keep user frames in call paths. */
  userFrames?: boolean;
  /** Look for chunks of a recording in what cannot be recognised: its header may be damaged. */
  salvage?: boolean;
}

/** What was found to be in a file. */
export interface InputContent {
  format: InputFormat;
  gzipped: boolean;
}

/** One file of a recording. */
export interface PartFile {
  path: string;
  sizeBytes: number;
  /** null = it is the only one, or does not say. */
  part: RecordingPart | null;
}

/** A place between two chunks of a recording; byteOffset and the like are of the file that it lies in. */
export interface RecordingMark extends ReaderMark {
  /** Absent = in the only file, or the first. */
  part?: PartMark;
  /** Share of the input, 0 to 1, that had been read when it was told; absent = that of its bytes. */
  share?: number;
}

export interface PartMark {
  /** Place of the file among those of the recording, from 0. */
  file: number;
  /** Bytes of the files before it. */
  bytesBefore: number;
  joined: JoinerMark;
}

/** A checkpoint, and where reading goes on behind it. */
export interface LoadedCheckpoint {
  state: Uint8Array;
  mark: RecordingMark;
}

/** A checkpoint of a recording in several files. */
export interface PlacedCheckpoint extends IndexedCheckpoint {
  /** What joins its file to those before it, but for the events before it in that file; absent = it lies in the only file. */
  part?: PartMark;
}

export interface RecordingIndex {
  /** In the order of the recording. */
  checkpoints: PlacedCheckpoint[];
  /** Payloads of the dictionary chunks with definitions of each file, from the first file on as far as files have them. */
  dictionaries: Uint8Array[][];
  /** All symbols of those files, in their order. */
  symbols: SymbolisedAddress[];
}

/** A recording that can be read from any of its chunks on. */
export interface SeekableRecording extends OpenRecording {
  /** Told between two chunks, when the sink has had all before it; a place to resume() at. */
  onMark: ((mark: RecordingMark) => void) | null;
  /** Another thread decodes it. */
  readonly isThreaded: boolean;
  /** Absent = always. To be asked before resume(), where it may turn out that it cannot be after all. */
  readonly canResume?: boolean;
  /** Why it cannot, a sentence for the user; '' = it can. */
  readonly slowness?: string;
  /** Its checkpoints; null when it has none, or when nobody asked for them. */
  readonly index: RecordingIndex | null;
  /** A checkpoint of the index, and where to resume() after restoring it; null when it cannot be read. */
  loadCheckpoint(checkpoint: PlacedCheckpoint): Promise<LoadedCheckpoint | null>;
  /**
   * Goes on at a mark with the next readNext(), also after the end. Either the recording was read up to there before, or
   * the dictionary of its index was loaded.
   */
  resume(mark: RecordingMark): void;
}

/** A recording or text that is being read from front to back, be it one file or several. */
export interface OpenRecording {
  /** Of all its files; 0 when it is not known, as of a pipe. */
  readonly sizeBytes: number;
  readonly content: InputContent;
  /** In the order of time. */
  readonly files: readonly PartFile[];
  /** Bytes of the files decoded so far. */
  readonly bytesRead: number;
  /** Parts of it that could not be read, as far as they have been met: the first ones; damageCount counts all. */
  readonly damagedSpans: readonly Damage[];
  readonly damageCount: number;
  /** What its bytes are spent on, as far as they were read; null when this is no recording proper. */
  readonly sizes: RecordingSizes | null;
  /** What an import saw so far; null when this is no text. */
  importSummary(): ImportSummary | null;
  /** Reads and decodes one piece. False when the recording is over: the sink has had its end then. */
  readNext(): Promise<boolean>;
  close(): void;
}
