/** The answer block of the head: the conclusions of the whole trace in at most three lines. */
import { cutToWidth, safeText, textWidth } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import type { Conclusion, ConclusionKind } from '../../rank/report/conclusion.js';
import type { Report } from '../../rank/report/report.js';
import type { Line, Tone } from '../lines/styled-line.js';

/** Lines of the block. */
export const ANSWER_LINES = 3;

const SIGNS: Readonly<Record<ConclusionKind, string>> = {
  doubt: '!',
  growing: '▲',
  process: '·',
  removed: '■',
  before: '■',
  once: '■',
  quiet: '●',
  early: '○',
};

const TONES: Readonly<Record<ConclusionKind, Tone>> = {
  doubt: 'bad',
  growing: 'warn',
  process: 'plain',
  removed: 'warn',
  before: 'warn',
  once: 'strong',
  quiet: 'plain',
  early: 'dim',
};

/** Returns exactly three lines: the first conclusion, where it counts, and what comes beside or next. */
export function answerLines({ conclusions, triage }: Pick<Report, 'conclusions' | 'triage'>, columns: number): Line[] {
  const [first] = conclusions;
  if (first === undefined) return [[['working', 'dim']], [], []];
  const width = Math.max(20, columns - 2);
  const also = lastText(conclusions, triage, width);
  const most = ANSWER_LINES - (also === null ? 0 : 1);
  const head = wrapped(safeText(first.text), width);
  // The page that T opens has all of it.
  if (head.length > most) head[most - 1] = cutToWidth(`${head[most - 1]} …`, width);
  const lines: Line[] = head.slice(0, most).map((text, i) => [
    [i === 0 ? `${SIGNS[first.kind]} ` : '  ', TONES[first.kind]],
    [text, 'strong'],
  ]);
  const details = first.detail === null ? [] : wrapped(safeText(first.detail), width);
  lines.push(...details.slice(0, most - lines.length).map((text): Line => [[`  ${text}`]]));
  if (also !== null) lines.push([[`  ${also}`]]);
  while (lines.length < ANSWER_LINES) lines.push([]);
  return lines;
}

/** The last line: a second thing that grows, what was before the trace, or what to do. Safe text; null = none. */
function lastText(conclusions: readonly Conclusion[], triage: Report['triage'], width: number): string | null {
  const [first, second] = conclusions;
  const next = nextText(first);
  const now = first.kind === 'before' ? nowText(conclusions) : null;
  if (now !== null) {
    const whole = next === null ? now : `${now} ${next}`;
    return triage === null || textWidth(whole) <= width ? whole : `${now} Next: press T.`;
  }
  if (second !== undefined) return alsoText(second, first);
  return next === null && first.kind === 'quiet' && triage !== null ? 'Before the trace: nothing abnormal.' : next;
}

/** What the trace says beside what was before it; null where it says nothing, as of a dump. */
function nowText(conclusions: readonly Conclusion[]): string | null {
  const beside = conclusions.find(({ kind }) => kind === 'once' || kind === 'early' || kind === 'quiet');
  if (beside === undefined) return null;
  if (beside.kind === 'once') return safeText(beside.text);
  return beside.kind === 'early' ? 'Too early to say whether it grows.' : 'Nothing grows now.';
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
