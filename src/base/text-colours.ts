/**
 * Colours for the text of `top` and `diff` on a terminal: a pass over finished lines, by their words
 * and columns, so that the encoders know nothing of it. Four, as on the screen: magenta = look here,
 * bold red = do not rely on it, blue = curves and bars, dim = structure; figures in the lead are bold.
 * Each says what a word says already.
 */
const RESET = '\x1b[0m';
const LOOK = '35';
const DOUBT = '1;31';
const DRAWN = '34';
const DIM = '2';
const BOLD = '1';

/** First words of a sentence, and of a line of facts. */
const LOOK_HEADS = /^(?:GROWING|BEFORE|LIMIT|GREW|NEW)(?= )/;
const DOUBT_HEADS = /^(?:DOUBT|!)(?= )/;
const HEADS = /^(?:QUIET|EARLY|ONCE|SHRANK|GONE|RAM|held|next|look|send)(?= )/;
/** The head line of one ranking among several. */
const TIME = /^== .* ==$/;
/** Heads of a table, lines of facts, and what a list leaves out. */
const STRUCTURE =
  /^(?: *# +(?:HELD|CHANGE)\b|note: |order: |… |[\d,]+ more \w|unfreed's own |lost [\d,]+|(?:kernel|events|outstanding):? )/;
/** A row of a list: its number, and its first figure. */
const ROW = /^( *\d+ +)([+-]?[≤<]?(?:\d[\d.,]*|±0) ?(?:[KMGTPE]i)?B?)(?= )/;
/** A call path or a note below its row; facts that a narrow terminal continues there stay as they are. */
const BELOW = /^ {6,}(?:\S.* < |note: |… )/;

const LOOK_WORDS = /\b(?:growing|in steps|in-steps|before ✓)(?= )/;
const DOUBT_WORDS = /\b(?:doubtful\??|unreliable|may be lost frees)/;
const LOST = /\bLOST [\d,]+ events[^:]*/;
const DRAWINGS = /[▁▂▃▄▅▆▇█▏▎▍▌▋▊▉▐┃]+/g;

/** Returns lines with SGR sequences. They must be safe text without any. */
export function colouredText(text: string): string {
  return text.split('\n').map(colouredLine).join('\n');
}

function colouredLine(line: string): string {
  if (line === '') return line;
  if (TIME.test(line)) return styled(BOLD, line);
  if (LOST.test(line)) return line.replace(LOST, (found) => styled(DOUBT, found));
  if (LOOK_HEADS.test(line)) return line.replace(LOOK_HEADS, (word) => styled(`1;${LOOK}`, word));
  if (DOUBT_HEADS.test(line)) return line.replace(DOUBT_HEADS, (word) => styled(DOUBT, word));
  if (HEADS.test(line)) return line.replace(HEADS, (word) => styled(BOLD, word));
  if (ROW.test(line)) return colouredRow(line);
  if (STRUCTURE.test(line) || BELOW.test(line)) return styled(DIM, line);
  return line;
}

/** Only the first word of each kind is the row's own: later ones may be names. */
function colouredRow(line: string): string {
  const [head, number, figure] = ROW.exec(line) ?? ['', '', ''];
  const rest = line
    .slice(head.length)
    .replace(DRAWINGS, (found) => styled(DRAWN, found))
    .replace(LOOK_WORDS, (found) => styled(LOOK, found))
    .replace(DOUBT_WORDS, (found) => styled(DOUBT, found));
  return `${number}${styled(BOLD, figure)}${rest}`;
}

function styled(code: string, text: string): string {
  return `\x1b[${code}m${text}${RESET}`;
}
