/**
 * The conclusions of a diff: what a reader must know first, as sentences. Pure rules over the call paths
 * that were compared. Those of one holder that are one thing (DiffStack.noun) share a sentence.
 *
 * Order: doubt, what grew or is new (at most three), or else that nothing grew, then what shrank or is
 * gone, as far as three sentences have room.
 */
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatShare,
  formatSignedBytes,
  rateUnitOf,
} from '../../base/format.js';
import { isProcessAllocator } from '../report/category.js';
import type { DiffConclusion, DiffFigures, DiffReport, DiffStack } from '../report/diff-report.js';
import { isDump } from '../report/meaning.js';
import { type Holder, isRising } from '../report/report-rows.js';
import { lossMatters, lostShare } from './loss.js';
import { readingOf } from './readings.js';
import { capital, isSeveral, meminfoLine, whoSubject } from './words.js';

/** A diff before its conclusions. */
export type Compared = Omit<DiffReport, 'conclusions'>;

const SENTENCES = 3;
/** Of what shrank where nothing grew. */
const SHRINKS = 2;
/** A change of fewer pages is in the rows: every machine has some. */
const FLOOR_PAGES = 8;
/** A change below the greatest is worth a sentence from this size, or from this share of the greatest, on. */
const WORTH_BYTES = 2 ** 20;
const WORTH_SHARE = 0.1;
/** Traces whose lengths differ by less than this share need no word on pace. */
const EQUALLY_LONG = 0.25;
const NS_PER_HOUR = 3600e9;

/** The memory of one holder that is one thing. Bytes are estimates where only a sample was traced. */
interface Part {
  holder: Holder;
  /** The call path that changed most. */
  main: DiffStack;
  beforeBytes: number;
  afterBytes: number;
  /** The change of call paths that it held most of: what one process had and another has is no growth. */
  grownBytes: number;
  shrunkBytes: number;
  /** False where a call path has no rate. */
  isTimed: boolean;
  /** Of `beforeBytes` and `afterBytes`, bytes that lost frees may be. */
  lostFreeBytes: number;
}

const NOTHING = { beforeBytes: 0, afterBytes: 0, grownBytes: 0, shrunkBytes: 0, isTimed: true, lostFreeBytes: 0 };

/** `stacks` are all call paths, in the order of the diff, unchanged ones included. */
export function diffConclusions(diff: Compared): DiffConclusion[] {
  const parts = partsOf(diff.stacks);
  const floor = FLOOR_PAGES * diff.after.source.pageSize;
  const grown = worthy(parts.filter((part) => Math.min(growthOf(part), part.grownBytes) >= floor));
  const shrunk = worthy(
    parts
      .filter((part) => Math.min(-growthOf(part), part.shrunkBytes) >= floor)
      .toSorted((a, b) => growthOf(a) - growthOf(b)),
  );
  const told = grown.slice(0, SENTENCES);
  const blind = coverageDoubt(diff);
  const lost = lossDoubt(diff, told);
  const doubts = lost === null ? [] : [lost];
  if (blind !== null) return [...doubts, blind];
  const conclusions = [...doubts, ...told.map((part) => partConclusion(part, diff))];
  if (grown.length > SENTENCES) conclusions.push(moreGrew(grown.length - SENTENCES));
  if (grown.length === 0) conclusions.push(quietConclusion(parts, diff, floor));
  const room = grown.length === 0 ? SHRINKS : Math.min(1, SENTENCES - told.length);
  const least = told.length === 0 ? 0 : Math.min(WORTH_BYTES, growthOf(told[0]) * WORTH_SHARE);
  const back = shrunk.filter((part) => -growthOf(part) >= least).slice(0, room);
  return [...conclusions, ...back.map((part) => partConclusion(part, diff))];
}

/**
 * In the order of their first call paths; without backing pages, whose bytes are in other rows. A call path
 * whose holder before is not the one after is in a part of each.
 */
function partsOf(stacks: readonly DiffStack[]): Part[] {
  const parts = new Map<string, Part>();
  for (const main of stacks) {
    if (main.category === 'backing') continue;
    for (const [side, figures] of Object.entries({ after: main.after, before: main.before })) {
      if (figures === null) continue;
      const { holder, lostFreeBytes } = figures;
      const key = [holder.kind, holder.pid ?? '', holder.name, main.noun].join('\0');
      const part = parts.get(key) ?? { ...NOTHING, holder, main };
      parts.set(key, part);
      const change = bytesOf(main.after) - bytesOf(main.before);
      if (side === 'after') {
        part.afterBytes += bytesOf(figures);
        part.grownBytes += Math.max(0, change);
      } else {
        part.beforeBytes += bytesOf(figures);
        part.shrunkBytes += Math.max(0, -change);
      }
      // The bound of the allocator: all lost frees may be of one call path.
      part.lostFreeBytes = Math.max(part.lostFreeBytes, lostFreeBytes);
      part.isTimed &&= main.bytesPerHour !== null;
      if (Math.abs(main.differenceBytes) <= Math.abs(part.main.differenceBytes)) continue;
      Object.assign(part, { main, holder });
    }
  }
  return [...parts.values()];
}

function bytesOf(figures: DiffFigures | null): number {
  return figures?.estimate?.bytes ?? figures?.bytes ?? 0;
}

function growthOf({ beforeBytes, afterBytes }: Part): number {
  return afterBytes - beforeBytes;
}

/** The first, and those that are large in themselves or beside the first. */
function worthy(parts: readonly Part[]): Part[] {
  if (parts.length === 0) return [];
  const least = Math.min(WORTH_BYTES, Math.abs(growthOf(parts[0])) * WORTH_SHARE);
  return parts.filter((part) => Math.abs(growthOf(part)) >= least);
}

function partConclusion(part: Part, diff: Compared): DiffConclusion {
  const { main, beforeBytes, afterBytes } = part;
  // A diff knows neither who lives nor what a reference holds.
  const unknown = { gone: null, heldByReference: null, bytes: main.differenceBytes };
  const reading = readingOf({ ...main, ...unknown, holder: part.holder });
  const details = [whereText(part), goesOnText(part, diff), paceText(part, diff), checkedText(part, diff)];
  return {
    kind: beforeBytes === 0 ? 'new' : afterBytes === 0 ? 'gone' : growthOf(part) > 0 ? 'grew' : 'shrank',
    text: partText(part, diff),
    detail: [...details, reading === null ? '' : `${capital(reading.text)}.`].filter((text) => text !== '').join(' '),
    rank: main.rank,
    next: reading?.next ?? null,
  };
}

function partText({ holder, main, beforeBytes, afterBytes }: Part, diff: Compared): string {
  const amount = (bytes: number): string => `${formatBytes(bytes)} of ${main.noun}`;
  const isUnknown = holder.kind === 'unknown';
  const isMany = isSeveral(holder);
  const who = whoSubject(holder);
  const holds = isUnknown
    ? `${amount(afterBytes)} is held`
    : `${who} ${isMany ? 'hold' : 'holds'} ${amount(afterBytes)}`;
  const time = timeOf(diff);
  if (beforeBytes === 0) {
    if (time === null) return `${holds}, which is not in the first ${sideNoun(diff)}.`;
    if (isUnknown) return `${amount(afterBytes)} was taken in ${time}, and is still held.`;
    return `${who} took ${amount(afterBytes)} in ${time}, and still ${isMany ? 'hold' : 'holds'} it.`;
  }
  if (afterBytes === 0) {
    const held = isUnknown ? `${amount(beforeBytes)} was held` : `${who} held ${amount(beforeBytes)}`;
    return time === null
      ? `${held} in the first ${sideNoun(diff)}, and nothing of it in the second.`
      : `${held}, and nothing of it ${time} later.`;
  }
  const verb = afterBytes > beforeBytes ? 'grew' : 'shrank';
  const change = formatBytes(Math.abs(afterBytes - beforeBytes));
  return `${holds}, which ${verb} by ${change} ${whenText(diff)}.`;
}

/** '10.0s' between two moments; null between two traces, and where times have no unit. */
function timeOf({ elapsedNs, after }: Compared): string | null {
  return elapsedNs === null || after.source.timesAreCounts ? null : formatDuration(elapsedNs);
}

function whenText(diff: Compared): string {
  const time = timeOf(diff);
  if (time !== null) return `in ${time}`;
  return diff.kind === 'moments' ? 'between the two moments' : `from the first ${sideNoun(diff)} to the second`;
}

function sideNoun({ kind, before, after }: Compared): string {
  if (kind === 'moments') return 'moment';
  return isDump(before) && isDump(after) ? 'dump' : 'trace';
}

/** Where /proc/meminfo counts it. */
function whereText({ main }: Part): string {
  const line = meminfoLine(main.category);
  if (line === '' || isProcessAllocator(main.allocator)) return '';
  return line === 'none' ? 'No line of /proc/meminfo shows it.' : `In meminfo as ${line}.`;
}

function goesOnText({ main }: Part, { after }: Compared): string {
  const { growth, differenceBytes } = main;
  if (differenceBytes <= 0 || growth === null || growth.bytesPerHour <= 0) return '';
  if (!isRising(main.after?.verdict ?? null)) return '';
  const unit = rateUnitOf(after.durationNs);
  return `It still grows, by ${formatBytes(growth.bytesPerHour * unit.hours)}/${unit.name}.`;
}

/** The change of the pace: of two traces that are not equally long, bytes alone mislead. */
function paceText({ beforeBytes, afterBytes, isTimed }: Part, diff: Compared): string {
  const { kind, before, after } = diff;
  if (kind === 'moments' || !isTimed || sideNoun(diff) === 'dump') return '';
  const [short, long] = [before.durationNs, after.durationNs].toSorted((a, b) => a - b);
  if (short <= 0 || short >= long * (1 - EQUALLY_LONG)) return '';
  const unit = rateUnitOf(after.durationNs);
  const lengths = `${formatDuration(before.durationNs)} and ${formatDuration(after.durationNs)}`;
  const perHour = (afterBytes / after.durationNs - beforeBytes / before.durationNs) * NS_PER_HOUR;
  return `The traces last ${lengths}: its pace changed by ${formatSignedBytes(perHour * unit.hours)}/${unit.name}.`;
}

function checkedText({ main }: Part, diff: Compared): string {
  if (sideNoun(diff) === 'dump' || isProcessAllocator(main.allocator)) return '';
  switch ((main.after ?? main.before)?.reliability) {
    case 'confirmed':
      return "Checked by the kernel's counters.";
    case 'unreliable':
      return "Doubtful: the kernel's counters contradict it.";
    default:
      return "Not checked by the kernel's counters.";
  }
}

function moreGrew(count: number): DiffConclusion {
  return { kind: 'grew', text: `${formatCount(count)} more grew.`, detail: null, rank: null, next: null };
}

function quietConclusion(parts: readonly Part[], diff: Compared, floor: number): DiffConclusion {
  const sum = (value: (part: Part) => number): number => parts.reduce((total, part) => total + value(part), 0);
  const [before, after] = [sum((part) => part.beforeBytes), sum((part) => part.afterBytes)];
  const some = parts.some((part) => Math.min(growthOf(part), part.grownBytes) > 0)
    ? ` by ${formatBytes(floor)} or more`
    : '';
  const change =
    parts.length === 0
      ? 'Nothing held passes the selection.'
      : before === after
        ? `${formatBytes(after)} is held, as before.`
        : `All that is held changed by ${formatSignedBytes(after - before)} to ${formatBytes(after)}.`;
  return {
    kind: 'quiet',
    text: `Nothing grew${some} ${whenText(diff)}. ${change}`,
    detail: null,
    rank: null,
    next: null,
  };
}

function lossDoubt(diff: Compared, told: readonly Part[]): DiffConclusion | null {
  const { before, after, kind, outstanding } = diff;
  const of = (ordinal: string): string => (kind === 'moments' ? '' : ` of the ${ordinal} ${sideNoun(diff)}`);
  const losers = (
    [
      [of('first'), before],
      [of('second'), after],
    ] as const
  ).filter(([, side]) => lossMatters(side, []));
  // Two moments count the same events twice.
  const texts = (kind === 'moments' ? losers.slice(-1) : losers).map(([name, side]) => {
    const lost = `${formatShare(lostShare(side), 1)} of the events${name}`;
    return `${lost} (${formatCount(side.anomalies.lostEvents)})`;
  });
  const freed = told.find((part) => lossMatters(after, [{ bytes: growthOf(part), lostFreeBytes: part.lostFreeBytes }]));
  if (texts.length === 0 && freed === undefined) return null;
  const { differenceBytes, lowestBytes, highestBytes } = outstanding.distinct;
  const bounds = `${formatSignedBytes(lowestBytes)} to ${formatSignedBytes(highestBytes)}`;
  return {
    kind: 'doubt',
    text:
      texts.length > 0
        ? `${texts.join(' and ')} were lost: do not rely on what looks held.`
        : 'Lost frees may be much of what looks grown.',
    detail:
      lowestBytes === highestBytes
        ? null
        : `All together changed by ${formatSignedBytes(differenceBytes)}; with lost frees it is anything from ${bounds}.`,
    rank: null,
    next: null,
  };
}

/** Where a side shows no frees nothing can be concluded; null where it can. */
function coverageDoubt(diff: Compared): DiffConclusion | null {
  const blind = diff.stacks.find(({ before, after }) => isBlind(before) || isBlind(after));
  if (blind === undefined) return null;
  const which = diff.kind === 'moments' ? 'This trace' : `The ${isBlind(blind.before) ? 'first' : 'second'} trace`;
  return {
    kind: 'doubt',
    text: `${which} has no frees: what is listed was allocated, and may be freed long ago.`,
    detail: null,
    rank: null,
    next: null,
  };
}

function isBlind(figures: DiffFigures | null): boolean {
  return figures?.meaning === 'allocated';
}
