/** UTF-16 with and without a byte order mark, as Windows shells write it, to UTF-8. */
export type Utf16 = 'utf-16le' | 'utf-16be';

/** Without a mark, this share of the bytes on one side must be 0: text of a trace is nearly all ASCII. */
const ZERO_SHARE = 0.8;
const LOOKED_AT = 4096;

/** Returns the encoding of a text that starts with these bytes, null if it is not UTF-16. */
export function utf16Of(head: Uint8Array): Utf16 | null {
  if (head.length >= 2 && head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head.length >= 2 && head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const pairs = Math.min(head.length, LOOKED_AT) >>> 1;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < pairs * 2; i += 2) {
    if (head[i] === 0) even++;
    if (head[i + 1] === 0) odd++;
  }
  if (pairs < 8) return null;
  if (odd > pairs * ZERO_SHARE && even === 0) return 'utf-16le';
  if (even > pairs * ZERO_SHARE && odd === 0) return 'utf-16be';
  return null;
}

/** Converts chunks of any length. */
export class Utf16Reader {
  private readonly decoder: InstanceType<typeof TextDecoder>;
  private readonly encoder = new TextEncoder();

  constructor(encoding: Utf16) {
    // The mark is dropped; a half character is a replacement character.
    this.decoder = new TextDecoder(encoding);
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.encoder.encode(this.decoder.decode(chunk, { stream: true }));
  }

  finish(): Uint8Array {
    return this.encoder.encode(this.decoder.decode());
  }
}
