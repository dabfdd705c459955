/** The processes that a row of holders names: those that the collector found, or what /proc says is open. */
import type { HolderRow } from './census.js';
import { POSSESSION_NOUNS, type Possession, type PossessionKind } from './possessions.js';
import type { CensusProcess } from './report.js';

/** Processes that a row names. */
const MOST_PROCESSES = 8;
/** Where no rule knows what the files are. */
const FILE_NOUNS = ['open file', 'open files'] as const;

interface Asked {
  /** Chains of one meaning; at least one. */
  rows: readonly HolderRow[];
  /** What the files are; null = no rule knows. */
  kind: PossessionKind | null;
  possessions: readonly Possession[];
  pageSize: number;
}

/**
 * Returns them by pages, then by count. The collector follows open files to the pages, so what it found is all there
 * is, also if it is nobody. Where it could not, those that have such things open are named, without pages.
 */
export function processesOfRows({ rows, kind, possessions, pageSize }: Asked): CensusProcess[] {
  const known = rows.flatMap(({ processes }) => processes ?? []);
  const found = rows.some(({ processes }) => processes !== null)
    ? merged(known, kind)
    : kind === null
      ? []
      : possessed(kind, possessions, pageSize);
  return found
    .toSorted((a, b) => (b.pages ?? 0) - (a.pages ?? 0) || b.count - a.count || a.pid - b.pid)
    .slice(0, MOST_PROCESSES);
}

/** One pipe or socket may be in several chains: each process has at least as many as in one of them. */
function merged(rows: NonNullable<HolderRow['processes']>, kind: PossessionKind | null): CensusProcess[] {
  const all = new Map<number, { comm: string; count: number; pages: number }>();
  for (const { pid, comm, objects, pages } of rows) {
    const same = all.get(pid);
    if (same === undefined) all.set(pid, { comm, count: objects, pages });
    else {
      same.count = Math.max(same.count, objects);
      same.pages += pages;
    }
  }
  return [...all].map(([pid, { comm, count, pages }]) => ({ pid, comm, count, what: noun(kind, count), pages }));
}

/** Descriptors say how many things are open, not which of them hold pages; only a ring of packets has its size there. */
function possessed(kind: PossessionKind, possessions: readonly Possession[], pageSize: number): CensusProcess[] {
  return possessions
    .filter((each) => each.kind === kind && each.count > 0)
    .map(({ pid, comm, count, bytes }) => ({
      pid,
      comm,
      count,
      what: noun(kind, count),
      pages: bytes === null ? null : Math.ceil(bytes / pageSize),
    }));
}

function noun(kind: PossessionKind | null, count: number): string {
  const [one, many] = kind === null ? FILE_NOUNS : POSSESSION_NOUNS[kind];
  return count === 1 ? one : many;
}
