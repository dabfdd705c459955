/**
 * ReplaySource: the recording behind a replay, which can be read from any of its chunks on. An input without chunks to
 * seek in is copied to a temporary file (spooled) while it is read; without room for that, going back opens it again and
 * reads from its start.
 */
import { UserError } from '../../base/errors.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress, TraceSink } from '../../event/trace-sink.js';
import { isSeekable, openTrace, type TraceOptions } from '../../recording/open.js';
import { damageSentence } from '../../recording/trace/damage-text.js';
import { START_MARK } from '../../recording/trace/reader-mark.js';
import type { OpenRecording, RecordingMark, SeekableRecording } from '../../recording/trace/seekable-recording.js';
import type { StoredCheckpoint } from './checkpoint-store.js';

export type SourceOptions = Pick<TraceOptions, 'spool' | 'thread' | 'threadProgram' | 'pageSize'>;

/** What is read, and where its trace goes. */
interface ReplayInput {
  path: string;
  sink: TraceSink;
  pageSize: number | undefined;
}

export class ReplaySource {
  /** Defines the ids in the batches; replaced when restart() has to open the recording again. */
  dictionary: TraceDictionary;
  private readonly path: string;
  private readonly sink: TraceSink;
  private readonly pageSize: number | undefined;
  private recording: OpenRecording;
  private seekable: SeekableRecording | null;
  private closed = false;

  private constructor(input: ReplayInput, dictionary: TraceDictionary, recording: OpenRecording) {
    this.path = input.path;
    this.sink = input.sink;
    this.pageSize = input.pageSize;
    this.dictionary = dictionary;
    this.seekable = isSeekable(recording) ? recording : null;
    this.recording = recording;
  }

  /** Throws a UserError when the file cannot be opened or has no known format. */
  static async open(path: string, sink: TraceSink, options: SourceOptions = {}): Promise<ReplaySource> {
    const dictionary = new TraceDictionary();
    const recording = await openTrace(path, sink, dictionary, { ...options, seek: true });
    return new ReplaySource({ path, sink, pageSize: options.pageSize }, dictionary, recording);
  }

  /** Symbols of the whole recording; empty without an index. */
  get symbols(): readonly SymbolisedAddress[] {
    return this.seekable?.index?.symbols ?? [];
  }

  /** Checkpoints that lie in the recording. */
  get checkpoints(): StoredCheckpoint<RecordingMark>[] {
    const { seekable } = this;
    if (seekable === null || seekable.index === null) return [];
    return seekable.index.checkpoints.map((checkpoint) => ({
      events: checkpoint.events,
      timeNs: checkpoint.timeNs,
      byteLength: 0,
      load: () => seekable.loadCheckpoint(checkpoint),
    }));
  }

  /** Called at each place where reading can be resumed; never for a recording that cannot be sought. */
  set onMark(callback: (mark: RecordingMark) => void) {
    if (this.seekable !== null) this.seekable.onMark = callback;
  }

  /** True if another thread decodes it. */
  get isThreaded(): boolean {
    return this.seekable?.isThreaded === true;
  }

  /** Size of the file or files; 0 when it is not known. */
  get sizeBytes(): number {
    return this.recording.sizeBytes;
  }

  /** Place in the file, or files, up to which it was read. */
  get bytesRead(): number {
    return this.recording.bytesRead;
  }

  /** A sentence about the parts that could not be read; '' when there are none. */
  get damage(): string {
    return damageSentence(this.recording.damagedSpans, this.recording.damageCount);
  }

  /** True if reading can be resumed at marks. Ask before each resume(): it may become false while reading. */
  get canResume(): boolean {
    return this.seekable !== null && this.seekable.canResume !== false;
  }

  /** A sentence that says why going back takes long; '' when it does not. */
  get slowness(): string {
    return this.seekable?.slowness ?? '';
  }

  /** Reads the next part; resolves to false when the recording is over. */
  readNext(): Promise<boolean> {
    return this.recording.readNext();
  }

  /** Goes back to the start. Throws a UserError when the input cannot be read a second time. */
  async restart(): Promise<void> {
    if (this.seekable !== null && this.canResume) {
      this.seekable.resume(START_MARK);
      return;
    }
    // A pipe has no known size; reading it again would wait for ever, or find nothing.
    if (this.path === '-' || this.sizeBytes === 0) {
      throw new UserError('what comes through a pipe can be read only once, and there is no copy of it to go back in');
    }
    this.seekable = null;
    this.recording.close();
    this.dictionary = new TraceDictionary();
    this.recording = await openTrace(this.path, this.sink, this.dictionary, {
      thread: false,
      pageSize: this.pageSize,
    });
    if (this.closed) this.recording.close();
  }

  /** Continues at a mark from onMark or from the recording's index. */
  resume(mark: RecordingMark): void {
    this.seekable?.resume(mark);
  }

  close(): void {
    this.closed = true;
    this.recording.close();
  }
}
