/** What the rules look at: the newest look, the trends up to it, and the amounts that several rules need. */
import { kernelNumber } from '../proc/kernel-release.js';
import type { LookOrigin, NotRead } from '../proc/look.js';
import { ACCOUNT_TERMS, type AccountTerm } from '../proc/memory-account.js';
import type { Facts, ProcessFacts } from './facts.js';
import type { Holder, HolderWhat } from './report.js';
import type { Trend, Trends } from './trends.js';
import { isOfContainer } from './words.js';

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;
/** Holders of a finding. */
const MOST_HOLDERS = 8;

export interface Scene {
  now: Facts;
  /** All looks that have a time, `now` among them, oldest first. */
  looks: readonly Facts[];
  trends: Trends;
  /** MemTotal without memory that is not plugged in yet, bytes; 0 = unknown. Bounds in per cent are of this. */
  total: number;
  /** Its version as a number, 6012; see kernel-release.ts. */
  kernel: number;
  /** At least 1. */
  cpus: number;
  /** MemAvailable, or an estimate of it before 3.14; null without a meminfo. */
  available: number | null;
  /** True if `available` is a lower bound alone: the text has free memory, and does not tell what of the rest can be given back. */
  availableAtLeast: boolean;
  /** False where /proc/meminfo is not the kernel's: only cgroups can be judged there. */
  wholeMachine: boolean;
  /** Where the newest look comes from. */
  origin: LookOrigin;
  /** What was looked at, as the user named it. Untrusted. */
  source: string;
  notRead: readonly NotRead[];
}

export function sceneOf(
  facts: readonly Facts[],
  trends: Trends,
  known: Pick<Scene, 'origin' | 'source' | 'notRead'>,
): Scene {
  const now = facts[facts.length - 1];
  return {
    now,
    looks: facts.filter(({ timeMs }) => timeMs !== null).toSorted((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0)),
    trends,
    total: now.machine.totalBytes - (now.account?.unpluggedBytes ?? 0),
    kernel: kernelNumber(now.machine.kernel),
    cpus: Math.max(1, now.machine.cpus),
    available: availableBytes(now),
    availableAtLeast: isLowerBound(now),
    wholeMachine: !isOfContainer(now.machine),
    ...known,
  };
}

/** Why a source says nothing, for the end of a sentence about several things. `what`: its name in a look. */
export function absence({ origin, notRead }: Pick<Scene, 'origin' | 'notRead'>, what: string): string {
  const why = notRead.find((one) => one.what === what)?.why ?? '';
  if (origin === 'live' || origin === 'recording') return `could not be read${why === '' ? '' : ` (${why})`}`;
  const place = origin === 'file' ? 'file' : 'bundle';
  return why === '' || why.startsWith('not in the ') ? `are not in the ${place}` : `could not be read (${why})`;
}

/** Cached contains Shmem, which cannot be given back: without that line it tells nothing. */
function isLowerBound({ meminfo }: Facts): boolean {
  return meminfo !== null && !meminfo.has('MemAvailable') && !meminfo.has('Shmem');
}

/** MemFree, and so MemAvailable, counts what is not plugged in yet. Without MemAvailable: free memory, and half of what can be reclaimed (si_mem_available() of 3.14 says why not all). */
function availableBytes({ meminfo, account }: Facts): number | null {
  if (meminfo === null) return null;
  const of = (name: string): number => (meminfo.get(name) ?? 0) * 1024;
  const unplugged = account?.unpluggedBytes ?? 0;
  const known = meminfo.get('MemAvailable');
  if (known !== undefined) return Math.max(0, known * 1024 - unplugged);
  const free = Math.max(0, of('MemFree') - unplugged);
  if (!meminfo.has('Shmem')) return free;
  const files = Math.max(0, of('Cached') + of('Buffers') - of('Shmem'));
  return free + (files + of('SReclaimable')) / 2;
}

/**
 * The bound of a rule: a share of all memory, but at least `floorBytes`, which keeps small machines
 * quiet. On a machine so small that the floor is most of it, an eighth of its memory is enough. The floor
 * alone where MemTotal is not known.
 */
export function bound({ total }: Pick<Scene, 'total'>, share: number, floorBytes: number): number {
  if (total === 0) return floorBytes;
  return Math.max(share * total, Math.min(floorBytes, total / 8));
}

/** A term of E1, bytes; 0 without a meminfo. */
export function term({ now }: Scene, name: AccountTerm): number {
  return now.account?.terms[ACCOUNT_TERMS.indexOf(name)] ?? 0;
}

/** A line of meminfo in bytes; 0 if it is not there. */
export function line({ now }: Scene, name: string): number {
  return (now.meminfo?.get(name) ?? 0) * 1024;
}

/** MemFree without memory that is not plugged in yet, bytes. */
export function freeBytes(scene: Scene): number {
  return Math.max(0, line(scene, 'MemFree') - (scene.now.account?.unpluggedBytes ?? 0));
}

/** The trend of an item if it is certain and rises; null otherwise. */
export function rising({ trends }: Scene, item: string): Trend | null {
  const trend = trends.get(item);
  return trend?.certain === true && trend.changeBytes > 0 ? trend : null;
}

/** growthBytesPerHour of a finding about this item. */
export function pace(scene: Scene, item: string): number | null {
  const trend = scene.trends.get(item);
  return trend?.certain === true ? trend.bytesPerHour : null;
}

/** '1234 python3': untrusted. */
export function taskName({ pid, name }: Pick<ProcessFacts, 'pid' | 'name'>): string {
  return `${pid} ${name}`;
}

/** Returns the largest of `things` as holders, those without bytes left out. */
export function holdersOf<T>(
  things: Iterable<T>,
  kind: string,
  of: (thing: T) => { name: string; bytes: number; what?: HolderWhat },
): Holder[] {
  const holders: Holder[] = [];
  for (const thing of things) {
    const { bytes, ...rest } = of(thing);
    if (bytes > 0) holders.push({ kind, ...rest, bytes });
  }
  return largest(holders);
}

/** The largest holders, at most eight. */
export function largest(holders: readonly Holder[]): Holder[] {
  return holders.toSorted((one, other) => (other.bytes ?? 0) - (one.bytes ?? 0)).slice(0, MOST_HOLDERS);
}

/** Sums `amount` over all things by their key. */
export function sumBy<T>(
  things: Iterable<T>,
  key: (thing: T) => string,
  amount: (thing: T) => number,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const thing of things) {
    const name = key(thing);
    sums.set(name, (sums.get(name) ?? 0) + amount(thing));
  }
  return sums;
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
