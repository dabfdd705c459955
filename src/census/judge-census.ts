/** A census, and what processes have open, to what it means: rows with words, largest first. */
import type { CacheTypes, Census, HolderRow, OwnerRow } from './census.js';
import { chainModule, chainText } from './chains.js';
import { meaningOf } from './meanings.js';
import type { Possession } from './possessions.js';
import {
  type CensusArea,
  type CensusClass,
  type CensusHolder,
  type CensusOwner,
  type CensusReport,
  type CensusType,
  classText,
} from './report.js';
import { processesOfRows } from './row-processes.js';

export interface CensusSource {
  /** 'this machine', or the name of a file. */
  source: string;
  timeMs: number | null;
  census: Census;
  possessions: readonly Possession[];
}

/** Judges a census; subtract-census.ts gives its rows what they grew by. */
export function judgeCensus({ source, timeMs, census, possessions }: CensusSource): CensusReport {
  const { kernel, pageSize, wallNs, cpuNs, zones, checks, missing, orphans } = census;
  const nodes = new Set(zones.map(({ node }) => node));
  return {
    machine: {
      source,
      kernel,
      pageSize,
      spannedPages: zones.reduce((sum, { spannedPages }) => sum + spannedPages, 0),
      wallNs,
      cpuNs,
    },
    timeMs,
    sinceSeconds: null,
    classes: classesOf(census),
    nodes:
      nodes.size < 2
        ? []
        : census.classes.map(({ node, class: name, pages }) => ({ node, class: name, pages, bytes: pages * pageSize })),
    owners: ownersOf(census),
    areas: areasOf(census),
    holders: census.holders === null ? null : holdersOf(census, possessions),
    types: census.types === null ? null : census.types.map(typesOf),
    orphans,
    checks,
    missing,
  };
}

function classesOf({ classes, pageSize }: Census): CensusClass[] {
  return largestFirst([...sums(classes, (row) => row.class, pagesOfRow)], ([, pages]) => pages).map(
    ([name, pages]) => ({
      class: name,
      text: classText(name),
      pages,
      bytes: pages * pageSize,
      deltaPages: null,
    }),
  );
}

function ownersOf(census: Census): CensusOwner[] {
  const groups = grouped(census.owners, ownerKey);
  const owners = [...groups.values()].map((rows): CensusOwner => {
    const bytes = total(rows, (row) => ownerBytes(row, census.pageSize));
    return {
      path: rows[0]?.path ?? '',
      id: rows[0]?.id ?? 0,
      dying: rows[0]?.dying ?? false,
      bytes,
      pages: total(rows, pagesOfRow),
      objects: total(rows, ({ objects }) => objects),
      parts: largestFirst(
        rows.map((row) => ({
          class: row.class,
          cache: row.cache,
          bytes: ownerBytes(row, census.pageSize),
          pages: row.pages,
          objects: row.objects,
        })),
        (part) => part.bytes,
      ),
      deltaBytes: null,
    };
  });
  return largestFirst(owners, ({ bytes }) => bytes);
}

/** Ids are given again, so a path belongs to the key; two removed cgroups may have had one path. */
function ownerKey({ path, id, dying }: OwnerRow): string {
  return `${id} ${dying} ${path}`;
}

function ownerBytes({ pages, bytes, cache }: OwnerRow, pageSize: number): number {
  return cache === '' ? pages * pageSize : bytes;
}

function areasOf({ areas, pageSize }: Census): CensusArea[] {
  const rows = areas.map(
    (row): CensusArea => ({
      ...row,
      bytes: row.pages * pageSize,
      deltaPages: null,
    }),
  );
  return largestFirst(rows, ({ pages }) => pages);
}

function holdersOf(census: Census, possessions: readonly Possession[]): CensusHolder[] {
  const rows = [...grouped(census.holders ?? [], holderKey).values()].map((same): CensusHolder => {
    const chains = largestFirst(same, pagesOfRow);
    const [largest] = chains;
    const holder = chainText(largest.chain);
    const meaning = meaningOf(largest.chain);
    const pages = total(same, pagesOfRow);
    // They are inferred: nobody is said to hold them.
    const behindPages = total(same, (row) => row.behindPages);
    return {
      class: largest.class,
      pages,
      bytes: pages * census.pageSize,
      holder,
      text: meaning?.text ?? (holder === '' ? 'nothing was found that refers to them' : holder),
      kind: meaning?.kind ?? null,
      module: chainModule(largest.chain),
      objects: total(same, ({ objects }) => objects),
      behindPages,
      chains: chains.map((row) => ({ holder: chainText(row.chain), pages: row.pages })),
      processes: processesOfRows({ rows: same, kind: meaning?.kind ?? null, possessions, pageSize: census.pageSize }),
      unownedPages: unownedOf(same),
      deltaPages: null,
    };
  });
  return largestFirst(rows, pagesOfRow);
}

/** Null where the collector could not find out whose the pages are: it can of all rows, or of none. */
function unownedOf(rows: readonly HolderRow[]): number | null {
  return rows.some(({ unownedPages }) => unownedPages === null)
    ? null
    : total(rows, ({ unownedPages }) => unownedPages ?? 0);
}

/** Chains that mean the same are one row; others are told apart by all their links. */
function holderKey(row: HolderRow): string {
  return `${row.class} ${meaningOf(row.chain)?.text ?? chainText(row.chain)}`;
}

function typesOf({ cache, sizeBytes, live, total: all, rows }: CacheTypes): CensusType {
  return {
    cache,
    sizeBytes,
    live,
    total: all,
    rows: largestFirst(rows, objectsOfRow).map(({ objects, chain }) => {
      const holder = chainText(chain);
      return {
        objects,
        bytes: objects * sizeBytes,
        holder,
        text: holder === '' ? 'plain data: nothing in them tells what they are' : holder,
        module: chainModule(chain),
        deltaObjects: null,
      };
    }),
  };
}

const pagesOfRow = ({ pages }: { pages: number }): number => pages;
const objectsOfRow = ({ objects }: { objects: number }): number => objects;

function grouped<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = key(row);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}

function sums<T>(rows: readonly T[], key: (row: T) => string, amount: (row: T) => number): Map<string, number> {
  const all = new Map<string, number>();
  for (const row of rows) all.set(key(row), (all.get(key(row)) ?? 0) + amount(row));
  return all;
}

function total<T>(rows: readonly T[], amount: (row: T) => number): number {
  return rows.reduce((sum, row) => sum + amount(row), 0);
}

/** Equal rows keep their order. */
function largestFirst<T>(rows: readonly T[], amount: (row: T) => number): T[] {
  return rows.toSorted((a, b) => amount(b) - amount(a));
}
