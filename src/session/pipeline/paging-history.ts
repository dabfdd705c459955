/** PagingHistory: what `free` and `sar` show, from the samples of the kernel's counters that a trace has. Of bounded size. */
import { TIME_LIMIT_NS } from '../../event/event-batch.js';
import type { CounterSource } from '../../event/trace-sink.js';
import { type FreeFacts, PAGING_NAMES, type PagingCounts, parseFree, parsePaging } from '../../proc/machine/usage.js';

/** A rate of a count over a time, and when it was greatest. */
export interface PagingRate {
  /** What is counted, by the name of PagingCounts. */
  name: keyof PagingCounts;
  /** Per second between the two latest samples. */
  now: number;
  /** Per second since the first sample. */
  sinceStart: number;
  /** The greatest between two samples, and the time of the later one. */
  most: number;
  mostNs: number;
}

export interface PagingView {
  /** Of the latest sample of meminfo; null before the first. */
  free: FreeFacts | null;
  freeNs: number;
  /** Empty before the second sample of vmstat. */
  rates: PagingRate[];
  /** Times of the latest sample of vmstat and of the one before, ns. */
  nowNs: number;
  beforeNs: number;
}

interface Sample {
  timeNs: number;
  counts: number[];
}

/** Samples that are closer are of one moment: a rate between them would be noise. */
const LEAST_NS = 0.5e9;
const NO_MOST = PAGING_NAMES.map(() => 0);

/** A PagingHistory as plain data. */
export interface SavedPaging {
  first: Sample | null;
  before: Sample | null;
  last: Sample | null;
  most: number[];
  mostNs: number[];
  free: FreeFacts | null;
  freeNs: number;
}

export class PagingHistory {
  private first: Sample | null = null;
  private before: Sample | null = null;
  private last: Sample | null = null;
  private most = [...NO_MOST];
  private mostNs = [...NO_MOST];
  private known: FreeFacts | null = null;
  /** A meminfo that was not parsed yet: there is one a second, and the last alone is shown. '' = none. */
  private meminfo = '';
  private freeNs = 0;

  /** Takes a sample of the kernel's counters; other sources, other texts and impossible times change nothing. */
  take(timeNs: number, source: CounterSource, text: string): void {
    if (!(timeNs >= 0 && timeNs < TIME_LIMIT_NS)) return;
    if (source === 'meminfo' && timeNs >= this.freeNs && text.startsWith('MemTotal:')) {
      [this.meminfo, this.freeNs] = [text, timeNs];
    }
    if (source === 'vmstat') this.takeVmstat(timeNs, text);
  }

  /** Of the latest meminfo. */
  private get free(): FreeFacts | null {
    if (this.meminfo !== '') this.known = parseFree(this.meminfo) ?? this.known;
    this.meminfo = '';
    return this.known;
  }

  view(): PagingView {
    const { first, before, last, free, freeNs } = this;
    const empty = { free, freeNs, rates: [], nowNs: last?.timeNs ?? 0, beforeNs: before?.timeNs ?? 0 };
    if (first === null || before === null || last === null) return empty;
    const rates = PAGING_NAMES.map((name, index) => ({
      name,
      now: rateOf(before, last, index),
      sinceStart: rateOf(first, last, index),
      most: this.most[index],
      mostNs: this.mostNs[index],
    }));
    return { ...empty, rates };
  }

  save(): SavedPaging {
    const { first, before, last, most, mostNs, free, freeNs } = this;
    return { first, before, last, most: [...most], mostNs: [...mostNs], free, freeNs };
  }

  /** Restores the result of save(), which may have gone through JSON; changes nothing if `saved` cannot be one. */
  restore(saved: unknown): void {
    const { first, before, last, most, mostNs, free, freeNs } = (saved ?? {}) as Partial<Record<string, unknown>>;
    const samples = [first, before, last];
    if (!samples.every((sample) => sample === null || isSample(sample)) || !isList(most) || !isList(mostNs)) return;
    if (!(free === null || isFree(free)) || typeof freeNs !== 'number') return;
    [this.first, this.before, this.last] = samples;
    [this.most, this.mostNs] = [most, mostNs];
    [this.known, this.meminfo, this.freeNs] = [free, '', freeNs];
  }

  private takeVmstat(timeNs: number, text: string): void {
    const { last } = this;
    if (last !== null && timeNs - last.timeNs < LEAST_NS) return;
    const paging = parsePaging(text);
    if (paging === null) return;
    const sample = { timeNs, counts: PAGING_NAMES.map((name) => paging[name]) };
    this.first ??= sample;
    this.before = last;
    this.last = sample;
    if (last === null) return;
    for (let index = 0; index < PAGING_NAMES.length; index++) {
      const rate = rateOf(last, sample, index);
      if (rate > this.most[index]) [this.most[index], this.mostNs[index]] = [rate, timeNs];
    }
  }
}

/** Per second; a count that fell is of another boot. */
function rateOf(from: Sample, to: Sample, index: number): number {
  const seconds = (to.timeNs - from.timeNs) / 1e9;
  return seconds > 0 ? Math.max(0, to.counts[index] - from.counts[index]) / seconds : 0;
}

function isList(value: unknown): value is number[] {
  return Array.isArray(value) && value.length === PAGING_NAMES.length && value.every((each) => Number.isFinite(each));
}

function isSample(value: unknown): value is Sample {
  const { timeNs, counts } = (value ?? {}) as Partial<Sample>;
  return Number.isFinite(timeNs) && isList(counts);
}

function isFree(value: unknown): value is FreeFacts {
  return typeof value === 'object' && value !== null && Number.isFinite((value as Partial<FreeFacts>).total);
}
