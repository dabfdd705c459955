/**
 * UsedDictionary: the entries of a trace's dictionary that one section of the trace needs, under
 * ids of its own. An entry is copied when an event refers to it. Entries that are new in the
 * section may be copied at once, in the trace's order, so that sections read one after the other
 * give the same ids as the whole.
 *
 * The symbols of copied frames are passed on: at once if they are known, else when they come.
 */

import { EventBatch } from '../../event/event-batch.js';
import { AddressTable } from '../../event/tables/address-table.js';
import type { NameTable } from '../../event/tables/name-table.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import type { FactOf, FreedRow, SymbolisedAddress, TraceFact, TraceSink } from '../../event/trace-sink.js';

/** Addresses whose symbols are kept at most; a kernel has some 10^5 call sites. */
const SYMBOLS_KEPT = 1 << 20;

/** Returns the latest symbol of an address; null if it has none. */
export interface SymbolFinder {
  find(hi: number, lo: number): SymbolisedAddress | null;
}

/** Keeps the latest symbol of each address. */
export class KnownSymbols implements SymbolFinder {
  private readonly addresses = new AddressTable();
  private readonly entries: SymbolisedAddress[] = [];

  add(entry: SymbolisedAddress): void {
    const { addressHi, addressLo } = entry;
    if (this.addresses.size >= SYMBOLS_KEPT && this.addresses.find(addressHi, addressLo) === 0) return;
    this.entries[this.addresses.intern(addressHi, addressLo) - 1] = entry;
  }

  find(hi: number, lo: number): SymbolisedAddress | null {
    const id = this.addresses.find(hi, lo);
    return id === 0 ? null : this.entries[id - 1];
  }
}

export class UsedDictionary {
  readonly dictionary = new TraceDictionary();
  /** Rows passed on so far whose time lay before the start of the section, and became 0. */
  clampedRows = 0;
  private readonly source: TraceDictionary;
  private readonly symbols: SymbolFinder;
  private readonly tell: (entry: SymbolisedAddress) => void;
  private readonly stacks = new IdMap();
  private readonly comms = new IdMap();
  private readonly caches = new IdMap();
  private readonly cgroups = new IdMap();
  private seen = { stacks: 0, comms: 0, caches: 0 };
  private readonly atOnce: 'new' | 'all' | 'none';
  private readonly copy = new EventBatch();
  private path = new Uint32Array(256);
  private wanted = 0;

  /**
   * `tell` gets the symbols. `atOnce`: which entries are copied before an event refers to them:
   * those that come from now on, all, or none.
   */
  constructor(
    source: TraceDictionary,
    symbols: SymbolFinder,
    tell: (entry: SymbolisedAddress) => void,
    atOnce: 'new' | 'all' | 'none',
  ) {
    this.source = source;
    this.symbols = symbols;
    this.tell = tell;
    this.atOnce = atOnce;
    if (atOnce === 'new') {
      this.seen = { stacks: source.stacks.size, comms: source.comms.size, caches: source.caches.size };
    }
  }

  /** Copied frames whose symbol has not come yet. */
  get framesWithoutSymbol(): number {
    return this.wanted;
  }

  /** Must be called when a symbol has come, and `symbols` has it: passes it on if its frame was copied. */
  symbolCame(entry: SymbolisedAddress, isFirst: boolean): void {
    if (this.dictionary.stacks.frames.find(entry.addressHi, entry.addressLo) === 0) return;
    if (isFirst) this.wanted--;
    this.tell(entry);
  }

  /**
   * Sends rows [from, to) of a batch to a sink, with the ids of `dictionary` and `shiftNs` earlier
   * (never below 0).
   */
  hand(batch: EventBatch, from: number, to: number, shiftNs: number, sink: TraceSink): void {
    this.takeNew();
    const { capacity } = this.copy;
    for (let start = from; start < to; start += capacity) {
      sink.events(this.translated(batch, start, Math.min(to, start + capacity), shiftNs));
    }
  }

  /** Returns a fact with the ids of `dictionary`. */
  fact(fact: TraceFact): TraceFact {
    if (fact.type === 'freed') {
      this.takeNew();
      const freed = (row: FreedRow): FreedRow => ({
        ...row,
        stackId: this.stackOf(row.stackId),
        freeStackId: this.stackOf(row.freeStackId),
      });
      return { ...fact, rows: fact.rows.map(freed) };
    }
    if (fact.type === 'held') return this.held(fact);
    return fact.type === 'names' ? this.names(fact) : fact;
  }

  private held(fact: FactOf<'held'>): FactOf<'held'> {
    this.takeNew();
    const rows = fact.rows.map((row) => ({
      ...row,
      stackId: this.stackOf(row.stackId),
      commId: this.taskOf(row.commId),
    }));
    return { ...fact, rows };
  }

  private names(fact: FactOf<'names'>): FactOf<'names'> {
    this.takeNew();
    return { ...fact, rows: fact.rows.map((row) => ({ ...row, stackId: this.stackOf(row.stackId) })) };
  }

  /** Copies the entries that the source has gained, unless `atOnce` is 'none'. */
  takeNew(): void {
    const { source, seen, dictionary } = this;
    if (this.atOnce === 'none') return;
    while (seen.stacks < source.stacks.size) this.stackOf(++seen.stacks);
    while (seen.comms < source.comms.size) this.taskOf(++seen.comms);
    while (seen.caches < source.caches.size) nameOf(++seen.caches, this.caches, source.caches, dictionary.caches);
  }

  private translated(batch: EventBatch, from: number, to: number, shiftNs: number): EventBatch {
    const { copy } = this;
    const { stackId, commId, cacheId, timeNs } = copy;
    copy.kind.set(batch.kind.subarray(from, to));
    copy.addrHi.set(batch.addrHi.subarray(from, to));
    copy.addrLo.set(batch.addrLo.subarray(from, to));
    copy.size.set(batch.size.subarray(from, to));
    copy.bytesReq.set(batch.bytesReq.subarray(from, to));
    copy.pid.set(batch.pid.subarray(from, to));
    copy.cpu.set(batch.cpu.subarray(from, to));
    copy.length = to - from;
    for (let row = 0; row < copy.length; row++) {
      const at = from + row;
      const time = batch.timeNs[at] - shiftNs;
      if (time < 0) this.clampedRows++;
      timeNs[row] = Math.max(0, time);
      stackId[row] = this.stackOf(batch.stackId[at]);
      commId[row] = this.taskOf(batch.commId[at]);
      cacheId[row] = nameOf(batch.cacheId[at], this.caches, this.source.caches, this.dictionary.caches);
    }
    return copy;
  }

  private taskOf(id: number): number {
    if (id === 0 || id > this.source.comms.size) return 0;
    const known = this.comms.get(id);
    if (known !== 0) return known;
    const { comms, cgroups } = this.source;
    const cgroup = nameOf(comms.cgroup(id), this.cgroups, cgroups, this.dictionary.cgroups);
    const own = this.dictionary.comms.intern(comms.name(id), cgroup);
    this.comms.set(id, own);
    return own;
  }

  private stackOf(id: number): number {
    if (id === 0 || id > this.source.stacks.size) return 0;
    const known = this.stacks.get(id);
    if (known !== 0) return known;
    const { stacks } = this.source;
    const depth = stacks.depth(id);
    if (depth > this.path.length) this.path = new Uint32Array(depth * 2);
    for (let i = 0; i < depth; i++) {
      const frame = stacks.frameId(id, i);
      this.path[i] = this.frameOf(stacks.frames.hi[frame], stacks.frames.lo[frame]);
    }
    const own = this.dictionary.stacks.intern(this.path, depth);
    this.stacks.set(id, own);
    return own;
  }

  private frameOf(hi: number, lo: number): number {
    const { frames } = this.dictionary.stacks;
    const before = frames.size;
    const id = frames.intern(hi, lo);
    if (frames.size === before) return id;
    const symbol = this.symbols.find(hi, lo);
    if (symbol === null) this.wanted++;
    else this.tell(symbol);
    return id;
  }
}

function nameOf(id: number, ids: IdMap, from: NameTable, to: NameTable): number {
  if (id === 0 || id > from.size) return 0;
  const known = ids.get(id);
  if (known !== 0) return known;
  const own = to.intern(from.name(id));
  ids.set(id, own);
  return own;
}

/** Maps dense ids to dense ids; 0 = none. */
class IdMap {
  private ids = new Uint32Array(1024);

  get(id: number): number {
    return id < this.ids.length ? this.ids[id] : 0;
  }

  set(id: number, own: number): void {
    if (id >= this.ids.length) {
      const grown = new Uint32Array(2 ** Math.ceil(Math.log2(id + 1)));
      grown.set(this.ids);
      this.ids = grown;
    }
    this.ids[id] = own;
  }
}
