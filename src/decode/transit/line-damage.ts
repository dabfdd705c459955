/**
 * LineDamage: what was done to the lines of a text on its way, learned from its first lines, and
 * taken off each line again. Lines are byte texts (byte-text.ts).
 */

/** Kinds of damage that are taken off a line. */
export interface LineDamage {
  /** Lines that end in a carriage return alone. */
  returns: boolean;
  /** Marks at the start of lines: byte order marks, NUL bytes of UTF-16 that was appended. */
  marks: boolean;
  /** Escape codes of a terminal, overstrikes, text that was overwritten after a carriage return. */
  terminal: boolean;
  /** =3D and = at the end of a line: a mail in transfer encoding (RFC 2045). */
  quotedPrintable: boolean;
  /** &gt; and the like, as in the page of an archive. */
  entities: boolean;
  /** "> " of a mail. */
  quotes: boolean;
  /** The stamps of a log: "Jan 01 00:00:00 host kernel: [    1.000000] ". */
  stamps: boolean;
  /** Numbers of lines: "12:" of grep -n, "    12<tab>" of cat -n. */
  numbers: boolean;
  /** Tabs where blanks were, within event lines. */
  tabs: boolean;
  /** White space that every line starts with; '' = none. */
  indent: string;
  /** Blanks at the end of lines, form feeds, no-break spaces. */
  blanks: boolean;
}

const ESCAPE = '\x1b';
/** CSI and OSC sequences, then all other escape sequences (ECMA-48). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is looked for
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a backspace is what is looked for
const OVERSTRIKE = /[^\x08]\x08/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
const BOM = '\xef\xbb\xbf';
const NO_BREAK_SPACE = /\xc2\xa0/g;

/** "Jan 01 00:00:00 host kernel: "; 2026-01-01T00:00:00+00:00, with host and program or without them. */
const LOG_STAMP =
  /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)(?: [\w.-]{1,64} [\w./@-]{1,64}(?:\[\d{1,10}\])?:)? ?/;
/** "kern  :info  : ", "<6>", "[    1.000000] ", "[    1.000000][  T123] ", "[Thu Jan  1 00:00:00 2026] ". */
const KERNEL_STAMP =
  /^(?:[a-z]{3,8} *:[a-z]{3,6} *: )?(?:<\d{1,3}>)?(?:\[ *\d{1,10}\.\d{6}(?: <[ \d.+]{1,16}>)?\](?:\[ *[TC]\d{1,10}\])?|\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\]) ?/;
const QUOTES = /^(?:> ?)+/;
const ENTITY = /&(?:gt|lt|amp|quot|nbsp|#39|#x27);/g;
const ENTITIES: Record<string, string> = {
  '&gt;': '>',
  '&lt;': '<',
  '&amp;': '&',
  '&quot;': '"',
  '&nbsp;': ' ',
  '&#39;': "'",
  '&#x27;': "'",
};
/** With the name of the file, as grep -H prints it. */
const NUMBER = /^(?:[^\s:]{1,255}:(?=\d+:)|[^\s:]{1,255}-(?=\d+-))?( *\d{1,10})(?:[:-]|\t)/;
/** An event line: blanks stand around its cpu. perf's frames start with a tab and an address. */
const TABBED_EVENT = /\t.*\[\d{3,5}\]|\[\d{3,5}\].*\t/;
const TABBED_FRAME = /^\s+[0-9a-f]{1,16} \S/;
const TAB_AS_BLANKS = ' '.repeat(8);
const QP_WORD = /=3D/;
const QP = /=([0-9A-F]{2})/g;
/** Lines of a page that show its entities: the arrow of a frame, <idle>, <stack trace>, a quote. */
const SEEN_ENTITY = /(?:^|=)&gt;|&lt;(?:idle|\.\.\.|stack trace|[0-9a-f]{8})/;

/** Returns the damage that these first lines show, null if they show none. */
export function findLineDamage(lines: readonly string[], returns = false): LineDamage | null {
  const damage: LineDamage = {
    returns,
    marks: lines.some((line) => line.includes(BOM) || line.includes('\0')),
    terminal: lines.some(
      (line) => line.includes(ESCAPE) || line.includes('\b') || line.replace(/\r+$/, '').includes('\r'),
    ),
    quotedPrintable: lines.filter((line) => QP_WORD.test(line)).length >= 2,
    entities: lines.filter((line) => SEEN_ENTITY.test(line)).length >= 2,
    quotes: false,
    stamps: false,
    numbers: false,
    tabs: false,
    indent: '',
    blanks: lines.some((line) => /[ \t\f\v\r]$|[\f\v]|\xc2\xa0/.test(line)),
  };
  // What lies under these marks is seen only without them.
  const bare = lines.map((line) => mendLine(line, damage).trimEnd()).filter((line) => line !== '');
  damage.quotes = isMost(bare, QUOTES);
  const unquoted = damage.quotes ? bare.map((line) => line.replace(QUOTES, '')).filter((line) => line !== '') : bare;
  damage.stamps = isMost(unquoted, LOG_STAMP) || isMost(unquoted, KERNEL_STAMP);
  damage.numbers = areNumbered(unquoted);
  damage.tabs = unquoted.some((line) => TABBED_EVENT.test(damage.numbers ? line.replace(NUMBER, '') : line));
  if (!damage.stamps && !damage.numbers) damage.indent = commonIndent(unquoted);
  return isDamaged(damage) ? damage : null;
}

/** Returns true for a text whose lines end in a carriage return alone: few of them hold a newline. */
export function endsInReturns(text: string): boolean {
  const returns = text.match(/\r(?![\r\n]|$)/g)?.length ?? 0;
  return returns > 2 && (text.match(/\n/g)?.length ?? 0) * 4 < returns;
}

export function splitLines(text: string, returns: boolean): string[] {
  return text.split(returns ? /\r\n?|\n/ : '\n');
}

/** Returns a line without the damage, but with the blanks at its end. */
export function mendLine(line: string, damage: LineDamage): string {
  let text = line;
  if (damage.terminal) text = withoutTerminal(text);
  if (damage.marks) text = text.replaceAll(BOM, '').replace(CONTROLS, '');
  if (damage.quotedPrintable)
    text = text.replace(QP, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (damage.entities) text = text.replace(ENTITY, (entity) => ENTITIES[entity]);
  if (damage.quotes) text = text.replace(QUOTES, '');
  if (damage.stamps) text = text.replace(LOG_STAMP, '').replace(KERNEL_STAMP, '');
  if (damage.numbers) text = text.replace(NUMBER, '');
  if (damage.tabs && !TABBED_FRAME.test(text)) text = text.replaceAll('\t', TAB_AS_BLANKS);
  if (damage.indent !== '' && text.startsWith(damage.indent)) text = text.slice(damage.indent.length);
  if (damage.blanks) text = text.replace(NO_BREAK_SPACE, ' ').replace(CONTROLS, '');
  return text;
}

/** True if the line goes on in the next one, as a mail in transfer encoding says. */
export function goesOn(line: string, damage: LineDamage): boolean {
  return damage.quotedPrintable && line.endsWith('=');
}

/** Returns what was taken off, a part of a sentence each. */
export function damageParts(damage: LineDamage): string[] {
  const parts: [boolean, string][] = [
    [damage.returns, 'carriage returns in the place of newlines'],
    [damage.marks, 'byte order marks'],
    [damage.terminal, 'escape codes of a terminal'],
    [damage.quotedPrintable, 'the transfer encoding of a mail'],
    [damage.entities, 'HTML entities'],
    [damage.quotes, 'mail quotes (>)'],
    [damage.stamps, 'log stamps before the lines'],
    [damage.numbers, 'line numbers'],
    [damage.tabs, 'tabs instead of spaces'],
  ];
  return parts.filter(([is]) => is).map(([, part]) => part);
}

/** All damage that can be taken off any line, for a text whose damage begins late. */
export const LATE_DAMAGE: LineDamage = {
  returns: false,
  marks: true,
  terminal: true,
  quotedPrintable: false,
  entities: false,
  quotes: false,
  stamps: false,
  numbers: false,
  tabs: false,
  indent: '',
  blanks: true,
};

function isDamaged(damage: LineDamage): boolean {
  return Object.values(damage).some((value) => value !== false && value !== '');
}

/** True if at least half of the lines match, and two of them, or all. */
function isMost(lines: readonly string[], shape: RegExp): boolean {
  const count = lines.filter((line) => shape.test(line)).length;
  return count > 0 && count * 2 >= lines.length && (count > 1 || lines.length === 1);
}

/** True if nearly all lines start with a number, each with a greater one than the line before. */
function areNumbered(lines: readonly string[]): boolean {
  let last = -1;
  let count = 0;
  for (const line of lines) {
    const found = NUMBER.exec(line);
    if (found === null) continue;
    const number = Number(found[1]);
    if (number <= last) return false;
    last = number;
    count++;
  }
  return count > 2 && count >= lines.length * NUMBERED_SHARE;
}

/** `nl` gives empty lines no number, and perf prints one after each stack. */
const NUMBERED_SHARE = 0.6;

/**
 * The white space before all lines, if it was added: with a tab, or before a comment or the arrow of
 * a frame, which start at fixed columns.
 */
function commonIndent(lines: readonly string[]): string {
  let common: string | null = null;
  for (const line of lines) {
    const own = /^[ \t]*/.exec(line)?.[0] ?? '';
    common = common === null ? own : sharedStart(common, own);
    if (common === '') return '';
  }
  if (common === null || lines.length < 2) return '';
  if (common.includes('\t')) return lines.every((line) => /^\t+[0-9a-f]{4,16} /.test(line)) ? '' : common;
  const { length } = common;
  return lines.some((line) => line[length] === '#' || line.startsWith(' => ', length) || line[length] === '\t')
    ? common
    : '';
}

function sharedStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

function withoutTerminal(line: string): string {
  let text = line.replace(ESCAPES, '');
  while (text.includes('\b') && OVERSTRIKE.test(text)) text = text.replace(OVERSTRIKE, '');
  text = text.replace(/\r+$/, '');
  // What a terminal shows of "old\rnew" is new.
  return text.slice(text.lastIndexOf('\r') + 1).replace(CONTROLS, '');
}
