/**
 * ThreadedFile: a recording that another thread reads and decodes. What comes from there is given to the sink in this
 * thread, in the order of the recording; the sink cannot tell the difference.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { UserError } from '../base/errors.js';
import type { Damage } from '../event/damage.js';
import type { EventBatch } from '../event/event-batch.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { TraceSink } from '../event/trace-sink.js';
import { grow } from './dictionary-growth.js';
import type { ReadHandle } from './file-handle.js';
import { type RecordingIndex, readCheckpoint } from './file-index.js';
import type { IndexedCheckpoint } from './index-format.js';
import type { InputContent, PartFile, RecordingMark, SeekableRecording } from './open-recording.js';
import { START_MARK } from './reader-mark.js';
import {
  FIRST_SLOT,
  GENERATION,
  SLOTS,
  slotBatches,
  type ThreadCall,
  type ThreadCommand,
  type ThreadMemory,
  type ThreadPiece,
} from './thread-protocol.js';

/** A recording that was found to be readable from anywhere. */
export interface OpenedFile {
  file: PartFile;
  handle: ReadHandle;
  index: RecordingIndex | null;
}

export interface DecodeThread {
  memory: ThreadMemory;
  port: MessagePort;
  /** Ends it, whatever it is doing. */
  terminate(): void;
}

export class ThreadedFile implements SeekableRecording {
  readonly content: InputContent = { format: 'unfreed', gzipped: false };
  readonly files: readonly PartFile[];
  readonly sizeBytes: number;
  readonly sizes = null;
  readonly isThreaded = true;
  bytesRead = 0;
  damages: readonly Damage[] = [];
  damageCount = 0;
  onMark: ((mark: RecordingMark) => void) | null = null;
  readonly index: RecordingIndex | null;

  private readonly handle: ReadHandle;
  private readonly sink: TraceSink;
  private readonly dictionary: TraceDictionary;
  private readonly thread: DecodeThread;
  private readonly control: Int32Array;
  private readonly batches: EventBatch[];
  private readonly waiting: ThreadPiece[] = [];
  private generation = 0;
  private done = false;
  private closed = false;
  private failure: Error | null = null;
  private wake: () => void = () => undefined;

  /** Owns handle and thread. */
  constructor({ file, handle, index }: OpenedFile, sink: TraceSink, dictionary: TraceDictionary, thread: DecodeThread) {
    this.files = [file];
    this.sizeBytes = file.sizeBytes;
    this.handle = handle;
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
    this.resume(START_MARK);
  }

  importSummary(): null {
    return null;
  }

  /** The thread broke. */
  fail(error: Error): void {
    this.failure ??= error;
    this.wake();
  }

  resume(mark: RecordingMark): void {
    this.done = false;
    this.generation++;
    this.bytesRead = mark.byteOffset;
    Atomics.store(this.control, GENERATION, this.generation);
    // The decoder may be waiting for a slot of what is void now.
    for (let slot = 0; slot < SLOTS; slot++) Atomics.notify(this.control, FIRST_SLOT + slot);
    this.thread.port.postMessage({ generation: this.generation, mark } satisfies ThreadCommand);
  }

  loadCheckpoint(checkpoint: IndexedCheckpoint): Promise<{ state: Uint8Array; mark: RecordingMark } | null> {
    return readCheckpoint(this.handle, checkpoint);
  }

  async readNext(): Promise<boolean> {
    const piece = await this.nextPiece();
    // close() or resume() may have been called meanwhile.
    if (piece === null) return false;
    if (piece.generation !== this.generation) return true;
    if (piece.failure !== null) {
      this.close();
      throw new UserError(`reading ${this.files[0].path} failed: ${piece.failure}`);
    }
    for (const call of piece.calls) this.take(call);
    this.bytesRead = piece.byteOffset;
    if (!piece.ended) return true;
    this.damages = piece.damages;
    this.damageCount = piece.damageCount;
    this.done = true;
    return false;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.handle.close();
    this.thread.port.close();
    this.thread.terminate();
    this.wake();
  }

  /** Null = there is none and never will be. */
  private async nextPiece(): Promise<ThreadPiece | null> {
    while (!this.done && !this.closed) {
      if (this.failure !== null) throw this.failure;
      const piece = this.waiting.shift() ?? this.receive();
      if (piece?.generation === this.generation) return piece;
      if (piece !== null) for (const call of piece.calls) this.giveBack(call);
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
    return null;
  }

  /** What has come already, without a turn of the event loop. */
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
      case 'names':
        return grow(this.dictionary, call.growth);
      case 'mark':
        return this.onMark?.(call.mark);
      case 'host':
        return sink.host(call.facts);
      case 'symbol':
        return sink.symbol(call.entry);
      case 'losses':
        return sink.losses(call.timeNs, call.rows);
      case 'counters':
        return sink.counters(call.timeNs, call.source, call.text);
      case 'clock':
        return sink.clock(call.timeNs);
      case 'end':
        return sink.end(call.timeNs, call.reason, call.detail);
    }
  }

  /** A slot is the decoder's again. Names must be learnt even where the events that follow are void. */
  private giveBack(call: ThreadCall): void {
    if (call.type === 'names') grow(this.dictionary, call.growth);
    if (call.type !== 'events') return;
    Atomics.store(this.control, FIRST_SLOT + call.slot, 0);
    Atomics.notify(this.control, FIRST_SLOT + call.slot);
  }
}
