/**
 * Plain characters (ASCII) for terminals that draw no others: a serial console, TERM=dumb, a locale
 * without UTF-8. Lines keep their columns: a stand-in takes as many of them as the character did,
 * or a blank beside it.
 */
import { textWidth } from './safe-text.js';

/** SGR sequences, which take no column and stay as they are. */
const STYLE = /(\x1b\[[0-9;]*m)/;
const ASCII = /^[\x00-\x7f]*$/;

const SIGNS: Readonly<Record<string, string>> = {
  '▲': '^',
  '■': '#',
  '●': '=',
  '○': 'o',
  '✓': '*',
  '±': '+-',
  '≤': '<',
  '≥': '>',
  '▶': '>',
  '▸': '>',
  '▾': 'v',
  '┃': '|',
  '│': '|',
  '┤': '|',
  '├': '|',
  '└': '+',
  '┴': '+',
  '━': '=',
  '─': '-',
  '›': '>',
  '·': '.',
  '–': '-',
  '—': '-',
  '’': "'",
  '→': '>',
  '←': '<',
  '↑': '^',
  '↓': 'v',
  '×': 'x',
  µ: 'u',
  // Shades of areas: signs that no other area is filled with.
  '░': '.',
  '▒': '~',
  '▓': 'X',
};

/** Heights of a curve, lowest first. */
const HEIGHTS = '▁▂▃▄▅▆▇█';
const PLAIN_HEIGHTS = '.:-=+*#@';
/** The ends of a bar, shortest first: what fills half a column or more is drawn as one. */
const BAR_ENDS = '▏▎▍▌▋▊▉';
const HALF = BAR_ENDS.indexOf('▌');
/** A curve or a bar: what stands together of their characters. */
const DRAWING = /[▁▂▃▄▅▆▇█▏▎▍▌▋▊▉▐]+/g;
/** No bar has these. */
const CURVE_ONLY = /[▁▂▃▅▆▇]/;

/** Returns lines of safe text, with or without SGR sequences, in printable ASCII. ASCII text is returned unchanged. */
export function plainText(text: string): string {
  if (ASCII.test(text)) return text;
  return text.split('\n').map(plainLine).join('\n');
}

function plainLine(line: string): string {
  if (ASCII.test(line)) return line;
  const parts = line.split(STYLE).map((part, i) => {
    if (i % 2 === 1) return part;
    // Beside a zero line there are bars alone.
    return part.replaceAll(DRAWING, (found, at: number) => (part[at - 1] === '┃' ? plainBar : plainDrawing)(found));
  });
  // Each entry is a column or a style, so that a stand-in never reaches into a style.
  const cells = parts.flatMap((part, i) => (i % 2 === 1 ? [part] : Array.from(part)));
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    if (ASCII.test(cell)) continue;
    if (cell === '…') widen(cells, i, '..', true);
    else {
      const sign = SIGNS[cell] ?? '?'.repeat(textWidth(cell));
      if (sign.length > textWidth(cell)) widen(cells, i, sign, false);
      else cells[i] = sign;
    }
  }
  return cells.join('');
}

/**
 * Puts a stand-in that is one column too wide at cell `i`, and takes the column from elsewhere: from
 * the character before if `cuts` (what stands before '…' is cut anyway), else from blanks before the
 * word, else from blanks after it. A line without any grows by one.
 */
function widen(cells: string[], i: number, sign: string, cuts: boolean): void {
  cells[i] = sign;
  let before = i - 1;
  while (before >= 0 && (cells[before] === '' || isStyle(cells[before]))) before--;
  if (cuts && before >= 0 && cells[before] !== ' ') {
    cells[before] = cells[before].slice(0, -1);
    return;
  }
  let blanks = 0;
  let at = i - 1;
  for (; at >= 0; at--) {
    if (isStyle(cells[at]) || cells[at] === '') continue;
    if (cells[at] !== ' ') {
      if (blanks > 0) break;
      continue;
    }
    blanks++;
    if (blanks === 2) {
      cells[at] = '';
      return;
    }
  }
  blanks = 0;
  for (at = i + 1; at < cells.length; at++) {
    if (isStyle(cells[at]) || cells[at] === '') continue;
    blanks = cells[at] === ' ' ? blanks + 1 : 0;
    if (blanks === 2) {
      cells[at] = '';
      return;
    }
  }
}

function isStyle(cell: string): boolean {
  return cell.startsWith('\x1b');
}

function plainDrawing(drawing: string): string {
  if (CURVE_ONLY.test(drawing)) {
    return Array.from(drawing, (each) => PLAIN_HEIGHTS[HEIGHTS.indexOf(each)] ?? '#').join('');
  }
  // An axis: the end of no bar stands alone, or before one.
  if (drawing.startsWith('▏')) return `|${plainBar(drawing.slice(1))}`;
  return plainBar(drawing);
}

function plainBar(bar: string): string {
  return Array.from(bar, (each) => {
    const end = BAR_ENDS.indexOf(each);
    if (end >= 0) return end >= HALF ? '#' : ' ';
    return each === '▄' ? '_' : '#';
  }).join('');
}
