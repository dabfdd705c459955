/**
 * The slow, obvious pairing, with a Map entry for each page and each object. PairingCore must agree
 * with it.
 */
import type { EventBatch } from '../../src/event/event-batch.js';
import {
  ADDRESS_SPACES,
  ALLOCATOR_OF_KIND,
  FREE_BIT,
  KIND_MASK,
  MAPPED,
  PAGE,
  PAGE_MOVED_FROM,
  PAGE_MOVED_TO,
  RESERVED,
  SELF_BIT,
  VMALLOC,
} from '../../src/event/kinds.js';

export interface PlainAllocation {
  allocator: number;
  /** First address or pfn, hex. */
  address: string;
  path: PlainPath;
  timeNs: number;
  /** Bytes, or pages still held. */
  size: number;
  pid: number;
  commId: number;
  cacheId: number;
  cpu: number;
  own: boolean;
}

export interface PlainPath {
  stackId: number;
  allocator: number;
  kind: number;
  live: number;
  count: number;
  allocSize: number;
  allocCount: number;
  freeCount: number;
  missed: number;
  ownLive: number;
  ownCount: number;
  atPeak: number;
  lifetimes: number[];
  caches: number[];
}

/** A call path of frees: how often, how much of it may be wrong, ages, and whether the CPU was another one. */
export interface PlainSite {
  stackId: number;
  count: number;
  over: number;
  ages: number[];
  otherCpu: boolean[];
}

export class PlainPairing {
  readonly paths = new Map<string, PlainPath>();
  /** Allocator and address (of each page) -> the allocation that holds it. */
  readonly live = new Map<string, PlainAllocation>();
  /** By stack id and allocator. */
  readonly sites = new Map<string, PlainSite[]>();
  readonly total = ADDRESS_SPACES.map(() => 0);
  readonly peak = ADDRESS_SPACES.map(() => 0);
  readonly peakNs = ADDRESS_SPACES.map(() => 0);
  nowNs = 0;
  /** Time of the present event. */
  protected eventNs = 0;
  allocs = 0;
  frees = 0;
  orphans = 0;
  missed = 0;
  failed = 0;
  nulls = 0;
  misses = 0;
  bad = 0;
  moveHalves = 0;
  moved = 0;
  vacated = 0;
  /** Pages that were left and whose free has not come; true if the new page was taken without an event. */
  readonly left = new Map<bigint, boolean>();
  private half: { from: bigint; pages: number } | null = null;

  apply(batch: EventBatch, stacks: number): void {
    for (let i = 0; i < batch.length; i++) this.event(batch, i, stacks);
  }

  /** All outstanding allocations, each once. */
  allocations(): Set<PlainAllocation> {
    return new Set(this.live.values());
  }

  protected event(batch: EventBatch, i: number, stacks: number): void {
    const kind = batch.kind[i] & KIND_MASK;
    const allocator = ALLOCATOR_OF_KIND[kind];
    const address = (BigInt(batch.addrHi[i]) << 32n) | BigInt(batch.addrLo[i]);
    const size = batch.size[i];
    if (allocator === 255 || !(batch.timeNs[i] >= 0)) {
      this.bad++;
      return;
    }
    this.nowNs = Math.max(this.nowNs, batch.timeNs[i]);
    this.eventNs = batch.timeNs[i];
    const isFree = (kind & FREE_BIT) !== 0;
    if (!isFree && (allocator === PAGE ? address === 2n ** 64n - 1n : address <= 16n)) this.failed++;
    else if (isFree && allocator !== PAGE && address <= 16n) this.nulls++;
    else if (kind === PAGE_MOVED_FROM || kind === PAGE_MOVED_TO) this.halfMove(kind, address, size);
    else if (isBadRange(allocator, address, size)) this.bad++;
    else if (!isFree && allocator === VMALLOC && size === 0) this.bad++;
    else if (isFree) {
      if (batch.stackId[i] !== 0 && batch.stackId[i] <= stacks) this.site(batch, i, allocator, address);
      this.free(batch.timeNs[i], allocator, address, size);
    } else this.alloc(batch, i, allocator, address, stacks);
  }

  private site(batch: EventBatch, i: number, allocator: number, address: bigint): void {
    const held = this.live.get(`${allocator} ${address}`);
    if (held === undefined || held.own) return;
    const key = `${held.path.stackId} ${allocator}`;
    const sites = this.sites.get(key) ?? [];
    this.sites.set(key, sites);
    let site = sites.find(({ stackId }) => stackId === batch.stackId[i]);
    if (site === undefined) {
      const rarest =
        sites.length < 8 ? undefined : sites.reduce((least, one) => (one.count < least.count ? one : least));
      if (rarest !== undefined) sites.splice(sites.indexOf(rarest), 1);
      const over = rarest?.count ?? 0;
      site = { stackId: batch.stackId[i], count: over, over, ages: [], otherCpu: [] };
      sites.push(site);
    }
    site.count++;
    site.ages.push(batch.timeNs[i] - held.timeNs);
    const cpu = held.cpu < 512 ? held.cpu : 0;
    if (cpu !== 0 && batch.cpu[i] !== 0) site.otherCpu.push(cpu !== batch.cpu[i]);
  }

  private free(timeNs: number, allocator: number, address: bigint, pages: number): void {
    this.frees++;
    for (let page = 0n; page < (allocator === PAGE ? BigInt(pages) : 1n); page++) {
      const key = `${allocator} ${address + page}`;
      const held = this.live.get(key);
      if (held === undefined && allocator === PAGE && this.left.has(address + page)) {
        if (this.left.get(address + page) === true) this.vacated++;
        this.left.delete(address + page);
      } else if (held === undefined) this.orphans++;
      else {
        const count = this.release(key, held);
        held.path.freeCount += count;
        for (let n = 0; n < count; n++) held.path.lifetimes.push(timeNs - held.timeNs);
      }
    }
  }

  private halfMove(kind: number, address: bigint, pages: number): void {
    const { half } = this;
    this.half = null;
    const isBad = kind === PAGE_MOVED_TO && half?.pages !== pages;
    if (isBad || pages > 8192 || isBadRange(PAGE, address, pages)) {
      this.bad++;
      return;
    }
    this.moveHalves++;
    if (kind === PAGE_MOVED_FROM) this.half = { from: address, pages };
    else if (half !== null) {
      this.moved += pages;
      for (let page = 0n; page < BigInt(pages); page++) this.movePage(half.from + page, address + page);
    }
  }

  private movePage(from: bigint, to: bigint): void {
    const [fromKey, toKey] = [`${PAGE} ${from}`, `${PAGE} ${to}`];
    const old = this.live.get(fromKey);
    const made = this.live.get(toKey);
    this.live.delete(fromKey);
    if (old !== undefined) this.live.set(toKey, alone(old, to));
    if (old !== undefined && made !== undefined) {
      this.live.set(fromKey, alone(made, from));
      return;
    }
    if (made !== undefined) {
      made.path.freeCount += this.release(toKey, made);
      made.path.lifetimes.push(this.eventNs - made.timeNs);
    }
    this.left.set(from, made === undefined);
    if (old !== undefined) this.left.delete(to);
  }

  private alloc(batch: EventBatch, i: number, allocator: number, address: bigint, stacks: number): void {
    this.allocs++;
    if (batch.stackId[i] === 0 || batch.stackId[i] > stacks) this.misses++;
    const path = this.pathOf(batch.stackId[i] > stacks ? 0 : batch.stackId[i], allocator, batch.kind[i] & KIND_MASK);
    if (batch.cacheId[i] !== 0 && !path.caches.includes(batch.cacheId[i])) path.caches.push(batch.cacheId[i]);
    const pages = allocator === PAGE ? batch.size[i] : 1;
    const allocation: PlainAllocation = {
      allocator,
      address: `0x${address.toString(16)}`,
      path,
      timeNs: batch.timeNs[i],
      size: batch.size[i],
      pid: batch.pid[i],
      commId: batch.commId[i],
      cacheId: batch.cacheId[i],
      cpu: batch.cpu[i],
      own: (batch.kind[i] & SELF_BIT) !== 0,
    };
    for (let page = 0n; page < BigInt(pages); page++) {
      const key = `${allocator} ${address + page}`;
      const held = this.live.get(key);
      if (held !== undefined) {
        const count = this.release(key, held);
        held.path.missed += count;
        this.missed += count;
      }
      this.live.set(key, allocation);
      if (allocator === PAGE) this.left.delete(address + page);
    }
    const count = allocator === PAGE || allocator === VMALLOC ? batch.size[i] : 1;
    path.live += batch.size[i];
    path.count += count;
    path.allocSize += batch.size[i];
    path.allocCount += count;
    if (allocation.own) {
      path.ownLive += batch.size[i];
      path.ownCount += count;
    }
    this.total[allocator] += batch.size[i];
    this.notePeak(allocator);
  }

  protected notePeak(allocator: number): void {
    if (this.total[allocator] <= this.peak[allocator]) return;
    this.peak[allocator] = this.total[allocator];
    this.peakNs[allocator] = this.eventNs;
    for (const each of this.paths.values()) if (each.allocator === allocator) each.atPeak = each.live;
  }

  /** Takes one page or one object away; returns the number of pages or objects that it counts as. */
  protected release(key: string, held: PlainAllocation): number {
    this.live.delete(key);
    const byPage = held.allocator === PAGE || held.allocator === MAPPED || held.allocator === RESERVED;
    const size = byPage ? 1 : held.size;
    const count = held.allocator === VMALLOC ? held.size : 1;
    if (byPage) held.size--;
    held.path.live -= size;
    held.path.count -= count;
    if (held.own) {
      held.path.ownLive -= size;
      held.path.ownCount -= count;
    }
    this.total[held.allocator] -= size;
    return count;
  }

  protected pathOf(stackId: number, allocator: number, kind: number): PlainPath {
    const key = `${stackId} ${allocator}`;
    let path = this.paths.get(key);
    if (path === undefined) {
      const zeros = { live: 0, count: 0, allocSize: 0, allocCount: 0, freeCount: 0, missed: 0 };
      path = { stackId, allocator, kind, ...zeros, ownLive: 0, ownCount: 0, atPeak: 0, lifetimes: [], caches: [] };
      this.paths.set(key, path);
    }
    return path;
  }
}

function isBadRange(allocator: number, pfn: bigint, pages: number): boolean {
  return allocator === PAGE && (pages === 0 || pages > 2 ** 20 || pfn + BigInt(pages) > 2n ** 36n);
}

/** Returns a page of an allocation as one of its own; the rest stays where it is. */
function alone(held: PlainAllocation, pfn: bigint): PlainAllocation {
  held.size--;
  return { ...held, address: `0x${pfn.toString(16)}`, size: 1 };
}
