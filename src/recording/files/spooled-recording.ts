/**
 * SpooledRecording: an input that can be read only from its start (a text, the collector's stream,
 * anything gzipped, a pipe), made seekable. While it is read for the first time, a recording of it
 * is written to a spool; after a seek backwards, reading continues in the spool.
 *
 * A recording is spooled byte for byte as it comes out of its compression or pipe, damage included.
 * The trace of any other input is written by a RecordingWriter, uncompressed, because it is soon
 * read and disappears with the process. The spool always ends where the first reader stands: at the
 * end of the spool, reading continues with the first reader.
 */
import { tmpdir } from 'node:os';
import { UserError } from '../../base/errors.js';
import { describeSystemError } from '../../base/system-errors.js';
import type { Damage } from '../../event/damage.js';
import { TeeSink } from '../../event/tee-sink.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import type { RecordingSizes } from '../format/sizes.js';
import { FileFacts } from '../trace/file-facts.js';
import { JOINER_START, PartJoiner } from '../trace/part-joiner.js';
import { RecordingReader } from '../trace/reader.js';
import type { ReaderMark } from '../trace/reader-mark.js';
import type {
  InputContent,
  OpenOptions,
  PartFile,
  RecordingMark,
  SeekableRecording,
} from '../trace/seekable-recording.js';
import { SpoolWriter } from '../trace/spool-writer.js';
import type { ImportSummary } from '../trace/text-reader.js';
import { crc32, decompress } from './node-codecs.js';
import { partPaths } from './open-parts.js';
import { openFile, type SingleFile } from './single-file.js';
import { Spool } from './spool.js';

const READ_BYTES = 1 << 18;

export interface SpoolOptions extends Pick<OpenOptions, 'pageSize'> {
  /** Directory of the spool; absent = the system's directory for temporary files. */
  directory?: string;
  /** Bytes of the spool at most; absent = half of the free space there. */
  limitBytes?: number;
  /** Least number of events between two marks, in a spool written by a RecordingWriter. */
  markEvents?: number;
}

/**
 * Opens one file, pipe or stdin ('-') whose trace will go to `sink`. Throws a UserError if it
 * cannot be opened, or is in no format that can be read. If no spool can be made it is read all the
 * same, and `slowness` says why.
 */
export async function openSpooled(
  path: string,
  sink: TraceSink,
  dictionary: TraceDictionary,
  options: SpoolOptions = {},
): Promise<SpooledRecording> {
  if (path === '')
    throw new UserError('the name of the recording is empty', ['Name a file, or - for standard input.'], {
      usage: true,
    });
  const [file] = path === '-' ? [path] : await partPaths(path);
  const tee = new TeeSink(sink);
  const stages: Stages = {
    joiner: new PartJoiner(tee),
    tee,
    known: new FileFacts(dictionary),
    onMark: () => undefined,
  };
  const { joiner, known } = stages;
  const { pageSize } = options;
  const first = await openFile(file, joiner, dictionary, { known, pageSize, onMark: (mark) => stages.onMark(mark) });
  return new SpooledRecording(first, stages, { sink, dictionary, options });
}

/** The stages between the first reader and the sink. */
interface Stages {
  joiner: PartJoiner;
  tee: TeeSink;
  /** Of a recording: what both readers have learned of it. */
  known: FileFacts;
  onMark: (mark: ReaderMark) => void;
}

interface Target {
  sink: TraceSink;
  dictionary: TraceDictionary;
  options: SpoolOptions;
}

export class SpooledRecording implements SeekableRecording {
  readonly index = null;
  readonly isThreaded = false;
  onMark: ((mark: RecordingMark) => void) | null = null;
  slowness = '';

  private readonly first: SingleFile;
  private readonly stages: Stages;
  private readonly target: Target;
  private readonly directory: string;
  private readonly isRecording: boolean;
  private spool: Spool | null = null;
  /** Writes the spool of an input that is not a recording. */
  private writer: SpoolWriter | null = null;
  /** Reads the spool; null = no seek needed it yet. */
  private again: RecordingReader | null = null;
  /** Place in the spool of its reader; null = the first reader reads. */
  private position: number | null = null;
  private readonly buffer = new Uint8Array(READ_BYTES);
  private generation = 0;
  private closed = false;

  /** Owns the file. */
  constructor(first: SingleFile, stages: Stages, target: Target) {
    this.first = first;
    this.stages = stages;
    this.target = target;
    this.directory = target.options.directory ?? tmpdir();
    this.isRecording = first.content.format === 'unfreed';
    const append = (bytes: Uint8Array): void => this.append(bytes);
    try {
      this.spool = Spool.open(this.directory, target.options.limitBytes);
    } catch (error) {
      this.fail(error);
      return;
    }
    stages.onMark = (mark) => this.sendMark(mark);
    if (this.isRecording) first.onBytes = append;
    else this.writer = new SpoolWriter(target.dictionary, append, { crc32, markEvents: target.options.markEvents });
    // There may have been no room even for the first bytes.
    if (this.slowness === '') stages.tee.recorder = this.writer?.sink ?? null;
    else this.writer = null;
  }

  get sizeBytes(): number {
    return this.first.sizeBytes;
  }

  /** Bytes of the input read so far, whatever was read again in the spool. */
  get bytesRead(): number {
    return this.first.bytesRead;
  }

  get content(): InputContent {
    return this.first.content;
  }

  get files(): readonly PartFile[] {
    return this.first.files;
  }

  get damagedSpans(): readonly Damage[] {
    return this.first.damagedSpans;
  }

  get damageCount(): number {
    return this.first.damageCount;
  }

  get sizes(): RecordingSizes | null {
    return this.first.sizes;
  }

  importSummary(): ImportSummary | null {
    return this.first.importSummary();
  }

  loadCheckpoint(): Promise<null> {
    return Promise.resolve(null);
  }

  /** Reading this writes out the trace so far, so that resume() finds it in the spool. */
  get canResume(): boolean {
    this.writer?.flush();
    if (this.writer?.teach(this.reader()) === false) this.fail(new Error('it has too many call paths'));
    return this.slowness === '';
  }

  resume(mark: RecordingMark): void {
    this.generation++;
    const reader = this.reader();
    if (this.position === null) this.first.leave();
    if (this.isRecording) this.stages.joiner.resume(mark.part?.joined ?? JOINER_START);
    reader.resume(mark);
    this.position = mark.byteOffset;
  }

  async readNext(): Promise<boolean> {
    if (this.closed) return false;
    if (this.position !== null) return this.readSpool(this.position);
    const { first, generation } = this;
    if (first.isOver) return false;
    const bytes = await first.fetch();
    if (this.closed) return false;
    // resume() was called meanwhile: these bytes are kept for later.
    if (generation !== this.generation) {
      first.unfetch(bytes);
      return true;
    }
    const goesOn = first.take(bytes);
    const mark = goesOn ? this.writer?.markIfDue() : null;
    if (mark) this.sendMark(mark);
    return goesOn;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.first.close();
    this.spool?.close();
  }

  /** Returns the reader of the spool. */
  private reader(): RecordingReader {
    if (this.again !== null) return this.again;
    const { stages, target, isRecording } = this;
    const { joiner, known } = stages;
    const options = { decompress, crc32, onMark: (mark: ReaderMark): void => this.sendMark(mark) };
    const onPart = joiner.begin.bind(joiner);
    this.again = isRecording
      ? new RecordingReader(joiner, target.dictionary, { ...options, known, onPart })
      : new RecordingReader(target.sink, target.dictionary, options);
    return this.again;
  }

  private readSpool(position: number): boolean {
    const { again: reader, spool, first } = this;
    if (reader === null || spool === null || reader.ended) return false;
    if (position < spool.bytes) {
      const bytes = this.buffer.subarray(0, this.readAt(spool, position));
      this.position = position + bytes.length;
      reader.push(bytes);
      if (reader.ended) return false;
      if (this.position < spool.bytes) return true;
    }
    if (first.isOver) {
      reader.finish();
      return false;
    }
    reader.leave();
    this.position = null;
    return true;
  }

  private readAt(spool: Spool, position: number): number {
    let length = 0;
    let why = 'it is shorter than what was written';
    try {
      length = spool.readAt(this.buffer, position);
    } catch (error) {
      why = describeSystemError(error);
    }
    if (length > 0) return length;
    this.close();
    throw new UserError(`reading the copy in ${this.directory} failed: ${why}`);
  }

  private append(bytes: Uint8Array): void {
    if (this.spool === null) return;
    try {
      this.spool.append(bytes);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Gives up the spool and its disk space; reading the input continues. */
  private fail(error: unknown): void {
    const [{ path }] = this.files;
    const isPipe = path === '-' || this.sizeBytes === 0;
    const back = isPipe ? 'there is no way back' : 'going back reads it from the start';
    this.slowness = `${back}: no copy in ${this.directory} (${describeSystemError(error)})`;
    this.spool?.close();
    this.spool = null;
    this.writer = null;
    this.first.onBytes = null;
    this.stages.tee.recorder = null;
  }

  private sendMark(mark: ReaderMark): void {
    const { first, isRecording, spool, stages } = this;
    if (spool === null || this.onMark === null) return;
    // Places in the spool are not those in the input, so their share is scaled.
    const shareRead = first.sizeBytes > 0 ? first.bytesRead / first.sizeBytes : 1;
    const share = (shareRead * mark.byteOffset) / spool.bytes;
    const part = isRecording ? { file: 0, bytesBefore: 0, joined: stages.joiner.mark() } : undefined;
    this.onMark({ ...mark, part, share });
  }
}
