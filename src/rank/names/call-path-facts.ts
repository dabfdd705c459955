/**
 * CallPathFacts: facts that follow from the names in a call path: the frame where a reader should
 * start, the end of an interrupt's own frames, the allocator that its pages back, their line of
 * meminfo, and the pool that they fill. They are worked out once per call path and kept until
 * symbols change.
 */
import { HEAP, PAGE, PERCPU, SLAB, VMALLOC } from '../../event/kinds.js';
import type { StackTable } from '../../event/tables/stack-table.js';
import { kernelNumber } from '../../proc/kernel-release.js';
import type { AddressSymbol, SymbolTable } from '../../symbols/symbol-table.js';
import { CATEGORIES, type Category } from '../report/category.js';
import { type CategoryHint, categoryHint } from './categories.js';
import { isInterruptEntry } from './interrupts.js';
import { traitNote, traitsOf } from './path-traits.js';
import { bareName, type PlumbingPart, plumbingPart } from './plumbing.js';
import { POOL_NOTES, poolOf } from './pools.js';
import { findTracingFrames, type TracingFrames } from './tracing-frames.js';
import { frameKind } from './user/user-frames.js';
import { userPathFacts } from './user/user-path.js';

const UNKNOWN_BACKING = 255;
const NO_BACKING = 254;
/** "None" in columns that hold an index. */
const NONE_8 = 255;
const NONE_16 = 65535;
/**
 * A pool's name may stand this many frames beyond the first that is not plumbing: kmalloc_reserve <
 * __alloc_skb.
 */
const POOL_DEPTH = 2;
const NAMES_LIMIT = 100_000;

/** Facts that follow from a function's name, whatever its position. */
interface NameFacts {
  part: PlumbingPart | null;
  hint: CategoryHint;
  interrupt: boolean;
  /** Index of its note, -1 = none. */
  pool: number;
  /** Bits of path-traits.ts. */
  traits: number;
}

const NO_POSITIONS: readonly number[] = [];

export class CallPathFacts {
  private readonly stacks: StackTable;
  private readonly symbols: SymbolTable;
  private readonly kernel: number;
  /** True if the trace has memory of processes: elsewhere no frame is of one. */
  private readonly hasProcesses: boolean;
  private version = -1;
  private first = new Uint16Array(0);
  private interrupted = new Uint16Array(0);
  private backs = new Uint8Array(0);
  private category = new Uint8Array(0);
  private pool = new Uint8Array(0);
  private traits = new Uint8Array(0);
  /** Facts by name, because a few thousand names occur in many call paths. Cleared when it holds too many. */
  private readonly coreNames = new Map<string, NameFacts>();
  private readonly moduleNames = new Map<string, NameFacts>();
  /** Of the few call paths that have any. */
  private readonly tracing = new Map<number, TracingFrames>();

  /** `release`: uname -r of the traced machine, empty = unknown. */
  constructor(stacks: StackTable, symbols: SymbolTable, release = '', hasProcesses = false) {
    this.stacks = stacks;
    this.symbols = symbols;
    this.kernel = kernelNumber(release);
    this.hasProcesses = hasProcesses;
  }

  /** Position of the first frame that is not allocator plumbing; 0 if all are. */
  firstFrame(stackId: number): number {
    this.workOut(stackId);
    return this.first[stackId];
  }

  /**
   * Position of the first frame of interrupt entry, which the interrupted code follows; null
   * without an interrupt.
   */
  interruptedFrom(stackId: number): number | null {
    this.workOut(stackId);
    return this.interrupted[stackId] === NONE_16 ? null : this.interrupted[stackId];
  }

  /**
   * The allocator (kinds.ts) that takes the pages of this call path for its own memory; PAGE if
   * none does. The plumbing next to the leaf decides: beyond it, an interrupt or memory reclaim may
   * have come in between.
   */
  backedAllocator(stackId: number): number {
    this.workOut(stackId);
    const backed = this.backs[stackId];
    return backed === NO_BACKING ? PAGE : backed;
  }

  /**
   * The line of meminfo that accounts for pages of this call path, or what a range is that a process mapped by it; null
   * if the deciding frame has no name.
   */
  pageCategory(stackId: number): Category | null {
    this.workOut(stackId);
    return CATEGORIES[this.category[stackId]] ?? null;
  }

  /** A sentence about the pool that this call path fills, or about who holds its memory; null without one. */
  poolNote(stackId: number): string | null {
    this.workOut(stackId);
    return POOL_NOTES[this.pool[stackId]] ?? traitNote(this.traits[stackId]);
  }

  /** What functions anywhere in this call path, up to an interrupt, show: bits of path-traits.ts. */
  traitsOf(stackId: number): number {
    this.workOut(stackId);
    return this.traits[stackId];
  }

  /** Positions of frames of tracing itself in the middle of a call path: no memory belongs to them. Ascending. */
  tracingFrames(stackId: number): readonly number[] {
    this.workOut(stackId);
    return this.tracing.get(stackId)?.own ?? NO_POSITIONS;
  }

  /** Those of them that are not shown. Ascending. */
  hiddenFrames(stackId: number): readonly number[] {
    this.workOut(stackId);
    return this.tracing.get(stackId)?.hidden ?? NO_POSITIONS;
  }

  private workOut(stackId: number): void {
    if (this.version !== this.symbols.version || stackId >= this.backs.length) this.forget();
    if (this.backs[stackId] !== UNKNOWN_BACKING) return;
    const depth = this.stacks.depth(stackId);
    if (this.hasProcesses && this.workOutProcess(stackId, depth)) return;
    let backed = NO_BACKING;
    let first = -1;
    let interrupted = NONE_16;
    let pool = NONE_8;
    let traits = 0;
    let passed = 0;
    let beyond = 0;
    const category = new CategorySearch();
    const { own, hidden } = findTracingFrames(depth, (position) => this.symbolAt(stackId, position));
    if (own.length > 0) this.tracing.set(stackId, { own, hidden });
    for (let position = 0; position < depth; position++) {
      if (position === own[passed]) {
        passed++;
        continue;
      }
      const names = this.namesAt(stackId, position);
      if (names?.interrupt === true) {
        interrupted = position;
        break;
      }
      if (first < 0) {
        const part = names?.part ?? null;
        if (part === null) first = position;
        else if (backed === NO_BACKING) backed = BACKED_BY_PART[part];
      }
      category.see(names);
      traits |= names?.traits ?? 0;
      const near = first < 0 || beyond++ <= POOL_DEPTH;
      if (pool === NONE_8 && near && names !== null && names.pool >= 0) pool = names.pool;
    }
    this.first[stackId] = Math.max(0, first);
    this.interrupted[stackId] = interrupted;
    this.backs[stackId] = backed;
    const found = category.decided ?? CATEGORY_OF_BACKING.get(backed) ?? null;
    this.category[stackId] = found === null ? NONE_8 : CATEGORIES.indexOf(found);
    this.pool[stackId] = pool;
    this.traits[stackId] = traits;
  }

  /** Returns false for a call path of the kernel. */
  private workOutProcess(stackId: number, depth: number): boolean {
    const { hi } = this.stacks.frames;
    const frames = Array.from({ length: depth }, (_, position) => ({
      kind: frameKind(hi[this.stacks.frameId(stackId, position)]),
      name: this.symbolAt(stackId, position),
    }));
    const facts = userPathFacts(frames);
    if (facts === null) return false;
    // A path of plumbing alone was cut short: its outermost frame says most.
    this.first[stackId] = facts.first < 0 ? depth - 1 : facts.first;
    this.interrupted[stackId] = NONE_16;
    this.backs[stackId] = facts.isForHeap ? HEAP : NO_BACKING;
    this.category[stackId] = CATEGORIES.indexOf(facts.category);
    this.pool[stackId] = NONE_8;
    this.traits[stackId] = 0;
    return true;
  }

  private symbolAt(stackId: number, position: number): AddressSymbol | null {
    const frameId = this.stacks.frameId(stackId, position);
    const { hi, lo } = this.stacks.frames;
    return this.symbols.find(hi[frameId], lo[frameId]);
  }

  /** Null for a frame without a name. */
  private namesAt(stackId: number, position: number): NameFacts | null {
    const found = this.symbolAt(stackId, position);
    if (found === null) return null;
    const inModule = found.module !== null;
    const known = inModule ? this.moduleNames : this.coreNames;
    let facts = known.get(found.symbol);
    if (facts === undefined) {
      const name = bareName(found.symbol);
      facts = {
        part: inModule ? null : plumbingPart(found.symbol),
        hint: categoryHint(name, inModule, this.kernel),
        interrupt: !inModule && isInterruptEntry(name),
        pool: inModule ? -1 : poolOf(name),
        traits: traitsOf(name, inModule),
      };
      if (known.size >= NAMES_LIMIT) known.clear();
      known.set(found.symbol, facts);
    }
    return facts;
  }

  private forget(): void {
    const length = Math.max(this.stacks.size + 1, this.backs.length);
    // Some room, so that a growing trace does not copy the columns for each new call path.
    const rows = length > this.backs.length ? Math.ceil(length * 1.25) + 64 : length;
    const same = this.version === this.symbols.version;
    if (!same) this.tracing.clear();
    const longer8 = (column: Uint8Array): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(rows).fill(UNKNOWN_BACKING);
      if (same) grown.set(column);
      return grown;
    };
    const longer16 = (column: Uint16Array): Uint16Array<ArrayBuffer> => {
      const grown = new Uint16Array(rows);
      if (same) grown.set(column);
      return grown;
    };
    this.backs = longer8(this.backs);
    this.category = longer8(this.category);
    this.pool = longer8(this.pool);
    this.traits = longer8(this.traits);
    this.first = longer16(this.first);
    this.interrupted = longer16(this.interrupted);
    this.version = this.symbols.version;
  }
}

/**
 * Takes the frames from the leaf on. The first that is in the table decides, or the first that is
 * neither in it nor plumbing.
 */
class CategorySearch {
  private found: Category | null = null;
  /** The category unless a caller says another. */
  private otherwise: Category | null = null;
  private over = false;
  private backed = false;

  get decided(): Category | null {
    return this.found ?? this.otherwise;
  }

  see(names: NameFacts | null): void {
    if (this.over) return;
    const hint = names?.hint ?? null;
    if (hint === 'look further') return;
    if (hint === 'zsmalloc') {
      this.otherwise = 'zram';
      return;
    }
    if (names?.part === 'slab' || names?.part === 'percpu') {
      this.over = true;
    } else if (hint !== null) {
      // Memory of vmalloc is vmalloc's, except kernel stacks, which have a line of their own.
      if (!this.backed || hint === 'kernel stack') this.found = hint;
      this.over = true;
    } else if (names === null || names.part === null) {
      if (names !== null && !this.backed) this.found = this.otherwise ?? 'unaccounted';
      this.over = true;
    } else if (names.part === 'vmalloc') {
      this.backed = true;
    }
  }
}

const CATEGORY_OF_BACKING = new Map<number, Category>([
  [SLAB, 'slab'],
  [PERCPU, 'percpu'],
  [VMALLOC, 'vmalloc'],
]);

const BACKED_BY_PART: Record<PlumbingPart, number> = {
  page: NO_BACKING,
  helper: NO_BACKING,
  tracing: NO_BACKING,
  slab: SLAB,
  percpu: PERCPU,
  vmalloc: VMALLOC,
};
