/**
 * The plain pairing with the memory of processes: a Map entry for each page that is mapped or reserved and for each heap block,
 * and facts that fork, exec and end processes.
 */
import type { EventBatch } from '../../src/event/event-batch.js';
import {
  ALLOCATOR_OF_KIND,
  BECAME_RESERVED,
  BECAME_USABLE,
  FREE_BIT,
  HEAP,
  HEAP_FREE,
  HEAP_FREE_UNLESS,
  HEAP_UNDO,
  KIND_MASK,
  MAPPED,
  RANGE_MOVED_FROM,
  RANGE_MOVED_TO,
  RESERVED,
  SELF_BIT,
  UNMAP,
} from '../../src/event/kinds.js';
import type { ProcessEvent } from '../../src/event/process-facts.js';
import { type PlainAllocation, PlainPairing, type PlainPath } from './plain-pairing.js';

const SPACES = [HEAP, MAPPED, RESERVED];

export class PlainProcesses extends PlainPairing {
  changes = 0;
  huge = 0;
  /** Key of a heap block -> what was freed last there by a realloc(), and when. */
  private readonly returning = new Map<string, { held: PlainAllocation; freedNs: number }>();
  private moving: { process: bigint; first: bigint; pages: number } | null = null;

  /** A page of a range as text: process, page. Sorted, for comparison. */
  ranges(allocator: number): string[] {
    return [...this.live]
      .filter(([key]) => key.startsWith(`${allocator} `))
      .map(([key, { path, timeNs, pid }]) => `${key} stack ${path.stackId} at ${timeNs} of ${pid}`)
      .toSorted();
  }

  process(timeNs: number, { number, pid, parent, why, stays }: ProcessEvent): void {
    this.eventNs = timeNs;
    this.nowNs = Math.max(this.nowNs, timeNs);
    if (why === 'exit' && stays) return;
    this.releaseAll(BigInt(number));
    if (why === 'exec' && parent !== number) this.releaseAll(BigInt(parent));
    if (why === 'fork' && parent !== number) this.copyAll(BigInt(parent), BigInt(number), pid);
    for (const allocator of SPACES) this.notePeak(allocator);
  }

  protected override event(batch: EventBatch, i: number, stacks: number): void {
    const kind = batch.kind[i] & KIND_MASK;
    const allocator = ALLOCATOR_OF_KIND[kind];
    if (!SPACES.includes(allocator) || !(batch.timeNs[i] >= 0)) {
      super.event(batch, i, stacks);
      return;
    }
    const before = this.bad;
    this.eventNs = batch.timeNs[i];
    this.ofProcess(batch, i, stacks, kind);
    if (this.bad === before) this.nowNs = Math.max(this.nowNs, batch.timeNs[i]);
    for (const each of SPACES) this.notePeak(each);
  }

  private ofProcess(batch: EventBatch, i: number, stacks: number, kind: number): void {
    const allocator = ALLOCATOR_OF_KIND[kind];
    const key = (BigInt(batch.addrHi[i]) << 32n) | BigInt(batch.addrLo[i]);
    const process = key >> 48n;
    const address = key & 0xffffffffffffn;
    const isFree = (kind & FREE_BIT) !== 0;
    const { moving } = this;
    const isMove = kind === RANGE_MOVED_FROM || kind === RANGE_MOVED_TO;
    if (key === 0n || (allocator === HEAP && address === 0n)) {
      if (!isFree) this.failed++;
      else if (allocator === HEAP) this.nulls++;
      else this.bad++;
      return;
    }
    if (process === 0n) {
      this.bad++;
      return;
    }
    if (isMove) this.moving = null;
    if (allocator === HEAP) {
      this.heap(batch, i, stacks, kind, key);
      return;
    }
    const [first, pages] = [address >> 12n, batch.size[i]];
    if (address % 4096n !== 0n || pages === 0 || first + BigInt(pages) > 2n ** 36n) {
      this.bad++;
      return;
    }
    const range = Array.from({ length: pages }, (_, n) => `${process} ${first + BigInt(n)}`);
    if (!isFree) {
      for (const page of range) this.unmapPage(page);
      const made = this.made(batch, i, stacks, allocator, pages);
      for (const page of range) this.live.set(`${allocator} ${page}`, made);
    } else if (kind === UNMAP) {
      this.frees++;
      for (const page of range) if (!this.unmapPage(page)) this.orphans++;
    } else if (kind === RANGE_MOVED_TO && (moving?.process !== process || moving.pages !== pages)) this.bad++;
    else {
      this.changes++;
      if (kind === RANGE_MOVED_FROM) this.moving = { process, first, pages };
      else if (kind === RANGE_MOVED_TO && moving !== null) this.move(process, moving.first, first, pages);
      else if (kind === BECAME_RESERVED) for (const page of range) this.become(page, MAPPED, RESERVED);
      else if (kind === BECAME_USABLE) for (const page of range) this.become(page, RESERVED, MAPPED);
    }
  }

  private heap(batch: EventBatch, i: number, stacks: number, kind: number, key: bigint): void {
    const at = `${HEAP} ${key}`;
    const held = this.live.get(at);
    if (kind === HEAP_UNDO) {
      this.changes++;
      const back = held === undefined ? this.returning.get(at) : undefined;
      if (back === undefined) return;
      this.returning.delete(at);
      this.live.set(at, back.held);
      this.hold(back.held, back.held.size, 1);
      back.held.path.freeCount--;
      const { lifetimes } = back.held.path;
      lifetimes.splice(lifetimes.indexOf(back.freedNs - back.held.timeNs), 1);
    } else if (kind === HEAP_FREE || kind === HEAP_FREE_UNLESS) {
      this.frees++;
      if (held === undefined) this.orphans++;
      else this.free1(at, held);
      if (held !== undefined && kind === HEAP_FREE_UNLESS) this.returning.set(at, { held, freedNs: this.eventNs });
    } else {
      if (batch.size[i] === 0xffffffff) this.huge++;
      if (held !== undefined) {
        held.path.missed += this.release(at, held);
        this.missed++;
      }
      this.live.set(at, this.made(batch, i, stacks, HEAP, 1));
    }
  }

  /** Charges an alloc. `count`: blocks or pages. */
  private made(batch: EventBatch, i: number, stacks: number, allocator: number, count: number): PlainAllocation {
    this.allocs++;
    const stackId = batch.stackId[i] > stacks ? 0 : batch.stackId[i];
    if (stackId === 0) this.misses++;
    const path = this.pathOf(stackId, allocator, batch.kind[i] & KIND_MASK);
    const own = (batch.kind[i] & SELF_BIT) !== 0;
    const { [i]: size } = batch.size;
    const [pid, commId, cacheId, cpu] = [batch.pid[i], batch.commId[i], batch.cacheId[i], batch.cpu[i]];
    noteCache(path, cacheId);
    const made = { allocator, address: '', path, timeNs: batch.timeNs[i], size, pid, commId, cacheId, cpu, own };
    this.hold(made, size, count);
    path.allocSize += size;
    path.allocCount += count;
    return made;
  }

  private hold(held: PlainAllocation, size: number, count: number): void {
    held.path.live += size;
    held.path.count += count;
    if (held.own) {
      held.path.ownLive += size;
      held.path.ownCount += count;
    }
    this.total[held.allocator] += size;
  }

  private free1(key: string, held: PlainAllocation): void {
    held.path.freeCount += this.release(key, held);
    held.path.lifetimes.push(this.eventNs - held.timeNs);
  }

  private unmapPage(page: string): boolean {
    for (const allocator of [MAPPED, RESERVED]) {
      const held = this.live.get(`${allocator} ${page}`);
      if (held === undefined) continue;
      this.free1(`${allocator} ${page}`, held);
      return true;
    }
    return false;
  }

  private move(process: bigint, from: bigint, to: bigint, pages: number): void {
    const taken: [number, bigint, PlainAllocation][] = [];
    for (const allocator of [MAPPED, RESERVED]) {
      for (let n = 0n; n < BigInt(pages); n++) {
        const key = `${allocator} ${process} ${from + n}`;
        const held = this.live.get(key);
        if (held !== undefined) taken.push([allocator, to + n, held]);
        this.live.delete(key);
      }
    }
    for (let n = 0n; n < BigInt(pages); n++) this.unmapPage(`${process} ${to + n}`);
    for (const [allocator, page, held] of taken) this.live.set(`${allocator} ${process} ${page}`, held);
  }

  private become(page: string, from: number, into: number): void {
    const held = this.live.get(`${from} ${page}`);
    if (held === undefined) return;
    this.free1(`${from} ${page}`, held);
    const path = this.pathOf(held.path.stackId, into, into === MAPPED ? 7 : 10);
    noteCache(path, held.cacheId);
    this.copied(`${into} ${page}`, { ...held, allocator: into, path, size: 1 });
  }

  /** Charges one page or block that is held without an event of its own. */
  private copied(key: string, held: PlainAllocation): void {
    const size = held.allocator === HEAP ? held.size : 1;
    this.live.set(key, held);
    this.hold(held, size, 1);
    held.path.allocSize += size;
    held.path.allocCount++;
  }

  private releaseAll(process: bigint): void {
    for (const [key, held] of this.live) if (isOf(key, process)) this.free1(key, held);
    for (const key of this.returning.keys()) if (isOf(key, process)) this.returning.delete(key);
    if (this.moving?.process === process) this.moving = null;
  }

  private copyAll(parent: bigint, child: bigint, pid: number): void {
    for (const [key, held] of this.live) {
      if (!isOf(key, parent)) continue;
      const [allocator, process, page] = key.split(' ');
      const at =
        Number(allocator) === HEAP
          ? `${allocator} ${(child << 48n) | (BigInt(process) & 0xffffffffffffn)}`
          : `${allocator} ${child} ${page}`;
      this.copied(at, { ...held, pid, size: Number(allocator) === HEAP ? held.size : 1 });
    }
  }
}

function noteCache({ caches }: PlainPath, cacheId: number): void {
  if (cacheId !== 0 && !caches.includes(cacheId)) caches.push(cacheId);
}

function isOf(key: string, process: bigint): boolean {
  const [allocator, rest] = key.split(' ');
  return Number(allocator) === HEAP
    ? BigInt(rest) >> 48n === process
    : Number(allocator) > HEAP && BigInt(rest) === process;
}
