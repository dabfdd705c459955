/** The answer block of the head: the conclusions of the whole trace in at most three lines. */
import { formatBytes } from '../../base/format.js';
import { cutToWidth, safeText } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import type { Conclusion, ConclusionKind } from '../../rank/report/conclusion.js';
import type { Report } from '../../rank/report/report.js';
import type { TriageFinding, TriageReport } from '../../triage/report.js';
import { isAbnormal, isUrgent } from '../../triage/words.js';
import type { Line, Tone } from '../lines/styled-line.js';

/** Lines of the block. */
export const ANSWER_LINES = 3;

const SIGNS: Readonly<Record<ConclusionKind, string>> = {
  doubt: '!',
  growing: '▲',
  before: '■',
  once: '■',
  quiet: '●',
  early: '○',
};

const TONES: Readonly<Record<ConclusionKind, Tone>> = {
  doubt: 'bad',
  growing: 'warn',
  before: 'warn',
  once: 'strong',
  quiet: 'plain',
  early: 'dim',
};

/**
 * Returns exactly three lines: the first conclusion, where it counts, and what comes beside or next. `look` is what triage
 * says of the machine before the trace. What it found abnormal comes first where nothing grows; else it is the last line.
 */
export function answerLines(
  { conclusions }: Pick<Report, 'conclusions'>,
  columns: number,
  look: TriageReport | null = null,
): Line[] {
  const [first, second] = conclusions;
  if (first === undefined) return [[['working', 'dim']], [], []];
  const width = Math.max(20, columns - 2);
  const abnormal = look?.findings.find(isUrgent) ?? null;
  if (abnormal !== null && YIELDING.includes(first.kind)) return beforeLines(abnormal, conclusions, width);
  const head = wrapped(safeText(first.text), width);
  const lines: Line[] = head.map((text, i) => [
    [i === 0 ? `${SIGNS[first.kind]} ` : '  ', TONES[first.kind]],
    [text, 'strong'],
  ]);
  const last = look === null ? null : lookText(look, first, second);
  const also = last ?? (second === undefined ? nextText(first) : alsoText(second, first));
  const room = ANSWER_LINES - lines.length - (also === null ? 0 : 1);
  const details = first.detail === null ? [] : wrapped(safeText(first.detail), width);
  lines.push(...details.slice(0, Math.max(0, room)).map((text): Line => [[`  ${text}`]]));
  if (also !== null) lines.push([[`  ${also}`]]);
  while (lines.length < ANSWER_LINES) lines.push([]);
  return lines.slice(0, ANSWER_LINES);
}

/** Holders in the answer. */
const MOST_HOLDERS = 2;
/** Where nothing grows, what was abnormal before the trace is the answer. */
const YIELDING: readonly ConclusionKind[] = ['before', 'once', 'quiet', 'early'];

/** What was abnormal before the trace, then what the trace says beside it and what to do. */
function beforeLines(
  { text, next, holders }: TriageFinding,
  conclusions: readonly Conclusion[],
  width: number,
): Line[] {
  const parts = wrapped(safeText(`Before the trace: ${text}`), width);
  // The page that T opens has all of it.
  if (parts.length >= ANSWER_LINES) parts[ANSWER_LINES - 2] = cutToWidth(`${parts[ANSWER_LINES - 2]} …`, width);
  const lines = parts.slice(0, ANSWER_LINES - 1).map(
    (part, i): Line => [
      [i === 0 ? `${SIGNS.before} ` : '  ', TONES.before],
      [part, 'strong'],
    ],
  );
  // The text names the first holder of most findings.
  const held = holders.filter(({ name }) => !text.includes(name)).slice(0, MOST_HOLDERS);
  if (held.length > 0 && lines.length < ANSWER_LINES - 1) {
    lines.push([[`  ${wrapped(safeText(`Held by ${held.map(holderText).join('; ')}.`), width)[0]}`]]);
  }
  const [command] = next;
  const now = nowText(conclusions);
  // The command is whole, or a key opens the page that has it.
  const whole = command === undefined ? '' : ` Next: ${safeText(command)}`;
  lines.push([[`  ${now}${now.length + whole.length <= width ? whole : ' Next: press T.'}`]]);
  while (lines.length < ANSWER_LINES) lines.push([]);
  return lines;
}

function holderText({ name, bytes }: TriageFinding['holders'][number]): string {
  return bytes === null ? name : `${name} (${formatBytes(bytes)})`;
}

function nowText(conclusions: readonly Conclusion[]): string {
  const once = conclusions.find(({ kind }) => kind === 'once');
  if (once !== undefined) return safeText(once.text);
  return conclusions.some(({ kind }) => kind === 'early') ? 'Too early to say whether it grows.' : 'Nothing grows now.';
}

/** The last line where the look has one: what was abnormal, or beside a quiet trace that nothing was. */
function lookText(
  { findings, machine }: TriageReport,
  first: Conclusion,
  second: Conclusion | undefined,
): string | null {
  if (first.kind === 'doubt' || second?.kind === 'growing') return null;
  const finding = findings.find(isUrgent) ?? (first.kind === 'quiet' ? findings.find(isAbnormal) : undefined);
  if (finding !== undefined) return safeText(`Before the trace: ${finding.text}`);
  const isQuiet = first.kind === 'quiet' && first.next === null && machine.totalBytes > 0;
  return isQuiet ? 'Before the trace: nothing abnormal.' : null;
}

function alsoText(second: Conclusion, first: Conclusion): string {
  const text = safeText(second.text);
  return second.kind === first.kind && second.kind === 'growing' && second.stackId !== null ? `Also: ${text}` : text;
}

function nextText({ next }: Conclusion): string | null {
  return next === null ? null : `Next: ${safeText(next)}`;
}

function wrapped(text: string, width: number): string[] {
  return wrapText(text, width, { indent: '', gap: ' ' });
}
