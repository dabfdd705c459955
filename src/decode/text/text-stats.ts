import { formatCount } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { decodeText } from './text-bytes.js';

/** Lines that were not understood, of one kind. */
export interface BadKind {
  /** What the lines have in common, see kindOf(). */
  kind: string;
  count: number;
  /** The first of them: its number in the text, from 1, and the start of it. Untrusted. */
  line: number;
  text: string;
}

/** Why the trace is only a part of what the text holds. */
export interface TextProblem {
  /** A clause without a full stop. */
  what: string;
  /** A line each. Untrusted. */
  details: string[];
}

/** What an importer counted in its text. */
export interface ImportStats {
  lines: number;
  /** Events passed to the sink. */
  events: number;
  /** Lines that were not an event, frame or header, and events whose fields could not be read. */
  badLines: number;
  /** Of those, lines that end before a field that their event must have, or in the middle of a number. */
  cutLines: number;
  /** The first of those lines, '' = none. For --verbose. */
  firstBadLine: string;
  /** How many of those lines look like an event, or a part of one. */
  badEventLines: number;
  /** The first kinds of those. */
  badKinds: BadKind[];
  /** Lines too long to be read. */
  longLines: number;
  /** Events that the text says were lost. */
  lostEvents: number;
  /** The text says that events were lost, but not how many. */
  lostUncounted: boolean;
  /** Events without a time: perf script -F -time, trace_options nocontext-info. */
  timelessEvents: number;
  /** The text has frees and no allocation. */
  onlyFrees: boolean;
  /** Events without a name, whose kind is inferred from their fields: perf script -F -event. */
  namelessEvents: number;
  /** Stacks that the kernel does not print with options/fields. */
  unprintedStacks: number;
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
  /** Page events without a pfn, whose pages are numbered by their struct page. */
  pagesByPointer: number;
  /** Page events without a pfn and without a pointer that could stand for it; they are among `badLines`. */
  pagesWithoutPlace: number;
  /** Line of a header below the first event, with an event below it; 0 = none. */
  secondHeader: number;
  /** Events that were overwritten in the kernel's buffer before it was read. */
  overwritten: number;
  /** What was mended before the lines were read, and how the events were put in order; a sentence each. */
  repairs: string[];
  /** Events that were not passed on: they are of another trace, or their order is not known. */
  problems: TextProblem[];
}

export function emptyStats(): ImportStats {
  return {
    lines: 0,
    events: 0,
    badLines: 0,
    cutLines: 0,
    firstBadLine: '',
    badEventLines: 0,
    badKinds: [],
    longLines: 0,
    lostEvents: 0,
    lostUncounted: false,
    timelessEvents: 0,
    onlyFrees: false,
    namelessEvents: 0,
    unprintedStacks: 0,
    hashedPointers: false,
    droppedUserFrames: false,
    sawStack: false,
    wholeTimes: false,
    movedPages: 0,
    pagesByPointer: 0,
    pagesWithoutPlace: 0,
    secondHeader: 0,
    overwritten: 0,
    repairs: [],
    problems: [],
  };
}

/** Enough of a bad line to see what it is. */
const MAX_BAD_LINE = 400;
/** Kinds that are shown. */
const MAX_BAD_KINDS = 3;
/** Longer ones differ only in what they name. */
const MAX_KIND = 48;

const EVENT_NAME =
  /\b(kmalloc(?:_node)?|kmem_cache_(?:alloc(?:_node)?|free)|kfree|mm_page_(?:alloc|free)|percpu_(?:alloc|free)_percpu|alloc_vmap_area|free_vmap_area_noflush):/;
const EVENT_FIELD = /\b(?:call_site|bytes_req|bytes_alloc|ptr|pfn|order|migratetype|gfp_flags|node|accounted)=/;
/** "[001] " of an event that was cut off after it. */
const EVENT_CPU = /\s\[\d{3,5}\](?:\s|$)/;

/** Returns true for a line that is an event, of another tool perhaps, and no header, message or line of source. */
export function showsEvent(bytes: Uint8Array, start: number, end: number): boolean {
  const text = decodeText(bytes, start, Math.min(end, start + MAX_BAD_LINE));
  return EVENT_NAME.test(text) && EVENT_FIELD.test(text);
}

/** Counts a line that was not understood, and keeps the first, and the first of each kind. */
export function noteBadLine(stats: ImportStats, bytes: Uint8Array, start: number, end: number): void {
  const text = decodeText(bytes, start, Math.min(end, start + MAX_BAD_LINE));
  note(stats, text, kindOf(text));
}

/** Counts a line that ends too early for its event, and was therefore not understood. */
export function noteCutLine(stats: ImportStats, bytes: Uint8Array, start: number, end: number): void {
  const text = decodeText(bytes, start, Math.min(end, start + MAX_BAD_LINE));
  stats.cutLines++;
  note(stats, text, `${kindOf(text) ?? ''}, cut`);
}

function note(stats: ImportStats, text: string, kind: string | null): void {
  stats.badLines++;
  if (stats.badLines === 1) stats.firstBadLine = text;
  if (kind === null) return;
  stats.badEventLines++;
  const known = stats.badKinds.find((other) => other.kind === kind);
  if (known !== undefined) known.count++;
  else if (stats.badKinds.length < MAX_BAD_KINDS) stats.badKinds.push({ kind, count: 1, line: stats.lines, text });
}

/**
 * Returns what lines of this kind have in common: the name of their event, or else their shape,
 * without numbers. null = nothing shows that the line is an event or a part of one.
 */
function kindOf(text: string): string | null {
  const name = EVENT_NAME.exec(text)?.[1];
  if (name !== undefined) return name;
  if (!EVENT_FIELD.test(text) && !EVENT_CPU.test(text)) return null;
  return text
    .replace(/(?:0x)?[0-9a-f]*\d[0-9a-f]*/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_KIND);
}

/** Above this share of event lines that were not understood, a text counts as not read. */
const BAD_SHARE = 0.05;

/**
 * Returns what is wrong with a text of which too many event lines were not understood, with the
 * first of each kind; null if all went well. `skipped` are the events that were understood and are
 * of no use.
 */
export function notUnderstood(stats: ImportStats, skipped: Map<string, number>): TextProblem | null {
  const { badEventLines, badKinds, events } = stats;
  const understood = events + [...skipped.values()].reduce((sum, count) => sum + count, 0);
  return tooManyBad(
    badEventLines,
    understood,
    badKinds.map(({ count, line, text }) => {
      const more = count > 1 ? ` (and ${formatCount(count - 1)} like it)` : '';
      return `line ${formatCount(line)}: ${text.trim().slice(0, MAX_SHOWN)}${more}`;
    }),
  );
}

/** Returns the problem of a text with this many event lines that were not understood; null if they are few. */
export function tooManyBad(bad: number, understood: number, details: string[]): TextProblem | null {
  const all = understood + bad;
  if (bad <= all * BAD_SHARE) return null;
  const share = Math.max(1, Math.round((bad / all) * 100));
  return { what: `${formatCount(bad)} of ${formatCount(all)} event lines (${share} %) were not understood`, details };
}

/** Enough of a line to recognise it, on a terminal. */
const MAX_SHOWN = 160;

/** Most names of skipped events that are shown. */
const MAX_SKIPPED_NAMES = 5;

/** Returns what the user should know about an imported text, one sentence each. */
export function importNotes(stats: ImportStats, skipped: Map<string, number>): string[] {
  const notes: string[] = [];
  notes.push(...stats.repairs, ...stats.problems.map(({ what }) => what));
  if (stats.hashedPointers) {
    notes.push(
      'pointers are hashed: slab objects are told apart by 32 bits, so a few may be mistaken for each other ' +
        '(options/hash-ptr 0 before tracing shows real ones)',
    );
  }
  if (stats.events > 0 && !stats.sawStack) {
    notes.push(
      'the events have no call paths (perf record -g, or options/stacktrace 1); the call site takes their place where the text has one',
    );
  }
  if (stats.unprintedStacks > 0) {
    notes.push('the kernel prints no stacks with options/fields: trace again without it');
  }
  if (stats.onlyFrees) {
    notes.push(
      'the text has frees and no allocations, so nothing can be said of what is held; trace both: ' +
        "perf record -a -g -e 'kmem:*' -- sleep 10",
    );
  }
  if (stats.timelessEvents > 0 && stats.sawStack) {
    notes.push('without times and tasks, a stack may stand with an event of another CPU');
  }
  if (stats.timelessEvents > 0) {
    notes.push(
      'events have no times: nothing can be said about ages, rates and growth (perf script -F +time, or trace_options context-info)',
    );
  }
  if (stats.namelessEvents > 0) {
    notes.push('events have no names: their kinds are inferred from their fields (perf script -F +event)');
  }
  if (stats.pagesByPointer > 0) {
    notes.push(
      `${formatCount(stats.pagesByPointer)} page events have no pfn: their pages are told apart by the pointer to struct ` +
        'page, of 64 bytes each',
    );
  }
  if (stats.pagesWithoutPlace > 0) {
    notes.push(
      `${formatCount(stats.pagesWithoutPlace)} page events have no pfn, and no pointer that could stand for it: they were ` +
        'left out, and nothing can be concluded about pages (perf script and trace-cmd report of the same kernel print pfn=)',
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
  if (stats.wholeTimes)
    notes.push(
      'the unit of the trace clock is not known: its counts are shown as nanoseconds, without rates and verdicts',
    );
  if (stats.longLines > 0) notes.push(`${lines(stats.longLines)} too long, and skipped`);
  if (stats.badLines > 0) notes.push(`${lines(stats.badLines)} not understood`);
  if (stats.cutLines > 0) {
    const those = stats.cutLines === 1 ? '1 of them ends' : `${formatCount(stats.cutLines)} of them end`;
    notes.push(`${those} too early for its event or in the middle of a number: such a line is not used`);
  }
  return notes;
}

function lines(count: number): string {
  return count === 1 ? '1 line was' : `${formatCount(count)} lines were`;
}
