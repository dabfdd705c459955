/** The public JSON of a census (export/census/census.schema.json) back to a report. All of it is untrusted. */
import type { OrphanRow } from './census.js';
import { count, type Item, isItem, list, name, named, nullable, optional } from './json-values.js';
import { isPossessionKind } from './possessions.js';
import type { CensusHolder, CensusOwner, CensusReport, CensusType } from './report.js';

export const CENSUS_FORMAT = 'unfreed-census';
export const CENSUS_VERSION = 1;

/** Returns null if the text is no census, or of a later version. Changes are read as none: they are made anew. */
export function parseCensusReport(text: string): CensusReport | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isItem(document) || document.format !== CENSUS_FORMAT || document.version !== CENSUS_VERSION) return null;
  return censusOfItem(document);
}

/** The same of its fields alone, as a report of a trace has them; null if they are none. Changes are read as none. */
export function censusOfItem(document: unknown): CensusReport | null {
  if (!isItem(document)) return null;
  const machine = isItem(document.machine) ? document.machine : {};
  const pageSize = count(machine.pageSize);
  if (pageSize < 1024 || pageSize > 1 << 20) return null;
  return {
    machine: {
      source: name(machine.source),
      kernel: name(machine.kernel),
      pageSize,
      spannedPages: count(machine.spannedPages),
      wallNs: count(machine.wallNs),
      cpuNs: count(machine.cpuNs),
    },
    timeMs: nullable(document.timeMs),
    sinceSeconds: null,
    classes: list(document.classes)
      .map((row) => ({ ...amounts(row), class: name(row.class), text: name(row.text), deltaPages: null }))
      .filter(named('class')),
    nodes: list(document.nodes).map((row) => ({ ...amounts(row), node: count(row.node), class: name(row.class) })),
    owners: list(document.owners).map(ownerOf),
    areas: list(document.areas).map((row) => ({
      ...amounts(row),
      caller: name(row.caller),
      module: name(row.module),
      kind: name(row.kind),
      areas: count(row.areas),
      deltaPages: null,
    })),
    holders: optional(document.holders, (rows) => list(rows).map(holderOf).filter(named('class'))),
    types: optional(document.types, (rows) => list(rows).map(typesOf).filter(named('cache'))),
    ...sameParts(document),
  };
}

function amounts(row: Item): { pages: number; bytes: number } {
  return { pages: count(row.pages), bytes: count(row.bytes) };
}

function ownerOf(row: Item): CensusOwner {
  return {
    ...amounts(row),
    path: name(row.path),
    id: count(row.id),
    dying: row.dying === true,
    objects: count(row.objects),
    parts: list(row.parts).map((part) => ({
      ...amounts(part),
      class: name(part.class),
      cache: name(part.cache),
      objects: count(part.objects),
    })),
    deltaBytes: null,
  };
}

function holderOf(row: Item): CensusHolder {
  return {
    ...amounts(row),
    class: name(row.class),
    holder: name(row.holder),
    text: name(row.text),
    kind: possessionKind(row.kind),
    module: name(row.module),
    objects: count(row.objects),
    behindPages: count(row.behindPages),
    chains: list(row.chains).map((chain) => ({ holder: name(chain.holder), pages: count(chain.pages) })),
    processes: list(row.processes).map((task) => ({
      pid: count(task.pid),
      comm: name(task.comm),
      count: count(task.count),
      what: name(task.what),
      pages: nullable(task.pages),
    })),
    unownedPages: nullable(row.unownedPages),
    deltaPages: null,
  };
}

function possessionKind(value: unknown): CensusHolder['kind'] {
  return typeof value === 'string' && isPossessionKind(value) ? value : null;
}

function typesOf(row: Item): CensusType {
  return {
    cache: name(row.cache),
    sizeBytes: count(row.sizeBytes),
    live: count(row.live),
    total: count(row.total),
    rows: list(row.rows).map((type) => ({
      objects: count(type.objects),
      bytes: count(type.bytes),
      holder: name(type.holder),
      text: name(type.text),
      module: name(type.module),
      deltaObjects: null,
    })),
  };
}

/** What the collector's own JSON has under the same names. */
export function sameParts({ orphans, checks, missing }: Item): Pick<CensusReport, 'orphans' | 'checks' | 'missing'> {
  return {
    orphans: optional(orphans, (value) =>
      isItem(value) ? { scans: count(value.scans), rows: list(value.rows).map(orphanOf) } : { scans: 0, rows: [] },
    ),
    checks: list(checks).map((row) => ({
      what: name(row.what),
      ours: count(row.ours),
      theirs: count(row.theirs),
      unit: name(row.unit),
      ok: row.ok === true,
    })),
    missing: list(missing).map((row) => ({ stage: name(row.stage), what: name(row.what) })),
  };
}

function orphanOf(row: Item): OrphanRow {
  return {
    kind: name(row.kind),
    name: name(row.name),
    sizeBytes: count(row.sizeBytes),
    objects: count(row.objects),
    pages: count(row.pages),
    runs: count(row.runs),
    bpf: row.bpf === true,
    addresses: Array.isArray(row.addresses)
      ? row.addresses.filter((each): each is string => typeof each === 'string' && /^(?:0x)?[0-9a-f]{1,16}$/.test(each))
      : [],
  };
}
