import protobuf from 'protobufjs/minimal.js';
import { unfreed } from './schema.js';

/**
 * Fields that one chunk may have. Each object that protobufjs makes costs at least one, and 16 MiB of empty messages
 * would make 8 million objects; the writer stays below a quarter of this.
 */
const MAX_FIELDS = 1 << 20;

/** A protobufjs reader that stops a message of absurdly many fields. */
class BoundedReader extends protobuf.Reader {
  private fields = 0;

  override tag(): number {
    if (++this.fields > MAX_FIELDS) throw new RangeError(`more than ${MAX_FIELDS} fields`);
    return super.tag();
  }
}

/** The message of a raw chunk payload; its bytes fields are views on `raw`. Throws when it is not one. */
export function decodeChunk(raw: Uint8Array): unfreed.Chunk {
  const reader = new BoundedReader(raw);
  // Fields of later versions are passed over, not collected.
  reader.discardUnknown = true;
  return unfreed.Chunk.decode(reader);
}
