/** Sentences and lists of facts in narrow terminals: broken, never cut, so that no figure is missing without a word. */
import { cutToWidth, textWidth } from '../base/safe-text.js';

/**
 * Safe text in lines of at most `columns`, broken where `gap` stands; what goes on begins with `indent`. A part that is
 * wider than a line by itself ends in '…'.
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
