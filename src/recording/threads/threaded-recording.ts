/**
 * ThreadedRecording: a recording, of one file or of several, that another thread reads and decodes.
 * This thread passes the events and facts to the sink in the order of the recording, so the sink
 * gets the same calls as from a reader in this thread.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { UserError } from '../../base/errors.js';
import type { Damage } from '../../event/damage.js';
import type { EventBatch } from '../../event/event-batch.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import type { OpenParts } from '../files/parted-recording.js';
import type { ReadHandle } from '../files/read-handle.js';
import { loadCheckpoint } from '../files/read-index.js';
import { grow } from '../trace/dictionary-growth.js';
import { START_MARK } from '../trace/reader-mark.js';
import type {
  InputContent,
  LoadedCheckpoint,
  PartFile,
  PlacedCheckpoint,
  RecordingIndex,
  RecordingMark,
  SeekableRecording,
} from '../trace/seekable-recording.js';
import {
  FIRST_SLOT,
  GENERATION,
  SLOTS,
  slotBatches,
  type ThreadCall,
  type ThreadCommand,
  type ThreadMemory,
  type ThreadPiece,
} from './protocol.js';

export interface DecodeThread {
  memory: ThreadMemory;
  port: MessagePort;
  /** Ends the thread at once; resolves when it reads no more. */
  terminate(): Promise<unknown>;
}

/** An input as this thread has opened it, and where its trace goes. */
export interface ThreadedInput {
  opened: OpenParts;
  content: InputContent;
  sink: TraceSink;
  dictionary: TraceDictionary;
}

export class ThreadedRecording implements SeekableRecording {
  readonly content: InputContent;
  readonly files: readonly PartFile[];
  readonly sizeBytes: number;
  readonly sizes = null;
  readonly isThreaded = true;
  bytesRead = 0;
  damagedSpans: readonly Damage[] = [];
  damageCount = 0;
  slowness = '';
  onMark: ((mark: RecordingMark) => void) | null = null;
  readonly index: RecordingIndex | null;

  private readonly handles: readonly ReadHandle[];
  private readonly sink: TraceSink;
  private readonly dictionary: TraceDictionary;
  private readonly thread: DecodeThread;
  private readonly control: Int32Array;
  private readonly batches: EventBatch[];
  private readonly waiting: ThreadPiece[] = [];
  /** 0 = no command was sent yet. */
  private generation = 0;
  private done = false;
  private closed = false;
  private failure: Error | null = null;
  private wake: () => void = () => undefined;

  /** Owns the handles and the thread. */
  constructor({ opened, content, sink, dictionary }: ThreadedInput, thread: DecodeThread) {
    const { files, handles, index } = opened;
    this.content = content;
    this.files = files;
    this.sizeBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.handles = handles;
    this.index = index;
    this.sink = sink;
    this.dictionary = dictionary;
    this.thread = thread;
    this.control = new Int32Array(thread.memory.control);
    this.batches = slotBatches(thread.memory);
    thread.port.on('message', (piece: ThreadPiece) => {
      this.waiting.push(piece);
      this.wake();
    });
  }

  get canResume(): boolean {
    return this.slowness === '';
  }

  importSummary(): null {
    return null;
  }

  /** Must be called when the thread has failed; the next readNext() throws the error. */
  fail(error: Error): void {
    this.failure ??= error;
    this.wake();
  }

  resume(mark: RecordingMark): void {
    this.done = false;
    this.generation++;
    this.bytesRead = (mark.part?.bytesBefore ?? 0) + mark.byteOffset;
    Atomics.store(this.control, GENERATION, this.generation);
    // The decoder may be waiting for a slot with events that are void now.
    for (let slot = 0; slot < SLOTS; slot++) Atomics.notify(this.control, FIRST_SLOT + slot);
    const { generation } = this;
    this.thread.port.postMessage({ generation, mark, marks: this.onMark !== null } satisfies ThreadCommand);
  }

  loadCheckpoint(checkpoint: PlacedCheckpoint): Promise<LoadedCheckpoint | null> {
    return loadCheckpoint(this.handles, checkpoint);
  }

  async readNext(): Promise<boolean> {
    // Only now: the caller may have begun elsewhere with resume().
    if (this.generation === 0 && !this.closed) this.resume(START_MARK);
    const piece = await this.nextPiece();
    // close() or resume() may have been called meanwhile.
    if (piece === null) return false;
    if (piece.generation !== this.generation) {
      this.passOver(piece);
      return true;
    }
    if (piece.failure !== null) {
      this.close();
      throw new UserError(piece.failure);
    }
    this.note(piece);
    for (const call of piece.calls) this.take(call);
    this.bytesRead = piece.bytesRead;
    this.done = piece.ended;
    return !piece.ended;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.thread.port.close();
    // The thread reads by these descriptors until it has ended.
    void this.thread.terminate().finally(() => {
      for (const handle of this.handles) handle.close();
    });
    this.wake();
  }

  /** Resolves to the next piece of this generation; null after the end, or when closed. */
  private async nextPiece(): Promise<ThreadPiece | null> {
    while (!this.done && !this.closed) {
      if (this.failure !== null) throw this.failure;
      const piece = this.waiting.shift() ?? this.receive();
      if (piece?.generation === this.generation) return piece;
      if (piece !== null) this.passOver(piece);
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
    return null;
  }

  /** Returns a piece that has come already, without a turn of the event loop; null if there is none. */
  private receive(): ThreadPiece | null {
    const received: { message: ThreadPiece } | undefined = receiveMessageOnPort(this.thread.port);
    return received?.message ?? null;
  }

  private take(call: ThreadCall): void {
    const { sink } = this;
    switch (call.type) {
      case 'events': {
        const batch = this.batches[call.slot];
        batch.length = call.length;
        sink.events(batch);
        this.giveBack(call);
        return;
      }
      case 'dictionary':
        return grow(this.dictionary, call.growth);
      case 'place':
        return this.onMark?.(call.mark);
      case 'part':
        this.files[call.file].part = call.part;
        return;
      default:
        return sink.fact(call);
    }
  }

  /**
   * Drops a piece sent before a seek, and returns its slots. Definitions and parts are sent only
   * once, so they are taken all the same.
   */
  private passOver(piece: ThreadPiece): void {
    this.note(piece);
    for (const call of piece.calls) {
      if (call.type === 'dictionary' || call.type === 'part') this.take(call);
      else this.giveBack(call);
    }
  }

  /** Damage is sent only when it grows. */
  private note({ damage, slowness = '' }: ThreadPiece): void {
    this.slowness = slowness;
    if (damage === null) return;
    this.damagedSpans = damage.damagedSpans;
    this.damageCount = damage.count;
  }

  /** Returns a slot to the decoder. */
  private giveBack(call: ThreadCall): void {
    if (call.type !== 'events') return;
    Atomics.store(this.control, FIRST_SLOT + call.slot, 0);
    Atomics.notify(this.control, FIRST_SLOT + call.slot);
  }
}
