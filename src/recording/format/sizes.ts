import { CHUNK_HEADER_BYTES, type ChunkHeader, FILE_HEADER_BYTES, FIRST_AUXILIARY_KIND } from './chunk-header.js';
import type { unfreed } from './generated/schema.js';

/** RecordingSizes: how many bytes each kind of content takes, in the recording as far as it was read. */
export class RecordingSizes {
  chunks = 0;
  /** Auxiliary chunks, and the stored bytes of their payloads. */
  auxiliaries = 0;
  aidBytes = 0;
  /** File and chunk headers. */
  headerBytes = FILE_HEADER_BYTES;
  /** Payloads of trace chunks as they are stored, and decompressed. */
  storedBytes = 0;
  rawBytes = 0;
  /** Parts of rawBytes; the rest is items (symbols, counters, losses, clock). */
  eventBytes = 0;
  definitionBytes = 0;

  addChunk(header: ChunkHeader): void {
    this.chunks++;
    this.headerBytes += CHUNK_HEADER_BYTES;
    if (header.kind < FIRST_AUXILIARY_KIND) return;
    this.auxiliaries++;
    this.aidBytes += header.storedBytes;
  }

  addMessage(header: ChunkHeader, { definitions, events }: unfreed.Chunk.$Properties): void {
    this.storedBytes += header.storedBytes;
    this.rawBytes += header.rawBytes;
    if (events) {
      const { shapes, tasks, times, shapeOfEvent, taskOfEvent, references, addresses } = events;
      for (const column of [shapes, tasks, times, shapeOfEvent, taskOfEvent, references, addresses]) {
        this.eventBytes += column?.length ?? 0;
      }
    }
    if (definitions) {
      const { frames, stacks, comms, caches, cgroups, commCgroups } = definitions;
      const names = [...(comms ?? []), ...(caches ?? []), ...(cgroups ?? [])];
      for (const bytes of [frames, stacks, commCgroups, ...names]) {
        this.definitionBytes += bytes?.length ?? 0;
      }
    }
  }

  /** Adds the sizes of another part of the same recording. */
  add(other: RecordingSizes): void {
    this.chunks += other.chunks;
    this.auxiliaries += other.auxiliaries;
    this.aidBytes += other.aidBytes;
    this.headerBytes += other.headerBytes;
    this.storedBytes += other.storedBytes;
    this.rawBytes += other.rawBytes;
    this.eventBytes += other.eventBytes;
    this.definitionBytes += other.definitionBytes;
  }

  get itemBytes(): number {
    return Math.max(0, this.rawBytes - this.eventBytes - this.definitionBytes);
  }
}
