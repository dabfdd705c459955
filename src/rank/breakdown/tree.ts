/**
 * callTree: outstanding bytes as a tree of functions, from the root (callers above callees) or from
 * the leaf (allocation sites above their callers). Allocator plumbing at the leaf and the frames of
 * interrupts are cut, offsets do not matter, and backing pages are left out, so that no byte is in
 * it twice.
 *
 * Only open parts are worked out: the functions of the first level, and the children of open nodes.
 * The only child of an open node is open too, so that a chain without branches opens at once. The
 * nodes of a level, or of the tree, beyond its limit are one closing node with their sums.
 */
import type { StackTable } from '../../event/stack-table.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';
import { isBacking } from '../names/backing.js';
import { addressText } from '../names/frames.js';
import type { Selection } from '../report/selection.js';
import { queryOf } from '../rows/rank-memo.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import type { PairedTrace } from '../select/paired-trace.js';
import type { PathQuery } from '../select/path-query.js';
import { type PathTotals, pathTotals } from '../select/path-totals.js';

export type TreeDirection = 'root' | 'leaf';

/** Which nodes to show; keys are those of TreeNode. */
export interface TreeRequest {
  direction: TreeDirection;
  /** Nodes whose children are wanted. */
  open: number[];
  /** Nodes below which everything is open. */
  deep: number[];
  /** Nodes that are closed. This overrides `open` and `deep`. */
  closed: number[];
}

export interface TreeNode {
  /** The same for the same functions from the first level down to this one, during the whole trace. */
  key: number;
  /** 0 = first level. */
  depth: number;
  /** 'more' = the rest of a level; 'none' = memory whose call path could not be taken. */
  kind: 'frame' | 'more' | 'none';
  /** Function; untrusted text. '' for 'more' and 'none'. */
  symbol: string;
  module: string | null;
  /** Bytes held by the call paths through it. */
  bytes: number;
  /** Pages and objects. */
  count: number;
  stacks: number;
  /** The part of `bytes` held by call paths that end here. */
  ownBytes: number;
  /** Number of nodes of the next level; of a 'more' node, the number of nodes it stands for. */
  children: number;
  open: boolean;
}

export interface CallTree {
  direction: TreeDirection;
  /** Bytes of the whole tree. */
  bytes: number;
  count: number;
  stacks: number;
  /** Backing pages, which are left out because their bytes are in other rows. */
  backingBytes: number;
  /** Depth first, the greatest bytes first on each level. */
  nodes: TreeNode[];
}

/** Most nodes shown of one level, and of the whole tree. */
export const LEVEL_LIMIT = 100;
export const TREE_LIMIT = 2000;

/** Throws an Error if grep or hide is not a regular expression. */
export function callTree(trace: PairedTrace, selection: Selection | CompiledSelection, request: TreeRequest): CallTree {
  const query = queryOf(trace, selection);
  const { core, facts } = query;
  const totals = pathTotals(query);
  const builder = new TreeBuilder(query, totals, request);
  // Backing pages are shown if the selection asks for them.
  const wanted = query.selection.categories.includes('backing');
  const rows: number[] = [];
  let backingBytes = 0;
  for (const row of totals.rows) {
    if (!wanted && isBacking(core, facts, row)) backingBytes += totals.bytes[row];
    else rows.push(row);
  }
  builder.level(rows, { key: 0, depth: -1, allOpen: false });
  const sums = sumOf(totals, rows);
  return { direction: request.direction, ...sums, backingBytes, nodes: builder.nodes };
}

interface Sums {
  bytes: number;
  count: number;
  stacks: number;
}

function sumOf(totals: PathTotals, rows: readonly number[]): Sums {
  const sums = { bytes: 0, count: 0, stacks: rows.length };
  for (const row of rows) {
    sums.bytes += totals.bytes[row];
    sums.count += totals.count[row];
  }
  return sums;
}

/** The rows of one function on one level. */
interface Branch extends Sums {
  /** Id of FunctionIds; 0 = no call path. */
  functionId: number;
  rows: number[];
}

/** The node above a level; depth -1 and key 0 above the first level. */
interface Parent {
  key: number;
  depth: number;
  /** Everything below it is open. */
  allOpen: boolean;
}

class TreeBuilder {
  readonly nodes: TreeNode[] = [];
  private readonly query: PathQuery;
  private readonly names: FunctionIds;
  private readonly totals: PathTotals;
  private readonly direction: TreeDirection;
  private readonly open: ReadonlySet<number>;
  private readonly deep: ReadonlySet<number>;
  private readonly closed: ReadonlySet<number>;

  constructor(query: PathQuery, totals: PathTotals, request: TreeRequest) {
    this.query = query;
    this.names = new FunctionIds(query.core.dictionary.stacks, query.symbols);
    this.totals = totals;
    this.direction = request.direction;
    this.open = new Set(request.open);
    this.deep = new Set(request.deep);
    this.closed = new Set(request.closed);
  }

  /**
   * Adds the nodes below `parent` of call paths that are the same up to it, and the open nodes
   * below these.
   */
  level(rows: readonly number[], parent: Parent): void {
    const depth = parent.depth + 1;
    const branches = this.branches(rows, depth);
    for (const [index, branch] of branches.entries()) {
      if (index >= LEVEL_LIMIT || this.nodes.length >= TREE_LIMIT) {
        this.nodes.push(this.rest(branches.slice(index), parent));
        return;
      }
      const node = this.node(branch, parent);
      const allOpen = parent.allOpen || this.deep.has(node.key);
      const wanted = allOpen || branches.length === 1 || this.open.has(node.key);
      node.open = node.children > 0 && wanted && !this.closed.has(node.key);
      this.nodes.push(node);
      if (node.open) this.level(branch.rows, { key: node.key, depth, allOpen });
    }
  }

  /** Returns branches, greatest first. Call paths that end before this depth are in no branch. */
  private branches(rows: readonly number[], depth: number): Branch[] {
    const found = new Map<number, Branch>();
    for (const row of rows) {
      const functionId = this.functionAt(row, depth);
      if (functionId < 0) continue;
      let branch = found.get(functionId);
      if (branch === undefined) {
        branch = { functionId, rows: [], bytes: 0, count: 0, stacks: 0 };
        found.set(functionId, branch);
      }
      branch.rows.push(row);
      branch.bytes += this.totals.bytes[row];
      branch.count += this.totals.count[row];
      branch.stacks++;
    }
    return [...found.values()].toSorted((a, b) => b.bytes - a.bytes || b.count - a.count || this.names.order(a, b));
  }

  private node(branch: Branch, parent: Parent): TreeNode {
    const depth = parent.depth + 1;
    const { bytes, count, stacks, rows, functionId } = branch;
    const next = new Set<number>();
    let ownBytes = 0;
    for (const row of rows) {
      const below = this.functionAt(row, depth + 1);
      if (below < 0) ownBytes += this.totals.bytes[row];
      else next.add(below);
    }
    const symbol = this.names.symbol[functionId];
    const module = this.names.module[functionId];
    const kind = functionId === 0 ? 'none' : 'frame';
    const key = keyBelow(parent.key, `${kind} ${symbol} ${module ?? ''}`);
    return { key, depth, kind, symbol, module, bytes, count, stacks, ownBytes, children: next.size, open: false };
  }

  private rest(branches: readonly Branch[], parent: Parent): TreeNode {
    const sums = { bytes: 0, count: 0, stacks: 0 };
    for (const branch of branches) {
      sums.bytes += branch.bytes;
      sums.count += branch.count;
      sums.stacks += branch.stacks;
    }
    return {
      key: keyBelow(parent.key, 'more'),
      depth: parent.depth + 1,
      kind: 'more',
      symbol: '',
      module: null,
      ...sums,
      ownBytes: 0,
      children: branches.length,
      open: false,
    };
  }

  /**
   * Id of the function at a depth of the tree, 0 for the only node of a row without a call path, -1
   * beyond the path's end.
   */
  private functionAt(row: number, depth: number): number {
    const { core, facts } = this.query;
    const { stacks } = core.dictionary;
    const stackId = core.paths.stackId[row];
    const frames = stacks.depth(stackId);
    if (frames === 0) return depth === 0 ? 0 : -1;
    const first = facts.firstFrame(stackId);
    const cut = facts.interruptedFrom(stackId) ?? frames;
    // A path of plumbing and interrupt frames alone is shown whole.
    const end = cut > first ? cut : frames;
    const position = this.positionAt(depth, { first, end, tracing: facts.tracingFrames(stackId) });
    return position < first || position >= end ? -1 : this.names.of(stacks.frameId(stackId, position));
  }

  /** The position of the frame at a depth of the tree, which leaves out the frames of tracing; out of bounds beyond. */
  private positionAt(
    depth: number,
    { first, end, tracing }: { first: number; end: number; tracing: readonly number[] },
  ): number {
    const step = this.direction === 'leaf' ? 1 : -1;
    const start = this.direction === 'leaf' ? first : end - 1;
    if (tracing.length === 0) return start + step * depth;
    let position = start;
    for (let left = depth; position >= first && position < end; position += step) {
      if (!tracing.includes(position) && left-- === 0) break;
    }
    return position;
  }
}

/** Numbers the functions of frames from 1. Frames of one function differ only in their offsets. */
class FunctionIds {
  readonly symbol: string[] = [''];
  readonly module: (string | null)[] = [null];
  private readonly stacks: StackTable;
  private readonly symbols: SymbolTable;
  private readonly byFrame: Uint32Array;
  private readonly byName = new Map<string, number>();

  constructor(stacks: StackTable, symbols: SymbolTable) {
    this.stacks = stacks;
    this.symbols = symbols;
    this.byFrame = new Uint32Array(stacks.frames.size + 1);
  }

  of(frameId: number): number {
    const known = this.byFrame[frameId];
    if (known !== 0) return known;
    const { hi, lo } = this.stacks.frames;
    const found = this.symbols.find(hi[frameId], lo[frameId]);
    const symbol = found?.symbol ?? addressText(hi[frameId], lo[frameId]);
    const module = found?.module ?? null;
    const name = `${symbol} ${module ?? ''}`;
    let id = this.byName.get(name);
    if (id === undefined) {
      id = this.symbol.push(symbol) - 1;
      this.module.push(module);
      this.byName.set(name, id);
    }
    this.byFrame[frameId] = id;
    return id;
  }

  /** By name, because ids depend on which nodes are open. */
  order(a: Branch, b: Branch): number {
    const [nameA, nameB] = [this.symbol[a.functionId], this.symbol[b.functionId]];
    if (nameA !== nameB) return nameA < nameB ? -1 : 1;
    return (this.module[a.functionId] ?? '') < (this.module[b.functionId] ?? '') ? -1 : 1;
  }
}

/**
 * FNV-1a twice over, from the parent's key on, to 53 bits: among a million nodes, two share a key
 * once in 20,000 traces.
 */
function keyBelow(parent: number, name: string): number {
  let hi = (0x811c9dc5 ^ Math.floor(parent / 2 ** 32)) >>> 0;
  let lo = (0x01000193 ^ (parent % 2 ** 32)) >>> 0;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    hi = Math.imul(hi ^ code, 0x01000193);
    lo = Math.imul(lo ^ code ^ (hi >>> 15), 0x85ebca6b);
  }
  hi ^= lo >>> 13;
  return (hi & 0x1fffff) * 2 ** 32 + (lo >>> 0);
}
