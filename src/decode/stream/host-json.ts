/**
 * Reads HostFacts from untrusted JSON: each field is checked separately, and a missing or wrong one
 * keeps its default.
 */
import { COVERAGE_CAUSES, type CoverageGap, type HostFacts, unknownHost } from '../../event/host-facts.js';
import { ALLOCATOR_NAMES, KIND_NAMED, type KindName } from '../../event/kinds.js';

const MAX_TEXT = 256;
const MAX_SENTENCE = 2000;
const MAX_LIST = 256;
/** A machine has a few hundred. */
const MAX_CACHE_NAMES = 2048;

/** Returns the facts in the text of a HOST message; unknown facts if it is not a JSON object. */
export function parseHostJson(json: string): HostFacts {
  try {
    return checkedHostFacts(JSON.parse(json));
  } catch {
    return unknownHost();
  }
}

/**
 * Returns the facts in an untrusted value with the fields of HostFacts. Checking them again changes
 * nothing.
 */
export function checkedHostFacts(value: unknown): HostFacts {
  const facts = unknownHost();
  if (typeof value !== 'object' || value === null) return facts;
  const given = value as Partial<Record<keyof HostFacts, unknown>>;
  facts.collector = text(given.collector, facts.collector);
  facts.hostname = text(given.hostname, facts.hostname);
  facts.kernel = text(given.kernel, facts.kernel);
  facts.arch = text(given.arch, facts.arch);
  facts.pageSize = isPageSize(given.pageSize) ? given.pageSize : facts.pageSize;
  facts.cpus = whole(given.cpus, 0, 65536, facts.cpus);
  facts.memTotalBytes = whole(given.memTotalBytes, 0, Number.MAX_SAFE_INTEGER, facts.memTotalBytes);
  facts.percpuFirstChunkBytes = whole(given.percpuFirstChunkBytes, 0, Number.MAX_SAFE_INTEGER, 0);
  facts.balloonInTotal = given.balloonInTotal === true;
  // 8.64e15 ms is the greatest instant that a Date can hold.
  facts.startUnixMs = whole(given.startUnixMs, 0, 8.64e15, facts.startUnixMs);
  if (Array.isArray(given.allocators)) {
    const named: readonly unknown[] = given.allocators;
    const known = named
      .map((name) => ALLOCATOR_NAMES.find((each) => each === name))
      .filter((name) => name !== undefined);
    facts.allocators = [...new Set(known)];
  }
  facts.minSizeBytes = whole(given.minSizeBytes, 0, Number.MAX_SAFE_INTEGER, facts.minSizeBytes);
  facts.sampleOneIn = whole(given.sampleOneIn, 1, 2 ** 31, facts.sampleOneIn);
  facts.sampleSeed = whole(given.sampleSeed, 0, 2 ** 32 - 1, facts.sampleSeed);
  facts.minAgeNs = whole(given.minAgeNs, 0, Number.MAX_SAFE_INTEGER, facts.minAgeNs);
  facts.maxOverhead = share(given.maxOverhead);
  facts.overhead = share(given.overhead);
  if (given.self === 'mark' || given.self === 'drop' || given.self === 'keep') facts.self = given.self;
  facts.timesAreCounts = given.timesAreCounts === true;
  facts.mergedCaches = mergedCaches(given.mergedCaches);
  facts.heldBy = text(given.heldBy, facts.heldBy);
  facts.hooks = texts(given.hooks, MAX_TEXT);
  facts.coverage = gaps(given.coverage);
  facts.notes = texts(given.notes, MAX_SENTENCE);
  return facts;
}

/** Kernels have pages of 4 KiB to 256 KiB; a power of two in any case. */
function isPageSize(value: unknown): value is number {
  return (
    Number.isInteger(value) && [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144].includes(Number(value))
  );
}

function whole(value: unknown, least: number, greatest: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= least && value <= greatest
    ? Math.floor(value)
    : otherwise;
}

function share(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : 0;
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? wellFormed(value.slice(0, MAX_TEXT)) : otherwise;
}

function texts(value: unknown, maxLength: number): string[] {
  if (!Array.isArray(value)) return [];
  const list: readonly unknown[] = value.slice(0, MAX_LIST);
  return list.filter((entry) => typeof entry === 'string').map((entry) => wellFormed(entry.slice(0, maxLength)));
}

/** A group of fewer than two names tells nothing. All groups together have at most MAX_CACHE_NAMES names. */
function mergedCaches(value: unknown): string[][] {
  if (!Array.isArray(value)) return [];
  const groups: string[][] = [];
  let left = MAX_CACHE_NAMES;
  for (const entry of value.slice(0, MAX_CACHE_NAMES) as readonly unknown[]) {
    if (!Array.isArray(entry)) continue;
    const given: readonly unknown[] = entry.slice(0, left);
    const names = given.filter((name) => typeof name === 'string').map((name) => wellFormed(name.slice(0, MAX_TEXT)));
    const group = [...new Set(names)].filter((name) => name !== '');
    if (group.length < 2) continue;
    groups.push(group);
    left -= group.length;
  }
  return groups;
}

/** Returns the gaps of coverage of a known cause; an older reader knows fewer causes. */
function gaps(value: unknown): CoverageGap[] {
  if (!Array.isArray(value)) return [];
  const found: CoverageGap[] = [];
  for (const entry of value.slice(0, MAX_LIST) as readonly unknown[]) {
    if (typeof entry !== 'object' || entry === null) continue;
    const given = entry as Partial<Record<keyof CoverageGap, unknown>>;
    const cause = COVERAGE_CAUSES.find((each) => each === given.cause);
    if (cause === undefined) continue;
    const kinds = texts(given.kinds, MAX_TEXT).filter((name): name is KindName => Object.hasOwn(KIND_NAMED, name));
    found.push({ cause, kinds, certain: given.certain === true, detail: text(given.detail, '') });
  }
  return found;
}

/** Half a surrogate pair (JSON may contain one, a cut may leave one) cannot be recorded as UTF-8. */
function wellFormed(value: string): string {
  return value.replace(/\p{Surrogate}/gu, '\ufffd');
}
