/**
 * What every form of a diff says beside its numbers: which two reports, what was lost, what the
 * totals are.
 */
import { formatBytes, formatCount, formatDuration, formatShare, formatSignedBytes } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { valuesOf } from '../../event/kinds.js';
import {
  CHANGE_NAMES,
  type DiffEstimate,
  type DiffProcess,
  type DiffReport,
  type DiffSide,
  type DiffStack,
  type DiffTotal,
  type MatchedBy,
} from '../../rank/report/diff-report.js';
import { isDump } from '../../rank/report/meaning.js';
import { INTERRUPT } from '../parts/call-paths.js';
import { lossCauses } from '../parts/losses-text.js';
import { meaningWord } from '../parts/meaning-text.js';
import { kernelText } from '../parts/summary.js';

/** 'b.unfreed less a.unfreed: +12.3 MiB', safe to print. */
export function diffTitle(diff: DiffReport): string {
  const { differenceBytes } = diff.outstanding.distinct;
  return safeText(`${diff.after.name} less ${diff.before.name}: ${formatSignedBytes(differenceBytes)}`);
}

/** 'before: LOST 12 events: a lost free looks like held memory'; no line for a side that lost none. */
export function lossLines({ before, after }: DiffReport): string[] {
  const sides = Object.entries({ before, after }).filter(([, side]) => side.anomalies.lostEvents > 0);
  return sides.map(
    ([name, side]) =>
      `${name}: LOST ${formatCount(side.anomalies.lostEvents)} events: a lost free looks like held memory`,
  );
}

/**
 * 'host, Linux 6.12.117, from 5.00s to 15.0s', or the names of both traces and their lengths, which are
 * what is compared; safe to print.
 */
export function titleLine({ before, after, kind }: DiffReport): string {
  const [first, second] = [machineText(before), machineText(after)];
  if (kind === 'moments') {
    const [from, to] = [before, after].map(({ durationNs }) => formatDuration(durationNs));
    return safeText(`${second}${after.source.timesAreCounts ? ', two moments' : `, from ${from} to ${to}`}`);
  }
  const isOne = first === second;
  const names = [before, after].map(
    (side) => `${side.name}${isOne ? '' : ` (${machineText(side)})`}${lengthText(side)}`,
  );
  return safeText(`${isOne ? `${first}: ` : ''}${names.join(', then ')}`);
}

function machineText({ source }: DiffSide): string {
  const { hostname } = source;
  return `${hostname === '' ? '' : `${hostname}, `}${kernelText({ ...source, arch: '' })}`;
}

function lengthText(side: DiffSide): string {
  return isDump(side) || side.source.timesAreCounts ? '' : `, ${formatDuration(side.durationNs)}`;
}

/** Returns one fact a line; every line is safe to print (names come from the traced machines). */
export function diffSummary(diff: DiffReport): string[] {
  const lines = [
    `before: ${sideText(diff.before)}`,
    `after:  ${sideText(diff.after)}`,
    meaningLine(diff),
    ...diff.notes.map((note) => `note: ${note}`),
    changesLine(diff),
    ...selfLines(diff),
    diff.selection.sort === 'bytes'
      ? 'order: bytes, what grew first'
      : 'order: most suspect growth first: bytes, weighed by who can take them back and by verdict; then what shrank',
  ];
  return lines.map(safeText);
}

/**
 * Returns the rows of the table of totals: allocators that were traced on either side, then all
 * together.
 */
export function totalRows(diff: DiffReport): [name: string, total: DiffTotal][] {
  const traced = new Set([...diff.before.source.allocators, ...diff.after.source.allocators]);
  const rows = valuesOf(diff.outstanding).filter(([name]) => traced.has(name));
  return [...rows, ['together', diff.outstanding.distinct]];
}

/** Returns the totals as sentences. */
export function totalFacts(diff: DiffReport): string[] {
  return totalRows(diff).map(([name, total]) => {
    const { beforeBytes, afterBytes, differenceBytes, bytesPerHour } = total;
    const parts = [
      `${formatSignedBytes(differenceBytes)}, before ${formatBytes(beforeBytes)}, after ${formatBytes(afterBytes)}`,
    ];
    if (bytesPerHour !== null) parts.push(perHourText(bytesPerHour));
    parts.push(...boundTexts(total));
    return `${name}: ${parts.join(', ')}`;
  });
}

/**
 * Returns how far the difference may be off, by lost frees and by what was not traced; empty if it
 * is exact.
 */
export function boundTexts(total: DiffTotal): string[] {
  const { lowestBytes, highestBytes, differenceBytes, estimate } = total;
  const texts = estimateTexts(estimate);
  if (lowestBytes !== differenceBytes || highestBytes !== differenceBytes) {
    texts.push(`lost frees: anything from ${formatSignedBytes(lowestBytes)} to ${formatSignedBytes(highestBytes)}`);
  }
  return texts;
}

/** 'estimated +18.6 MiB (+12.1 MiB to +27.9 MiB)'; empty if all addresses were traced. */
export function estimateTexts(estimate: DiffEstimate | null): string[] {
  if (estimate === null) return [];
  const [difference, low, high] = [estimate.differenceBytes, estimate.lowBytes, estimate.highBytes].map(
    formatSignedBytes,
  );
  return [`estimated ${difference} (${low} to ${high})`];
}

/** '+1.2 GiB/h', '-' for null. */
export function perHourText(bytesPerHour: number | null): string {
  return bytesPerHour === null ? '-' : `${formatSignedBytes(bytesPerHour)}/h`;
}

/** '+1,234'. */
export function signedCount(count: number): string {
  return count > 0 ? `+${formatCount(count)}` : formatCount(count);
}

/** Returns the path from the first frame that is not allocator plumbing, leaf first; safe to print. */
export function shortPath(stack: DiffStack): string {
  const end = stack.interruptedFrom ?? stack.frames.length;
  const names = stack.frames.slice(stack.firstFrame, end).map((frame) => frame.symbol);
  if (stack.interruptedFrom !== null) names.push(INTERRUPT);
  return names.length === 0 ? '[no stack]' : safeText(names.join(' < '));
}

/**
 * Returns the judgements of a row that a reader must see: verdict and reliability after, or before
 * if the row is gone.
 */
export function stateWords(stack: DiffStack): string[] {
  const { before, after } = stack;
  const there = after ?? before;
  if (there === null) return [];
  const words = new Set(meaningWords(stack));
  if (there.verdict !== null) words.add(there.verdict);
  if (there.reliability !== 'plausible') words.add(there.reliability);
  if (isUnreliableBefore(stack)) words.add('unreliable before');
  return [...words];
}

/** Of these, the judgements that STATE and MEMINFO do not show. */
export function doubtWords(stack: DiffStack): string[] {
  return [...meaningWords(stack), ...(isUnreliableBefore(stack) ? ['unreliable before'] : [])];
}

function isUnreliableBefore({ before, after }: DiffStack): boolean {
  return after !== null && before !== null && before.reliability === 'unreliable';
}

/** What the bytes are, where they are not simply outstanding. */
function meaningWords({ before, after }: DiffStack): string[] {
  const words = new Set<string>();
  const sides = [before, after].filter((side) => side !== null);
  // Of two dumps, all is.
  const areDumps = sides.every(({ meaning }) => meaning === 'before');
  for (const side of areDumps ? [] : sides) {
    const meaning = meaningWord(side.meaning);
    if (meaning !== null) words.add(meaning);
  }
  return [...words];
}

function sideText(side: DiffSide): string {
  const { name, source, durationNs, events, anomalies, losses } = side;
  const host = source.hostname === '' ? '' : `${source.hostname}, `;
  const { lostEvents } = anomalies;
  if (isDump(side)) return `${name}, ${host}${kernelText(source)}, a dump of ${source.collector}`;
  const lost =
    lostEvents === 0
      ? 'lost 0'
      : `LOST ${formatCount(lostEvents)} (${formatShare(lostEvents, lostEvents + events.total)}: ${lossCauses(losses).join(', ')})`;
  return `${name}, ${host}${kernelText(source)}, ${source.collector} collector, ${formatDuration(durationNs)}, events ${formatCount(events.total)}, ${lost}`;
}

const MATCHED: Record<MatchedBy, string> = {
  stack: '',
  'symbol+offset': '; call paths are matched by function, offset and module',
  symbol: '; call paths are matched by function and module',
};

function meaningLine({ kind, elapsedNs, matchedBy, before, after }: DiffReport): string {
  if (kind === 'moments')
    return `what was outstanding at two moments of one trace, ${formatDuration(elapsedNs ?? 0)} apart`;
  if (isDump(before) && isDump(after)) return `what was held when each dump was made${MATCHED[matchedBy]}`;
  return `what was outstanding at the end of each trace, of what was allocated in it${MATCHED[matchedBy]}`;
}

function changesLine({ changes }: DiffReport): string {
  const parts = CHANGE_NAMES.map((name) => {
    const { stacks, differenceBytes } = changes[name];
    return `${name} ${formatCount(stacks)}${differenceBytes === 0 ? '' : ` (${formatSignedBytes(differenceBytes)})`}`;
  });
  return `call paths: ${parts.join(', ')}`;
}

function selfLines({ before, after, selection }: DiffReport): string[] {
  const difference = after.self.bytes - before.self.bytes;
  if (difference === 0 || selection.includeSelf) return [];
  return [`the tracer's own memory, ${formatSignedBytes(difference)}, is in the totals and not in the call paths`];
}

/**
 * 'hold-pipes +2': the process with most of the difference, and the number of others; '' if there
 * is none.
 */
export function whoText({ comms }: DiffStack): string {
  const [first] = comms;
  if (first === undefined) return '';
  return safeText(comms.length === 1 ? first.comm : `${first.comm} +${comms.length - 1}`);
}

/** Heads of the columns that sizeCells() fills; none where no process's size is known. */
export function sizeHeads({ processes }: DiffReport): string[] {
  return processes.some(({ sizes }) => sizes !== undefined) ? ['VmSize', 'changed', 'RSS', 'changed'] : [];
}

/** What the kernel counts for a process after, and by how much that changed; '-' where one side is not known. */
export function sizeCells({ sizes }: DiffProcess): string[] {
  if (sizes === undefined) return [];
  const { beforeVsz, afterVsz, beforeRss, afterRss } = sizes;
  return [
    [beforeVsz, afterVsz],
    [beforeRss, afterRss],
  ].flatMap(([before, after]) => [
    after === null ? '-' : formatBytes(after),
    before === null || after === null ? '-' : formatSignedBytes(after - before),
  ]);
}
