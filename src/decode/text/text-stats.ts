import { formatCount } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { decodeText } from './text-bytes.js';

/** What an importer counted in its text. */
export interface ImportStats {
  lines: number;
  /** Events passed to the sink. */
  events: number;
  /** Lines that were not an event, frame or header, and events whose fields could not be read. */
  badLines: number;
  /** The first of those lines, '' = none. For --verbose. */
  firstBadLine: string;
  /** Lines too long to be read. */
  longLines: number;
  /** Events that the text says were lost. */
  lostEvents: number;
  /** The text says that events were lost, but not how many. */
  lostUncounted: boolean;
  /** Slab pointers are 32-bit hashes (the kernel's %p), not addresses. */
  hashedPointers: boolean;
  /** User frames were left out of call paths. */
  droppedUserFrames: boolean;
  /** True if some event had a stack. */
  sawStack: boolean;
  /** Times are whole numbers of an unknown unit, read as ns. */
  wholeTimes: boolean;
  /** Pages that the kernel moved, as events say that do not name them. */
  movedPages: number;
  /** Events that were overwritten in the kernel's buffer before it was read. */
  overwritten: number;
}

export function emptyStats(): ImportStats {
  return {
    lines: 0,
    events: 0,
    badLines: 0,
    firstBadLine: '',
    longLines: 0,
    lostEvents: 0,
    lostUncounted: false,
    hashedPointers: false,
    droppedUserFrames: false,
    sawStack: false,
    wholeTimes: false,
    movedPages: 0,
    overwritten: 0,
  };
}

/** Enough of a bad line to see what it is. */
const MAX_BAD_LINE = 400;

/** Counts a line that was not understood, and keeps the first. */
export function noteBadLine(stats: ImportStats, bytes: Uint8Array, start: number, end: number): void {
  stats.badLines++;
  if (stats.badLines === 1) stats.firstBadLine = decodeText(bytes, start, Math.min(end, start + MAX_BAD_LINE));
}

/** Most names of skipped events that are shown. */
const MAX_SKIPPED_NAMES = 5;

/** Returns what the user should know about an imported text, one sentence each. */
export function importNotes(stats: ImportStats, skipped: Map<string, number>): string[] {
  const notes: string[] = [];
  if (stats.hashedPointers) {
    notes.push(
      'pointers are hashed: slab objects are told apart by 32 bits, so a few may be mistaken for each other ' +
        '(options/hash-ptr 0 before tracing shows real ones)',
    );
  }
  if (stats.events > 0 && !stats.sawStack) {
    notes.push(
      'the events have no call paths (perf record -g, or options/stacktrace 1); their call sites stand for them',
    );
  }
  if (stats.droppedUserFrames) notes.push('user frames were left out of the call paths');
  if (skipped.size > 0) {
    const shown = [...skipped]
      .slice(0, MAX_SKIPPED_NAMES)
      .map(([name, count]) => `${safeText(name)} ${formatCount(count)}`);
    const more =
      skipped.size > MAX_SKIPPED_NAMES ? `, ${formatCount(skipped.size - MAX_SKIPPED_NAMES)} more names` : '';
    notes.push(`events that say nothing about pairing were skipped: ${shown.join(', ')}${more}`);
  }
  if (stats.movedPages > 0) {
    notes.push(
      `the kernel moved ${formatCount(stats.movedPages)} pages (compaction, migration), and the text does not say which: ` +
        'up to as many more than shown may be held',
    );
  }
  if (stats.overwritten > 0) {
    notes.push(`${formatCount(stats.overwritten)} events were overwritten in the kernel's buffer before it was read`);
  }
  if (stats.lostUncounted) notes.push('events were lost, and the text does not say how many');
  if (stats.wholeTimes) notes.push('the trace clock counts in no known unit; its counts are shown as nanoseconds');
  if (stats.longLines > 0) notes.push(`${lines(stats.longLines)} too long, passed over`);
  if (stats.badLines > 0) notes.push(`${lines(stats.badLines)} not understood`);
  return notes;
}

function lines(count: number): string {
  return count === 1 ? '1 line was' : `${formatCount(count)} lines were`;
}
