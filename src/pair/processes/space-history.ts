/**
 * SpaceHistory: what the kernel counted of the traced processes: of each the first sample and the latest, and a series over
 * time, as pidstat prints it. A series that is full loses every other sample, so its memory does not grow with the trace.
 */
import { MOST_PROCESSES } from '../../event/process-facts.js';
import { parseSpaces, SPACE_COLUMNS, type SpaceCounters } from '../../proc/process/spaces.js';

/** Samples of a series. */
const MOST_SAMPLES = 128;
/** Processes that have a series: the first ones. */
const MOST_SERIES = 512;

export interface SpaceSample extends SpaceCounters {
  timeNs: number;
}

/** What a series keeps of a sample. Sizes in KiB; faults since the start of the process. -1 = not known. */
export interface SpacePoint {
  timeNs: number;
  vmSizeKb: number;
  rssKb: number;
  minorFaults: number;
  majorFaults: number;
}

export interface SpaceCourse {
  first: SpaceSample;
  last: SpaceSample;
  /** In order of time, from the first sample on; the latest one may be missing. */
  points: SpacePoint[];
  /** Of so many samples one is in `points`. */
  every: number;
  /** Samples since the last one that is in `points`. */
  passed: number;
}

export class SpaceHistory {
  private readonly byNumber = new Map<number, SpaceCourse>();

  get size(): number {
    return this.byNumber.size;
  }

  /** Of a process by its number in the trace; null if it was in no sample. */
  of(number: number): Readonly<SpaceCourse> | null {
    return this.byNumber.get(number) ?? null;
  }

  take(timeNs: number, text: string): void {
    for (const counters of parseSpaces(text)) this.add({ ...counters, timeNs });
  }

  private add(sample: SpaceSample): void {
    const course = this.byNumber.get(sample.number);
    // Another process of the same number: those before it have ended.
    if (course === undefined || course.first.pid !== sample.pid) {
      const hasSeries = this.byNumber.size < MOST_SERIES || (course?.points.length ?? 0) > 0;
      const points = hasSeries ? [pointOf(sample)] : [];
      this.byNumber.set(sample.number, { first: sample, last: sample, points, every: 1, passed: 0 });
      return;
    }
    course.last = sample;
    if (course.points.length === 0 || ++course.passed < course.every) return;
    course.passed = 0;
    course.points.push(pointOf(sample));
    if (course.points.length < MOST_SAMPLES) return;
    // The first one stays, and the last one goes: it is `every` samples back.
    course.points = course.points.filter((_, i) => i % 2 === 0);
    course.passed = course.every;
    course.every *= 2;
  }

  /** About the bytes of save() as JSON. */
  get savedBytes(): number {
    let bytes = 0;
    for (const { points } of this.byNumber.values()) bytes += 250 + points.length * 45;
    return bytes;
  }

  /** Returns the history as plain data. */
  save(): unknown {
    return Array.from(this.byNumber.values(), ({ first, last, points, every, passed }) => [
      numbersOf(first),
      numbersOf(last),
      points.map(({ timeNs, vmSizeKb, rssKb, minorFaults, majorFaults }) => [
        timeNs,
        vmSizeKb,
        rssKb,
        minorFaults,
        majorFaults,
      ]),
      every,
      passed,
    ]);
  }

  /** Returns the history of save(), which may have gone through JSON; null if `saved` cannot be one. */
  static restore(saved: unknown): SpaceHistory | null {
    if (!Array.isArray(saved) || saved.length > MOST_PROCESSES) return null;
    const history = new SpaceHistory();
    for (const each of saved as unknown[]) {
      const [firstNumbers, lastNumbers, pointRows, every, passed] = (Array.isArray(each) ? each : []) as unknown[];
      const [first, last] = [sampleOf(firstNumbers), sampleOf(lastNumbers)];
      const points = Array.isArray(pointRows) ? pointRows.map(savedPoint) : [null];
      if (first === null || last === null || points.length > MOST_SAMPLES || points.includes(null)) return null;
      if (!isAmount(every) || every < 1 || !isAmount(passed) || passed > every) return null;
      if (first.number !== last.number || history.byNumber.has(first.number)) return null;
      history.byNumber.set(first.number, { first, last, points: points as SpacePoint[], every, passed });
    }
    return history;
  }
}

function pointOf(sample: SpaceSample): SpacePoint {
  return {
    timeNs: sample.timeNs,
    vmSizeKb: sample.vm_size_kb,
    rssKb: sample.rss_kb,
    minorFaults: sample.minflt,
    majorFaults: sample.majflt,
  };
}

function savedPoint(saved: unknown): SpacePoint | null {
  if (!Array.isArray(saved) || saved.length !== 5 || !saved.every(isAmount)) return null;
  const [timeNs, vmSizeKb, rssKb, minorFaults, majorFaults] = saved;
  return { timeNs, vmSizeKb, rssKb, minorFaults, majorFaults };
}

function numbersOf(sample: SpaceSample): number[] {
  return [sample.timeNs, sample.number, sample.pid, ...SPACE_COLUMNS.map((name) => sample[name])];
}

function sampleOf(saved: unknown): SpaceSample | null {
  if (!Array.isArray(saved) || saved.length !== 3 + SPACE_COLUMNS.length || !saved.every(isAmount)) return null;
  const [timeNs, number, pid, ...values] = saved;
  const sample = { timeNs, number, pid } as SpaceSample;
  for (const [i, name] of SPACE_COLUMNS.entries()) sample[name] = values[i];
  return sample;
}

/** A whole number; -1 stands for none. */
function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= -1;
}
