/**
 * LineJoiner: joins lines that a mailer or a terminal has wrapped. Lines that can continue the one
 * before are kept with it, and joined if that makes a whole event; otherwise all of them are passed
 * on as they are, to be counted as not understood.
 */
import { LineShapes, type WrappedFormat } from './line-shapes.js';

/** An event of 400 bytes at 60 columns takes 7 lines. */
const MAX_PIECES = 12;
/** A piece with a field, or with the rest of one; only these are added to an event that is whole already. */
const CONTINUES = /(?:^|\s)[a-z_]+=\S|^\s*\|?_*GFP_|^\s*\|/;
/** The rest of a frame: its offset, module or object file. */
const FRAME_END = /[)>\]]$/;
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
    let count = 1;
    while (count <= pieces.length && !this.shapes.isWhole(this.join(pieces, count))) count++;
    if (count > pieces.length) return 1;
    while (count < pieces.length && (CONTINUES.test(pieces[count]) || this.isCutAfter(pieces[count - 1]))) count++;
    return count;
  }

  private frameLength(pieces: readonly string[]): number {
    let count = 1;
    while (count < pieces.length && !FRAME_END.test(pieces[count - 1])) {
      if (!ENDS_FRAME.test(pieces[count]) && !this.isCutAfter(pieces[count - 1])) break;
      count++;
    }
    return count;
  }

  private join(pieces: readonly string[], count: number): string {
    let line = pieces[0];
    for (let i = 1; i < count; i++) {
      line += this.isCutAfter(pieces[i - 1]) ? pieces[i] : ` ${pieces[i].trimStart()}`;
    }
    return line;
  }

  private isCutAfter(piece: string): boolean {
    return this.columns > 0 && piece.length === this.columns;
  }
}

/** Returns how the first lines of a text are wrapped: the columns for a LineJoiner; null = they are not wrapped. */
export function findWrap(lines: readonly string[], format: WrappedFormat): number | null {
  const columns = cutColumns(lines, format);
  for (const width of columns > 0 ? [columns, 0] : [0]) {
    const joiner = new LineJoiner(format, width, () => undefined);
    for (const line of lines) joiner.push(line);
    joiner.flush();
    if (joiner.joined > 0) return width;
  }
  return null;
}

/**
 * The length that all lines have which the next line continues, 0 if they differ: a terminal cuts at
 * one column, a mailer where a word ends.
 */
function cutColumns(lines: readonly string[], format: WrappedFormat): number {
  const shapes = new LineShapes(format);
  let columns = 0;
  let count = 0;
  for (let i = 0; i + 1 < lines.length; i++) {
    if (shapes.shapeOf(lines[i]) === 'alone' || shapes.shapeOf(lines[i + 1]) !== 'other') continue;
    if (columns !== 0 && lines[i].length !== columns) return 0;
    columns = lines[i].length;
    count++;
  }
  return count > 1 ? columns : 0;
}
