/**
 * MarkLog: the marks of a trace, in bounded memory. When there are too many, every second one of the kind that has most is
 * left out; how many of each kind there were is always known. Finds where caches were dropped, which no kernel tells, by its counters.
 */
import { boundedMark, type LoggedMark, MARK_KINDS, type Mark, type MarkKind } from '../../event/marks/marks.js';
import { stepsOf } from '../../event/marks/thinned.js';
import type { TraceFact } from '../../event/trace-sink.js';
import { droppedCaches } from '../../proc/vmstat.js';

export interface MarkCount {
  kind: MarkKind;
  /** That there were. */
  count: number;
  /** Of these, those that the log has not kept. */
  leftOut: number;
}

/** The marks as the screen has them. */
export interface MarksView {
  /** In the order of time; where there are more than MOST_SHOWN, every second one of the kind that has most is left out. */
  marks: readonly LoggedMark[];
  /** The kinds that there were; `leftOut` counts those that are not among `marks`. */
  counts: readonly MarkCount[];
  /** Marks that found no room on their way from the kernel. */
  lost: number;
}

/** A MarkLog as plain data. */
export interface SavedMarks {
  counts: [kind: number, count: number][];
  marks: [timeNs: number, kind: number, pid: number, comm: string, values: number[], texts: string[], nth?: number][];
  lost: number;
  drops: [pagecache: number, slab: number] | null;
}

/** `nth` counts the marks of its kind from 0. */
interface KeptMark extends LoggedMark {
  nth: number;
}

export const MOST_MARKS = 20_000;
/** A checkpoint must not grow by more than some 200 KB. Twice as many as a report has: stepsOf(). */
const MOST_SAVED = 2000;
/** Of so many, each snapshot of the screen takes some milliseconds. */
export const MOST_SHOWN = 2000;

export class MarkLog {
  /** Marks that found no room on their way from the kernel. */
  lost = 0;
  /** Called with each mark as it comes. */
  onMark: ((mark: LoggedMark) => void) | null = null;
  private readonly most: number;
  private kept: KeptMark[] = [];
  private readonly counts = new Map<MarkKind, number>();
  /** The kernel's counts at the last vmstat. */
  private drops: { pagecache: number; slab: number } | null = null;
  /** The result of view(), until something changes. */
  private shown: MarksView | null = null;

  constructor(most = MOST_MARKS) {
    this.most = most;
  }

  fact(fact: TraceFact): void {
    if (fact.type === 'mark') this.add(fact.timeNs, fact.mark);
    else if (fact.type === 'lives') this.lose(fact.lives.lostMarks);
    else if (fact.type === 'counters' && fact.source === 'vmstat') this.vmstat(fact.timeNs, fact.text);
  }

  /** The marks that were kept, in the order of time. */
  marks(): LoggedMark[] {
    return inTime(this.kept);
  }

  /**
   * At most so many of all marks there were, in the order of time: the commonest kinds are thinned. Up to half of
   * MOST_SAVED they are the same after a checkpoint.
   */
  atMost(most: number): LoggedMark[] {
    return inTime(this.thinned(most));
  }

  /** All marks that there were. */
  get count(): number {
    let sum = 0;
    for (const count of this.counts.values()) sum += count;
    return sum;
  }

  /** The kinds that there were, in the order of their numbers. */
  countsByKind(): MarkCount[] {
    return this.countsBeside(this.kept);
  }

  /** The marks for the screen; the same object as before where nothing was added. */
  view(): MarksView {
    if (this.shown === null) {
      const marks = this.atMost(MOST_SHOWN);
      this.shown = { marks, counts: this.countsBeside(marks), lost: this.lost };
    }
    return this.shown;
  }

  private countsBeside(marks: readonly LoggedMark[]): MarkCount[] {
    const left = new Map(this.counts);
    for (const { mark } of marks) left.set(mark.kind, (left.get(mark.kind) ?? 0) - 1);
    return MARK_KINDS.flatMap((kind) => {
      const count = kind === undefined ? 0 : (this.counts.get(kind) ?? 0);
      return kind === undefined || count === 0 ? [] : [{ kind, count, leftOut: left.get(kind) ?? 0 }];
    });
  }

  save(): SavedMarks {
    const { lost, drops } = this;
    return {
      counts: Array.from(this.counts, ([kind, count]) => [MARK_KINDS.indexOf(kind), count]),
      marks: this.thinned(MOST_SAVED).map(({ timeNs, nth, mark: { kind, pid, comm, values, texts } }) => [
        timeNs,
        MARK_KINDS.indexOf(kind),
        pid,
        comm,
        [...values],
        [...texts],
        nth,
      ]),
      lost,
      drops: drops === null ? null : [drops.pagecache, drops.slab],
    };
  }

  /** Takes what save() returned; false if it is something else, and the log may then hold a part of it. */
  restore(saved: SavedMarks): boolean {
    this.shown = null;
    if (!Array.isArray(saved.counts) || !Array.isArray(saved.marks) || saved.marks.length > MOST_SAVED) return false;
    for (const [number, count] of saved.counts) {
      const kind = MARK_KINDS[number];
      if (kind === undefined || !isCount(count)) return false;
      this.counts.set(kind, count);
    }
    for (const [i, [timeNs, number, pid, comm, values, texts, nth = i]] of saved.marks.entries()) {
      const kind = MARK_KINDS[number];
      const isMark =
        isCount(timeNs) && isCount(pid) && isCount(nth) && typeof comm === 'string' && areOf(values, 'number');
      if (kind === undefined || !isMark || !areOf(texts, 'string')) return false;
      this.kept.push({ timeNs, nth, mark: boundedMark({ kind, pid, comm, values, texts }) });
    }
    if (!isCount(saved.lost)) return false;
    this.lost = saved.lost;
    if (Array.isArray(saved.drops)) this.drops = { pagecache: saved.drops[0], slab: saved.drops[1] };
    return true;
  }

  private add(timeNs: number, mark: Mark): void {
    const nth = this.counts.get(mark.kind) ?? 0;
    this.counts.set(mark.kind, nth + 1);
    const logged = { timeNs, mark, nth };
    this.shown = null;
    this.kept.push(logged);
    // Down to three quarters, so that it is not done for each mark.
    if (this.kept.length > this.most) this.kept = this.thinned(Math.floor(this.most * 0.75));
    this.onMark?.(logged);
  }

  private thinned(most: number): KeptMark[] {
    const steps = stepsOf(this.counts, most);
    return this.kept.filter(({ mark, nth }) => nth % (steps.get(mark.kind) ?? 1) === 0);
  }

  private lose(count: number): void {
    if (count === 0) return;
    this.lost += count;
    this.shown = null;
  }

  private vmstat(timeNs: number, text: string): void {
    const now = droppedCaches(text);
    const before = this.drops;
    if (now === null) return;
    this.drops = now;
    if (before === null) return;
    const values = [now.pagecache - before.pagecache, now.slab - before.slab];
    if (values.some((grown) => grown < 0) || values.every((grown) => grown === 0)) return;
    this.add(timeNs, { kind: 'drop-caches', pid: 0, comm: '', values, texts: [] });
  }
}

/** They come almost in order. Of one time, the first that came is first. */
function inTime(marks: readonly KeptMark[]): LoggedMark[] {
  return marks.toSorted((a, b) => a.timeNs - b.timeNs).map(({ timeNs, mark }) => ({ timeNs, mark }));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areOf(list: unknown, type: 'number' | 'string'): boolean {
  return Array.isArray(list) && list.every((each) => typeof each === type);
}
