/** Small parsers for the output of bpf/unfreed.bt and of bpftrace itself. */
import {
  KFREE,
  KMALLOC,
  KMEM_CACHE_ALLOC,
  KMEM_CACHE_FREE,
  PAGE_ALLOC,
  PAGE_FREE,
  PERCPU_ALLOC,
  PERCPU_FREE,
  VMALLOC_ALLOC,
  VMALLOC_FREE,
} from '../../event/kinds.js';
import { HEX_DIGIT } from './hex-words.js';

/** Letter of an event line -> kind, 0 = not an event. */
export const KIND_OF_LETTER = new Uint8Array(256);
for (const [letter, kind] of [
  ['a', KMALLOC],
  ['b', KMEM_CACHE_ALLOC],
  ['c', PAGE_ALLOC],
  ['d', PERCPU_ALLOC],
  ['e', VMALLOC_ALLOC],
  ['A', KFREE],
  ['F', KMEM_CACHE_FREE],
  ['C', PAGE_FREE],
  ['D', PERCPU_FREE],
  ['E', VMALLOC_FREE],
] as const) {
  KIND_OF_LETTER[letter.charCodeAt(0)] = kind;
}

const BACKSLASH = 92;
const LETTER_X = 120;

/** Returns the bytes that a text of buf() (%r) stands for, up to the first NUL and at most 64. */
export function unescapeBuf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const out: number[] = [];
  for (let at = start; at < end && out.length < 64; at++) {
    const isEscape = at + 3 < end && bytes[at] === BACKSLASH && bytes[at + 1] === LETTER_X;
    const high = isEscape ? HEX_DIGIT[bytes[at + 2]] : 255;
    const low = isEscape ? HEX_DIGIT[bytes[at + 3]] : 255;
    if (high === 255 || low === 255) {
      out.push(bytes[at]);
      continue;
    }
    if ((high | low) === 0) break;
    out.push(high * 16 + low);
    at += 3;
  }
  return Uint8Array.from(out);
}

/**
 * Returns true for "Attaching 15 probes...". 'A' is also the letter of a kfree, but 't' is not a
 * hex digit.
 */
export function isAttaching(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === 65 && bytes[start + 1] === 116 && bytes[start + 2] === 116;
}

/**
 * Returns the N of "Lost N events" or (0.21 on) "Skipped N events", with or without "WARNING: "; 0
 * for another line.
 */
export function lostEvents(line: string): number {
  const match = /^(?:WARNING: )?(?:Lost|Skipped) (\d{1,15}) events/.exec(line.trim());
  return match === null ? 0 : Number(match[1]);
}
