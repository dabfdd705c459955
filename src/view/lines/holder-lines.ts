/** Who holds something, as a table; and commands so that they can be copied from the screen. */
import { bar, formatBytes, formatShare } from '../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText, textWidth } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import type { Holder } from '../../triage/report.js';
import type { Line, Span } from './styled-line.js';

const KIND_WIDTH = 8;
/** Width of bytes, share and kind, with the blanks behind them. */
const FIGURES_WIDTH = 9 + 7 + KIND_WIDTH + 2;
const BAR_WIDTH = 20;
/** A name keeps at least this many columns beside a bar. */
const LEAST_NAME = 40;

/** A head and a line for each holder; shares are of `wholeBytes`. No line is wider than `columns`. */
export function holderLines(title: string, holders: readonly Holder[], wholeBytes: number, columns: number): Line[] {
  const head = `${'BYTES'.padStart(9)}${'SHARE'.padStart(7)}  ${'KIND'.padEnd(KIND_WIDTH)}${title}`;
  return [[[padText(head, columns), 'head']], ...holders.map((holder) => holderLine(holder, wholeBytes, columns))];
}

function holderLine({ kind, name, bytes }: Holder, wholeBytes: number, columns: number): Line {
  const canShare = bytes !== null && wholeBytes > 0;
  const room = columns - FIGURES_WIDTH;
  const withBar = canShare && room >= LEAST_NAME + 1 + BAR_WIDTH;
  const nameRoom = Math.max(0, withBar ? room - 1 - BAR_WIDTH : room);
  const line: Span[] = [
    [padTextLeft(bytes === null ? '-' : formatBytes(bytes), 9), 'strong'],
    [padTextLeft(canShare ? formatShare(bytes, wholeBytes) : '', 7)],
    [`  ${padText(safeText(kind), KIND_WIDTH)}`, 'dim'],
  ];
  const text = cutToWidth(safeText(name), nameRoom);
  if (!withBar) return [...line, [text]];
  return [...line, [padText(text, nameRoom)], [' '], [bar(Math.min(1, bytes / wholeBytes), BAR_WIDTH), 'drawing']];
}

/** Wraps a sentence with untrusted names to lines of at most `columns`, the further ones behind `indent`. */
export function sentenceLines(text: string, columns: number, indent = ''): string[] {
  return wrapText(safeText(text), Math.max(20, columns), { indent, gap: ' ' });
}

/**
 * A command in lines that can be copied and run as they stand: it begins in the first column, and a long one is broken
 * at a blank outside quotes, with a backslash as a shell wants it. Safe text.
 */
export function commandLines(command: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of wordsOf(safeText(command))) {
    const longer = line === '' ? word : `${line} ${word}`;
    // Two columns stay for ' \'.
    if (line === '' || textWidth(longer) <= columns - 2) line = longer;
    else {
      lines.push(`${line} \\`);
      line = `  ${word}`;
    }
  }
  return [...lines, line];
}

/** The parts between the blanks that are outside quotes. */
function wordsOf(command: string): string[] {
  return command.match(/(?:'[^']*'|"[^"]*"|[^ ])+/g) ?? [command];
}
