/** One line of progress on stderr: rewritten in place on a terminal, else printed every LOG_EVERY_MS at most. */
import { cutToWidth, safeText } from '../../base/safe-text.js';
import { FIRST_STEP, stepText } from '../../base/start-steps.js';

const LOG_EVERY_MS = 10_000;

/** Shows what is next while the code of a command that traces this machine is loaded, which takes 0.2 s and more. */
export async function whileLoading<Module>(loading: Promise<Module>): Promise<Module> {
  const progress = new Progress({ quiet: true });
  progress.show(stepText(FIRST_STEP));
  try {
    return await loading;
  } finally {
    progress.clear();
  }
}

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

  /** Columns of a line of progress, Infinity where it is no terminal. */
  get columns(): number {
    return this.stream.isTTY ? Math.max(20, this.stream.columns - 1) : Number.POSITIVE_INFINITY;
  }

  /** Shows the progress. */
  show(text: string): void {
    if (this.stream.isTTY) {
      this.stream.write(`\r\u001b[K${cutToWidth(safeText(text), this.columns)}`);
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
