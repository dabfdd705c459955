/**
 * Segments: the stretches of a text in which time goes forward, and what lies between them. Time
 * falls back where files of single CPUs were joined, where another trace begins, and everywhere in
 * a text that was sorted by something else than time.
 */

/** What a row's line says of its place. */
export interface RowPlace {
  cpu: number;
  tid: number;
  /** True if the time counts in an unknown unit. */
  wholeTime: boolean;
}

/** A stretch in which time goes forward. Times are ns since the first event of the text. */
export interface Segment {
  /** Number of its first row among those that are held. */
  firstRow: number;
  /** Its first line in the text. */
  line: number;
  minNs: number;
  maxNs: number;
  cpus: Set<number>;
  /** Its tasks, and the CPUs they were on. */
  tasks: Set<number>;
}

/** A greater distance between two stretches is not one between CPUs of the same trace. */
const APART_NS = 60e9;
/** A text is shuffled if more of its rows than this lie before the row above them... */
const SHUFFLED_SHARE = 0.2;
/** ...and if it falls back that often. */
const SHUFFLED_SEGMENTS = 8;
/** Fewer stretches of different tasks may be traces of different tasks. */
const TASK_SEGMENTS = 4;
/** A CPU number is below this. */
const CPUS = 65536;

export class Segments {
  readonly list: Segment[] = [];
  /** How far time may fall back within a stretch. */
  jitterNs = 0;
  /** Number of rows that lie before the row above them. */
  private backwards = 0;
  private rows = 0;
  private lastNs = 0;
  private lastCpu = -1;
  /** True once one stretch went from a CPU to another one and back: it is of all CPUs. */
  isMixed = false;

  add(timeNs: number, { cpu, tid }: RowPlace, line: number): void {
    const last = this.list.at(-1);
    if (this.rows > 0 && timeNs < this.lastNs) this.backwards++;
    if (last === undefined || timeNs < last.maxNs - this.jitterNs) {
      this.list.push({
        firstRow: this.rows,
        line,
        minNs: timeNs,
        maxNs: timeNs,
        cpus: new Set([cpu]),
        tasks: new Set(),
      });
    } else {
      if (cpu !== this.lastCpu && last.cpus.has(cpu)) this.isMixed = true;
      last.cpus.add(cpu);
      if (timeNs > last.maxNs) last.maxNs = timeNs;
      if (timeNs < last.minNs) last.minNs = timeNs;
    }
    this.list[this.list.length - 1].tasks.add(tid * CPUS + cpu);
    this.rows++;
    this.lastNs = timeNs;
    this.lastCpu = cpu;
  }

  /** True if the rows are in the order of something else than time. */
  get isShuffled(): boolean {
    return this.list.length > SHUFFLED_SEGMENTS && this.backwards > this.rows * SHUFFLED_SHARE;
  }

  /** True if no task was on the same CPU in two of the stretches: the text was sorted by task. */
  get isByTask(): boolean {
    if (this.list.length < TASK_SEGMENTS) return false;
    const seen = new Set<number>();
    for (const { tasks } of this.list) {
      for (const task of tasks) {
        if (seen.has(task)) return false;
        seen.add(task);
      }
    }
    return true;
  }

  /**
   * Returns how many stretches are of the first trace. Those of one trace are of different CPUs; a
   * stretch of a CPU that was there before, or of another time, begins another trace.
   */
  firstTrace(): number {
    if (this.isShuffled || this.isByTask) return this.list.length;
    const cpus = new Set<number>();
    let minNs = Number.POSITIVE_INFINITY;
    let maxNs = Number.NEGATIVE_INFINITY;
    for (const [i, segment] of this.list.entries()) {
      const isAgain = segment.cpus.has(-1) || [...segment.cpus].some((cpu) => cpus.has(cpu));
      const isApart = segment.maxNs < minNs - APART_NS || segment.minNs > maxNs + APART_NS;
      if (i > 0 && (isAgain || isApart)) return i;
      for (const cpu of segment.cpus) cpus.add(cpu);
      minNs = Math.min(minNs, segment.minNs);
      maxNs = Math.max(maxNs, segment.maxNs);
    }
    return this.list.length;
  }

  /** True if each of the first stretches is of other CPUs than those before. */
  areCpusApart(count: number): boolean {
    const cpus = new Set<number>();
    let sum = 0;
    for (const segment of this.list.slice(0, count)) {
      for (const cpu of segment.cpus) cpus.add(cpu);
      sum += segment.cpus.size;
    }
    return cpus.size === sum;
  }
}
