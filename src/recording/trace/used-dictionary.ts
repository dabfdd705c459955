/**
 * UsedDictionary: the part of a trace's dictionary that a stretch of it needs, under ids of its own. An entry is taken
 * over when an event names it; one that the trace learns during the stretch may be taken at once, in the trace's order,
 * so that stretches read one after the other give the very ids of the whole.
 *
 * Of the symbols, those of taken frames are told: at once where they are known, else when they come.
 */
import { AddressTable } from '../../event/address-table.js';
import { EventBatch } from '../../event/event-batch.js';
import type { NameTable } from '../../event/name-table.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress, TraceSink } from '../../event/trace-sink.js';

/** A kernel has some 10^5 call sites. */
const SYMBOLS_KEPT = 1 << 20;

/** The latest name that the trace told of an address, null where it told none. */
export interface SymbolFinder {
  find(hi: number, lo: number): SymbolisedAddress | null;
}

/** The names of addresses as the trace told them, the latest of each. */
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
  /** Rows that were handed on so far whose times lay before the start. */
  clampedRows = 0;
  private readonly source: TraceDictionary;
  private readonly symbols: SymbolFinder;
  private readonly tell: (entry: SymbolisedAddress) => void;
  private readonly stacks = new IdMap();
  private readonly comms = new IdMap();
  private readonly caches = new IdMap();
  private seen = { stacks: 0, comms: 0, caches: 0 };
  private readonly atOnce: 'new' | 'all' | 'none';
  private readonly copy = new EventBatch();
  private path = new Uint32Array(256);
  private wanted = 0;

  /** `atOnce`: entries that are taken before an event names them: those that come from now on, all, or none. */
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

  /** Taken frames that no symbol was told of yet. */
  get framesWithoutSymbol(): number {
    return this.wanted;
  }

  /** A symbol came, and `symbols` has it: told here when its frame is taken. */
  symbolCame(entry: SymbolisedAddress, isFirst: boolean): void {
    if (this.dictionary.stacks.frames.find(entry.addressHi, entry.addressLo) === 0) return;
    if (isFirst) this.wanted--;
    this.tell(entry);
  }

  /** Gives rows [from, to) of a batch to a sink, under the ids of `dictionary` and `shiftNs` earlier (never below 0). */
  hand(batch: EventBatch, from: number, to: number, shiftNs: number, sink: TraceSink): void {
    this.takeNew();
    const { capacity } = this.copy;
    for (let start = from; start < to; start += capacity) {
      sink.events(this.translated(batch, start, Math.min(to, start + capacity), shiftNs));
    }
  }

  /** Takes over what the source has gained, unless only what is used is wanted. */
  takeNew(): void {
    const { source, seen, dictionary } = this;
    if (this.atOnce === 'none') return;
    while (seen.stacks < source.stacks.size) this.stackOf(++seen.stacks);
    while (seen.comms < source.comms.size) nameOf(++seen.comms, this.comms, source.comms, dictionary.comms);
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
    copy.length = to - from;
    for (let row = 0; row < copy.length; row++) {
      const at = from + row;
      const time = batch.timeNs[at] - shiftNs;
      if (time < 0) this.clampedRows++;
      timeNs[row] = Math.max(0, time);
      stackId[row] = this.stackOf(batch.stackId[at]);
      commId[row] = nameOf(batch.commId[at], this.comms, this.source.comms, this.dictionary.comms);
      cacheId[row] = nameOf(batch.cacheId[at], this.caches, this.source.caches, this.dictionary.caches);
    }
    return copy;
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

/** Dense ids -> dense ids, 0 = none. */
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
