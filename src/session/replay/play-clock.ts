/** Time between two ticks, ms. */
const TICK_MS = 50;

/** PlayClock: the passage of time while a replay plays. */
export class PlayClock {
  private readonly onTick: (elapsedNs: number) => void;
  private rate = 1;
  private timer: NodeJS.Timeout | null = null;
  private lastTickMs = 0;

  /** `onTick` gets the time of the recording that has passed since the last tick, ns; 0 when the speed is 0. */
  constructor(onTick: (elapsedNs: number) => void) {
    this.onTick = onTick;
  }

  /** Seconds of the recording for each real second, 0.1 to 1000; 0 = as fast as it can be read. */
  get speed(): number {
    return this.rate;
  }

  set speed(speed: number) {
    this.rate = speed === 0 ? 0 : Math.min(1000, Math.max(0.1, speed));
  }

  get isRunning(): boolean {
    return this.timer !== null;
  }

  start(): void {
    this.lastTickMs = performance.now();
    this.timer ??= setInterval(() => this.tick(), TICK_MS);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private tick(): void {
    const now = performance.now();
    const elapsedMs = now - this.lastTickMs;
    this.lastTickMs = now;
    this.onTick(elapsedMs * 1e6 * this.rate);
  }
}
