/** Compares what the census of a guest says with what its loads and its module hold. */
import { type Census, type OrphanRow, pagesOf } from '../../../src/census/census.js';
import { meaningOf } from '../../../src/census/meanings.js';
import type { Load } from './loads.js';
import type { Held, Planted } from './truth.js';

export interface CensusCheck {
  what: string;
  /** What must be counted, and what was; in `unit`. */
  truth: number;
  ours: number;
  unit: 'pages' | 'objects';
  /** What is asked for: 'within 1 %'. */
  asked: string;
  ok: boolean;
  note: string;
}

/** A class may be off by this share of the load: other tasks take and give back pages meanwhile. */
const CLASS_SHARE = 0.01;
/** The right holder of so many of a load's pages must be named; a holder must not get more than the rest allows. */
const HOLDER_SHARE = 0.98;
const RECALL = 0.98;
const MOST_OTHERS = 10;

/** How many more pages of the load's class there are than before it. */
export function compareClass(load: Load, held: Held, before: Census, after: Census): CensusCheck[] {
  if (load.class === null) return [];
  const { class: name } = load;
  const truth = held.bytes / after.pageSize;
  const grown = growth(before, after).filter((row) => Math.abs(row.pages) > truth * CLASS_SHARE);
  return [
    near({
      what: `${load.name}: class ${name}`,
      truth,
      ours: pagesOf(after, name) - pagesOf(before, name),
      share: CLASS_SHARE,
      note: grown.map((row) => `${row.class} ${signed(row.pages)}`).join(', '),
    }),
  ];
}

/** Two looks, and whether the kernel gives pages of a removed cgroup to its parent (7.1 and later do). */
export interface OwnerLooks {
  before: Census;
  after: Census;
  reparents: boolean;
}

/** The pages of a removed cgroup: they have its name, or its parent has so many more. */
export function compareOwner(load: Load, held: Held, { before, after, reparents }: OwnerLooks): CensusCheck[] {
  if (load.isOfRemovedCgroup !== true) return [];
  const name = `/unfreed-plant-${held.pid}`;
  const pagesIn = (census: Census, path: string, dying: boolean): number =>
    census.owners
      .filter((row) => row.path === path && row.dying === dying && row.class === load.class)
      .reduce((sum, { pages }) => sum + pages, 0);
  const ours = reparents ? pagesIn(after, '/', false) - pagesIn(before, '/', false) : pagesIn(after, name, true);
  return [
    near({
      what: `${load.name}: owner ${reparents ? '/' : 'removed'}`,
      truth: held.bytes / after.pageSize,
      ours,
      share: CLASS_SHARE,
      note: reparents ? 'this kernel gives pages of a removed cgroup to its parent' : '',
    }),
  ];
}

/** The pages whose holder means what the load is. */
export function compareHolder(load: Load, held: Held, census: Census): CensusCheck[] {
  if (load.meanings === null) return [];
  const rows = (census.holders ?? []).filter(({ class: name }) => name === load.class);
  const right = rows.filter(({ chain }) => load.meanings?.includes(meaningOf(chain)?.text ?? ''));
  return [
    near({
      what: `${load.name}: right holder`,
      truth: held.bytes / census.pageSize,
      ours: right.reduce((sum, { pages }) => sum + pages, 0),
      share: 1 - HOLDER_SHARE,
      note: census.holders === null ? 'the stage did not run' : '',
    }),
  ];
}

/** Of objects by their types: those of kmalloc whose chain has the symbol. */
export function compareTypes(load: Load, held: Held, census: Census, symbol: RegExp): CensusCheck {
  const ours = (census.types ?? [])
    .filter(({ cache }) => cache.startsWith('kmalloc-'))
    .flatMap(({ rows }) => rows)
    .filter(({ chain }) => chain.some(({ hint, name }) => symbol.test(hint) || symbol.test(name)))
    .reduce((sum, { objects }) => sum + objects, 0);
  return {
    ...near({ what: `${load.name}: type`, truth: held.objects, ours, share: 1 - HOLDER_SHARE, note: '' }),
    unit: 'objects',
    note: census.types === null ? 'the stage did not run' : '',
  };
}

/** What was found of each lost site, what of the kept ones, and what else was reported. */
export function compareOrphans(planted: readonly Planted[], rows: readonly OrphanRow[]): CensusCheck[] {
  const reported = new Set(rows.flatMap(({ addresses }) => addresses).map(addressOf));
  const isFound = ({ address }: Planted): boolean => reported.has(address);
  const lost = planted.filter(({ isLost }) => isLost);
  const kept = planted.filter(({ isLost }) => !isLost);
  const found = lost.filter(isFound).length;
  const bySite = [...new Set(lost.map(({ site }) => site))].map((site) => {
    const all = lost.filter((each) => each.site === site);
    return `${site} ${all.filter(isFound).length} of ${all.length}`;
  });
  const wrong = kept.filter(isFound);
  const others = otherRows(planted, rows);
  return [
    {
      what: 'lost',
      truth: lost.length,
      ours: found,
      unit: 'objects',
      asked: `${RECALL * 100} %`,
      ok: lost.length > 0 && found >= lost.length * RECALL,
      note: bySite.join(', '),
    },
    {
      what: 'kept, but reported',
      truth: 0,
      ours: wrong.length,
      unit: 'objects',
      asked: 'none',
      ok: kept.length > 0 && wrong.length === 0,
      note: [...new Set(wrong.map(({ site }) => site))].join(', '),
    },
    {
      what: 'others reported',
      truth: 0,
      ours: others.reduce((sum, { count }) => sum + count, 0),
      unit: 'objects',
      asked: `at most ${MOST_OTHERS}`,
      ok: others.reduce((sum, { count }) => sum + count, 0) <= MOST_OTHERS,
      note: others.map(({ name, count }) => `${name} ${count}`).join(', '),
    },
  ];
}

/** Reported, and not of the module; memory of BPF comes and goes with tracers, and is a row of its own. */
function otherRows(planted: readonly Planted[], rows: readonly OrphanRow[]): { name: string; count: number }[] {
  const ours = new Set(planted.map(({ address }) => address));
  return rows
    .filter(({ bpf }) => !bpf)
    .map(({ kind, name, addresses }) => ({
      name: name === '' ? kind : name,
      count: addresses.filter((address) => !ours.has(addressOf(address))).length,
    }))
    .filter(({ count }) => count > 0);
}

function addressOf(text: string): bigint {
  return BigInt(text.startsWith('0x') ? text : `0x${text}`);
}

/** The census beside the kernel's own counts, as the collector checks itself. */
export function selfChecks(census: Census): CensusCheck[] {
  return census.checks.map(({ what, ours, theirs, unit, ok }) => ({
    what,
    truth: theirs,
    ours,
    unit: unit === 'objects' ? 'objects' : 'pages',
    asked: "the collector's own check",
    ok,
    note: '',
  }));
}

function near({
  what,
  truth,
  ours,
  share,
  note,
}: {
  what: string;
  truth: number;
  ours: number;
  share: number;
  note: string;
}): CensusCheck {
  const ok = truth > 0 && Math.abs(ours - truth) <= truth * share;
  return { what, truth, ours, unit: 'pages', asked: `within ${Math.round(share * 100)} %`, ok, note };
}

/** Classes of which there is more or less, largest change first. */
function growth(before: Census, after: Census): { class: string; pages: number }[] {
  const names = new Set([...before.classes, ...after.classes].map((row) => row.class));
  return [...names]
    .map((name) => ({ class: name, pages: pagesOf(after, name) - pagesOf(before, name) }))
    .toSorted((a, b) => Math.abs(b.pages) - Math.abs(a.pages));
}

function signed(n: number): string {
  return n > 0 ? `+${n.toLocaleString('en')}` : n.toLocaleString('en');
}
