/**
 * SpoolWriter: writes what an input tells as a recording, uncompressed, with places to resume at; and tells a reader of
 * that recording what the ids in all of it mean, for it begins anywhere.
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
  /** The file's header and its chunks. */
  private pieces = 0;

  /** `write` is given the recording's bytes at once, piece by piece. Marks are so many events apart, or more. */
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

  /** Takes the trace. */
  get sink(): TraceSink {
    return this.writer;
  }

  /** Hands over what was gathered for a chunk. */
  flush(): void {
    this.writer.flush();
  }

  /** All that was told has gone wherever else it goes: ends the chunk here, if it is time for a mark; null = it is not. */
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

  /** Tells the one reader what it was not told before; false = there are more ids than a recording has. */
  teach(reader: RecordingReader): boolean {
    for (let message = this.names.take(); message !== null; message = this.names.take()) {
      if (!reader.learn(message)) return false;
    }
    return true;
  }
}
