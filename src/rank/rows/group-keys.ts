/**
 * GroupKeys: keys of call paths for groupings that names decide. They are worked out once per call
 * path and kept until symbols change; ids are valid for one report.
 *
 *   path     its functions from the first frame that is not plumbing up to an interrupt, without
 *            offsets
 *   site     that first frame, with its offset: a place in the source
 *   module   the module of the frame nearest to the leaf which is in a module, without interrupted
 *            code; otherwise the core kernel. So memory that a driver takes through a helper of the
 *            kernel (a socket buffer, an inode) belongs to the driver, and where two modules are on
 *            the path, to the one that was called last.
 */
import { StackTable } from '../../event/tables/stack-table.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';
import type { CallPathFacts } from '../names/call-path-facts.js';
import { addressText, CORE_KERNEL } from '../names/frames.js';
import { frameKind, isOfProcess } from '../names/user/user-frames.js';

const NO_STACK = '[no stack]';
const NO_FILE = '[no file]';
/** Ends a path that was taken in an interrupt. It is not the id of a function. */
const INTERRUPT = 0xffffffff;

export class GroupKeys {
  private readonly stacks: StackTable;
  private readonly symbols: SymbolTable;
  private readonly facts: CallPathFacts;
  private version = -1;
  private readonly texts = new Map<string, number>();
  /** Paths as lists of functions, in place of frames. */
  private paths = new StackTable();
  /** Scratch: functions of the present path. */
  private ids = new Uint32Array(128);
  /** By frame id: 1 + the id of its text, 0 = not worked out yet. */
  private functions = new Uint32Array(0);
  private sites = new Uint32Array(0);
  /** By stack id: 1 + the key, 0 = not worked out yet. */
  private pathKeys = new Uint32Array(0);
  private moduleKeys = new Uint32Array(0);

  constructor(stacks: StackTable, symbols: SymbolTable, facts: CallPathFacts) {
    this.stacks = stacks;
    this.symbols = symbols;
    this.facts = facts;
  }

  /** Equal for call paths of the same functions; 0 where there is no call path. */
  path(stackId: number): number {
    this.refresh();
    if (this.pathKeys[stackId] === 0) this.pathKeys[stackId] = 1 + this.pathKeyOf(stackId);
    return this.pathKeys[stackId] - 1;
  }

  /** Equal for call paths of one allocation site; 0 where there is no call path. */
  site(stackId: number): number {
    this.refresh();
    if (this.stacks.depth(stackId) === 0) return 0;
    const frameId = this.firstFrameId(stackId);
    // By name, because a module that was loaded again has the same sites at other addresses.
    if (this.sites[frameId] === 0) this.sites[frameId] = 1 + this.idOf(this.siteLabel(stackId));
    return this.sites[frameId];
  }

  /** Equal for call paths of one module. */
  module(stackId: number): number {
    this.refresh();
    if (this.moduleKeys[stackId] === 0) this.moduleKeys[stackId] = 1 + this.idOf(this.moduleLabel(stackId));
    return this.moduleKeys[stackId] - 1;
  }

  /** Name of the first function of the path. */
  pathLabel(stackId: number): string {
    return this.stacks.depth(stackId) === 0 ? NO_STACK : this.functionName(this.firstFrameId(stackId));
  }

  /** 'anon_pipe_write+0x2ae', 'uvc_alloc_urb+0x41 [uvcvideo]', or an address without a name. */
  siteLabel(stackId: number): string {
    if (this.stacks.depth(stackId) === 0) return NO_STACK;
    const frameId = this.firstFrameId(stackId);
    const { hi, lo } = this.stacks.frames;
    const found = this.symbols.find(hi[frameId], lo[frameId]);
    if (found === null) return addressText(hi[frameId], lo[frameId]);
    const module = found.module === null ? '' : ` [${found.module}]`;
    return `${found.symbol}+0x${found.offset.toString(16)}${module}`;
  }

  moduleLabel(stackId: number): string {
    const end = this.facts.interruptedFrom(stackId) ?? this.stacks.depth(stackId);
    if (end === 0) return NO_STACK;
    const { hi, lo } = this.stacks.frames;
    const first = this.firstFrameId(stackId);
    // Of a process: the file of the function that names the path, not that of the allocator.
    if (isOfProcess(frameKind(hi[first]))) return this.symbols.find(hi[first], lo[first])?.module ?? NO_FILE;
    const tracing = this.facts.tracingFrames(stackId);
    for (let i = 0; i < end; i++) {
      if (tracing.length > 0 && tracing.includes(i)) continue;
      const frameId = this.stacks.frameId(stackId, i);
      const module = this.symbols.find(hi[frameId], lo[frameId])?.module ?? null;
      if (module !== null) return module;
    }
    return CORE_KERNEL;
  }

  private pathKeyOf(stackId: number): number {
    const from = this.facts.firstFrame(stackId);
    const interrupted = this.facts.interruptedFrom(stackId);
    const end = interrupted ?? this.stacks.depth(stackId);
    if (this.ids.length <= end) this.ids = new Uint32Array(end * 2 + 1);
    const { ids } = this;
    let length = 0;
    const tracing = this.facts.tracingFrames(stackId);
    for (let i = from; i < end; i++) {
      if (tracing.length === 0 || !tracing.includes(i))
        ids[length++] = this.functionOf(this.stacks.frameId(stackId, i));
    }
    if (interrupted !== null) ids[length++] = INTERRUPT;
    return this.paths.intern(ids, length);
  }

  private functionOf(frameId: number): number {
    if (this.functions[frameId] === 0) this.functions[frameId] = 1 + this.idOf(this.functionName(frameId));
    return this.functions[frameId];
  }

  private functionName(frameId: number): string {
    const { hi, lo } = this.stacks.frames;
    const found = this.symbols.find(hi[frameId], lo[frameId]);
    if (found === null) return addressText(hi[frameId], lo[frameId]);
    return found.module === null ? found.symbol : `${found.symbol} [${found.module}]`;
  }

  private firstFrameId(stackId: number): number {
    return this.stacks.frameId(stackId, this.facts.firstFrame(stackId));
  }

  private idOf(text: string): number {
    let id = this.texts.get(text);
    if (id === undefined) {
      id = this.texts.size;
      this.texts.set(text, id);
    }
    return id;
  }

  private refresh(): void {
    if (this.version !== this.symbols.version) {
      this.version = this.symbols.version;
      this.texts.clear();
      this.paths = new StackTable();
      this.functions.fill(0);
      this.sites.fill(0);
      this.pathKeys.fill(0);
      this.moduleKeys.fill(0);
    }
    this.functions = longer(this.functions, this.stacks.frames.size + 1);
    this.sites = longer(this.sites, this.stacks.frames.size + 1);
    this.pathKeys = longer(this.pathKeys, this.stacks.size + 1);
    this.moduleKeys = longer(this.moduleKeys, this.stacks.size + 1);
  }
}

/** Returns a column of at least `length`, with some room. */
function longer(column: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (column.length >= length) return column;
  const grown = new Uint32Array(Math.ceil(length * 1.25) + 64);
  grown.set(column);
  return grown;
}
