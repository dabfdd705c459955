import { describe, expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import { ALLOCATOR_NAMES, KMALLOC, PAGE, SLAB, VMALLOC } from '../../../src/event/kinds.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { PairingCore } from '../../../src/pair/pairing-core.js';
import { pathKey } from '../../../src/pair/path-table.js';
import { rank } from '../../../src/rank/rank.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import { defaultSelection, GROUP_KEYS, type GroupKey, type Selection } from '../../../src/rank/report/selection.js';
import { SymbolTable } from '../../../src/symbols/symbol-table.js';
import { type PlainAllocation, PlainPairing, type PlainPath } from '../../helpers/plain-pairing.js';
import { randomTrace, STACKS } from '../../helpers/random-trace.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { seeds } from '../../helpers/seeds.js';

const SEEDS = seeds(6, 50, 501);
/** Orders that need no history. */
const SORTS = ['bytes', 'count', 'age', 'median-age', 'allocs', 'freed', 'peak', 'missed'] as const;
const SOURCE = { kind: 'recording' as const, facts: { ...unknownHost(), allocators: [...ALLOCATOR_NAMES] } };

interface Frame {
  name: string;
  offset: number;
  module: string | null;
}

const PLUMBING = ['kmalloc_noprof', 'alloc_pages_noprof', 'new_slab'];
const INTERRUPT = 'asm_common_interrupt';
const FRAMES: Frame[] = [
  ...PLUMBING.map((name) => ({ name, offset: 48, module: null })),
  { name: 'take', offset: 48, module: null },
  { name: 'take', offset: 64, module: null },
  { name: 'build', offset: 4, module: null },
  { name: 'probe', offset: 4, module: 'wifi' },
  { name: 'probe', offset: 4, module: 'disk' },
  { name: INTERRUPT, offset: 4, module: null },
  { name: 'idle', offset: 4, module: null },
];

/** Call paths of up to five of those frames; some have only plumbing. */
function randomPaths(random: () => number): Frame[][] {
  return Array.from({ length: STACKS }, () =>
    Array.from({ length: 1 + Math.floor(random() * 5) }, () => FRAMES[Math.floor(random() * FRAMES.length)]),
  );
}

describe.each(SEEDS)('grouping a random trace, seed %i', (seed) => {
  const random = seededRandom(seed);
  const dictionary = new TraceDictionary();
  const symbols = new SymbolTable();
  const addressLo = (frame: Frame): number => 0x81000000 + FRAMES.indexOf(frame) * 16;
  // Equal call paths have one id.
  const pathOfId: Frame[][] = [];
  for (const path of randomPaths(random)) {
    const ids = path.map((frame) => dictionary.stacks.frames.intern(0xffffffff, addressLo(frame)));
    pathOfId[dictionary.stacks.intern(Uint32Array.from(ids), ids.length)] = path;
  }
  for (const frame of FRAMES) {
    const { name, offset, module } = frame;
    symbols.add({ addressHi: 0xffffffff, addressLo: addressLo(frame), symbol: name, offset, module });
  }
  const [a, b] = ['7:/a', '8:/a/b'].map((text) => dictionary.cgroups.intern(text));
  // One name in two cgroups.
  for (const [comm, cgroup] of [
    ['bash', a],
    ['bash', b],
    ['nginx', a],
  ] as const)
    dictionary.comms.intern(comm, cgroup);
  for (let i = 0; i < 20; i++) dictionary.caches.intern(`cache${i}`);
  const trace = randomTrace(seed, 1500, false);
  const core = new PairingCore(dictionary);
  core.fact({ type: 'host', facts: SOURCE.facts });
  core.events(trace);
  core.fact({ type: 'cgroup-removed', timeNs: core.nowNs, cgroup: '8:/a/b' });
  const plain = new PlainPairing();
  plain.apply(trace, dictionary.stacks.size);
  const names: Names = {
    path: (path) => pathOfId[path.stackId] ?? [],
    comm: (id) => dictionary.comms.name(id),
    cgroup: (id) => ['', '/a', '/a/b (removed)'][dictionary.comms.cgroup(id)],
    cache: (id) => dictionary.caches.name(id),
    // Categories have their own tests.
    category: (path) => categories.get(rowId(path)) ?? null,
  };
  const everything = rank({ core, symbols }, { ...defaultSelection(1000), includeSelf: true }, SOURCE);
  const categories = new Map(everything.stacks.map((stack) => [stack.stackId, stack.category]));

  it.each(GROUP_KEYS.filter((key) => key !== 'stack' && key !== 'finding'))(
    'by %s gives what putting all allocations together gives',
    (group) => {
      for (const part of [
        {},
        { includeSelf: true },
        { comm: 'bash' },
        { cgroup: '/a/b' },
        { olderNs: core.nowNs / 2 },
        { limit: 2 },
      ]) {
        const sort = SORTS[Math.floor(random() * SORTS.length)];
        const selection: Selection = { ...defaultSelection(1000), ...part, group, sort };
        const report = rank({ core, symbols }, selection, SOURCE);
        const expected = plainRows(plain, selection, sort, names);
        expect(report.matching.rows, JSON.stringify(selection)).toBe(expected.length);
        expect(report.stacks.map(compared), JSON.stringify(selection)).toEqual(expected.slice(0, selection.limit));
        expect(expected.reduce((total, row) => total + row.bytes, 0)).toBe(report.matching.bytes);
      }
    },
  );
});

interface Names {
  path: (path: PlainPath) => Frame[];
  comm: (id: number) => string;
  cgroup: (id: number) => string;
  cache: (id: number) => string;
  category: (path: PlainPath) => string | null;
}

function compared(stack: ReportStack): object {
  const { stackId, merged, bytes, count, oldestAgeNs, medianAgeNs, comms, cgroups, reliability, category } = stack;
  const { allocCount, freeCount, missedFrees, bytesAtHighWaterMark } = stack;
  const past = { allocCount, freeCount, missedFrees, bytesAtHighWaterMark };
  return { stackId, merged, bytes, count, oldestAgeNs, medianAgeNs, comms, cgroups, reliability, category, ...past };
}

/** The slow, obvious grouping, which must agree. */
function plainRows(
  plain: PlainPairing,
  selection: Selection,
  sort: (typeof SORTS)[number],
  names: Names,
): { bytes: number }[] {
  const groups = new Map<string, { label: string; held: PlainAllocation[] }>();
  for (const a of plain.allocations()) {
    if (a.own && !selection.includeSelf) continue;
    if (selection.comm !== null && names.comm(a.commId) !== selection.comm) continue;
    if (selection.cgroup !== null && !names.cgroup(a.commId).startsWith(selection.cgroup)) continue;
    if (selection.olderNs > 0 && plain.nowNs - a.timeNs < selection.olderNs) continue;
    const { key, label } = groupOf(a, selection.group, names);
    const name = `${names.category(a.path) === 'backing'} ${key}`;
    const group = groups.get(name) ?? { label, held: [] };
    group.held.push(a);
    groups.set(name, group);
  }
  const rows = [...groups.values()].map(({ label, held }) => plainRow(plain, label, held, sort, names));
  return rows
    .toSorted(
      (a, b) =>
        a.tier - b.tier ||
        b.key - a.key ||
        b.bytes - a.bytes ||
        a.stackId - b.stackId ||
        (a.merged.label < b.merged.label ? -1 : 1),
    )
    .map(({ tier: _tier, key: _key, ...row }) => row);
}

function groupOf(a: PlainAllocation, group: GroupKey, names: Names): { key: string; label: string } {
  const frames = names.path(a.path);
  const interrupt = frames.findIndex((frame) => frame.name === INTERRUPT);
  const own = interrupt < 0 ? frames : frames.slice(0, interrupt);
  const leading = own.findIndex((frame) => !PLUMBING.includes(frame.name));
  // If all frames are plumbing, the leaf is used.
  const from = leading < 0 ? 0 : leading;
  const first: Frame | undefined = frames[from];
  const text = ({ name, module }: Frame): string => (module === null ? name : `${name} [${module}]`);
  const unknown = '[no stack]';
  switch (group) {
    case 'path':
      return {
        key: `${a.allocator} ${own.slice(from).map(text).join(' ')} ${interrupt}`.replace(
          / -?\d+$/,
          interrupt < 0 ? '' : ' !',
        ),
        label: first === undefined ? unknown : text(first),
      };
    case 'site': {
      if (first === undefined) return { key: `${a.allocator}`, label: unknown };
      const module = first.module === null ? '' : ` [${first.module}]`;
      const label = `${first.name}+0x${first.offset.toString(16)}${module}`;
      return { key: `${a.allocator} ${label}`, label };
    }
    case 'module': {
      const label = own.length === 0 ? unknown : (own.find((frame) => frame.module !== null)?.module ?? 'kernel');
      return { key: label, label };
    }
    case 'comm': {
      const name = names.comm(a.commId);
      return { key: name, label: name === '' ? '(unknown)' : name };
    }
    case 'cgroup': {
      const name = names.cgroup(a.commId);
      return { key: name, label: name === '' ? '(unknown)' : name };
    }
    case 'cache': {
      const label = cacheLabel(a, names);
      return { key: label, label };
    }
    default: {
      const category = names.category(a.path);
      return { key: String(category), label: category ?? '(unknown)' };
    }
  }
}

function cacheLabel(a: PlainAllocation, names: Names): string {
  if (a.allocator !== SLAB) return ['(pages)', '', '(percpu)', '(vmalloc)'][a.allocator];
  if (a.cacheId !== 0) return names.cache(a.cacheId);
  if (a.path.kind !== KMALLOC) return `caches of ${a.size} bytes`;
  return a.size > 8192 ? '(large kmalloc)' : `kmalloc-${a.size}`;
}

function plainRow(
  plain: PlainPairing,
  label: string,
  held: PlainAllocation[],
  sort: (typeof SORTS)[number],
  names: Names,
) {
  const paths = [...new Set(held.map((a) => a.path))];
  const bytesOf = (path: PlainPath): number =>
    sum(
      held.filter((a) => a.path === path),
      bytesIn,
    );
  const [first] = paths.toSorted((a, b) => bytesOf(b) - bytesOf(a) || rowId(a) - rowId(b));
  const bytes = sum(held, bytesIn);
  const count = sum(held, countOf);
  const ages = held.map((a) => plain.nowNs - a.timeNs).toSorted((a, b) => a - b);
  const ofFirst = held.filter((a) => a.path === first);
  const bad = paths.filter(freesUnseen);
  const unreliable = bytes === 0 ? freesUnseen(first) : sum(bad, bytesOf) > bytes / 2;
  const backing = names.category(first) === 'backing';
  const past = {
    allocCount: sum(paths, (path) => path.allocCount),
    freeCount: sum(paths, (path) => path.freeCount),
    missedFrees: sum(paths, (path) => path.missed),
    bytesAtHighWaterMark: sum(paths, (path) => path.atPeak * unitOf(path.allocator)),
  };
  const oldestAgeNs = ages[ages.length - 1];
  const medianAgeNs = (ages[(ages.length - 1) >> 1] + ages[ages.length >> 1]) / 2;
  const freed = (past.freeCount + past.missedFrees) / past.allocCount;
  const keys = { bytes, count, freed, age: oldestAgeNs, 'median-age': medianAgeNs, missed: past.missedFrees };
  const key = { ...keys, allocs: past.allocCount, peak: past.bytesAtHighWaterMark }[sort];
  const byHeld = sort !== 'allocs' && sort !== 'missed' && sort !== 'freed';
  return {
    tier: backing ? 2 : byHeld && unreliable ? 1 : 0,
    key,
    stackId: rowId(first),
    merged: {
      label,
      stacks: paths.length,
      allocators: ALLOCATOR_NAMES.filter((_, allocator) => paths.some((path) => path.allocator === allocator)),
      others: { stacks: paths.length - 1, bytes: bytes - bytesOf(first), count: count - sum(ofFirst, countOf) },
    },
    bytes,
    count,
    oldestAgeNs,
    medianAgeNs,
    comms: commsOf(held, names),
    cgroups: plainShares(held, (a) => names.cgroup(a.commId))
      .filter(({ name }) => name !== '')
      .map(({ name, ...share }) => {
        const cgroup = name.replace(' (removed)', '');
        const tasks = held.filter((a) => names.cgroup(a.commId) === name);
        return {
          cgroup,
          name: cgroup,
          id: cgroup === '/a' ? '7' : '8',
          removed: cgroup !== name,
          ...share,
          comms: commsOf(tasks, names),
        };
      }),
    reliability: unreliable ? 'unreliable' : 'plausible',
    category: paths.every((path) => names.category(path) === names.category(first)) ? names.category(first) : null,
    ...past,
  };
}

function sum<T>(list: Iterable<T>, value: (each: T) => number): number {
  let total = 0;
  for (const each of list) total += value(each);
  return total;
}

function commsOf(held: PlainAllocation[], names: Pick<Names, 'comm'>): ReportStack['comms'] {
  return plainShares(held, (a) => names.comm(a.commId)).map(({ name, ...share }) => ({ comm: name, ...share }));
}

interface PlainShare {
  name: string;
  bytes: number;
  count: number;
}

function plainShares(held: PlainAllocation[], nameOf: (a: PlainAllocation) => string): PlainShare[] {
  const byName = new Map<string, PlainShare>();
  for (const a of held) {
    const name = nameOf(a);
    const share = byName.get(name) ?? { name, bytes: 0, count: 0 };
    share.bytes += bytesIn(a);
    share.count += countOf(a);
    byName.set(name, share);
  }
  return [...byName.values()].toSorted((a, b) => b.bytes - a.bytes || b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** True if a path's frees are unreliable without the kernel's counters. */
function freesUnseen({ missed, freeCount, count }: PlainPath): boolean {
  return missed >= 3 && missed / (missed + freeCount) >= 0.05 && count < missed * 100;
}

function bytesIn(a: PlainAllocation): number {
  return a.size * unitOf(a.allocator);
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
