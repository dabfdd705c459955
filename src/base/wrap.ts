/**
 * Wraps sentences and lists of facts for narrow terminals: broken, never cut, so that no figure is
 * lost unnoticed.
 */
import { cutToWidth, textWidth } from './safe-text.js';

/**
 * Returns safe text in lines of at most `columns`, broken where `gap` occurs; further lines begin
 * with `indent`. A part that is wider than a line ends in '…'.
 */
export function wrapText(text: string, columns: number, { indent, gap }: { indent: string; gap: string }): string[] {
  const lines: string[] = [];
  const lead = /^ */.exec(text)?.[0] ?? '';
  let line = '';
  for (const part of text.slice(lead.length).split(gap)) {
    const longer = line === '' ? `${lead}${part}` : `${line}${gap}${part}`;
    if (line === '' || textWidth(longer) <= columns) line = longer;
    else {
      lines.push(line);
      line = `${indent}${part}`;
    }
  }
  return [...lines, line].map((each) => cutToWidth(each, columns));
}
