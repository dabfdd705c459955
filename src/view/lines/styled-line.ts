/**
 * Ready-made lines: spans of safe text, each with a tone that says what it means. Only this file turns them into terminal
 * text, cut to the width, so that no line ever wraps.
 */
import { cutToWidth, textWidth } from '../../base/safe-text.js';

/** The meaning of a piece of text, not its look. */
export type Tone =
  | 'plain'
  | 'dim'
  | 'strong'
  /** Column heads. */
  | 'head'
  /** Something was lost or has failed. */
  | 'bad'
  /** Worth a look. */
  | 'warn'
  | 'good'
  /** Of a module, not of the core kernel. */
  | 'module'
  /** A key to press. */
  | 'key'
  /** Bars and sparklines. */
  | 'drawing'
  /** A line that must not be overlooked. */
  | 'inverse';

/** Safe text and its tone. */
export type Span = readonly [text: string, tone?: Tone];
export type Line = readonly Span[];

/** Turns a line into text for the terminal, at most `width` columns; a selected line is padded and inverse. */
export type LinePainter = (line: Line, width: number, selected?: boolean) => string;

const RESET = '\x1b[0m';

/** SGR codes without colour; all that NO_COLOR allows. */
const WEIGHTS: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: '2',
  strong: '1',
  head: '1;4',
  bad: '1',
  warn: '',
  good: '',
  module: '',
  key: '1',
  drawing: '',
  inverse: '7',
};
/**
 * Colours of the terminal's own palette, so that they follow its theme. No yellow and no bright colours: both are hardly
 * visible on a light background. Words always say what a colour says.
 */
const COLOURS: Readonly<Record<Tone, string>> = {
  ...WEIGHTS,
  bad: '1;31',
  warn: '35',
  good: '32',
  module: '36',
  drawing: '34',
};

/** The painter with colours, or without them (NO_COLOR). */
export function linePainter(color: boolean): LinePainter {
  const codes = color ? COLOURS : WEIGHTS;
  return (line, width, selected = false) => (selected ? paintSelected(line, width) : paint(line, width, codes));
}

/** The width of a line in columns. */
export function lineWidth(line: Line): number {
  let width = 0;
  for (const [text] of line) width += textWidth(text);
  return width;
}

/** The text of a line without its tones. */
export function lineText(line: Line): string {
  return line.map(([text]) => text).join('');
}

/** `left` and `right` at the two ends of `width` columns; `left` is cut when there is no room for both. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right) - 1;
  const cut = cutLine(left, Math.max(0, room));
  const gap = Math.max(0, width - lineWidth(cut) - lineWidth(right));
  return [...cut, [' '.repeat(gap)], ...right];
}

/** The start of a line in at most `width` columns; its last character is '…' when something was cut. */
export function cutLine(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const out: Span[] = [];
  let room = width;
  for (const [text, tone] of line) {
    const taken = textWidth(text);
    if (taken < room) {
      out.push([text, tone]);
      room -= taken;
      continue;
    }
    // One more column than there is room for forces the cut mark even where this span alone would just fit.
    if (room > 0) out.push([cutToWidth(`${text} `, room), tone]);
    break;
  }
  return out;
}

function paint(line: Line, width: number, codes: Readonly<Record<Tone, string>>): string {
  let out = '';
  for (const [text, tone] of cutLine(line, width)) {
    const code = codes[tone ?? 'plain'];
    out += code === '' ? text : `\x1b[${code}m${text}${RESET}`;
  }
  return out;
}

function paintSelected(line: Line, width: number): string {
  const cut = cutLine(line, width);
  const rest = ' '.repeat(Math.max(0, width - lineWidth(cut)));
  return `\x1b[7m${lineText(cut)}${rest}${RESET}`;
}
