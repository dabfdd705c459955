/** The columns of the Stacks view. The column that rows are sorted by is always shown; the call path gets the rest. */
import { formatAge, formatBytes, formatCountWithin, formatShare, rateUnitOf, sparkline } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { isBound } from '../../rank/answer/loss.js';
import { meminfoLine, memoryColumn, stateText, whoText } from '../../rank/answer/words.js';
import { isOfProcesses } from '../../rank/report/category.js';
import type { Report } from '../../rank/report/report.js';
import { isAgeKnown, type ReportStack } from '../../rank/report/report-rows.js';
import type { SortKey } from '../../rank/report/selection.js';
import { type Column, type FittedColumns, fitColumns, placeCell } from '../lines/columns.js';
import { everyNth } from '../lines/curve-lines.js';
import type { Tone } from '../lines/styled-line.js';
import { rateText, VERDICT_TONES } from '../lines/tones.js';

/** An entry of the table below; stacksColumns() makes a Column of it for one report. */
interface StackColumn {
  title: string;
  width: number;
  align: 'left' | 'right';
  /** Sort key that this column shows, null for none. */
  sort: SortKey | null;
  rank: number;
  text(stack: ReportStack, report: Report, width: number): string;
  tone?(stack: ReportStack): Tone;
  /** The column is left out of a report for which this is false. */
  when?(report: Report): boolean;
}

/** Left to right. They depend on the width alone, so that nothing moves while rows come and go. */
const COLUMNS: readonly StackColumn[] = [
  { title: '#', width: 3, align: 'right', sort: null, rank: 0, text: ({ rank }) => String(rank), tone: () => 'dim' },
  {
    title: 'HELD',
    width: 8,
    align: 'right',
    sort: 'bytes',
    rank: 0,
    text: (stack) => (isBound(stack) ? `≤${formatBytes(stack.bytes)}` : formatBytes(stack.bytes)),
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
    title: 'COUNT',
    width: 9,
    align: 'right',
    sort: 'count',
    rank: 7,
    text: (stack) => formatCountWithin(stack.count, 9),
  },
  {
    title: 'GROWTH',
    width: 10,
    align: 'right',
    sort: 'growth',
    rank: 3,
    text: (stack, report) => rateText(stack, rateUnitOf(report.durationNs)),
  },
  {
    title: 'TREND',
    width: 8,
    align: 'left',
    sort: null,
    rank: 5,
    text: (stack, _report, width) => sparkline(everyNth(stack.curve, width), width),
    tone: () => 'drawing',
  },
  {
    title: 'STATE',
    width: 9,
    align: 'left',
    sort: 'verdict',
    rank: 4,
    text: (stack) => safeText(stateText(stack)),
    tone: (stack) => (stack.verdict === null ? 'dim' : VERDICT_TONES[stack.verdict]),
  },
  {
    title: 'MEMINFO',
    width: 11,
    align: 'left',
    sort: null,
    rank: 6,
    text: (stack) => safeText(meminfoLine(stack.category)),
    tone: (stack) => (meminfoLine(stack.category) === 'none' ? 'strong' : 'dim'),
  },
  {
    // How much of what a process mapped is in memory.
    title: 'RSS',
    width: 8,
    align: 'right',
    sort: null,
    rank: 5.5,
    text: ({ resident }) => (resident === undefined ? '-' : formatBytes(resident.bytes)),
    tone: ({ resident }) => (resident === undefined ? 'dim' : 'plain'),
    when: ({ source }) => isOfProcesses(source.allocators),
  },
  {
    title: 'AGE',
    width: 5,
    align: 'right',
    sort: 'median-age',
    rank: 8,
    text: (stack) => (isAgeKnown(stack) ? formatAge(stack.medianAgeNs) : '-'),
  },
  {
    title: 'FREED',
    width: 6,
    align: 'right',
    sort: 'freed',
    rank: 9,
    text: (stack) =>
      stack.meaning === 'allocated' || stack.meaning === 'before'
        ? '-'
        : formatShare(stack.freeCount, stack.allocCount),
  },
  {
    title: 'OLDEST',
    width: 7,
    align: 'right',
    sort: 'age',
    rank: 10,
    text: (stack) => (isAgeKnown(stack) ? formatAge(stack.oldestAgeNs) : '-'),
  },
  {
    title: 'PEAK',
    width: 8,
    align: 'right',
    sort: 'peak',
    rank: 11,
    text: (stack) => formatBytes(stack.bytesAtHighWaterMark),
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
    title: 'MISSED',
    width: 7,
    align: 'right',
    sort: 'missed',
    rank: 13,
    text: (stack) => formatCountWithin(stack.missedFrees, 7),
    when: (report) => report.selection.sort === 'missed',
  },
  {
    title: 'WHO',
    width: 15,
    align: 'left',
    sort: null,
    rank: 2,
    text: ({ holder }, _report, width) => safeText(whoText(holder, width)),
  },
];

function titleOf({ title }: StackColumn, { durationNs, source }: Report): string {
  if (title === 'GROWTH') return `GROWTH/${rateUnitOf(durationNs).name}`;
  return title === 'MEMINFO' ? memoryColumn(source.allocators) : title;
}

/** Width of a column that is wider on wide screens. */
function widthOf({ title, width }: StackColumn, columns: number, report: Report): number {
  if (title === '#') return Math.max(3, String(report.stacks.at(-1)?.rank ?? 0).length);
  if (title === 'TREND') return columns >= 160 ? 16 : columns >= 120 ? 12 : width;
  return title === 'WHO' && columns >= 120 ? 17 : width;
}

/** The columns that fit into `width`, in their order. Rows for which `isNew` is true bear a `*`. */
export function stacksColumns(
  report: Report,
  width: number,
  isNew: (stack: ReportStack) => boolean,
): FittedColumns<ReportStack> {
  const { sort } = report.selection;
  const wanted = COLUMNS.filter((column) => column.when?.(report) ?? true).map((column): Column<ReportStack> => {
    const sorted = column.sort === sort;
    const columnWidth = widthOf(column, width, report);
    return {
      ...column,
      title: titleOf(column, report),
      width: columnWidth,
      rank: sorted ? Math.min(column.rank, 1) : column.rank,
      text: (stack) => column.text(stack, report, columnWidth),
      ...(column.title === '#' && placeCell<ReportStack>(({ rank }) => rank, isNew)),
    };
  });
  return fitColumns(wanted, width, width < 100 ? 20 : Math.min(70, Math.floor(width * 0.33)));
}
