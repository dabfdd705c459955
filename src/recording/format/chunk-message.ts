import protobuf from 'protobufjs/minimal.js';
import type { ChunkHeader } from './chunk-header.js';
import type { Decompress } from './compression.js';
import { unfreed } from './generated/schema.js';

/**
 * Fields that one chunk may have. Each object that protobufjs makes takes at least one field, and
 * 16 MiB of empty messages would make 8 million objects; the writer stays below a quarter of this
 * limit.
 */
const MAX_FIELDS = 1 << 20;

/**
 * Payloads shrink to a half or a twentieth, and 65,536 equal events (below half a MiB) to nearly
 * nothing. A payload that claims to grow by more is made to keep a reader busy: a file of a
 * megabyte could do so for minutes.
 */
const SWELL_FREE_BYTES = 512 << 10;
const SWELL_TIMES = 1000;

/** A protobufjs reader that throws at a message of absurdly many fields. */
class BoundedReader extends protobuf.Reader {
  private fields = 0;

  override tag(): number {
    if (++this.fields > MAX_FIELDS) throw new RangeError(`more than ${MAX_FIELDS} fields`);
    return super.tag();
  }
}

/**
 * Returns the message of a raw chunk payload; its bytes fields are views on `raw`. Throws if the
 * bytes are not such a message.
 */
export function decodeChunk(raw: Uint8Array): unfreed.Chunk {
  const reader = new BoundedReader(raw);
  // Fields of later versions are skipped, not collected.
  reader.discardUnknown = true;
  return unfreed.Chunk.decode(reader);
}

/**
 * Returns the message of a chunk as it is stored. Throws if it cannot be decompressed, is not such
 * a message, or claims a size that no writer makes.
 */
export function openChunk(header: ChunkHeader, stored: Uint8Array, decompress: Decompress): unfreed.Chunk {
  const { codec, storedBytes, rawBytes } = header;
  if (rawBytes > SWELL_FREE_BYTES + storedBytes * SWELL_TIMES) {
    throw new RangeError(`${storedBytes} bytes that swell to ${rawBytes}`);
  }
  const raw = decompress(codec, stored, rawBytes);
  if (raw.length !== rawBytes) throw new RangeError(`${raw.length} bytes, expected ${rawBytes}`);
  return decodeChunk(raw);
}
