/**
 * The columns of the list: what each shows, how wide it is, and which of them there is room for. The call path takes
 * what is left; the column that is sorted by is always there.
 */
import { formatAge, formatBytes, formatCountWithin, formatShare } from '../base/format.js';
import { safeText } from '../base/safe-text.js';
import type { Report, ReportStack } from '../rank/report.js';
import type { SortKey } from '../rank/selection.js';
import type { Tone } from './styled-line.js';

export interface ListColumn {
  title: string;
  width: number;
  align: 'left' | 'right';
  /** Sort key that this column shows, null for none. */
  sort: SortKey | null;
  /** The greatest are left out first. */
  rank: number;
  /** Safe text, cut and padded by the caller. */
  text(stack: ReportStack, report: Report): string;
  tone?(stack: ReportStack): Tone;
  /** Left out where this is false for the whole report. */
  when?(report: Report): boolean;
}

const VERDICT_TONES: Readonly<Record<string, Tone>> = {
  growing: 'warn',
  'one-time': 'plain',
  steady: 'dim',
  churning: 'dim',
  unreliable: 'bad',
};

/** Left to right. */
const COLUMNS: readonly ListColumn[] = [
  {
    title: '#',
    width: 3,
    align: 'right',
    sort: null,
    rank: 0,
    text: (stack) => String(stack.rank),
    tone: () => 'dim',
  },
  {
    title: 'BYTES',
    width: 8,
    align: 'right',
    sort: 'bytes',
    rank: 0,
    text: (stack) => formatBytes(stack.bytes),
    tone: () => 'strong',
  },
  {
    title: 'SHARE',
    width: 6,
    align: 'right',
    sort: null,
    rank: 10,
    text: (stack, report) => formatShare(stack.bytes, report.matching.bytes),
  },
  {
    title: 'COUNT',
    width: 9,
    align: 'right',
    sort: 'count',
    rank: 2,
    text: (stack) => formatCountWithin(stack.count, 9),
  },
  {
    title: 'GROWTH/s',
    width: 8,
    align: 'right',
    sort: 'growth',
    rank: 3,
    text: (stack) => formatBytes(stack.growthBytesPerSecond),
  },
  {
    title: 'VERDICT',
    width: 10,
    align: 'left',
    sort: null,
    rank: 4,
    text: (stack) => safeText(stack.verdict ?? ''),
    tone: (stack) => VERDICT_TONES[stack.verdict ?? ''] ?? 'plain',
    when: (report) => report.stacks.some((stack) => stack.verdict !== null),
  },
  { title: 'AGE', width: 5, align: 'right', sort: 'age', rank: 5, text: (stack) => formatAge(stack.medianAgeNs) },
  {
    title: 'FREED',
    width: 6,
    align: 'right',
    sort: null,
    rank: 6,
    text: (stack) => formatShare(stack.freeCount, stack.allocCount),
  },
  {
    title: 'ALLOCS',
    width: 9,
    align: 'right',
    sort: 'allocs',
    rank: 12,
    text: (stack) => formatCountWithin(stack.allocCount, 9),
  },
  {
    title: 'PEAK',
    width: 8,
    align: 'right',
    sort: 'peak',
    rank: 13,
    text: (stack) => formatBytes(stack.bytesAtHighWaterMark),
  },
  {
    title: 'MISSED',
    width: 7,
    align: 'right',
    sort: 'missed',
    rank: 14,
    text: (stack) => formatCountWithin(stack.missedFrees, 7),
    when: (report) => report.selection.sort === 'missed' || report.anomalies.missedFrees > 0,
  },
  { title: 'FROM', width: 7, align: 'left', sort: null, rank: 7, text: (stack) => stack.allocator, tone: () => 'dim' },
  {
    title: 'CATEGORY',
    width: 12,
    align: 'left',
    sort: null,
    rank: 9,
    text: (stack) => safeText(stack.category ?? ''),
    tone: (stack) => (stack.category === 'unaccounted' ? 'warn' : 'dim'),
    when: (report) => report.stacks.some((stack) => stack.category !== null),
  },
  {
    title: 'CACHE',
    width: 16,
    align: 'left',
    sort: null,
    rank: 11,
    text: (stack) => safeText(stack.caches.join(' ')),
    tone: () => 'dim',
    when: (report) => report.stacks.some((stack) => stack.caches.length > 0),
  },
  {
    title: 'PROCESS',
    width: 15,
    align: 'left',
    sort: null,
    rank: 8,
    text: (stack) => processText(stack),
  },
];

export interface ListColumns {
  columns: readonly ListColumn[];
  /** Width of each, as `columns`. */
  widths: readonly number[];
  pathWidth: number;
}

/** The columns that there is room for, in their order. */
export function listColumns(report: Report, width: number): ListColumns {
  const { sort } = report.selection;
  const leastPath = Math.max(24, Math.min(70, Math.floor(width * 0.38)));
  const rankWidth = Math.max(3, String(report.stacks.at(-1)?.rank ?? 0).length);
  const wanted = COLUMNS.filter((column) => column.when?.(report) ?? true);
  const importance = (column: ListColumn): number => (column.sort === sort ? Math.min(column.rank, 1) : column.rank);
  const kept = new Set<ListColumn>();
  let room = width - leastPath;
  for (const column of wanted.toSorted((a, b) => importance(a) - importance(b))) {
    const needed = (column.title === '#' ? rankWidth : column.width) + 1;
    // A less important column never takes the place of one that did not fit.
    if (needed > room) break;
    room -= needed;
    kept.add(column);
  }
  const columns = wanted.filter((column) => kept.has(column));
  const widths = columns.map((column) => (column.title === '#' ? rankWidth : column.width));
  return { columns, widths, pathWidth: Math.max(0, leastPath + room) };
}

function processText(stack: ReportStack): string {
  if (stack.comms.length === 0) return '';
  const more = stack.comms.length > 1 ? ` +${stack.comms.length - 1}` : '';
  return safeText(stack.comms[0].comm) + more;
}
