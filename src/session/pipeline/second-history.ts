/** A SecondHistory as plain data. */
export interface SavedHistory {
  second: number;
  filled: number;
  events: number[];
  outstanding: number[];
}

/**
 * SecondHistory: events and outstanding bytes for each of the last 60 seconds of trace time, for the sparklines.
 * Its size is fixed. A jump in time leaves seconds with zero events and the last known outstanding bytes.
 */
export class SecondHistory {
  private readonly events = new Float64Array(SECONDS);
  private readonly outstanding = new Float64Array(SECONDS);
  /** The second that is being filled; -1 before the first call. */
  private second = -1;
  private filled = 0;

  /** Moves on to `timeNs`. `outstandingBytes` returns those before it; it is not cheap, so it is called once a second. */
  reach(timeNs: number, outstandingBytes: () => number): void {
    const second = Math.floor(timeNs / 1e9);
    if (second <= this.second) return;
    if (this.second >= 0) this.outstanding[this.second % SECONDS] = outstandingBytes();
    this.advance(second);
  }

  /** Adds events to the present second; does nothing before the first reach(). */
  count(events: number): void {
    if (this.second >= 0) this.events[this.second % SECONDS] += events;
  }

  /** Events of each whole second so far, oldest first; the second being filled is left out once there are others. */
  eventRates(): number[] {
    return this.whole(this.events);
  }

  /** Outstanding bytes at the end of each whole second so far, oldest first. */
  outstandingBytes(): number[] {
    return this.whole(this.outstanding);
  }

  save(): SavedHistory {
    const { second, filled } = this;
    return { second, filled, events: [...this.events], outstanding: [...this.outstanding] };
  }

  /** Restores the result of save(); returns false and changes nothing if `saved` is not one. */
  restore(saved: SavedHistory): boolean {
    const { second, filled, events, outstanding } = saved;
    const whole = Number.isSafeInteger(second) && second >= -1 && Number.isInteger(filled);
    if (!whole || filled < 0 || filled > SECONDS || events.length !== SECONDS) return false;
    if (outstanding.length !== SECONDS || ![...events, ...outstanding].every(Number.isFinite)) return false;
    this.second = second;
    this.filled = filled;
    this.events.set(events);
    this.outstanding.set(outstanding);
    return true;
  }

  private whole(column: Float64Array): number[] {
    const values: number[] = [];
    for (let back = this.filled - 1; back >= (this.filled > 1 ? 1 : 0); back--) {
      values.push(column[(this.second - back) % SECONDS]);
    }
    return values;
  }

  private advance(second: number): void {
    const last = this.second < 0 ? 0 : this.outstanding[this.second % SECONDS];
    const first = Math.max(this.second + 1, second - SECONDS + 1);
    for (let fresh = first; fresh <= second; fresh++) {
      this.events[fresh % SECONDS] = 0;
      this.outstanding[fresh % SECONDS] = last;
    }
    this.filled = this.second < 0 ? 1 : Math.min(SECONDS, this.filled + second - this.second);
    this.second = second;
  }
}

const SECONDS = 60;
