/**
 * Compares a module's truth with what unfreed measured, in modes that do not send every event. Each
 * mode promises something exact:
 *
 * - survivors: the memory outstanding at the end, to the byte, because all of it is older than the
 *   age by then. Young pairs, an alloc and a free each, are not sent, and the collector counts them.
 *   Of blocks of pages, areas and percpu memory every event is sent.
 * - sample: allocs, frees and outstanding memory of exactly the addresses in the sample. A second
 *   trace of every event, the witness, shows which memory that is; it is compared with the truth like
 *   any other trace.
 */
import { type Answer, type Row, tracedTruth } from './compare.js';
import { findHole } from './holes.js';
import type { GuestTrace, Measured } from './measured.js';
import type { Truth } from './truth.js';

/** Functions that take blocks of pages; all others take single pages. */
const BLOCKS = /^ufp_(?!order0)|^ufx_/;

/**
 * True for events that wait until they are old enough: of objects and of single pages
 * (bpf/programs/min-age.bpf.h).
 */
function waits({ kind, fn }: Truth): boolean {
  return kind === 'slab' || (kind === 'page' && !BLOCKS.test(fn));
}

export interface SurvivorRow extends Row {
  /** Allocs that were not sent; as many frees were not sent either. */
  leftOut: number;
}

export function compareSurvivors(truth: Truth, trace: GuestTrace, series: string): SurvivorRow {
  const { traced, note } = tracedTruth(truth, trace.facts);
  const measured = trace.through(truth.kind, truth.module, truth.fn);
  const hole = traced.allocs === 0 ? null : findHole(truth, series, trace.facts.hooks);
  const leftOut = traced.allocs - measured.allocs;
  const answer = survivorAnswer(traced, measured, trace.lostEvents(truth.kind));
  const notes = [note, leftOut > 0 ? `${leftOut.toLocaleString('en')} young pairs not sent` : ''];
  return {
    series,
    truth,
    traced,
    measured,
    answer,
    hole,
    leftOut,
    expected: answer === 'exact' || answer === 'within losses',
    note: notes.filter((text) => text !== '').join('; '),
  };
}

function survivorAnswer(traced: Truth, measured: Measured, lostEvents: number): Answer {
  const allocsLeftOut = traced.allocs - measured.allocs;
  const freesLeftOut = traced.frees - measured.frees;
  const isHeldExact = measured.liveCount === traced.liveCount && measured.liveBytes === traced.liveBytes;
  const isPaired = allocsLeftOut === freesLeftOut && allocsLeftOut >= 0 && (allocsLeftOut === 0 || waits(traced));
  if (isHeldExact && isPaired && measured.missedFrees === 0) return 'exact';
  const isOff = Math.max(Math.abs(allocsLeftOut - freesLeftOut), waits(traced) ? 0 : Math.abs(allocsLeftOut));
  return allocsLeftOut >= 0 && isOff <= lostEvents ? 'within losses' : 'wrong';
}

/** Returns why the collector's count of young pairs is wrong; null if it is right. */
export function youngFailure(rows: SurvivorRow[], young: GuestTrace['young']): string | null {
  for (const kind of ['slab', 'page'] as const) {
    const leftOut = rows.filter(({ truth }) => truth.kind === kind).reduce((sum, row) => sum + row.leftOut, 0);
    const counted = kind === 'page' ? young.pages : young.pairs - young.pages;
    if (leftOut > counted) return `${leftOut} young pairs of ${kind} were not sent, and ${counted} counted`;
  }
  return null;
}

export interface SampleRow extends Row {
  /** The part of the truth at addresses in the sample. */
  inSample: Measured;
}

/** `inSample` is the witness's trace, read only at addresses in the sample. */
export function compareSample(truth: Truth, trace: GuestTrace, inSample: GuestTrace, series: string): SampleRow {
  const { traced, note } = tracedTruth(truth, trace.facts);
  const measured = trace.through(truth.kind, truth.module, truth.fn);
  const wanted = inSample.through(truth.kind, truth.module, truth.fn);
  const lostEvents = trace.lostEvents(truth.kind) + inSample.lostEvents(truth.kind);
  const answer = sampleAnswer(wanted, measured, lostEvents);
  const isFar = isFarOutside(traced, measured, trace.facts.sampleOneIn);
  return {
    series,
    truth,
    traced,
    measured,
    answer,
    hole: null,
    inSample: wanted,
    expected: (answer === 'exact' || answer === 'within losses') && !isFar,
    note: [note, isFar ? 'the truth is far outside the interval' : ''].filter((text) => text !== '').join('; '),
  };
}

function sampleAnswer(wanted: Measured, measured: Measured, lostEvents: number): Answer {
  const offBy = (['allocs', 'frees', 'liveCount'] as const).map((name) => Math.abs(wanted[name] - measured[name]));
  if (offBy.every((each) => each === 0) && wanted.liveBytes === measured.liveBytes) return 'exact';
  return Math.max(...offBy) <= lostEvents ? 'within losses' : 'wrong';
}

/**
 * Least average number of objects in the sample: with fewer, the interval may miss the truth by
 * far, or there is none.
 */
const LEAST_EXPECTED = 11.5;
const TIMES = 3;

/**
 * True if the truth is more than three times the interval away. Each object is in the sample
 * independently of others, so chance causes this with a probability below 1e-5 (summed over the
 * binomial distribution, for 46 objects or more and 1 in 4).
 */
function isFarOutside(traced: Truth, { estimate }: Measured, oneIn: number): boolean {
  if (!['slab', 'percpu'].includes(traced.kind) || traced.liveCount / oneIn < LEAST_EXPECTED) return false;
  const { count, lowCount, highCount } = estimate ?? { count: 0, lowCount: 0, highCount: 0 };
  return (
    traced.liveCount < count - TIMES * (count - lowCount) || traced.liveCount > count + TIMES * (highCount - count)
  );
}

/** Returns whether the truth is in the 95 % interval; null if the sample has none of it. */
export function isWithinInterval({ traced, measured }: Row): boolean | null {
  if (measured.liveCount === 0 || measured.estimate === null) return traced.liveCount === 0 ? true : null;
  return measured.estimate.lowCount <= traced.liveCount && traced.liveCount <= measured.estimate.highCount;
}
