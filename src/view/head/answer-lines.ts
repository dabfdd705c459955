/** The answer block of the head: the conclusions of the whole trace in at most three lines. */
import { safeText } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import type { Conclusion, ConclusionKind } from '../../rank/report/conclusion.js';
import type { Report } from '../../rank/report/report.js';
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

/** Returns exactly three lines: the first conclusion, where it counts, and what comes beside or next. */
export function answerLines({ conclusions }: Pick<Report, 'conclusions'>, columns: number): Line[] {
  const [first, second] = conclusions;
  if (first === undefined) return [[['working', 'dim']], [], []];
  const width = Math.max(20, columns - 2);
  const head = wrapped(safeText(first.text), width);
  const lines: Line[] = head.map((text, i) => [
    [i === 0 ? `${SIGNS[first.kind]} ` : '  ', TONES[first.kind]],
    [text, 'strong'],
  ]);
  const also = second === undefined ? nextText(first) : alsoText(second, first);
  const room = ANSWER_LINES - lines.length - (also === null ? 0 : 1);
  const details = first.detail === null ? [] : wrapped(safeText(first.detail), width);
  lines.push(...details.slice(0, Math.max(0, room)).map((text): Line => [[`  ${text}`]]));
  if (also !== null) lines.push([[`  ${also}`]]);
  while (lines.length < ANSWER_LINES) lines.push([]);
  return lines.slice(0, ANSWER_LINES);
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
