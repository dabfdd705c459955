/** The account of one call path, as the detail shows it: its figures, its verdict and the trust in them. */
import { formatBytes, formatCount, formatDuration, formatShare, type RateUnit } from '../../base/format.js';
import { safeText, textWidth } from '../../base/safe-text.js';
import { countedIn } from '../../event/kinds.js';
import { freeSentence } from '../../rank/answer/free-words.js';
import { goneSentence } from '../../rank/answer/gone-words.js';
import { isProcessAllocator } from '../../rank/report/category.js';
import { isAgeKnown, isRising, type ReportStack, type StackDetail } from '../../rank/report/report-rows.js';
import { ROW_WORDS } from './meaning-words.js';
import { type Line, lineWidth } from './styled-line.js';
import { rateText, TRUST_TONES, VERDICT_TONES } from './tones.js';

/** The lines above the call path: what it holds, how it grew, its events, its ages, and how far to trust them. */
export function accountLines({ stack }: StackDetail, rateUnit: RateUnit, columns: number): Line[] {
  const unit = countedIn(stack.allocator);
  const rate = rateText(stack, rateUnit);
  const lines: Line[] = [
    [
      ['held    ', 'dim'],
      [formatBytes(stack.bytes), 'strong'],
      [` in ${formatCount(stack.count)} ${unit}${rangesText(stack)}`],
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
    isAgeKnown(stack)
      ? [
          ['age     ', 'dim'],
          [`median ${formatDuration(stack.medianAgeNs)}`],
          [`   oldest ${formatDuration(stack.oldestAgeNs)}`],
        ]
      : [['age     ', 'dim'], ['not known']],
  ];
  const gone = isProcessAllocator(stack.allocator) ? null : goneSentence(stack.gone);
  if (gone !== null) lines.push([['holders ', 'dim'], [gone]]);
  if (stack.typicalFree !== null) lines.push([['frees   ', 'dim'], [safeText(freeSentence(stack.typicalFree))]]);
  const isOwn = isProcessAllocator(stack.allocator);
  if (stack.caches.length > 0)
    lines.push([[isOwn ? 'asked   ' : 'cache   ', 'dim'], [safeText(stack.caches.join(', '))]]);
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

/** ', 60 ranges, RSS 240 KiB': of what processes mapped. */
function rangesText({ ranges, resident }: ReportStack): string {
  const of = ranges === undefined ? '' : `, ${formatCount(ranges)} range${ranges === 1 ? '' : 's'}`;
  return resident === undefined ? of : `${of}, RSS ${formatBytes(resident.bytes)}`;
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
