/** The collector's JSON (bpf/census/report.c) to a Census. A recording may carry that text, so all of it is untrusted. */
import type {
  AreaRow,
  CacheTypes,
  Census,
  ChainLink,
  ClassRow,
  HolderProcess,
  HolderRow,
  OwnerRow,
  TypeRow,
} from './census.js';
import { count, type Item, isItem, list, name, named, optional } from './json-values.js';
import { sameParts } from './parse-report.js';

export const RAW_FORMAT = 'unfreed-census-raw';

/** Links of a chain; the collector cuts earlier. */
const MOST_LINKS = 16;
/** Processes of a row; the collector names no more. */
const MOST_PROCESSES = 16;

/** Returns null if the text is not a census of a version that is known; a row that makes no sense is left out. */
export function parseCensus(text: string): Census | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isItem(document) || document.format !== RAW_FORMAT || document.version !== 1) return null;
  const pageSize = count(document.pageSize);
  if (pageSize < 1024 || pageSize > 1 << 20) return null;
  const time = isItem(document.time) ? document.time : {};
  return {
    kernel: name(document.kernel),
    pageSize,
    wallNs: count(time.wallNs),
    cpuNs: count(time.cpuNs),
    zones: list(document.zones).map((row) => ({
      node: count(row.node),
      zone: name(row.zone),
      spannedPages: count(row.spannedPages),
      presentPages: count(row.presentPages),
      managedPages: count(row.managedPages),
    })),
    classes: list(document.classes).map(classRow).filter(named('class')),
    owners: list(document.owners).map(ownerRow).filter(named('class')),
    areas: list(document.areas).map(areaRow),
    holders: optional(document.holders, (rows) => list(rows).map(holderRow).filter(named('class'))),
    types: optional(document.types, (rows) => list(rows).map(cacheTypes).filter(named('cache'))),
    ...sameParts(document),
  };
}

function classRow(row: Item): ClassRow {
  return { node: count(row.node), class: name(row.class), pages: count(row.pages) };
}

function ownerRow(row: Item): OwnerRow {
  return {
    path: name(row.path),
    id: count(row.id),
    dying: row.dying === true,
    charged: name(row.charged),
    class: name(row.class),
    pages: count(row.pages),
    objects: count(row.objects),
    bytes: count(row.bytes),
    cache: name(row.cache),
  };
}

function areaRow(row: Item): AreaRow {
  return {
    caller: name(row.caller),
    module: name(row.module),
    kind: name(row.kind),
    areas: count(row.areas),
    pages: count(row.pages),
  };
}

function holderRow(row: Item): HolderRow {
  const pages = count(row.pages);
  return {
    class: name(row.class),
    pages,
    behindPages: Math.min(pages, count(row.behindPages)),
    chain: chainOf(row.chain),
    objects: count(row.objects),
    processes: optional(row.processes, (rows) => list(rows).slice(0, MOST_PROCESSES).map(processRow)),
    unownedPages: optional(row.unownedPages, count),
  };
}

function processRow(row: Item): HolderProcess {
  return { pid: count(row.pid), comm: name(row.comm), objects: count(row.objects), pages: count(row.pages) };
}

function cacheTypes(row: Item): CacheTypes {
  return {
    cache: name(row.cache),
    sizeBytes: count(row.sizeBytes),
    live: count(row.live),
    total: count(row.total),
    badWalks: count(row.badWalks),
    rows: list(row.rows).map((type): TypeRow => ({ objects: count(type.objects), chain: chainOf(type.chain) })),
  };
}

function chainOf(value: unknown): ChainLink[] {
  return list(value)
    .slice(0, MOST_LINKS)
    .map((link) => ({
      kind: name(link.kind),
      name: name(link.name),
      hint: name(link.hint),
      hintKind: name(link.hintKind),
      module: name(link.module),
    }));
}
