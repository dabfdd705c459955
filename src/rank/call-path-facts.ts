/**
 * CallPathFacts: what the names in a call path tell: where a reader should start, and whose memory its pages back.
 * Worked out once per call path and kept until symbols change.
 */
import { PAGE, PERCPU, SLAB, VMALLOC } from '../event/kinds.js';
import type { StackTable } from '../event/stack-table.js';
import type { SymbolTable } from '../symbols/symbol-table.js';
import { type PlumbingPart, plumbingPart } from './plumbing.js';

const UNKNOWN_BACKING = 255;
const NO_BACKING = 254;

export class CallPathFacts {
  private readonly stacks: StackTable;
  private readonly symbols: SymbolTable;
  private version = -1;
  private first = new Uint16Array(0);
  private backs = new Uint8Array(0);
  /** Answers by symbol: a few thousand names occur in many call paths. Emptied when it holds too many. */
  private readonly parts = new Map<string, PlumbingPart | null>();

  constructor(stacks: StackTable, symbols: SymbolTable) {
    this.stacks = stacks;
    this.symbols = symbols;
  }

  /** Position of the first frame that is not allocator plumbing; 0 if all are. */
  firstFrame(stackId: number): number {
    this.workOut(stackId);
    return this.first[stackId];
  }

  /**
   * The allocator (kinds.ts) whose memory the pages of this call path are, PAGE if they are nobody's but their own.
   * The plumbing next to the leaf decides: beyond it, an interrupt or memory reclaim may have come in between.
   */
  backedAllocator(stackId: number): number {
    this.workOut(stackId);
    const backed = this.backs[stackId];
    return backed === NO_BACKING ? PAGE : backed;
  }

  private workOut(stackId: number): void {
    if (this.version !== this.symbols.version || stackId >= this.backs.length) this.forget();
    if (this.backs[stackId] !== UNKNOWN_BACKING) return;
    const depth = this.stacks.depth(stackId);
    let backed = NO_BACKING;
    let position = 0;
    for (; position < depth; position++) {
      const part = this.partOf(this.stacks.frameId(stackId, position));
      if (part === null) break;
      if (backed === NO_BACKING) backed = BACKED_BY_PART[part];
    }
    this.first[stackId] = position < depth ? position : 0;
    this.backs[stackId] = backed;
  }

  private partOf(frameId: number): PlumbingPart | null {
    const frames = this.stacks.frames;
    const found = this.symbols.find(frames.hi[frameId], frames.lo[frameId]);
    if (found === null || found.module !== null) return null;
    let part = this.parts.get(found.symbol);
    if (part === undefined) {
      part = plumbingPart(found.symbol);
      if (this.parts.size >= PARTS_LIMIT) this.parts.clear();
      this.parts.set(found.symbol, part);
    }
    return part;
  }

  private forget(): void {
    const length = Math.max(this.stacks.size + 1, this.backs.length);
    // Some room, so that a growing trace does not start anew with each call path.
    const rows = length > this.backs.length ? Math.ceil(length * 1.25) + 64 : length;
    const sameSymbols = this.version === this.symbols.version;
    const backs = new Uint8Array(rows).fill(UNKNOWN_BACKING);
    const first = new Uint16Array(rows);
    if (sameSymbols) {
      backs.set(this.backs);
      first.set(this.first);
    }
    this.backs = backs;
    this.first = first;
    this.version = this.symbols.version;
  }
}

const PARTS_LIMIT = 100_000;

const BACKED_BY_PART: Record<PlumbingPart, number> = {
  page: NO_BACKING,
  helper: NO_BACKING,
  tracing: NO_BACKING,
  slab: SLAB,
  percpu: PERCPU,
  vmalloc: VMALLOC,
};
