/**
 * ReplaySource: the recording behind a replay, read from any of its chunks on. What is no such recording is spooled while
 * it is read; where there is no room for that it is opened anew to begin at its start again.
 */
import { UserError } from '../../base/errors.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress, TraceSink } from '../../event/trace-sink.js';
import { isSeekable, openTrace, type TraceOptions } from '../../recording/open.js';
import { damageSentence } from '../../recording/trace/damage-text.js';
import { START_MARK } from '../../recording/trace/reader-mark.js';
import type { OpenRecording, RecordingMark, SeekableRecording } from '../../recording/trace/seekable-recording.js';
import type { StoredCheckpoint } from './checkpoint-store.js';

export type SourceOptions = Pick<TraceOptions, 'spool' | 'thread' | 'threadProgram'>;

export class ReplaySource {
  /** What the ids in the batches mean; another one after restart() of a recording that had to be opened anew. */
  dictionary: TraceDictionary;
  private readonly path: string;
  private readonly sink: TraceSink;
  private recording: OpenRecording;
  private seekable: SeekableRecording | null;
  private closed = false;

  private constructor(path: string, sink: TraceSink, dictionary: TraceDictionary, recording: OpenRecording) {
    this.path = path;
    this.sink = sink;
    this.dictionary = dictionary;
    this.seekable = isSeekable(recording) ? recording : null;
    this.recording = recording;
  }

  /** Throws a UserError when it cannot be opened or is nothing that can be read. */
  static async open(path: string, sink: TraceSink, options: SourceOptions = {}): Promise<ReplaySource> {
    const dictionary = new TraceDictionary();
    const recording = await openTrace(path, sink, dictionary, { ...options, seek: true });
    return new ReplaySource(path, sink, dictionary, recording);
  }

  /** Symbols of the whole recording, as far as its index has them. */
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

  /** Told at each place where reading can be resumed; never, if it cannot. */
  set onMark(callback: (mark: RecordingMark) => void) {
    if (this.seekable !== null) this.seekable.onMark = callback;
  }

  /** It is decoded beside what is done with it. */
  get isThreaded(): boolean {
    return this.seekable?.isThreaded === true;
  }

  /** 0 when it is not known. */
  get sizeBytes(): number {
    return this.recording.sizeBytes;
  }

  /** Place in the file, or files, up to which it was read. */
  get bytesRead(): number {
    return this.recording.bytesRead;
  }

  /** What of it could not be read, in a sentence; '' when nothing. */
  get damage(): string {
    return damageSentence(this.recording.damages, this.recording.damageCount);
  }

  /** Can reading be resumed at marks? To be asked before it is: what could be may turn out not to be. */
  get canResume(): boolean {
    return this.seekable !== null && this.seekable.canResume !== false;
  }

  /** Why going back takes long, in a sentence; '' where it does not. */
  get slowness(): string {
    return this.seekable?.slowness ?? '';
  }

  /** False when the recording is over. */
  readNext(): Promise<boolean> {
    return this.recording.readNext();
  }

  /** Back to the start. Throws a UserError where that is gone. */
  async restart(): Promise<void> {
    if (this.seekable !== null && this.canResume) {
      this.seekable.resume(START_MARK);
      return;
    }
    // Of a pipe no size is known; another look at it would wait for ever, or find nothing.
    if (this.path === '-' || this.sizeBytes === 0) {
      throw new UserError('what comes through a pipe can be read only once, and there is no copy of it to go back in');
    }
    this.seekable = null;
    this.recording.close();
    this.dictionary = new TraceDictionary();
    this.recording = await openTrace(this.path, this.sink, this.dictionary, { thread: false });
    if (this.closed) this.recording.close();
  }

  /** On from a mark that onMark told, or that the recording's index has. */
  resume(mark: RecordingMark): void {
    this.seekable?.resume(mark);
  }

  close(): void {
    this.closed = true;
    this.recording.close();
  }
}
