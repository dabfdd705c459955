/**
 * Makes untrusted text (process names, symbols, host names, file names) fit for a terminal cell.
 *
 * A process may name itself with escape sequences, C1 controls, bidirectional overrides, or
 * characters whose width differs between terminals. safeText() keeps only characters that every
 * terminal draws in the columns that textWidth() returns; a visible stand-in replaces the others.
 * All other functions here expect text that is already safe.
 */

/** Replaces a character that safeText() refuses. */
const REPLACEMENT = '�';
/** Marks kept on one base character: more of them only serve to leave the cell. */
const MAX_MARKS = 2;

/** Printable ASCII, which is safe as it is. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Controls, format and ignorable characters (bidi, zero width, tags, fillers), surrogates, private use, unassigned, line separators, spacing
 * marks, variation selectors, conjoining jamo, and emoji, which are one column wide in some terminals and two in others.
 */
const REFUSED_CLASSES =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Mc}\p{Emoji_Presentation}\p{Default_Ignorable_Code_Point}]/u;
/** First and last code point: CGJ, Hangul fillers and conjoining jamo, Khmer fillers, variation selectors. */
const REFUSED_RANGES: readonly (readonly [number, number])[] = [
  [0x34f, 0x34f],
  [0x115f, 0x11ff],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0xa960, 0xa97f],
  [0xd7b0, 0xd7ff],
  [0xfe00, 0xfe0f],
  [0xe0100, 0xe01ef],
];
const MARK = /[\p{Mn}\p{Me}]/u;
const SPACE = /\p{Zs}/u;

/**
 * Returns one line of text that every terminal draws in place, without escapes; printable ASCII is
 * returned unchanged.
 */
export function safeText(text: string): string {
  if (PLAIN.test(text)) return text;
  let out = '';
  // A mark needs a base within the text: at the start it would join the cell before.
  let marks = MAX_MARKS;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x20 && code < 0x7f) {
      out += character;
      marks = 0;
    } else if (code < 0x20 || code === 0x7f) {
      // Control pictures: an escape shows as one visible column.
      out += String.fromCharCode(code === 0x7f ? 0x2421 : 0x2400 + code);
      marks = 0;
    } else if (isRefused(character, code)) {
      out += REPLACEMENT;
      marks = 0;
    } else if (MARK.test(character)) {
      out += marks < MAX_MARKS ? character : REPLACEMENT;
      marks = marks < MAX_MARKS ? marks + 1 : 0;
    } else {
      out += SPACE.test(character) && code !== 0x3000 ? ' ' : character;
      marks = 0;
    }
  }
  return out;
}

function isRefused(character: string, code: number): boolean {
  return REFUSED_CLASSES.test(character) || inRanges(code, REFUSED_RANGES);
}

/** First and last code point of each range of double-width characters that safeText() lets through. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115e],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];

/** Returns the number of columns that safe text takes. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Returns the start of safe text within `width` columns, ending in '…' when something was cut. */
export function cutToWidth(text: string, width: number): string {
  if (width <= 0) return '';
  if (textWidth(text) <= width) return text;
  return `${takeStart(text, width - 1)}…`;
}

/**
 * Returns both ends of safe text around '…' within `width` columns: for paths and names that differ
 * at either end.
 */
export function cutMiddle(text: string, width: number): string {
  if (width <= 0) return '';
  if (textWidth(text) <= width) return text;
  const head = takeStart(text, Math.ceil((width - 1) / 2));
  return `${head}…${takeEnd(text, width - 1 - textWidth(head))}`;
}

/** Safe text in exactly `width` columns, cut or padded on the right. */
export function padText(text: string, width: number): string {
  const cut = cutToWidth(text, width);
  return cut + ' '.repeat(Math.max(0, width - textWidth(cut)));
}

/** Safe text in exactly `width` columns, cut or padded on the left. */
export function padTextLeft(text: string, width: number): string {
  const cut = cutToWidth(text, width);
  return ' '.repeat(Math.max(0, width - textWidth(cut))) + cut;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (MARK.test(character)) return 0;
  if (code < 0x1100) return 1;
  return inRanges(code, WIDE) ? 2 : 1;
}

function inRanges(code: number, ranges: readonly (readonly [number, number])[]): boolean {
  for (const [first, last] of ranges) if (code >= first && code <= last) return true;
  return false;
}

/** At most `width` columns from the start; a wide character or a mark is never split. */
function takeStart(text: string, width: number): string {
  let used = 0;
  let out = '';
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    out += character;
  }
  return out;
}

function takeEnd(text: string, width: number): string {
  const characters = Array.from(text);
  let used = 0;
  let first = characters.length;
  while (first > 0) {
    used += characterWidth(characters[first - 1]);
    if (used > width) break;
    first--;
  }
  // A mark whose base was cut off would join the '…'.
  while (first < characters.length && characterWidth(characters[first]) === 0) first++;
  return characters.slice(first).join('');
}
