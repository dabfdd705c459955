/** Damage that begins after the first bytes of a text: a file that was joined from several, for example. */
import { cleanHead } from './find-damage.js';
import { LATE_DAMAGE } from './line-damage.js';
import { findWrap } from './line-joiner.js';
import type { WrappedFormat } from './line-shapes.js';
import type { TransitDamage } from './text-cleaner.js';

/** A look at each byte would cost a tenth of the time of reading: this much of every stretch is looked at. */
const STRETCH = 16384;
const WINDOW = 1024;
const LOOKED_AT = 65536;

/** True if a chunk of text holds bytes that no trace holds, as far as windows of it show. */
export function showsDamage(chunk: Uint8Array): boolean {
  for (let at = 0; at < chunk.length; at += STRETCH) {
    const window = chunk.subarray(at, at + WINDOW);
    if (window.includes(0) || window.includes(0x1b)) return true;
  }
  return false;
}

/** Returns the damage of the text from this chunk on, null if it shows none. */
export function findLateDamage(chunk: Uint8Array, format: WrappedFormat): TransitDamage | null {
  const { padded, damage } = cleanHead(chunk.subarray(0, LOOKED_AT), chunk.length <= LOOKED_AT);
  // A chunk may start at either half of a UTF-16 character, and the rest of the text need not be
  // UTF-16: without its NUL bytes its ASCII characters can be read.
  const isMarked = showsDamage(chunk);
  const wrap = isMarked ? null : findWrap(padded, format);
  if (isMarked) return { utf16: null, lines: { ...damage?.lines, ...LATE_DAMAGE }, wrap };
  if (wrap === null) return damage;
  return { utf16: null, lines: damage?.lines ?? null, wrap };
}
