/**
 * Traces as text, so that tests are easy to read. One event a line, the time in ns first:
 *
 *     0   alloc a 64 kmalloc < foo < bar[mod]      kmalloc; frames leaf first, a module in brackets; foo+9 for an offset, else 4; ?x has no name
 *     1   alloc b 192 cache=dentry comm=ls pid=7 kmem_cache_alloc < d_alloc
 *     5   free a                                   kfree; `cfree` is kmem_cache_free
 *     10  palloc 100 order 3 self < x              pages; `palloc -1 order 0` failed
 *     12  pfree 101 order 0
 *     12  pfrom 100 order 0 ; 12 pto 900 order 0   a page moves
 *     13  percpu p 64 < y ; 14 pcfree p ; 15 valloc v 16 < z (pages) ; 16 vfree v
 *     17  alloc c 64 comm=ls cgroup=7:/a/b y       behind comm: number and path of the cgroup of that task
 *     18  removed 7:/a/b                           this cgroup is no longer there
 *     19  exit 7                                   this process has ended
 *     20  lost kfree 3 192                         3 lost frees of 192 bytes together (bytes may be missing)
 *     30  clock
 *
 * Addresses are names, or hex numbers (0x10). A `;` ends a line too.
 */
import { EventBatch } from '../../src/event/event-batch.js';
import { type HostFacts, unknownHost } from '../../src/event/host-facts.js';
import {
  KFREE,
  KMALLOC,
  KMEM_CACHE_ALLOC,
  KMEM_CACHE_FREE,
  kindName,
  PAGE_ALLOC,
  PAGE_FREE,
  PAGE_MOVED_FROM,
  PAGE_MOVED_TO,
  PERCPU_ALLOC,
  PERCPU_FREE,
  SELF_BIT,
  VMALLOC_ALLOC,
  VMALLOC_FREE,
} from '../../src/event/kinds.js';
import { LOSS_RING_FULL } from '../../src/event/losses.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { TraceSink } from '../../src/event/trace-sink.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { rank } from '../../src/rank/rank.js';
import type { Report } from '../../src/rank/report/report.js';
import { defaultSelection, type Selection } from '../../src/rank/report/selection.js';
import { SymbolTable } from '../../src/symbols/symbol-table.js';

const KINDS: Record<string, number> = {
  alloc: KMALLOC,
  free: KFREE,
  cfree: KMEM_CACHE_FREE,
  palloc: PAGE_ALLOC,
  pfree: PAGE_FREE,
  percpu: PERCPU_ALLOC,
  pcfree: PERCPU_FREE,
  valloc: VMALLOC_ALLOC,
  vfree: VMALLOC_FREE,
  pfrom: PAGE_MOVED_FROM,
  pto: PAGE_MOVED_TO,
};

export interface PairedText {
  core: PairingCore;
  symbols: SymbolTable;
  report: (selection?: Partial<Selection>) => Report;
}

/** Pairs a trace given as text, `batch` events at a time. */
export function pairText(text: string, options: { batch?: number; host?: Partial<HostFacts> } = {}): PairedText {
  const dictionary = new TraceDictionary();
  const core = new PairingCore(dictionary);
  const symbols = new SymbolTable();
  const host = { ...unknownHost(), ...options.host };
  core.fact({ type: 'host', facts: host });
  const player = new TextPlayer(core, symbols, dictionary, options.batch ?? 1000);
  for (const line of text.split(/[\n;]/)) player.line(line.trim());
  player.flush();
  core.checkInvariants();
  return {
    core,
    symbols,
    report: (selection) =>
      rank({ core, symbols }, { ...defaultSelection(100), ...selection }, { kind: 'import', facts: host }),
  };
}

/** A report as text to compare: a line for each call path, then losses and other anomalies. */
export function formatReport(report: Report): string[] {
  const lines = report.stacks.map((stack) => {
    const past = `${stack.allocCount} allocated, ${stack.freeCount} freed, ${stack.missedFrees} missed`;
    const category = stack.category === 'backing' ? ' (backing)' : '';
    const path = stack.frames.map((f) => (f.module === null ? f.symbol : `${f.symbol} [${f.module}]`)).join(' < ');
    return `${stack.allocator}${category} ${stack.bytes} B in ${stack.count} of ${past}: ${path || '[no stack]'}`;
  });
  for (const [name, count] of Object.entries(report.anomalies)) if (count !== 0) lines.push(`${name} ${count}`);
  return lines;
}

class TextPlayer {
  private readonly batch: EventBatch;
  private readonly addresses = new Map<string, number>();
  private readonly frames = new Map<string, number>();
  private readonly sink: TraceSink;
  private readonly symbols: SymbolTable;
  private readonly dictionary: TraceDictionary;

  constructor(sink: TraceSink, symbols: SymbolTable, dictionary: TraceDictionary, capacity: number) {
    this.sink = sink;
    this.symbols = symbols;
    this.dictionary = dictionary;
    this.batch = new EventBatch(capacity);
  }

  line(line: string): void {
    if (line === '') return;
    const [time, op, ...rest] = line.split(/\s+/);
    const timeNs = Number(time);
    if (op === 'lost') this.loss(timeNs, rest);
    else if (op === 'removed') {
      this.flush();
      this.sink.fact({ type: 'cgroup-removed', timeNs, cgroup: rest[0] });
    } else if (op === 'exit') {
      this.flush();
      const rows = [{ agoNs: 0, what: 'exit' as const, pid: Number(rest[0]), parent: 0 }];
      this.sink.fact({ type: 'lives', timeNs, lives: { rows, lostRows: 0, lostMarks: 0 } });
    } else if (op === 'clock') {
      this.flush();
      this.sink.fact({ type: 'clock', timeNs });
    } else if (op in KINDS) this.event(timeNs, op, rest);
    else throw new Error(`no such operation: ${line}`);
  }

  flush(): void {
    this.sink.events(this.batch);
    this.batch.clear();
  }

  private loss(timeNs: number, [kind, count, bytes]: string[]): void {
    this.flush();
    let number = 0;
    for (let k = 1; k < 32; k++) if (kindName(k) === kind) number = k;
    const countWithBytes = bytes === undefined ? 0 : Number(count);
    const row = {
      cause: LOSS_RING_FULL,
      kind: number,
      cpu: 0,
      count: Number(count),
      bytes: Number(bytes ?? 0),
      countWithBytes,
    };
    this.sink.fact({ type: 'losses', timeNs, rows: [row] });
  }

  private event(timeNs: number, op: string, words: string[]): void {
    const { batch } = this;
    const row = batch.length++;
    for (const column of Object.values(batch)) if (typeof column === 'object') (column as Uint32Array)[row] = 0;
    batch.timeNs[row] = timeNs;
    batch.kind[row] = KINDS[op];
    const address = this.address(words.shift() ?? '', op);
    batch.addrHi[row] = Math.floor(address / 2 ** 32);
    batch.addrLo[row] = address % 2 ** 32;
    if (['palloc', 'pfree', 'pfrom', 'pto'].includes(op)) {
      words.shift();
      batch.size[row] = 2 ** Number(words.shift());
      if (address === ALL_ONES) batch.addrHi[row] = batch.addrLo[row] = 0xffffffff;
    } else if (!op.endsWith('free')) batch.size[row] = Number(words.shift());
    this.attributes(row, words);
    batch.stackId[row] = this.stack(words.filter((word) => word !== '<'));
    if (batch.length === batch.capacity) this.flush();
  }

  /** Removes the name=value words at the front of `words` and stores them in the row. */
  private attributes(row: number, words: string[]): void {
    const { batch, dictionary } = this;
    for (;;) {
      const [name, value] = (words[0] ?? '').split('=');
      if (name === 'self') batch.kind[row] |= SELF_BIT;
      else if (name === 'comm') batch.commId[row] = dictionary.comms.intern(value);
      else if (name === 'cgroup') {
        const comm = dictionary.comms.name(batch.commId[row]);
        batch.commId[row] = dictionary.comms.intern(comm, dictionary.cgroups.intern(value));
      } else if (name === 'pid') batch.pid[row] = Number(value);
      else if (name === 'cache') {
        batch.kind[row] = KMEM_CACHE_ALLOC;
        batch.cacheId[row] = dictionary.caches.intern(value);
      } else return;
      words.shift();
    }
  }

  private address(name: string, op: string): number {
    if (name === '-1') return ALL_ONES;
    if (/^(0x[0-9a-f]+|\d+)$/.test(name)) return Number(name);
    const key = `${op.startsWith('p') ? 'percpu' : ''}${name}`;
    let address = this.addresses.get(key);
    if (address === undefined) {
      address = 0x1000_0000_0000 + this.addresses.size * 64;
      this.addresses.set(key, address);
    }
    return address;
  }

  private stack(names: string[]): number {
    const ids = names.map((name) => {
      let id = this.frames.get(name);
      if (id === undefined) {
        const addressLo = 0x81000000 + this.frames.size * 16;
        id = this.dictionary.stacks.frames.intern(0xffffffff, addressLo);
        this.frames.set(name, id);
        const [, symbol, offset, module] = /^([^[+]+)(?:\+(\d+))?(?:\[(.*)\])?$/.exec(name) ?? [];
        if (!name.startsWith('?')) {
          this.symbols.add({
            addressHi: 0xffffffff,
            addressLo,
            symbol,
            offset: Number(offset ?? 4),
            module: module ?? null,
          });
        }
      }
      return id;
    });
    return this.dictionary.stacks.intern(Uint32Array.from(ids), ids.length);
  }
}

const ALL_ONES = Number.MAX_SAFE_INTEGER;
