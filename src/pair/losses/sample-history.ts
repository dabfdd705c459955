/**
 * SampleHistory: which share of all addresses was traced, and since when. A trace may change its
 * share (--max-overhead). An allocation that is outstanding after a change stands for the number
 * that the smallest share since its alloc gives: only addresses that were in every sample since
 * then are known to be still held.
 */
export interface SampleStep {
  /** Allocations from here on, up to the next step, ... */
  fromNs: number;
  /** ... are 1 in this many. */
  oneIn: number;
}

/** A change of the share, for the reader of a report. */
export interface SampleMove {
  timeNs: number;
  fromOneIn: number;
  toOneIn: number;
  /** Share of all CPU time that tracing took before, 0..1; 0 = unknown. */
  overhead: number;
}

/** A hostile stream may change its share forever. */
const MOVES_KEPT = 1000;

export class SampleHistory {
  /** Oldest first; `oneIn` falls from step to step, so there are few steps. */
  steps: SampleStep[] = [{ fromNs: 0, oneIn: 1 }];
  /** The first MOVES_KEPT of `moveCount` changes. */
  moves: SampleMove[] = [];
  moveCount = 0;
  private told = false;

  /** The current share is 1 in this many. */
  get oneIn(): number {
    return this.steps[this.steps.length - 1].oneIn;
  }

  /** True if no allocation stands for others: all addresses were traced. */
  get isWhole(): boolean {
    return this.steps.length === 1 && this.oneIn === 1;
  }

  /**
   * Changes the share to 1 in `oneIn` from `timeNs` on. Returns true if the sample is now smaller;
   * the caller must then forget the addresses outside it.
   */
  move(timeNs: number, oneIn: number, overhead = 0): boolean {
    const before = this.oneIn;
    if (!this.told) {
      this.told = true;
      this.steps = [{ fromNs: 0, oneIn }];
      return false;
    }
    if (oneIn === before) return false;
    this.moveCount++;
    if (this.moves.length < MOVES_KEPT) this.moves.push({ timeNs, fromOneIn: before, toOneIn: oneIn, overhead });
    let fromNs = timeNs;
    while (this.steps.length > 0 && this.oneIn <= oneIn) fromNs = this.steps.pop()?.fromNs ?? timeNs;
    this.steps.push({ fromNs, oneIn });
    return oneIn > before;
  }

  /** Returns the number of allocations that one made at `allocNs`, and still outstanding, stands for. */
  weightAt(allocNs: number): number {
    const { steps } = this;
    let step = steps.length - 1;
    while (step > 0 && steps[step].fromNs > allocNs) step--;
    return steps[step].oneIn;
  }

  /** Returns the history as plain data. */
  save(): unknown {
    const { steps, moves, moveCount, told } = this;
    return { steps, moves, moveCount, told };
  }

  /** Restores the result of save(). Returns false if `saved` cannot be one. */
  restore(saved: unknown): boolean {
    if (typeof saved !== 'object' || saved === null) return false;
    const { steps, moves, moveCount, told } = saved as Partial<Record<string, unknown>>;
    if (!Array.isArray(steps) || !Array.isArray(moves) || steps.length === 0) return false;
    const isMove = ({ timeNs, fromOneIn, toOneIn, overhead }: SampleMove): boolean =>
      [timeNs, fromOneIn, toOneIn].every(isCount) && overhead >= 0 && overhead <= 1;
    if (!steps.every((each: SampleStep) => isCount(each?.fromNs) && isCount(each.oneIn) && each.oneIn >= 1))
      return false;
    if (moves.length > MOVES_KEPT || !moves.every((each: SampleMove) => each !== null && isMove(each))) return false;
    if (!isCount(moveCount) || typeof told !== 'boolean') return false;
    this.steps = steps.map(({ fromNs, oneIn }: SampleStep) => ({ fromNs, oneIn }));
    this.moves = moves.map((move: SampleMove) => ({ ...move }));
    this.moveCount = moveCount;
    this.told = told;
    return true;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
