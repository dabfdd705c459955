/** Words of an event line before its fields: which may stand there, and where they end. */
import {
  ascii,
  CLOSE_BRACKET,
  COLON,
  HEX_VALUE,
  MINUS,
  matches,
  OPEN_BRACKET,
  SPACE,
  skipSpaces,
  wordEnd,
} from './text-bytes.js';

/** perf's longest misc field; its columns are padded to 6. */
const MISC_COLUMNS = 6;
/** "2026-11-30" and "01:23:51.462406", as `perf script -F +tod` prints them. */
const DATE_BYTES = 10;
const LEAST_CLOCK_BYTES = 8;
/** perf pads a period to 10 columns and a space. */
const PERIOD_COLUMNS = 11;
/** The systems of our events, as `perf script` prints them before a name. */
const SYSTEMS = ['kmem:', 'percpu:', 'vmalloc:'].map((word) => ascii(word));
/** The beginnings of our events' names, as tracefs prints them. */
const NAMES = ['kmalloc', 'kmem_cache_', 'kfree', 'mm_page', 'percpu_', 'alloc_vmap_area', 'free_vmap_area'].map(
  (word) => ascii(word),
);
/** The first field of our events: `perf script -F -event` prints no name before it. */
const FIELDS = ['call_site=', 'page=', 'pfn=', 'base_addr=', 'reserved=', 'va_start'].map((word) => ascii(word));

export function afterWord(bytes: Uint8Array, at: number, end: number): number {
  return skipSpaces(bytes, wordEnd(bytes, at, end), end);
}

/** Returns `end` without the spaces before it. */
export function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && bytes[i - 1] === SPACE) i--;
  return i;
}

/** Returns the start of the word that ends at `end`. */
export function wordStart(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && bytes[i - 1] !== SPACE) i--;
  return i;
}

/** Returns true for a word that perf prints between the cpu and the time: misc, date or time of day. */
export function isExtraWord(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0) return false;
  if (HEX_VALUE[bytes[start]] <= 9) {
    if (length === DATE_BYTES) return bytes[start + 4] === MINUS && bytes[start + 7] === MINUS;
    return length >= LEAST_CLOCK_BYTES && bytes[start + 2] === COLON && bytes[start + 5] === COLON;
  }
  if (length > MISC_COLUMNS) return false;
  for (let i = start; i < end; i++) if ((bytes[i] | 0x20) < 0x61 || (bytes[i] | 0x20) > 0x7a) return false;
  // The cpu mode comes first: kernel, user, hypervisor, guest kernel, guest user.
  return MODES.includes(bytes[start]);
}

const MODES = ascii('KUHGg');

/** Returns the end of what stands before such words, which end at `end`. */
export function beforeExtraWords(bytes: Uint8Array, start: number, end: number): number {
  let at = trimmedEnd(bytes, start, end);
  for (;;) {
    const word = wordStart(bytes, start, at);
    if (word === start || !isExtraWord(bytes, word, at)) return at;
    at = trimmedEnd(bytes, start, word);
  }
}

/** Returns the end of what stands before a period, which ends at `end`; `end` if there is none. */
export function beforePeriod(bytes: Uint8Array, start: number, end: number): number {
  const last = trimmedEnd(bytes, start, end);
  let digits = last;
  while (digits > start && HEX_VALUE[bytes[digits - 1]] <= 9) digits--;
  const before = trimmedEnd(bytes, start, digits);
  return digits < last && last - before >= PERIOD_COLUMNS ? before : last;
}

/** Returns the index of the "[" of "[001]" that ends at `end`, -1 if it is not there. */
export function cpuBefore(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || bytes[end - 1] !== CLOSE_BRACKET) return -1;
  let at = end - 1;
  while (at > start && HEX_VALUE[bytes[at - 1]] <= 9) at--;
  return at < end - 1 && at > start && bytes[at - 1] === OPEN_BRACKET ? at - 1 : -1;
}

/** Returns the index of the first of our events' names ("kmem:kfree: ") in a line of perf, -1 if there is none. */
export function perfNamePlace(bytes: Uint8Array, start: number, end: number): number {
  for (let i = skipSpaces(bytes, start, end); i < end; i = afterWord(bytes, i, end)) {
    if (!SYSTEMS.some((system) => matches(bytes, i, end, system))) continue;
    const stop = wordEnd(bytes, i, end);
    if (stop < end && bytes[stop - 1] === COLON) return i;
  }
  return -1;
}

/** Returns the index of the first field of one of our events, -1 if there is none. */
export function fieldsPlace(bytes: Uint8Array, start: number, end: number): number {
  for (let i = skipSpaces(bytes, start, end); i < end; i = afterWord(bytes, i, end)) {
    if (startsFields(bytes, i, end)) return i;
  }
  return -1;
}

export function startsFields(bytes: Uint8Array, at: number, end: number): boolean {
  return FIELDS.some((field) => matches(bytes, at, end, field));
}

/** Returns the end of the name of one of our events at `at`, before its colon; -1 if there is none. */
export function ftraceNameEnd(bytes: Uint8Array, at: number, end: number): number {
  if (!NAMES.some((name) => matches(bytes, at, end, name))) return -1;
  const stop = wordEnd(bytes, at, end);
  return stop < end && bytes[stop - 1] === COLON ? stop - 1 : -1;
}
