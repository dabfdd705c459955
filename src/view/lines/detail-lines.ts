/**
 * The detail of one call path as ready-made lines: its figures, all frames, its processes, and histograms of size, age
 * and lifetime. One column on a narrow screen, two on a wide one.
 */
import {
  bar,
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatShare,
  rateUnitOf,
} from '../../base/format.js';
import { padText, padTextLeft, safeText } from '../../base/safe-text.js';
import type { Report } from '../../rank/report/report.js';
import type { HistogramBar, ReportFrame, StackDetail } from '../../rank/report/report-rows.js';
import type { ViewState } from '../model/view-state.js';
import { accountLines } from './account-lines.js';
import { curveLines } from './curve-lines.js';
import { freedLines } from './freed-lines.js';
import { namesLines } from './names-lines.js';
import { cutLine, type Line, lineWidth, type Span } from './styled-line.js';
import { VERDICT_TONES } from './tones.js';

const TWO_COLUMNS_FROM = 130;
const GAP = 3;

/**
 * All lines of the detail below its title, at most `columns` wide. `trace`: the same report, null before the first;
 * `marks`: what happened meanwhile, null = nothing is known.
 */
export function detailLines(
  detail: StackDetail,
  trace: Pick<Report, 'curve' | 'durationNs'> | null,
  columns: number,
  marks: ViewState['marks'] = null,
): Line[] {
  const times = trace?.curve ?? null;
  const unit = rateUnitOf(trace?.durationNs ?? 0);
  const top = accountLines(detail, unit, columns);
  if (columns < TWO_COLUMNS_FROM) {
    const sections = [
      top,
      namesLines(detail.stack.names, detail.stack.bytes, columns),
      frameLines(detail, columns),
      freedLines(detail, columns),
      curveSection(detail, times, { width: columns, rows: 4, marks }),
      ...sideSections(detail, columns),
      addressLines(detail, columns),
    ];
    return join(sections);
  }
  const leftWidth = Math.floor((columns - GAP) * 0.54);
  const rightWidth = columns - GAP - leftWidth;
  const left = join([frameLines(detail, leftWidth), freedLines(detail, leftWidth), addressLines(detail, leftWidth)]);
  const belongs = namesLines(detail.stack.names, detail.stack.bytes, columns);
  const right = join([
    curveSection(detail, times, { width: rightWidth, rows: 6, marks }),
    ...sideSections(detail, rightWidth),
  ]);
  return [...join([top, belongs]), [], ...beside(left, right, leftWidth)];
}

function curveSection({ stack }: StackDetail, times: Report['curve'], look: Parameters<typeof curveLines>[2]): Line[] {
  const lines = curveLines(stack.curve, times, look);
  return lines.length === 0 ? [] : [heading('OUTSTANDING over time', look.width), ...lines];
}

/** The title line above detailLines(): which call path this is. */
export function detailTitle(detail: StackDetail): Line {
  const { stack } = detail;
  const first = stack.frames[stack.firstFrame] ?? stack.frames[0];
  const title: Span[] = [
    [`#${stack.rank} `, 'strong'],
    [first === undefined ? '(no call path)' : safeText(first.symbol), 'strong'],
    [`  ${stack.allocator}${stack.kind === stack.allocator ? '' : `, ${safeText(stack.kind)}`}`, 'dim'],
  ];
  if (stack.verdict !== null) title.push([`  ${safeText(stack.verdict)}`, VERDICT_TONES[stack.verdict]]);
  if (stack.category !== null) title.push([`  ${safeText(stack.category)}`]);
  return title;
}

function frameLines({ stack }: StackDetail, width: number): Line[] {
  const lines: Line[] = [heading('CALL PATH, leaf first', width)];
  if (stack.frames.length === 0) lines.push([['  (none was taken)', 'dim']]);
  for (const [index, frame] of stack.frames.entries()) {
    const start = index === stack.firstFrame;
    const interrupted = stack.interruptedFrom !== null && index >= stack.interruptedFrom;
    if (index === stack.interruptedFrom) lines.push([['  ── an interrupt, and what it interrupted', 'dim']]);
    const dim = index < stack.firstFrame || interrupted;
    const line: Span[] = [[start ? '▸ ' : '  ', 'strong'], ...frameSpans(frame, dim, start)];
    const room = width - lineWidth(line) - frame.address.length;
    if (room >= 2) line.push([' '.repeat(room)], [safeText(frame.address), 'dim']);
    lines.push(cutLine(line, width));
  }
  return lines;
}

function frameSpans(frame: ReportFrame, dim: boolean, start: boolean): Span[] {
  const tone = dim ? 'dim' : frame.module === null ? (start ? 'strong' : 'plain') : 'module';
  const spans: Span[] = [
    [safeText(frame.symbol), tone],
    [`+0x${frame.offset.toString(16)}`, 'dim'],
  ];
  if (frame.module !== null) spans.push([` [${safeText(frame.module)}]`, 'module']);
  return spans;
}

function sideSections(detail: StackDetail, width: number): Line[][] {
  return [
    processLines(detail, width),
    cgroupLines(detail, width),
    histogramLines('SIZES of what is held', detail.sizes, width, (value) => formatBytes(value)),
    histogramLines('AGES of what is held', detail.ages, width, formatAge),
    histogramLines('LIFETIMES of what was freed', detail.lifetimes, width, formatShortTime),
  ];
}

function processLines({ pids, stack }: StackDetail, width: number): Line[] {
  const lines: Line[] = [heading('PROCESSES', width)];
  for (const share of pids) {
    const left: Span[] = [
      [`  ${padTextLeft(String(share.pid), 7)} `, 'dim'],
      [padText(safeText(share.comm), 16)],
      [padTextLeft(formatBytes(share.bytes), 9), 'strong'],
      [padTextLeft(formatCount(share.count), 10)],
      [padTextLeft(formatShare(share.bytes, stack.bytes), 7)],
      [' '],
    ];
    lines.push([...left, ...barSpans(share.bytes / stack.bytes, width - lineWidth(left))]);
  }
  return lines;
}

/** Of more, the number. */
const SHOWN_CGROUPS = 5;

function cgroupLines({ stack: { cgroups, bytes } }: StackDetail, width: number): Line[] {
  if (cgroups.length === 0) return [];
  const lines: Line[] = [heading('CGROUPS', width)];
  for (const share of cgroups.slice(0, SHOWN_CGROUPS)) {
    const { cgroup, name, removed } = share;
    lines.push([
      [padTextLeft(formatBytes(share.bytes), 11), 'strong'],
      [padTextLeft(formatShare(share.bytes, bytes), 7)],
      [`  ${safeText(name)}`],
      [removed ? ' (removed)' : '', 'warn'],
    ]);
    if (cgroup !== name) lines.push([[`${' '.repeat(20)}${safeText(cgroup)}`, 'dim']]);
  }
  const more = cgroups.length - SHOWN_CGROUPS;
  if (more > 0) lines.push([[`${' '.repeat(20)}${formatCount(more)} more`, 'dim']]);
  return lines.map((line) => cutLine(line, width));
}

function histogramLines(
  title: string,
  bars: readonly HistogramBar[],
  width: number,
  format: (value: number) => string,
): Line[] {
  const lines: Line[] = [heading(title, width)];
  const most = Math.max(1, ...bars.map((one) => one.count));
  if (bars.length === 0) lines.push([['  none', 'dim']]);
  for (const one of bars) {
    const left: Span[] = [
      [`  ${padTextLeft(short(format(one.from)), 8)} – ${padText(short(format(one.to)), 9)}`],
      [padTextLeft(formatCount(one.count), 11)],
      [' '],
    ];
    lines.push([...left, ...barSpans(one.count / most, width - lineWidth(left))]);
  }
  return lines;
}

function addressLines({ addresses }: StackDetail, width: number): Line[] {
  if (addresses.length === 0) return [];
  const lines: Line[] = [heading('SAMPLE ADDRESSES, oldest first', width)];
  for (const sample of addresses) {
    lines.push([
      [`  ${padText(safeText(sample.address), 19)}`],
      [padTextLeft(formatBytes(sample.bytes), 9)],
      [padTextLeft(formatAge(sample.ageNs), 7)],
      [`  ${padTextLeft(String(sample.pid), 7)} ${safeText(sample.comm)}`, 'dim'],
    ]);
  }
  return lines;
}

function heading(text: string, width: number): Line {
  return [[padText(text, width), 'head']];
}

const LONGEST_BAR = 40;

function barSpans(share: number, room: number): Span[] {
  return room < 4 ? [] : [[bar(share, Math.min(LONGEST_BAR, room)), 'drawing']];
}

/** Drops the zeros of a whole number, as bounds of powers of two are: '4.00 KiB' -> '4 KiB'. */
function short(text: string): string {
  return text.replace(/\.0+(?= )/, '');
}

/** Lifetimes go down to nanoseconds, which formatAge() does not show. */
function formatShortTime(ns: number): string {
  return ns < 1e6 ? formatDuration(ns) : formatAge(ns);
}

/** The lines of all sections, with an empty line between two. */
function join(sections: readonly Line[][]): Line[] {
  return sections.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : [[], ...lines]));
}

function beside(left: readonly Line[], right: readonly Line[], leftWidth: number): Line[] {
  const lines: Line[] = [];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const start = cutLine(left[i] ?? [], leftWidth);
    const gap = ' '.repeat(leftWidth + GAP - lineWidth(start));
    lines.push(right[i] === undefined ? start : [...start, [gap], ...right[i]]);
  }
  return lines;
}
