/**
 * Traces whose truth is known, for the verdicts: each kind of history has its own call path, and
 * all are in one trace. A history is a list of allocations with the times at which they were made
 * and freed. The times are shares of the trace, so that a trace of 15 s and one of 9 h differ only
 * in the number of points of their curves.
 */
import { EventBatch } from '../../src/event/event-batch.js';
import { unknownHost } from '../../src/event/host-facts.js';
import { KFREE, KMALLOC } from '../../src/event/kinds.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { rank } from '../../src/rank/rank.js';
import type { Report } from '../../src/rank/report/report.js';
import type { VerdictName } from '../../src/rank/report/report-rows.js';
import { defaultSelection, type Selection } from '../../src/rank/report/selection.js';
import { SymbolTable } from '../../src/symbols/symbol-table.js';
import { seededRandom } from './seeded-random.js';

/** When an allocation is made and freed, as shares of the trace; 2 = never freed. */
export type Life = [madeAt: number, freedAt: number];

export interface HistoryKind {
  name: string;
  /** The correct verdicts. */
  truth: (VerdictName | null)[];
  objectBytes: number;
  lives: (random: () => number) => Life[];
}

export const NEVER = 2;

export const HISTORY_KINDS: HistoryKind[] = [
  leak('leak of all it takes', 1, 300, 0.01),
  leak('leak of 10 %', 0.1, 3000, 1 / 300),
  leak('leak of 1 %', 0.01, 6000, 1 / 300),
  leak('slow leak under heavy churn', 0.005, 20_000, 1 / 100),
  kind('leak that begins half-way', ['growing'], 64, (random) =>
    churn(random, 2000, 1 / 100).concat(times(300, () => [0.5 + random() / 2, NEVER])),
  ),
  kind('leak in 20 steps', ['growing', 'in-steps'], 4096, (random) => {
    const phase = random() / 20;
    return times(400, (i) => [phase + Math.floor(i / 20) / 20, NEVER]);
  }),
  kind('leak under a sawtooth', ['growing'], 64, (random) =>
    sawtooth(random, 30, 40).concat(times(400, () => [random(), NEVER])),
  ),
  kind('one-time 8 MB at a third', ['one-time'], 4096, (random) => {
    const at = 0.2 + random() * 0.3;
    return times(2048, () => [at + random() * 0.02, NEVER]);
  }),
  kind('one-time 8 MB at the start', ['one-time'], 4096, (random) => times(2048, () => [random() * 0.05, NEVER])),
  kind('short churn', ['churning'], 512, (random) => churn(random, 5000, 1 / 500)),
  kind('churn under rising load', ['churning'], 512, (random) =>
    times(8000, () => {
      const at = Math.sqrt(random());
      return [at, at + exponential(random) / 400];
    }),
  ),
  kind('sawtooth cache, 12 teeth', ['churning'], 512, (random) => sawtooth(random, 12, 60)),
  kind('sawtooth cache, 3 teeth', ['churning', 'steady', null], 512, (random) => sawtooth(random, 3, 200)),
  kind('periodic batch job', ['churning'], 1024, (random) => {
    const phase = random() / 20;
    return times(1000, (i) => {
      const begins = phase + Math.floor(i / 50) / 20;
      return [begins + random() / 80, begins + 1 / 40];
    });
  }),
  kind('pool, lifetimes of a tenth', ['churning', 'steady'], 1024, (random) => churn(random, 3000, 1 / 10)),
  kind('pool, lifetimes of a fifth', ['churning', 'steady'], 1024, (random) => churn(random, 2000, 1 / 5)),
  kind('pool, lifetimes of a third', ['steady', 'churning', null], 1024, (random) => churn(random, 2000, 1 / 3)),
  kind('LRU cache, full at a third', ['steady', 'churning'], 1024, (random) => {
    const made = times(1500, () => random()).toSorted((a, b) => a - b);
    return made.map((at, i) => [at, made[i + 500] ?? NEVER]);
  }),
  kind('cache that fills and levels off', ['steady', 'one-time', null], 1024, (random) =>
    times(800, () => [exponential(random) / 6, NEVER]),
  ),
  kind('random-walk cache', ['steady', 'churning', null], 256, (random) => randomWalk(random, 1500)),
  kind('random-walk stack', ['steady', 'churning', null], 256, (random) => randomWalk(random, 1500, 'newest')),
  kind('leak that stopped half-way', ['rested', 'steady', 'one-time', null], 256, (random) =>
    times(600, () => [random() / 2, NEVER]),
  ),
  kind('pool that doubled half-way', ['steady', 'churning', null], 512, (random) =>
    churn(random, 4000, 1 / 40).filter(([at]) => at > 0.5 || random() < 0.5),
  ),
  kind('wave of two thirds', ['steady', 'churning', null], 512, (random) => {
    const phase = random();
    const level = (at: number): number => 1 + Math.sin(2 * Math.PI * (at * 1.5 + phase));
    return churn(random, 6000, 1 / 60).filter(([at]) => random() * 2 < level(at));
  }),
  kind('leak of 10 %, work ends', ['growing'], 4096, (random) =>
    endsEarly(churn(random, 600, 1 / 50)).map(([at, freedAt]) => [at, random() < 0.1 ? NEVER : freedAt]),
  ),
  kind('pool over one-time, work ends', ['one-time', 'steady', 'churning', null], 512, (random) =>
    endsEarly(churn(random, 2000, 1 / 50)).concat(times(50, () => [random() / 50, NEVER])),
  ),
];

export const HISTORY_DURATIONS_NS = [15e9, 24e9, 1200e9, 32_400e9];

/** The pairing core after a trace of all kinds; entry i of `kinds` is call path i + 1. */
export function historyCore(
  seed: number,
  durationNs: number,
  kinds: readonly HistoryKind[] = HISTORY_KINDS,
): PairingCore {
  return coreOf(seed, durationNs, { kinds, shared: false });
}

/** The same with all kinds on one call path, each by a process that has the name of the kind. */
export function sharedCore(seed: number, durationNs: number, kinds: readonly HistoryKind[]): PairingCore {
  return coreOf(seed, durationNs, { kinds, shared: true });
}

function coreOf(
  seed: number,
  durationNs: number,
  { kinds, shared }: { kinds: readonly HistoryKind[]; shared: boolean },
): PairingCore {
  const random = seededRandom(seed);
  const dictionary = new TraceDictionary();
  const stacks: number[] = [];
  const lives: Life[][] = [];
  let count = 0;
  for (const [i, each] of kinds.entries()) {
    const frame = dictionary.stacks.frames.intern(0xffffffff, 0x81000000 + (shared ? 0 : i * 16));
    stacks.push(dictionary.stacks.intern(Uint32Array.of(frame), 1));
    lives.push(each.lives(random).filter(([madeAt]) => madeAt <= 1));
    for (const [, freedAt] of lives[i]) count += freedAt <= 1 ? 2 : 1;
  }
  const unsorted = new EventBatch(count);
  let address = 0;
  for (const [i, list] of lives.entries()) {
    const commId = dictionary.comms.intern(kinds[i].name);
    for (const [madeAt, freedAt] of list) {
      address += 64;
      put(unsorted, KMALLOC, madeAt * durationNs, address, stacks[i], kinds[i].objectBytes);
      unsorted.commId[unsorted.length - 1] = commId;
      if (freedAt <= 1) put(unsorted, KFREE, freedAt * durationNs, address, 0, 0);
    }
  }
  const batch = inOrder(unsorted);
  const core = new PairingCore(dictionary);
  core.events(batch);
  core.fact({ type: 'clock', timeNs: durationNs });
  return core;
}

function put(batch: EventBatch, kindOf: number, timeNs: number, address: number, stackId: number, bytes: number): void {
  const row = batch.length++;
  batch.timeNs[row] = Math.floor(timeNs);
  batch.kind[row] = kindOf;
  batch.stackId[row] = stackId;
  batch.size[row] = bytes;
  batch.addrHi[row] = 0xffff8880;
  batch.addrLo[row] = address;
}

/**
 * The events sorted by time; those of the same time keep their order, so that an object is made
 * before it is freed.
 */
function inOrder(batch: EventBatch): EventBatch {
  const sorted = new EventBatch(batch.length);
  const order = Uint32Array.from({ length: batch.length }, (_, i) => i).toSorted(
    (a, b) => batch.timeNs[a] - batch.timeNs[b] || a - b,
  );
  for (const row of order) {
    put(sorted, batch.kind[row], batch.timeNs[row], batch.addrLo[row], batch.stackId[row], batch.size[row]);
    sorted.commId[sorted.length - 1] = batch.commId[row];
  }
  return sorted;
}

export function historyReport(core: PairingCore, part: Partial<Selection> = {}): Report {
  const source = { kind: 'recording', facts: unknownHost() } as const;
  return rank({ core, symbols: new SymbolTable() }, { ...defaultSelection(100), ...part }, source);
}

export function kind(
  name: string,
  truth: HistoryKind['truth'],
  objectBytes: number,
  lives: HistoryKind['lives'],
): HistoryKind {
  return { name, truth, objectBytes, lives };
}

function leak(name: string, share: number, count: number, lifetime: number): HistoryKind {
  return kind(name, ['growing'], 256, (random) =>
    churn(random, count, lifetime).map(([at, freedAt]) => [at, random() < share ? NEVER : freedAt]),
  );
}

/** Allocations at random times, with exponential lifetimes. */
export function churn(random: () => number, count: number, lifetime: number): Life[] {
  return times(count, () => {
    const at = random();
    return [at, at + exponential(random) * lifetime];
  });
}

/** No allocation in the last tenth of the trace; all earlier ones are freed early in it. */
export function endsEarly(lives: Life[]): Life[] {
  return lives.filter(([at]) => at < 0.9).map(([at, freedAt]) => [at, Math.min(freedAt, 0.92)]);
}

/** Grows evenly and is emptied at once, `teeth` times. */
function sawtooth(random: () => number, teeth: number, perTooth: number): Life[] {
  const phase = random();
  return times((teeth + 1) * perTooth, (i) => {
    const tooth = Math.floor(i / perTooth);
    const at = (tooth + (i % perTooth) / perTooth - phase) / teeth;
    return [at, (tooth + 1 - phase) / teeth];
  }).flatMap(([at, freedAt]): Life[] => (at >= 0 ? [[at, freedAt]] : []));
}

/** Each step allocates one more or frees the oldest or newest one; never fewer than none. */
function randomWalk(random: () => number, steps: number, givenUp: 'oldest' | 'newest' = 'oldest'): Life[] {
  const lives: Life[] = [];
  const held: Life[] = [];
  for (let step = 0; step < steps; step++) {
    const at = step / steps;
    if (random() < 0.5) {
      const life: Life = [at, NEVER];
      lives.push(life);
      held.push(life);
    } else {
      const life = givenUp === 'oldest' ? held.shift() : held.pop();
      if (life !== undefined) life[1] = at;
    }
  }
  return lives;
}

export function exponential(random: () => number): number {
  return -Math.log(1 - random());
}

export function times(count: number, make: (i: number) => Life): Life[];
export function times(count: number, make: (i: number) => number): number[];
export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
