/**
 * The modes of the live tests (npm run test:modes): how the collector takes call paths, and which
 * of the machine's events it sends. UNFREED_TEST_MODE names one; without it a test traces every
 * event, as in npm test. A test turns its mode into options of the collector or flags of the
 * program, and checks the result against the promise of the mode (held.ts). Tests that cannot run
 * in a mode are listed below with the reason; npm run test:modes prints the list, and fails if it
 * is wrong.
 */
import { basename } from 'node:path';
import { type CollectorOptions, defaultCollectorOptions } from '../../src/collect/collector.js';

export type ModeName = 'all' | 'walk' | 'survivors' | 'sample' | 'budget';

export interface Mode {
  what: string;
  options: Partial<CollectorOptions>;
  /** The same as flags of `unfreed live` and `record`. */
  flags: string[];
  /** The same as flags of the collector alone. */
  collectorFlags: string[];
  /**
   * Loads hold this many times as much, so that a sample has enough of them to be compared with its
   * interval.
   */
  factor: number;
}

const SURVIVOR_AGE_NS = 1e9;

export const MODES: Record<ModeName, Mode> = {
  all: { what: 'every event, call paths from the table', options: {}, flags: [], collectorFlags: [], factor: 1 },
  walk: {
    what: 'every event, call paths walked by the kernel',
    options: { stacks: 'walk' },
    flags: ['--stacks', 'walk'],
    collectorFlags: ['--stacks', 'walk'],
    factor: 1,
  },
  survivors: {
    what: 'what is older than a second',
    options: { minAgeNs: SURVIVOR_AGE_NS },
    flags: ['--min-age', '1s'],
    collectorFlags: ['--min-age', '1s'],
    factor: 1,
  },
  sample: {
    what: '1 address in 4',
    options: { sampleOneIn: 4 },
    flags: ['--sample', '1/4'],
    collectorFlags: ['--sample', '4'],
    factor: 8,
  },
  // A load always exceeds this limit: the sample moves from 1/1 to 1/64 while tests run.
  budget: {
    what: 'at most 0.1 % of all CPU time, beside a load that takes more',
    options: { maxOverhead: 0.001 },
    flags: ['--max-overhead', '0.1%'],
    collectorFlags: ['--max-overhead', '0.1'],
    factor: 40,
  },
};

export const MODE_NAMES = Object.keys(MODES) as ModeName[];

function modeFromEnvironment(): ModeName {
  const name = process.env['UNFREED_TEST_MODE'] ?? 'all';
  const found = MODE_NAMES.find((each) => each === name);
  if (found === undefined) throw new Error(`UNFREED_TEST_MODE is ${name}, expected one of ${MODE_NAMES.join(', ')}`);
  return found;
}

/** The mode under test. */
export const modeName = modeFromEnvironment();
export const mode = MODES[modeName];

/** True if only a part of the addresses is traced; the facts of the trace say which part. */
export const isSampling = modeName === 'sample' || modeName === 'budget';

/**
 * Time from an alloc until its event has arrived: survivors are sent when they are old enough, at
 * most twice as old.
 */
export const heldAfterNs = 2 * (mode.options.minAgeNs ?? 0);
export const heldAfterMs = heldAfterNs / 1e6;

/** Options of the eBPF collector in this mode. */
export function modeOptions(): CollectorOptions {
  return { ...defaultCollectorOptions(), collector: 'bpf', ...mode.options };
}

/** The number that a load must hold: `count`, or more when only a sample of it is traced. */
export function sized(count: number): number {
  return count * mode.factor;
}

export interface NotRun {
  /** A file of test/live. */
  file: string;
  /** The name of a test; null = all tests of the file. */
  test: string | null;
  modes: readonly ModeName[];
  reason: string;
}

const OTHERS: readonly ModeName[] = ['walk', 'survivors', 'sample', 'budget'];

export const NOT_RUN: readonly NotRun[] = [
  { file: 'bpftrace.test.ts', test: null, modes: OTHERS, reason: 'the bpftrace collector has no modes' },
  { file: 'loads.test.ts', test: null, modes: OTHERS, reason: 'the loads themselves, and the bpftrace collector' },
  { file: 'collector-alone.test.ts', test: null, modes: OTHERS, reason: 'how it starts and ends, whatever it traces' },
  { file: 'cgroups.test.ts', test: null, modes: OTHERS, reason: 'counts every page of each cgroup' },
  {
    file: 'intervals.test.ts',
    test: null,
    modes: OTHERS,
    reason: 'what is printed between two times, whatever is traced',
  },
  { file: 'limits.test.ts', test: null, modes: OTHERS, reason: 'traces nothing' },
  { file: 'command-heap.test.ts', test: null, modes: OTHERS, reason: 'the memory of processes is traced in one way' },
  { file: 'heap.test.ts', test: null, modes: OTHERS, reason: 'the memory of processes is traced in one way' },
  { file: 'probed-heap.test.ts', test: null, modes: OTHERS, reason: 'the memory of processes is traced in one way' },
  { file: 'maps.test.ts', test: null, modes: OTHERS, reason: 'the memory of processes is traced in one way' },
  { file: 'look.test.ts', test: null, modes: OTHERS, reason: 'traces nothing' },
  { file: 'rights.test.ts', test: null, modes: OTHERS, reason: 'who may trace, whatever that is' },
  { file: 'side-by-side.test.ts', test: null, modes: OTHERS, reason: 'traces nothing' },
  { file: 'slabtop.test.ts', test: null, modes: OTHERS, reason: 'traces nothing' },
  { file: 'modes.test.ts', test: null, modes: OTHERS, reason: 'sets its modes itself, and is in npm test' },
  {
    file: 'moved-pages.test.ts',
    test: null,
    modes: ['sample', 'budget'],
    reason: 'a page that moves out of the sample is lost sight of, which the report says',
  },
  {
    file: 'gone.test.ts',
    test: null,
    modes: ['sample', 'budget'],
    reason: 'counts every page; what a sample stands for is in estimates',
  },
  {
    file: 'main-job.test.ts',
    test: 'doctor finds nothing that is missing here',
    modes: OTHERS,
    reason: 'traces nothing',
  },
  {
    file: 'verdicts.test.ts',
    test: 'a slow leak grows, what was taken once is one-time, and the page cache is far below both',
    modes: ['budget'],
    reason: 'each move of the sample begins the curves anew, which leaves too few seconds for a verdict',
  },
];

/**
 * The reason why a test does not run in a mode; null if it runs. With `test` null, the reason for
 * the whole file.
 */
export function notRun(file: string, test: string | null, inMode: ModeName = modeName): NotRun | null {
  const name = basename(file);
  return (
    NOT_RUN.find((each) => each.file === name && each.modes.includes(inMode) && [null, test].includes(each.test)) ??
    null
  );
}
