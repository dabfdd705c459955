import { describe, expect, it } from 'vitest';
import { unknownHost } from '../../src/event/host-facts.js';
import { ALLOCATOR_NAMES, KFREE, KMALLOC, KMEM_CACHE_FREE, PAGE, SLAB, VMALLOC } from '../../src/event/kinds.js';
import { LOSS_RING_FULL } from '../../src/event/losses.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { pathKey } from '../../src/pair/path-table.js';
import { openStack, rank } from '../../src/rank/rank.js';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import { defaultSelection, type Selection, SORT_KEYS, type SortKey } from '../../src/rank/report/selection.js';
import { SymbolTable } from '../../src/symbols/symbol-table.js';
import { type PlainAllocation, PlainPairing, type PlainPath } from '../helpers/plain-pairing.js';
import { randomDictionary, randomTrace, STACKS } from '../helpers/random-trace.js';
import { seededRandom } from '../helpers/seeded-random.js';
import { seeds } from '../helpers/seeds.js';

const SEEDS = seeds(8, 60, 101);
/** The other orders use verdicts: suspicion.test.ts. */
const PLAIN_SORTS = SORT_KEYS.filter((key) => key !== 'suspect' && key !== 'growth' && key !== 'verdict');
const SOURCE = { kind: 'recording' as const, facts: unknownHost() };

describe.each(SEEDS)('ranking of a random trace, seed %i', (seed) => {
  const trace = randomTrace(seed, 1500, false);
  const dictionary = randomDictionary();
  const core = new PairingCore(dictionary);
  core.events(trace);
  const plain = new PlainPairing();
  plain.apply(trace, STACKS);
  const symbols = new SymbolTable();
  for (let i = 0; i < STACKS; i++) {
    symbols.add({
      addressHi: 0xffffffff,
      addressLo: 0x81000000 + i * 16,
      symbol: `fn_${i}`,
      offset: 0,
      module: i % 3 === 0 ? 'mod' : null,
    });
  }
  const commName = (id: number): string => dictionary.comms.name(id);

  it('is what summing up and sorting all allocations gives, for any selection', () => {
    const random = seededRandom(seed);
    for (let round = 0; round < 12; round++) {
      const selection = randomSelection(random, core.nowNs);
      const report = rank({ core, symbols }, selection, SOURCE);
      const expected = plainRanking(plain, selection, commName);
      expect(report.matching.stacks, JSON.stringify(selection)).toBe(expected.length);
      expect(report.stacks.map(compared), JSON.stringify(selection)).toEqual(expected.slice(0, selection.limit));
      expect(report.matching.bytes).toBe(expected.reduce((sum, row) => sum + row.bytes, 0));
    }
  });

  it('an opened call path tells of the same allocations', () => {
    const selection = { ...defaultSelection(100), includeSelf: true };
    for (const stack of rank({ core, symbols }, selection, SOURCE).stacks) {
      const detail = openStack({ core, symbols }, selection, stack.stackId);
      expect(detail?.stack).toEqual(stack);
      const held = [...plain.allocations()].filter((a) => rowId(a.path) === stack.stackId);
      expect(countAll(detail?.sizes)).toBe(held.length);
      expect(countAll(detail?.ages)).toBe(held.length);
      expect(countAll(detail?.pids)).toBe(stack.count);
      expect(countAll(detail?.lifetimes)).toBe(stack.freeCount);
      expect(detail?.addresses.map((each) => each.ageNs)).toEqual(
        held
          .map((a) => plain.nowNs - a.timeNs)
          .toSorted((a, b) => b - a)
          .slice(0, 8),
      );
    }
  });
});

it('one free in a hundred lost: what is held too much stays below the bound that the report gives', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const trace = randomTrace(seed, 4000, false);
    const whole = new PairingCore(randomDictionary());
    whole.events(trace);
    const random = seededRandom(seed);
    let lost = 0;
    for (let i = 0; i < trace.length; i++) {
      if ((trace.kind[i] !== KFREE && trace.kind[i] !== KMEM_CACHE_FREE) || random() > 0.01) continue;
      // A free of NULL changes nothing.
      trace.addrHi[i] = trace.addrLo[i] = 0;
      lost++;
    }
    const holed = new PairingCore(randomDictionary());
    holed.events(trace);
    holed.fact({
      type: 'losses',
      timeNs: 0,
      rows: [{ cause: LOSS_RING_FULL, kind: KFREE, cpu: 0, count: lost, bytes: 0, countWithBytes: 0 }],
    });
    const { slab } = rank({ core: holed, symbols: new SymbolTable() }, defaultSelection(1), SOURCE).outstanding;
    const tooMuch = slab.bytes - whole.paths.totalLive(SLAB);
    expect(lost).toBeGreaterThan(0);
    expect(tooMuch, `seed ${seed}`).toBeLessThanOrEqual(slab.lostFreeBytes);
  }
});

interface ComparedRow {
  stackId: number;
  allocator: string;
  bytes: number;
  count: number;
  oldestAgeNs: number;
  medianAgeNs: number;
  allocCount: number;
  bytesAtHighWaterMark: number;
  comms: { comm: string; bytes: number; count: number }[];
}

function compared(stack: ReportStack): ComparedRow {
  const { stackId, allocator, bytes, count, oldestAgeNs, medianAgeNs, allocCount, bytesAtHighWaterMark, comms } = stack;
  return { stackId, allocator, bytes, count, oldestAgeNs, medianAgeNs, allocCount, bytesAtHighWaterMark, comms };
}

function randomSelection(random: () => number, nowNs: number): Selection {
  const pick = <T>(values: T[]): T => values[Math.floor(random() * values.length)];
  const sometimes = <T>(value: T, otherwise: T): T => (random() < 0.25 ? value : otherwise);
  return {
    sort: pick(PLAIN_SORTS),
    group: 'stack',
    allocators: sometimes([pick([...ALLOCATOR_NAMES]), pick([...ALLOCATOR_NAMES])], []),
    minSizeBytes: sometimes(pick([1, 64, 4096, 8192]), 0),
    olderNs: sometimes(Math.floor(random() * nowNs), 0),
    comm: sometimes<string | null>(pick(['bash', 'nginx', 'nobody', '']), null),
    cgroup: null,
    gone: false,
    pid: sometimes<number | null>(Math.floor(random() * 6), null),
    cache: sometimes<string | null>(pick(['cache1', 'cache3', 'kmalloc-64', 'other']), null),
    module: sometimes<string | null>(pick(['mod', 'none']), null),
    grep: sometimes<string | null>(pick(['FN_1', 'bash', 'cache2', '\\[mod\\]', 'kworker']), null),
    hide: sometimes<string | null>(pick(['fn_2', 'mod', 'bash']), null),
    categories: [],
    hideAccounted: false,
    includeSelf: random() < 0.5,
    suppress: [],
    watch: [],
    limit: pick([0, 1, 3, 1000]),
  };
}

/** The slow, obvious ranking, which rank() must agree with. */
function plainRanking(plain: PlainPairing, selection: Selection, commName: (id: number) => string): ComparedRow[] {
  const rows: (ComparedRow & { key: number; last: boolean })[] = [];
  const all = [...plain.allocations()];
  for (const path of plain.paths.values()) {
    const unit = unitOf(path.allocator);
    const held = all.filter((a) => a.path === path && passes(a, selection, plain.nowNs, commName));
    if (held.length === 0 || !wanted(path, held, selection, commName)) continue;
    const ages = held.map((a) => plain.nowNs - a.timeNs).toSorted((a, b) => a - b);
    const bytes = held.reduce((sum, a) => sum + a.size * unit, 0);
    const count = held.reduce((sum, a) => sum + countOf(a), 0);
    const row = {
      stackId: rowId(path),
      allocator: ALLOCATOR_NAMES[path.allocator],
      bytes,
      count,
      oldestAgeNs: ages[ages.length - 1],
      medianAgeNs: (ages[(ages.length - 1) >> 1] + ages[ages.length >> 1]) / 2,
      allocCount: path.allocCount,
      bytesAtHighWaterMark: path.atPeak * unit,
      comms: shares(held, unit, commName),
    };
    const last = !['allocs', 'missed', 'freed'].includes(selection.sort) && freesUnseen(path);
    rows.push({ ...row, last, key: plainKey(path, row, selection.sort) });
  }
  return rows
    .toSorted((a, b) => Number(a.last) - Number(b.last) || b.key - a.key || b.bytes - a.bytes || a.stackId - b.stackId)
    .map(({ key: _key, last: _last, ...row }) => row);
}

function plainKey(path: PlainPath, row: ComparedRow, sort: SortKey): number {
  switch (sort) {
    case 'count':
      return row.count;
    case 'age':
      return row.oldestAgeNs;
    case 'median-age':
      return row.medianAgeNs;
    case 'allocs':
      return path.allocCount;
    case 'freed':
      return (path.freeCount + path.missed) / path.allocCount;
    case 'missed':
      return path.missed;
    case 'peak':
      return row.bytesAtHighWaterMark;
    default:
      return row.bytes;
  }
}

/** True if a path's frees are unreliable without the kernel's counters: such rows come last. */
function freesUnseen({ missed, freeCount, count }: PlainPath): boolean {
  return missed >= 3 && missed / (missed + freeCount) >= 0.05 && count < missed * 100;
}

function passes(a: PlainAllocation, s: Selection, nowNs: number, commName: (id: number) => string): boolean {
  if (a.own && !s.includeSelf) return false;
  if (s.comm !== null && commName(a.commId) !== s.comm) return false;
  if (s.pid !== null && a.pid !== s.pid) return false;
  if (s.cache !== null && (a.allocator !== SLAB || !cacheNames(a).includes(s.cache))) return false;
  return a.size * unitOf(a.allocator) >= s.minSizeBytes && (s.olderNs === 0 || nowNs - a.timeNs >= s.olderNs);
}

/** Returns the name of its cache, or the names for objects of its size if the event has none. */
function cacheNames({ cacheId, path, size }: PlainAllocation): string[] {
  if (cacheId !== 0) return [`cache${cacheId - 1}`];
  return path.kind === KMALLOC ? [`kmalloc-${size}`] : [`caches of ${size} bytes`];
}

function wanted(path: PlainPath, held: PlainAllocation[], s: Selection, commName: (id: number) => string): boolean {
  // The leaf of call path n is fn_(n-1), the other frame is always fn_0, which is in the module.
  const frames = path.stackId === 0 ? [] : [0, path.stackId - 1];
  const texts = frames.flatMap((f) => (f % 3 === 0 ? [`fn_${f}`, `fn_${f} [mod]`] : [`fn_${f}`]));
  const caches = path.caches.map((id) => `cache${id - 1}`);
  if (s.allocators.length > 0 && !s.allocators.includes(ALLOCATOR_NAMES[path.allocator])) return false;
  if (s.module !== null && !(s.module === 'mod' && frames.length > 0)) return false;
  if (s.hide !== null && texts.some((text) => new RegExp(s.hide ?? '', 'i').test(text))) return false;
  if (s.grep === null) return true;
  const grep = new RegExp(s.grep, 'i');
  return [...texts, ...caches, ...held.map((a) => commName(a.commId))].some((text) => grep.test(text));
}

function shares(held: PlainAllocation[], unit: number, commName: (id: number) => string): ComparedRow['comms'] {
  const byName = new Map<string, { comm: string; bytes: number; count: number }>();
  for (const a of held) {
    const comm = commName(a.commId);
    const share = byName.get(comm) ?? { comm, bytes: 0, count: 0 };
    share.bytes += a.size * unit;
    share.count += countOf(a);
    byName.set(comm, share);
  }
  return [...byName.values()].toSorted((a, b) => b.bytes - a.bytes || b.count - a.count || (a.comm < b.comm ? -1 : 1));
}

function countOf(a: PlainAllocation): number {
  return a.allocator === PAGE || a.allocator === VMALLOC ? a.size : 1;
}

function unitOf(allocator: number): number {
  return allocator === PAGE || allocator === VMALLOC ? 4096 : 1;
}

function rowId(path: PlainPath): number {
  return pathKey(path.stackId, path.allocator);
}

function countAll(list: { count: number }[] | undefined): number {
  return (list ?? []).reduce((total, each) => total + each.count, 0);
}
