/**
 * A recording in several files (record --max-size --keep): each file is a recording of its own,
 * with its own time 0, dictionary and symbols. Its first item names the ring and the number of the
 * part. FORMAT.md, "Parts".
 */
import { formatCount, formatDuration } from '../../base/format.js';
import type { unfreed } from './generated/schema.js';

export interface RecordingPart {
  /** 16 hex digits, the same in all parts of one recording and in no other. */
  ring: string;
  /** 1, 2, 3 ... from the oldest part on. */
  number: number;
  /** Time 0 of this file, ns since the start of the recording. */
  startNs: number;
  /** Events in all parts before this one. */
  eventsBefore: number;
}

export const RING_BYTES = 8;

export function partMessage(part: RecordingPart): unfreed.Part.$Properties {
  const ring = new Uint8Array(RING_BYTES);
  for (let i = 0; i < RING_BYTES; i++) ring[i] = Number.parseInt(part.ring.slice(i * 2, i * 2 + 2), 16);
  return { ring, number: part.number, startNs: part.startNs, eventsBefore: part.eventsBefore };
}

/** Returns the part; null if the message has no ring, or numbers that cannot be true. */
export function readPart(message: unfreed.Part.$Properties): RecordingPart | null {
  const { ring, number = 0, startNs = 0, eventsBefore = 0 } = message;
  if (ring === null || ring === undefined || ring.length !== RING_BYTES) return null;
  const numbers = [number ?? 0, startNs ?? 0, eventsBefore ?? 0];
  if (numbers.some((value) => !Number.isSafeInteger(value) || value < 0) || numbers[0] === 0) return null;
  const digits = Array.from(ring, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { ring: digits, number: numbers[0], startNs: numbers[1], eventsBefore: numbers[2] };
}

/** Returns a note for a trace that begins with a part other than the first; '' for the first part. */
export function missingPartsNote(first: RecordingPart): string {
  if (first.number === 1) return '';
  const { number, startNs, eventsBefore } = first;
  const what = number === 2 ? 'the first file of this recording is' : `the first ${formatCount(number - 1)} files are`;
  return (
    `${what} not here: time 0 is ${formatDuration(startNs)} and ${formatCount(eventsBefore)} events after its start, ` +
    'and frees of what was allocated before are orphan frees'
  );
}
