/**
 * Words for figures of the held memory where frees are missing, so that nobody reads as outstanding
 * what was only allocated (coverage/meaning.ts).
 */
import { formatBytes, formatDuration } from '../../base/format.js';
import type { HeldMeaning } from '../../coverage/meaning.js';
import { isOfProcesses } from '../../rank/report/category.js';
import { totalMeaning } from '../../rank/report/meaning.js';
import type { Outstanding, Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';

/** 'Kernel memory' or 'Memory of processes': what a report is of, for titles. */
export function memoryTitle({ source }: Pick<Report, 'source'>): string {
  return isOfProcesses(source.allocators) ? 'Memory of processes' : 'Kernel memory';
}

/** By meaning, which in a report that was read is untrusted text. */
const TITLES: Readonly<Record<string, string | undefined>> = {
  outstanding: 'outstanding',
  'at-most': 'outstanding at most',
  allocated: 'allocated (frees not traced)',
  sample: 'in a sample of the events',
  before: 'held before the trace',
};

/** 'outstanding', or what the figures are instead: for titles. */
export function meaningTitle(report: Pick<Report, 'outstanding'>): string {
  return TITLES[totalMeaning(report)] ?? 'outstanding';
}

/** What a row is, in a word or two, where it is not simply outstanding. */
const MEANINGS: Readonly<Record<string, string | undefined>> = {
  'at-most': 'at most',
  allocated: 'frees not traced',
  sample: 'of a sample',
  before: 'before',
};

/** 'at most', 'frees not traced', 'of a sample', 'before'; null for outstanding memory. */
export function meaningWord(meaning: HeldMeaning): string | null {
  return MEANINGS[meaning] ?? null;
}

/** '4.00 MiB', 'at most 4.00 MiB', 'not known (256 B allocated, frees not traced)' */
export function heldBytesText({ meaning, bytes, allocBytes }: Outstanding): string {
  switch (meaning) {
    case 'at-most':
      return `at most ${formatBytes(bytes)}`;
    case 'allocated':
      return `not known (${formatBytes(allocBytes)} allocated, frees not traced)`;
    case 'sample':
      return `not known (${formatBytes(bytes)} seen in a sample)`;
    default:
      return formatBytes(bytes);
  }
}

/** The sum of all allocators, no byte twice; null where it would be no total of anything. */
export function togetherText(report: Pick<Report, 'outstanding' | 'before'>): string | null {
  const bytes = formatBytes(report.outstanding.distinct.bytes);
  const meaning = totalMeaning(report);
  if (meaning === 'outstanding' && report.before !== null) {
    return `${bytes} (${formatBytes(report.before.bytes)} of it from before the trace)`;
  }
  if (meaning === 'outstanding' || meaning === 'before') return bytes;
  return meaning === 'at-most' ? `at most ${bytes}` : null;
}

/** What the bytes of a row are, beside them; empty for outstanding memory. */
export function rowMeaning(stack: ReportStack, durationNs: number): string[] {
  switch (stack.meaning) {
    case 'at-most':
      return ['at most: frees elsewhere not traced'];
    case 'allocated': {
      const rate = durationNs > 0 ? `, ${formatBytes(stack.allocBytes / (durationNs / 1e9))}/s` : '';
      return [`frees not traced: allocated ${formatBytes(stack.allocBytes)} in ${formatDuration(durationNs)}${rate}`];
    }
    case 'sample':
      return ['of a sample'];
    case 'before':
      return ['held before the trace'];
    default:
      return [];
  }
}
