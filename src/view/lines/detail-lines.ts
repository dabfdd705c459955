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
  type RateUnit,
  rateUnitOf,
} from '../../base/format.js';
import { padText, padTextLeft, safeText, textWidth } from '../../base/safe-text.js';
import { countedIn } from '../../event/kinds.js';
import {
  type HistogramBar,
  isRising,
  type Report,
  type ReportFrame,
  type ReportStack,
  type StackDetail,
} from '../../rank/report/report.js';
import { curveLines } from './curve-lines.js';
import { ROW_WORDS } from './meaning-words.js';
import { cutLine, type Line, lineWidth, type Span } from './styled-line.js';
import { rateText, TRUST_TONES, VERDICT_TONES } from './tones.js';

const TWO_COLUMNS_FROM = 130;
const GAP = 3;

/** All lines of the detail below its title, at most `columns` wide. `trace`: the same report, null before the first. */
export function detailLines(
  detail: StackDetail,
  trace: Pick<Report, 'curve' | 'durationNs'> | null,
  columns: number,
): Line[] {
  const times = trace?.curve ?? null;
  const unit = rateUnitOf(trace?.durationNs ?? 0);
  const top = accountLines(detail, unit, columns);
  if (columns < TWO_COLUMNS_FROM) {
    const sections = [
      top,
      frameLines(detail, columns),
      curveSection(detail, times, columns, 4),
      ...sideSections(detail, columns),
      addressLines(detail, columns),
    ];
    return join(sections);
  }
  const leftWidth = Math.floor((columns - GAP) * 0.54);
  const rightWidth = columns - GAP - leftWidth;
  const left = join([frameLines(detail, leftWidth), addressLines(detail, leftWidth)]);
  const right = join([curveSection(detail, times, rightWidth, 6), ...sideSections(detail, rightWidth)]);
  return [...top, [], ...beside(left, right, leftWidth)];
}

function curveSection({ stack }: StackDetail, times: Report['curve'], width: number, rows: number): Line[] {
  const lines = curveLines(stack.curve, times, width, rows);
  return lines.length === 0 ? [] : [heading('OUTSTANDING over time', width), ...lines];
}

/** The title line above detailLines(): which call path this is. */
export function detailTitle(detail: StackDetail): Line {
  const { stack } = detail;
  const first = stack.frames[stack.firstFrame] ?? stack.frames[0];
  const title: Span[] = [
    [`#${stack.rank} `, 'strong'],
    [first === undefined ? '(no call path)' : safeText(first.symbol), 'strong'],
    [`  ${stack.allocator}, ${safeText(stack.kind)}`, 'dim'],
  ];
  if (stack.verdict !== null) title.push([`  ${safeText(stack.verdict)}`, VERDICT_TONES[stack.verdict]]);
  if (stack.category !== null) title.push([`  ${safeText(stack.category)}`]);
  return title;
}

function accountLines({ stack }: StackDetail, rateUnit: RateUnit, columns: number): Line[] {
  const unit = countedIn(stack.allocator);
  const rate = rateText(stack, rateUnit);
  const lines: Line[] = [
    [
      ['held    ', 'dim'],
      [formatBytes(stack.bytes), 'strong'],
      [` in ${formatCount(stack.count)} ${unit}`],
      [ROW_WORDS[stack.meaning], 'warn'],
      [`   growth `, 'dim'],
      [rate === '-' ? rate : `${rate}/${rateUnit.name}`],
      [`   peak `, 'dim'],
      [formatBytes(stack.bytesAtHighWaterMark)],
    ],
    ...estimateLines(stack, unit),
    ...verdictLines(stack, rateUnit),
    [
      ['events  ', 'dim'],
      [`${formatCount(stack.allocCount)} allocated`],
      [` (${formatBytes(stack.allocBytes)})`, 'dim'],
      [`   ${formatCount(stack.freeCount)} freed`],
      [` (${formatShare(stack.freeCount, stack.allocCount)})`, 'dim'],
      [`   ${formatCount(stack.missedFrees)} missed`, stack.missedFrees > 0 ? 'warn' : 'dim'],
    ],
    [
      ['age     ', 'dim'],
      [`median ${formatDuration(stack.medianAgeNs)}`],
      [`   oldest ${formatDuration(stack.oldestAgeNs)}`],
    ],
  ];
  if (stack.caches.length > 0) lines.push([['cache   ', 'dim'], [safeText(stack.caches.join(', '))]]);
  lines.push([
    ['trust   ', 'dim'],
    [safeText(stack.reliability), TRUST_TONES[stack.reliability]],
    [`   ${safeText(stack.evidence.reason)}`, stack.reliability === 'unreliable' ? 'warn' : 'dim'],
  ]);
  const figures = evidenceText(stack.evidence);
  if (figures !== '')
    lines.push([
      ['        ', 'dim'],
      [figures, 'dim'],
    ]);
  if (stack.lostFreeBytes > 0) {
    lines.push([
      ['lost    ', 'dim'],
      [`up to ${formatBytes(stack.lostFreeBytes)} may be lost frees`, 'warn'],
    ]);
  }
  if (stack.watched !== null) {
    lines.push([
      ['watched ', 'dim'],
      [safeText(stack.watched), 'warn'],
    ]);
  }
  if (stack.note !== null) {
    lines.push([
      ['note    ', 'dim'],
      [safeText(stack.note), 'warn'],
    ]);
  }
  return lines.flatMap((line) => wrapped(line, columns));
}

/** The estimate of what it really holds, where only a sample of all addresses was traced. */
function estimateLines({ estimate }: ReportStack, unit: string): Line[] {
  if (estimate === null) return [];
  const { bytes, lowBytes, highBytes, count } = estimate;
  return [
    [
      ['stands  ', 'dim'],
      [`for about ${formatBytes(bytes)}`, 'strong'],
      [` in ${formatCount(count)} ${unit}`],
      [`   ${formatBytes(lowBytes)} to ${formatBytes(highBytes)}, 19 times of 20`, 'dim'],
    ],
  ];
}

/** The verdict with its reason; of a row that rises, the interval of its rate and how sure the trend is. */
function verdictLines(stack: ReportStack, { name, hours }: RateUnit): Line[] {
  const lines: Line[] = [];
  if (stack.verdict !== null) {
    lines.push([
      ['verdict ', 'dim'],
      [safeText(stack.verdict), VERDICT_TONES[stack.verdict]],
      [stack.verdictReason === null ? '' : `   ${safeText(stack.verdictReason)}`, 'dim'],
    ]);
  }
  if (isRising(stack.verdict) && stack.growth !== null) {
    const { lowBytesPerHour, highBytesPerHour, confidence, sinceNs } = stack.growth;
    lines.push([
      ['trend   ', 'dim'],
      [`${formatBytes(lowBytesPerHour * hours)} to ${formatBytes(highBytesPerHour * hours)} ${RATE_WORDS[name]}`],
      [`   ${formatShare(confidence, 1)} sure of a trend, since ${formatDuration(sinceNs)}`, 'dim'],
    ]);
  }
  return lines;
}

const RATE_WORDS = { s: 'a second', min: 'a minute', h: 'an hour', day: 'a day' } as const;

function evidenceText({ missedShare, compared, doubtful }: ReportStack['evidence']): string {
  const parts: string[] = [];
  if (missedShare > 0) parts.push(`${formatShare(missedShare, 1)} of its frees were not seen`);
  if (compared !== null) parts.push(`${formatCount(compared)} compared with the counters`);
  if (doubtful !== null && doubtful > 0) parts.push(`${formatCount(doubtful)} of them doubtful`);
  return parts.join(', ');
}

/** Breaks the last span, a sentence, at a space when the line is too long; the rest follows on indented lines. */
function wrapped(line: Line, columns: number): Line[] {
  const last = line.at(-1);
  if (last === undefined || lineWidth(line) <= columns) return [line];
  const start = line.slice(0, -1);
  const room = columns - lineWidth(start);
  const [text, tone] = last;
  const cut = text.lastIndexOf(' ', room);
  if (cut <= 0 || textWidth(text) !== text.length) return [line];
  const rest: Line = [['        '], [text.slice(cut + 1), tone]];
  return [[...start, [text.slice(0, cut), tone]], ...wrapped(rest, columns)];
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
