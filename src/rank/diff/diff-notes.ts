/**
 * Sentences about a diff that a reader must know and that its numbers do not show. Names in them
 * are untrusted text.
 */
import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { coverageSentences } from '../../coverage/sentences.js';
import { ALLOCATOR_NAMES } from '../../event/kinds.js';
import type { DiffInput } from '../report/diff-report.js';
import { differ } from './diff-match.js';

/** Traces whose lengths differ by less than this share count as equally long. */
const EQUALLY_LONG = 0.1;

export function notesOf(before: DiffInput, after: DiffInput, sameTrace: boolean): string[] {
  const notes = [
    ...partNotes(before),
    ...partNotes(after),
    ...coverageNotes(before),
    ...(sameTrace ? [] : coverageNotes(after)),
    ...sampleNotes(before, after),
    ...suppressedNotes(before, after),
  ];
  if (sameTrace) return notes;
  const [a, b] = [before.report, after.report];
  const [short, long] = [a.durationNs, b.durationNs].toSorted((x, y) => x - y);
  if (short < long * (1 - EQUALLY_LONG)) {
    notes.push(
      `the traces are not equally long (${formatDuration(a.durationNs)}, ${formatDuration(b.durationNs)}): bytes are ` +
        'those at the end of each; per hour is what can be compared',
    );
  }
  if (differ(a.source.hostname, b.source.hostname) || differ(a.source.arch, b.source.arch))
    notes.push('two machines are compared');
  for (const name of ALLOCATOR_NAMES) {
    const inAfter = b.source.allocators.includes(name);
    if (a.source.allocators.includes(name) === inAfter) continue;
    notes.push(`${name} was traced only ${inAfter ? 'after' : 'before'}: all of it looks ${inAfter ? 'new' : 'gone'}`);
  }
  if (a.source.minAgeNs !== b.source.minAgeNs) {
    notes.push(
      `allocs and frees are counted from an age of ${formatDuration(a.source.minAgeNs)} before and ` +
        `${formatDuration(b.source.minAgeNs)} after, and what was younger at the end is not shown`,
    );
  }
  if (before.processes === null || after.processes === null) {
    notes.push('a report does not say which pids: processes are compared by name');
  }
  return notes;
}

function partNotes({ name, report }: DiffInput): string[] {
  const { matching, stacks } = report;
  const notes: string[] = [];
  if (stacks.length < matching.stacks) {
    notes.push(
      `${name} has only ${formatCount(stacks.length)} of its ${formatCount(matching.stacks)} call paths: the others ` +
        'look as if they held nothing',
    );
  }
  return notes;
}

/** What a trace was not asked to show, so that it can hardly be compared. */
function coverageNotes({ name, report: { source } }: DiffInput): string[] {
  return coverageSentences(source.coverage, source).map((sentence) => `${name}: ${sentence}`);
}

function sampleNotes({ report: before }: DiffInput, { report: after }: DiffInput): string[] {
  if (before.estimate === null && after.estimate === null) return [];
  const [a, b] = [before, after].map(({ source }) => source);
  const traced =
    a.sampleOneIn === b.sampleOneIn
      ? `${shareText(a.sampleOneIn)} was traced`
      : `${shareText(a.sampleOneIn)} was traced before and ${shareText(b.sampleOneIn)} after`;
  const moved = a.sampleOneIn !== b.sampleOneIn || a.sampleMoves.length + b.sampleMoves.length > 0;
  const bytes = moved ? 'bytes are what was seen, and cannot be compared' : 'bytes are what was seen';
  return [`${traced}: ${bytes}; estimates stand for all (95 % interval, or wider)`];
}

function shareText(oneIn: number): string {
  return oneIn === 1 ? 'every address' : `1 address in ${formatCount(oneIn)}`;
}

function suppressedNotes(before: DiffInput, after: DiffInput): string[] {
  const [a, b] = [before, after].map(({ report }) => report.suppressed.reduce((sum, rule) => sum + rule.bytes, 0));
  return a + b === 0 ? [] : [`suppression rules hide ${formatBytes(a)} before and ${formatBytes(b)} after`];
}
