/** One line of progress on stderr: rewritten in place on a terminal, else printed every LOG_EVERY_MS at most. */
import { cutToWidth, safeText } from '../../base/safe-text.js';

const LOG_EVERY_MS = 10_000;

export class Progress {
  private readonly stream: NodeJS.WriteStream;
  private readonly quiet: boolean;
  private lastLogMs = performance.now();
  private drawn = false;

  /** `quiet`: show() prints nothing when stderr is no terminal. */
  constructor(options: { quiet: boolean }) {
    this.stream = process.stderr;
    this.quiet = options.quiet;
  }

  /** Shows the progress. */
  show(text: string): void {
    if (this.stream.isTTY) {
      this.stream.write(`\r\u001b[K${cutToWidth(safeText(text), Math.max(20, this.stream.columns - 1))}`);
      this.drawn = true;
      return;
    }
    const now = performance.now();
    if (this.quiet || now - this.lastLogMs < LOG_EVERY_MS) return;
    this.lastLogMs = now;
    this.stream.write(`${safeText(text)}\n`);
  }

  /** Prints a line where no line of progress can be rewritten, so that a log or a pipe has a sign of life too. */
  note(text: string): void {
    if (!this.stream.isTTY) this.stream.write(`unfreed: ${safeText(text)}\n`);
  }

  /** Erases the line, so that later output starts on an empty one. */
  clear(): void {
    if (this.drawn) this.stream.write('\r\u001b[K');
    this.drawn = false;
  }

  /** Prints lines that stay. */
  say(...lines: string[]): void {
    this.clear();
    for (const line of lines) this.stream.write(`${safeText(line)}\n`);
  }
}
