/**
 * Decides when to draw: for a key press at once (for a key held down at most every KEY_GAP_MS), for a report at most
 * every REPORT_GAP_MS, and otherwise never.
 */

/** Well below the 50 ms within which a key press must be seen; a key that repeats 30 times a second never waits. */
export const KEY_GAP_MS = 20;
/** Four reports a second are as many as a user can read. */
export const REPORT_GAP_MS = 250;

export class FramePacer {
  private readonly draw: () => void;
  private timer: ReturnType<typeof setTimeout> | null = null;
  /** When `timer` fires. */
  private due = 0;
  private lastDraw = -Infinity;
  private lastReport = -Infinity;
  private reportPending = false;

  constructor(draw: () => void) {
    this.draw = draw;
  }

  /** Asks for a frame because the user did something. */
  forKey(): void {
    this.at(this.lastDraw + KEY_GAP_MS);
  }

  /** Asks for a frame because the trace has changed. */
  forReport(): void {
    this.reportPending = true;
    this.at(Math.max(this.lastReport + REPORT_GAP_MS, this.lastDraw + KEY_GAP_MS));
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private at(time: number): void {
    const now = performance.now();
    if (time <= now) {
      this.fire();
      return;
    }
    if (this.timer !== null && this.due <= time) return;
    this.stop();
    this.due = time;
    this.timer = setTimeout(() => this.fire(), time - now);
  }

  private fire(): void {
    this.stop();
    this.lastDraw = performance.now();
    // Every frame shows the newest report, also one that a key asked for.
    if (this.reportPending) this.lastReport = this.lastDraw;
    this.reportPending = false;
    this.draw();
  }
}
