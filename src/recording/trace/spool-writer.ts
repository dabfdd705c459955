/**
 * SpoolWriter: writes the trace of an input as a recording, uncompressed, with places to resume at.
 * A reader of that recording may begin anywhere, so teach() gives it the definitions of all ids.
 */
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import type { Crc32 } from '../format/crc32.js';
import { DefinitionsEncoder } from '../format/definitions.js';
import type { RecordingReader } from './reader.js';
import type { ReaderMark } from './reader-mark.js';
import { CHUNK_EVENTS, RecordingWriter } from './writer.js';

/** Three quarters of a chunk. */
const MARK_EVENTS = 49_152;

export class SpoolWriter {
  private readonly writer: RecordingWriter;
  private readonly names: DefinitionsEncoder;
  private readonly markEvents: number;
  private markedEvents = 0;
  /** Pieces written so far: the file's header, then chunks. */
  private pieces = 0;

  /**
   * `write` gets the recording's bytes, piece by piece, as soon as they are made. Marks are at
   * least `markEvents` events apart.
   */
  constructor(
    dictionary: TraceDictionary,
    write: (bytes: Uint8Array) => void,
    options: { crc32: Crc32; markEvents?: number },
  ) {
    const { crc32, markEvents = MARK_EVENTS } = options;
    const append = (bytes: Uint8Array): void => {
      this.pieces++;
      write(bytes);
    };
    this.markEvents = markEvents;
    this.names = new DefinitionsEncoder(dictionary);
    this.writer = new RecordingWriter(dictionary, append, { crc32 });
  }

  /** The sink that takes the trace. */
  get sink(): TraceSink {
    return this.writer;
  }

  /** Writes out the chunk being gathered. */
  flush(): void {
    this.writer.flush();
  }

  /**
   * Ends the chunk here if a mark is due, and returns the mark; null if none is due. Must be called
   * only when every other sink has had all events so far.
   */
  markIfDue(): ReaderMark | null {
    const { writer } = this;
    const events = writer.eventsWritten + CHUNK_EVENTS - writer.chunkRoom;
    if (events - this.markedEvents < this.markEvents) return null;
    this.markedEvents = events;
    writer.flush();
    return {
      byteOffset: writer.bytesWritten,
      sequence: this.pieces - 1,
      eventsBefore: events,
      lastTimeNs: writer.greatestTimeNs,
      clockNs: writer.clockNs,
    };
  }

  /**
   * Passes the reader all definitions that it does not have yet; it must be the same reader each
   * time. Returns false if there are more ids than a recording can have.
   */
  teach(reader: RecordingReader): boolean {
    for (let message = this.names.take(); message !== null; message = this.names.take()) {
      if (!reader.learn(message)) return false;
    }
    return true;
  }
}
