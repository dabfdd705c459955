/** The columns of the Stacks view. The column that rows are sorted by is always shown; the call path gets the rest. */
import { formatAge, formatBytes, formatCountWithin, formatShare, rateUnitOf, sparkline } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import type { SortKey } from '../../rank/report/selection.js';
import { type Column, type FittedColumns, fitColumns } from '../lines/columns.js';
import { everyNth } from '../lines/curve-lines.js';
import type { Tone } from '../lines/styled-line.js';
import { rateText, TRUST_TONES, VERDICT_TONES } from '../lines/tones.js';

/** An entry of the table below; stacksColumns() makes a Column of it for one report. */
interface StackColumn {
  title: string;
  width: number;
  align: 'left' | 'right';
  /** Sort key that this column shows, null for none. */
  sort: SortKey | null;
  rank: number;
  text(stack: ReportStack, report: Report): string;
  tone?(stack: ReportStack): Tone;
  /** The column is left out of a report for which this is false. */
  when?(report: Report): boolean;
}

/** Left to right. */
const COLUMNS: readonly StackColumn[] = [
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
    // The estimate of all bytes, from the sampled bytes in the column before.
    title: 'ESTIMATE',
    width: 8,
    align: 'right',
    sort: null,
    rank: 1,
    text: ({ estimate }) => (estimate === null ? '' : formatBytes(estimate.bytes)),
    when: (report) => report.estimate !== null,
  },
  {
    title: 'SHARE',
    width: 6,
    align: 'right',
    sort: null,
    rank: 12,
    text: (stack, report) => formatShare(stack.bytes, report.matching.bytes),
  },
  {
    title: 'COUNT',
    width: 9,
    align: 'right',
    sort: 'count',
    rank: 6,
    text: (stack) => formatCountWithin(stack.count, 9),
  },
  {
    title: 'GROWTH',
    width: 10,
    align: 'right',
    sort: 'growth',
    rank: 2,
    text: (stack, report) => rateText(stack, rateUnitOf(report.durationNs)),
  },
  {
    title: 'TREND',
    width: 8,
    align: 'left',
    sort: null,
    rank: 4,
    text: (stack) => sparkline(everyNth(stack.curve, 8), 8),
    tone: () => 'drawing',
    when: (report) => report.stacks.some((stack) => stack.curve.length > 0),
  },
  {
    title: 'VERDICT',
    width: 10,
    align: 'left',
    sort: 'verdict',
    rank: 3,
    text: (stack) => safeText(stack.verdict ?? ''),
    tone: (stack) => (stack.verdict === null ? 'plain' : VERDICT_TONES[stack.verdict]),
    when: (report) => report.stacks.some((stack) => stack.verdict !== null),
  },
  {
    title: 'TRUST',
    width: 10,
    align: 'left',
    sort: null,
    rank: 8,
    text: (stack) => safeText(stack.reliability),
    tone: (stack) => TRUST_TONES[stack.reliability],
  },
  {
    title: 'AGE',
    width: 5,
    align: 'right',
    sort: 'median-age',
    rank: 5,
    text: (stack) => formatAge(stack.medianAgeNs),
  },
  {
    title: 'FREED',
    width: 6,
    align: 'right',
    sort: 'freed',
    rank: 7,
    text: (stack) => (stack.meaning === 'allocated' ? '-' : formatShare(stack.freeCount, stack.allocCount)),
  },
  { title: 'OLDEST', width: 7, align: 'right', sort: 'age', rank: 17, text: (stack) => formatAge(stack.oldestAgeNs) },
  {
    title: 'ALLOCS',
    width: 9,
    align: 'right',
    sort: 'allocs',
    rank: 14,
    text: (stack) => formatCountWithin(stack.allocCount, 9),
  },
  {
    title: 'PEAK',
    width: 8,
    align: 'right',
    sort: 'peak',
    rank: 15,
    text: (stack) => formatBytes(stack.bytesAtHighWaterMark),
  },
  {
    title: 'MISSED',
    width: 7,
    align: 'right',
    sort: 'missed',
    rank: 16,
    text: (stack) => formatCountWithin(stack.missedFrees, 7),
    when: (report) => report.selection.sort === 'missed' || report.anomalies.missedFrees > 0,
  },
  { title: 'FROM', width: 7, align: 'left', sort: null, rank: 11, text: (stack) => stack.allocator, tone: () => 'dim' },
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
    rank: 13,
    text: (stack) => safeText(stack.caches.join(' ')),
    tone: () => 'dim',
    when: (report) => report.stacks.some((stack) => stack.caches.length > 0),
  },
  {
    title: 'PROCESS',
    width: 15,
    align: 'left',
    sort: null,
    rank: 10,
    text: (stack) => processText(stack),
  },
];

/** The columns that fit into `width`, in their order. */
export function stacksColumns(report: Report, width: number): FittedColumns<ReportStack> {
  const { sort } = report.selection;
  const rankWidth = Math.max(3, String(report.stacks.at(-1)?.rank ?? 0).length);
  const wanted = COLUMNS.filter((column) => column.when?.(report) ?? true).map((column): Column<ReportStack> => {
    const sorted = column.sort === sort;
    return {
      ...column,
      title: column.title === 'GROWTH' ? `GROWTH/${rateUnitOf(report.durationNs).name}` : column.title,
      width: column.title === '#' ? rankWidth : column.width,
      rank: sorted ? Math.min(column.rank, 1) : column.rank,
      text: (stack) => column.text(stack, report),
    };
  });
  return fitColumns(wanted, width, Math.max(24, Math.min(70, Math.floor(width * 0.33))));
}

function processText(stack: ReportStack): string {
  if (stack.comms.length === 0) return '';
  const more = stack.comms.length > 1 ? ` +${stack.comms.length - 1}` : '';
  return safeText(stack.comms[0].comm) + more;
}
