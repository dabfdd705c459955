/**
 * LineJoiner: joins lines that a mailer or a terminal has wrapped. Lines that can continue the one
 * before are kept with it, and joined if that makes a whole event; otherwise all of them are passed
 * on as they are, to be counted as not understood.
 */
import { type LineShape, LineShapes, type WrappedFormat } from './line-shapes.js';

/** An event of 400 bytes at 60 columns takes 7 lines. */
const MAX_PIECES = 12;
/** A piece with a field, or with the rest of one; only these are added to an event that is whole already. */
const CONTINUES = /(?:^|\s)[a-z_]+=\S|^\s*\|?_*GFP_|^\s*\||^\s*(?:(?:<(?:user )?stack )?trace ?)?>$/;
/**
 * The start of a piece that a mailer made: it breaks lines between words. A piece that starts within
 * a word, of which the line before has the rest, is not joined with a blank.
 */
const WORD_START =
  /^\s*(?:[a-z_]+[=:]|\(|<|\[|\||_*GFP_|\d+\.\d{6,9}:(?:\s|$)|[a-zA-Z.]*\.[a-zA-Z.\d]*\s|\+0x|(?:trace ?)?>$|[\w.]+\+0x)/;
/** The rest of a frame: its offset, module or object file. */
const FRAME_END = /[)>]\s*$|^[^(]*\]\s*$/;
const ENDS_FRAME = /^\s*(?:\+0x|\[|\(|<[0-9a-f])/;

export class LineJoiner {
  /** Events and frames that were put together. */
  joined = 0;
  private readonly shapes: LineShapes;
  private readonly emit: (line: string) => void;
  /** Columns at which a terminal cut the lines, in mid-word; 0 = a mailer, between words. */
  private readonly columns: number;
  private pieces: string[] = [];
  private isFrame = false;

  constructor(format: WrappedFormat, columns: number, emit: (line: string) => void) {
    this.shapes = new LineShapes(format);
    this.columns = columns;
    this.emit = emit;
  }

  push(line: string): void {
    const shape = this.shapes.shapeOf(line);
    if (shape === 'other' && this.pieces.length < MAX_PIECES) {
      this.pieces.push(line);
      return;
    }
    this.flush();
    if (shape === 'alone') this.emit(line);
    else {
      this.pieces.push(line);
      this.isFrame = shape === 'frame';
    }
  }

  /** Passes on the lines that are kept. */
  flush(): void {
    const { pieces } = this;
    this.pieces = [];
    if (pieces.length === 0) return;
    const count = pieces.length === 1 ? 1 : this.isFrame ? this.frameLength(pieces) : this.eventLength(pieces);
    if (count > 1) this.joined++;
    this.isFrame = false;
    this.emit(this.join(pieces, count));
    for (const piece of pieces.slice(count)) this.emit(piece);
  }

  /** The number of pieces that make the event; 1 = they make none. */
  private eventLength(pieces: readonly string[]): number {
    const { shapes } = this;
    let count = 1;
    while (!shapes.isWhole(this.join(pieces, count))) {
      if (count === pieces.length || !this.canFollow(pieces, count)) return 1;
      count++;
    }
    while (count < pieces.length && this.canFollow(pieces, count)) {
      if (!CONTINUES.test(pieces[count]) && !this.isCutAfter(pieces[count - 1])) break;
      if (!shapes.isWhole(this.join(pieces, count + 1))) break;
      count++;
    }
    return count;
  }

  private frameLength(pieces: readonly string[]): number {
    let count = 1;
    while (count < pieces.length) {
      const isCut = this.isCutAfter(pieces[count - 1]);
      if (!isCut && (FRAME_END.test(pieces[count - 1]) || !ENDS_FRAME.test(pieces[count]))) break;
      count++;
    }
    return count;
  }

  private canFollow(pieces: readonly string[], count: number): boolean {
    return this.isCutAfter(pieces[count - 1]) || WORD_START.test(pieces[count]);
  }

  private join(pieces: readonly string[], count: number): string {
    let line = pieces[0];
    for (let i = 1; i < count; i++) {
      line = this.isCutAfter(pieces[i - 1]) ? line + pieces[i] : `${line.trimEnd()} ${pieces[i].trimStart()}`;
    }
    return line;
  }

  private isCutAfter(piece: string): boolean {
    return this.columns > 0 && piece.length === this.columns;
  }
}

/**
 * Returns how the first lines of a text are wrapped: the columns for a LineJoiner; null = they are
 * not wrapped. A terminal has cut them if that makes as many lines whole: joined with a blank, a
 * number that was cut would be taken for whole.
 */
export function findWrap(lines: readonly string[], format: WrappedFormat): number | null {
  const bySpace = joinedLines(lines, format, 0);
  const columns = cutColumns(lines, format);
  const byColumns = columns === 0 ? 0 : joinedLines(lines, format, columns);
  if (byColumns > 0 && byColumns >= bySpace) return columns;
  return bySpace > 0 ? 0 : null;
}

function joinedLines(lines: readonly string[], format: WrappedFormat, columns: number): number {
  const joiner = new LineJoiner(format, columns, () => undefined);
  for (const line of lines) joiner.push(line);
  joiner.flush();
  return joiner.joined;
}

/**
 * The columns at which a terminal may have cut: the length of the longest line, if most of the lines
 * that the next one continues have it; else 0.
 */
function cutColumns(lines: readonly string[], format: WrappedFormat): number {
  const shapes = new LineShapes(format);
  const lengths: number[] = [];
  let longest = 0;
  let before: LineShape = 'alone';
  for (const [i, line] of lines.entries()) {
    longest = Math.max(longest, line.length);
    const shape = shapes.shapeOf(line);
    if (shape === 'other' && before !== 'alone') lengths.push(lines[i - 1].length);
    before = shape;
  }
  const cut = lengths.filter((length) => length === longest).length;
  return cut > 0 && cut >= lengths.length * CUT_SHARE ? longest : 0;
}

/** Lines of prose and the like may stand between. */
const CUT_SHARE = 0.9;
