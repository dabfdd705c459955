/**
 * HeldOutput: the output side of the decoders of dumps: call paths, names, host facts, and the rows of
 * what is held (HeldRow). A dump is one moment: time 0 of a trace that has no events.
 */

import { type HostFacts, unknownHost } from '../../event/host-facts.js';
import { SLAB } from '../../event/kinds.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress, TraceSink } from '../../event/trace-sink.js';
import { HELD_ROWS, type HeldRow } from '../../event/trace-sink.js';
import { archOfFrame } from '../coverage/page-size.js';
import { CallPath } from '../text/text-frames.js';
import type { DumpFormat } from './dump-format.js';

/** Kernels print at most 15 bytes. */
const MAX_NAME = 64;
const ARCHES_OF_4K: readonly string[] = ['x86_64', 's390x', 'riscv64'];

/** What a dump holds, if not pages. allocinfo may have slab objects too. */
const ALLOCATORS: Partial<Record<DumpFormat, 'slab' | 'vmalloc'>> = { slabinfo: 'slab', vmallocinfo: 'vmalloc' };
/** Those that count bytes: the size of a page does not matter. */
const IN_BYTES: readonly string[] = ['allocinfo', 'slabinfo'];

export interface DumpOptions {
  format: DumpFormat;
  /** By the user, bytes; absent = as far as the text tells. */
  pageSize?: number;
  /** Of several dumps in one trace, which it is: 0, 1, ...; 0 if absent. */
  part?: number;
}

export class HeldOutput {
  readonly path: CallPath;
  readonly facts: HostFacts;
  rows = 0;
  /** True where the size of a page is known. */
  isPageSizeKnown: boolean;
  private readonly sink: TraceSink;
  private readonly dictionary: TraceDictionary;
  private hasHost = false;
  private waiting: HeldRow[] = [];

  constructor(sink: TraceSink, dictionary: TraceDictionary, { format, pageSize, part }: DumpOptions) {
    this.sink = sink;
    this.dictionary = dictionary;
    this.facts = { ...unknownHost(), collector: format, allocators: [ALLOCATORS[format] ?? 'page'] };
    if (pageSize !== undefined) this.facts.pageSize = pageSize;
    this.isPageSizeKnown = pageSize !== undefined;
    this.path = new CallPath(dictionary, (entry) => this.symbol(entry), false, part);
  }

  /** Returns the id of a process name. */
  comm(name: string): number {
    return name === '' ? 0 : this.dictionary.comms.intern(name.slice(0, MAX_NAME));
  }

  /** Returns the id of a path of these frames, leaf first: `symbol` or `symbol [module]`. */
  pathOf(frames: readonly string[]): number {
    this.path.reset();
    for (const frame of frames) {
      const bytes = new TextEncoder().encode(frame);
      this.path.dumpLine(bytes, 0, bytes.length);
    }
    return this.path.intern();
  }

  add(row: HeldRow): void {
    this.rows++;
    // Pages of slabs are counted elsewhere only where the dump has the objects too.
    if (row.allocator === SLAB && this.facts.collector === 'allocinfo') this.facts.allocators = ['page', 'slab'];
    this.waiting.push(row);
    if (this.waiting.length === HELD_ROWS) this.send();
  }

  /** The dump is over. `cut` says why it is not whole, '' = it is. */
  end(notes: string[], cut: string): void {
    if (!this.isPageSizeKnown && !IN_BYTES.includes(this.facts.collector)) {
      this.facts.coverage = [{ cause: 'page-size', kinds: [], certain: false, detail: this.facts.arch }];
    }
    this.facts.notes = notes;
    this.hasHost = false;
    this.sendHost();
    this.send();
    this.sink.fact({ type: 'end', timeNs: 0, reason: cut === '' ? 'stopped' : 'cut', detail: cut });
  }

  private send(): void {
    this.sendHost();
    if (this.waiting.length === 0) return;
    this.sink.fact({ type: 'held', timeNs: 0, rows: this.waiting });
    // A sink may keep the rows.
    this.waiting = [];
  }

  private symbol(entry: SymbolisedAddress): void {
    if (this.facts.arch === '') {
      this.facts.arch = archOfFrame(entry.symbol, entry.addressHi) ?? '';
      if (ARCHES_OF_4K.includes(this.facts.arch)) this.isPageSizeKnown = true;
    }
    this.sendHost();
    this.sink.fact({ type: 'symbol', entry });
  }

  private sendHost(): void {
    if (this.hasHost) return;
    this.hasHost = true;
    this.sink.fact({ type: 'host', facts: { ...this.facts } });
  }
}
