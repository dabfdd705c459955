import { describe, expect, it } from 'vitest';
import { EventBatch } from '../../../src/event/event-batch.js';
import { unknownHost } from '../../../src/event/host-facts.js';
import { hashAddress } from '../../../src/event/tables/address-table.js';
import { checkpointSize, restoreCore, saveCore } from '../../../src/pair/checkpoint/checkpoint.js';
import { CheckpointError, StateWriter } from '../../../src/pair/checkpoint/checkpoint-bytes.js';
import { savePaths } from '../../../src/pair/checkpoint/checkpoint-paths.js';
import { unhashAddress } from '../../../src/pair/checkpoint/checkpoint-table.js';
import { PairingCore } from '../../../src/pair/pairing-core.js';
import { openStack, rank } from '../../../src/rank/rank.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { SymbolTable } from '../../../src/symbols/symbol-table.js';
import { slabinfoText } from '../../helpers/counter-texts.js';
import { movingTrace, randomDictionary, randomTrace } from '../../helpers/random-trace.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { cases, seeds } from '../../helpers/seeds.js';

// In every tenth trace, some times are not whole numbers.
const SEEDS = seeds(5, 50);
const EVENTS = 3000;

describe.each(SEEDS)('random trace, seed %i', (seed) => {
  const random = seededRandom(seed);
  const trace = seed % 2 === 0 ? movingTrace(seed, EVENTS) : randomTrace(seed, EVENTS);
  // No real collector sends fractions of a ns, but a checkpoint must keep them.
  if (seed % 10 === 0) for (let row = 0; row < EVENTS; row += 3) trace.timeNs[row] += 0.25;

  it('goes on from a checkpoint as if there had been none', () => {
    const dictionary = randomDictionary();
    const whole = new PairingCore(dictionary);
    let resumed = new PairingCore(dictionary);
    let from = 0;
    while (from < EVENTS) {
      const to = Math.min(EVENTS, from + 1 + Math.floor(random() * 1500));
      for (const core of [whole, resumed]) tell(core, trace, from, to);
      resumed = restoreCore(saved(resumed), dictionary);
      resumed.checkInvariants();
      expect(textOf(resumed)).toEqual(textOf(whole));
      from = to;
    }
    // Entries may lie in other slots, which does not change any report; all counts are the same.
    expect(pathBytes(resumed)).toEqual(pathBytes(whole));
    expect([...resumed.freeSites.byPath]).toEqual([...whole.freeSites.byPath]);
    expect(whole.freeSites.byPath.size).toBeGreaterThan(5);
  });

  it('refuses a changed checkpoint, or is none the worse for it', () => {
    const dictionary = randomDictionary();
    const core = new PairingCore(dictionary);
    tell(core, trace, 0, EVENTS);
    const bytes = saved(core);
    for (let attempt = 0; attempt < cases(20, 60); attempt++) {
      const changed = bytes.slice(0, random() < 0.2 ? Math.floor(random() * bytes.length) : bytes.length);
      for (let i = 0; i < 3; i++) changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
      let restored: PairingCore;
      try {
        restored = restoreCore(changed, dictionary);
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError);
        continue;
      }
      // Wrong times and past counts cannot be noticed; but the tables must be consistent.
      restored.checkInvariants();
      tell(restored, trace, 0, EVENTS);
      restored.checkInvariants();
    }
  });
});

it('keeps all that a core keeps', () => {
  // A new field must be saved too (and CHECKPOINT_VERSION grow), unless no report depends on it:
  // batchPairs and pathOfPair belong to the batch that is being paired, and version tells memos when to forget.
  // removedCgroups and lives are saved with the pipeline; containers come with the looks, which are read anew.
  const core = new PairingCore(randomDictionary());
  expect(Object.keys(core).toSorted().join(' ')).toBe(
    'allocEvents badEvents batchPairs before changeEvents containers curves dictionary endReason eventCount failedAllocs firstMeminfo freeEvents ' +
      'freeSites ' +
      'hostFacts lastMeminfo leastHeldBytes lives lossLedger missedFrees ' +
      'moveEvents moveFrom movePages moves nowNs nullFrees orphanFrees orphanObjects orphanPages pageBalance ' +
      'pages pathOfPair paths processMemory processes removedCgroups sampling slab slabBalance slabSamples stackLimit stackMisses tables unseenMoves version ' +
      'zones',
  );
  expect(Object.keys(core.paths).toSorted().join(' ')).toBe(
    'allocator beforeRows eventNs kind lifetimes moreCaches moreCachesCount ownCount ownLive processIndex rowIndex size stackId ' +
      'stats totals',
  );
  expect(Object.keys(core.processMemory).toSorted().join(' ')).toBe(
    'blocks counts heap history hugeBlocks images mapped moveFrom movePages moveProcess noteBefore paths processes reserved resident returning uncopiedForks',
  );
  expect(Object.keys(core.pages).toSorted().join(' ')).toBe('blocks blocksOfOrder paths regions');
  expect(Object.keys(core.curves).toSorted().join(' ')).toBe('nextNs snapshots stepNs');
  expect(Object.keys(core.lossLedger).toSorted().join(' ')).toBe(
    'byKey failedAllocs filtered lostEvents nullFrees unknown youngBytes youngDirect youngLeft youngMissed ' +
      'youngPages youngPairs',
  );
});

it('has the columns of slabinfo as they were first and last', () => {
  const core = new PairingCore(randomDictionary());
  for (const active of [5, 6, 7]) {
    const text = slabinfoText({ dentry: [active, 192, 21], 'kmalloc-1k': [active * 2, 1024, 16] });
    core.fact({ type: 'counters', timeNs: active * 1e9, source: 'slabinfo', text });
  }
  const { slabSamples } = restoreCore(saved(core), randomDictionary());
  expect(slabSamples).toEqual(core.slabSamples);
  expect(slabSamples.first?.caches.map(({ activeObjects }) => activeObjects)).toEqual([5, 10]);
  expect(slabSamples.last?.caches.map(({ activeObjects }) => activeObjects)).toEqual([7, 14]);
});

it('is refused whole when an earlier build wrote it: then the events are read', () => {
  const bytes = saved(new PairingCore(randomDictionary()));
  for (const version of [2, 3, bytes[0] + 1]) {
    bytes[0] = version;
    expect(() => restoreCore(bytes, randomDictionary())).toThrow(`checkpoint version ${version}, this build reads`);
  }
});

it('takes some ten bytes an outstanding allocation', () => {
  const core = new PairingCore(randomDictionary());
  const batch = new EventBatch(32768);
  const random = seededRandom(1);
  for (let row = 0; row < batch.capacity; row++) {
    batch.timeNs[row] = row * 1000;
    batch.kind[row] = 1;
    batch.addrHi[row] = 0xffff8880 + Math.floor(random() * 16);
    batch.addrLo[row] = Math.floor(random() * 2 ** 26) * 64;
    batch.size[row] = 64;
    batch.stackId[row] = 1 + Math.floor(random() * 12);
  }
  batch.length = batch.capacity;
  core.events(batch);
  const { length } = saved(core);
  expect(length / batch.length).toBeLessThan(12);
  expect(checkpointSize(core)).toBeGreaterThan(length);
});

it('undoes the hash of an address', () => {
  const random = seededRandom(7);
  for (let i = 0; i < 1000; i++) {
    const hi = Math.floor(random() * 2 ** 32);
    const lo = Math.floor(random() * 2 ** 32);
    expect(unhashAddress(hi, hashAddress(hi, lo))).toBe(lo);
  }
});

/** Sends events [from, to) of a trace to the core, with facts in between. */
function tell(core: PairingCore, trace: EventBatch, from: number, to: number): void {
  const part = new EventBatch(to - from);
  part.length = to - from;
  for (const name of Object.keys(part) as (keyof EventBatch)[]) {
    const column = trace[name];
    if (typeof column === 'object') (part[name] as Uint32Array).set((column as Uint32Array).subarray(from, to));
  }
  core.events(part);
  const timeNs = Math.floor(core.nowNs);
  core.fact({
    type: 'losses',
    timeNs,
    rows: [
      { cause: 1 + (to % 10), kind: to % 30, cpu: (to % 3) - 1, count: from + 1, bytes: to * 64, countWithBytes: from },
    ],
  });
  const zones = `managed 250000\nnr_free_pages ${to}\ncount ${from % 97}\nnr_foll_pin_acquired ${to}\n`;
  if (to % 3 > 0) core.fact({ type: 'counters', timeNs, source: 'zoneinfo', text: zones });
  const processes = `${from % 90} gone\n${to % 90}-${(to % 90) + 3} gone\n${to % 40} back\n${from % 50} ${to}\n`;
  core.fact({ type: 'counters', timeNs, source: 'processes', text: processes });
  core.fact({
    type: 'counters',
    timeNs,
    source: 'meminfo',
    text: `MemTotal: ${1_000_000 + from} kB\nMemFree: ${to} kB\n`,
  });
}

function saved(core: PairingCore): Uint8Array {
  const bytes = saveCore(core);
  if (bytes === null) throw new Error('this core cannot be saved');
  return bytes.slice();
}

function pathBytes(core: PairingCore): Uint8Array {
  const writer = new StateWriter();
  savePaths(writer, core.paths);
  return writer.bytes().slice();
}

const SELECTIONS: Partial<Selection>[] = [
  {},
  { sort: 'age', includeSelf: true },
  { sort: 'peak', olderNs: 1e6 },
  { sort: 'missed', minSizeBytes: 128 },
];

/** Returns everything that a core shows, as text. */
function textOf(core: PairingCore): string[] {
  const symbols = new SymbolTable();
  const source = { kind: 'recording', facts: unknownHost() } as const;
  const texts = SELECTIONS.map((part) =>
    JSON.stringify(rank({ core, symbols }, { ...defaultSelection(100), ...part }, source)),
  );
  const ids = rank({ core, symbols }, defaultSelection(100), source).stacks.map((stack) => stack.stackId);
  for (const id of ids.slice(0, 8)) texts.push(JSON.stringify(openStack({ core, symbols }, defaultSelection(100), id)));
  return texts;
}
