/**
 * SampleHistory: which share of all addresses was traced, and since when. A trace may move from one share to another
 * (--max-overhead). What is outstanding after that stands for as many as the smallest share since it was allocated says:
 * only addresses that were in all samples since then are known to be held still.
 */
export interface SampleStep {
  /** Allocations from here on, up to the next step, ... */
  fromNs: number;
  /** ... are 1 of so many. */
  oneIn: number;
}

/** A move from one share to another, for the reader. */
export interface SampleMove {
  timeNs: number;
  fromOneIn: number;
  toOneIn: number;
  /** What tracing took of all CPU time before, 0..1; 0 = not known. */
  overhead: number;
}

/** A hostile stream may move for ever. */
const MOVES_KEPT = 1000;

export class SampleHistory {
  /** Oldest first; `oneIn` falls from step to step, so there are few. */
  steps: SampleStep[] = [{ fromNs: 0, oneIn: 1 }];
  /** The first MOVES_KEPT. */
  moves: SampleMove[] = [];
  moveCount = 0;
  private told = false;

  /** The share now. */
  get oneIn(): number {
    return this.steps[this.steps.length - 1].oneIn;
  }

  /** True when no allocation stands for others. */
  get isWhole(): boolean {
    return this.steps.length === 1 && this.oneIn === 1;
  }

  /** From `timeNs` on it is 1 of `oneIn`. True when the sample is smaller now, and what is outside must be forgotten. */
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

  /** How many allocations of that time one that is outstanding stands for. */
  weightAt(allocNs: number): number {
    const { steps } = this;
    let step = steps.length - 1;
    while (step > 0 && steps[step].fromNs > allocNs) step--;
    return steps[step].oneIn;
  }

  /** As plain data. */
  save(): unknown {
    const { steps, moves, moveCount, told } = this;
    return { steps, moves, moveCount, told };
  }

  /** Takes what save() gave; false when it cannot be that. */
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
