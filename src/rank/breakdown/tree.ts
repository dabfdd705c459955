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
import { isBacking } from '../names/backing.js';
import { isRising } from '../report/report-rows.js';
import type { Selection } from '../report/selection.js';
import { firstJudgements } from '../rows/call-path-rows.js';
import { type Ranking, rankingOf } from '../rows/ranking.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import type { PairedTrace } from '../select/paired-trace.js';
import type { PathTotals } from '../select/path-totals.js';
import { FunctionIds, keyBelow } from './function-ids.js';

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
  /** True also shows the functions of kernel entry, which begin nearly every call path. */
  entries?: boolean;
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
  /** Sum of the growth of its growing call paths, bytes an hour; null where none grows. */
  growth: number | null;
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
  const ranking = rankingOf(trace, selection);
  const { core, facts, totals } = ranking;
  const builder = new TreeBuilder(ranking, request);
  // Backing pages are shown if the selection asks for them.
  const wanted = ranking.selection.categories.includes('backing');
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
  growth: number | null;
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
  private readonly ranking: Ranking;
  private readonly names: FunctionIds;
  private readonly totals: PathTotals;
  /** Growth of the call paths that grow, by row. */
  private readonly growths: ReadonlyMap<number, number>;
  /** By call path: 1 + the position after its last frame that is shown; 0 = not worked out. */
  private readonly ends: Uint16Array;
  private readonly withEntries: boolean;
  private readonly direction: TreeDirection;
  private readonly open: ReadonlySet<number>;
  private readonly deep: ReadonlySet<number>;
  private readonly closed: ReadonlySet<number>;

  constructor(ranking: Ranking, request: TreeRequest) {
    this.ranking = ranking;
    const { stacks } = ranking.core.dictionary;
    this.names = new FunctionIds(stacks, ranking.symbols);
    this.totals = ranking.totals;
    this.growths = growthOfPaths(ranking);
    this.ends = new Uint16Array(stacks.size + 1);
    this.withEntries = request.entries === true;
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
        branch = { functionId, rows: [], bytes: 0, count: 0, stacks: 0, growth: null };
        found.set(functionId, branch);
      }
      branch.rows.push(row);
      branch.bytes += this.totals.bytes[row];
      branch.count += this.totals.count[row];
      branch.stacks++;
      branch.growth = sumOfGrowth(branch.growth, this.growths.get(row) ?? null);
    }
    return [...found.values()].toSorted(
      (a, b) => b.bytes - a.bytes || b.count - a.count || this.names.order(a.functionId, b.functionId),
    );
  }

  private node(branch: Branch, parent: Parent): TreeNode {
    const depth = parent.depth + 1;
    const { bytes, count, stacks, growth, rows, functionId } = branch;
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
    const children = next.size;
    return { key, depth, kind, symbol, module, bytes, count, stacks, growth, ownBytes, children, open: false };
  }

  private rest(branches: readonly Branch[], parent: Parent): TreeNode {
    const sums = { bytes: 0, count: 0, stacks: 0, growth: null as number | null };
    for (const branch of branches) {
      sums.growth = sumOfGrowth(sums.growth, branch.growth);
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
    const { core, facts } = this.ranking;
    const { stacks } = core.dictionary;
    const stackId = core.paths.stackId[row];
    if (stacks.depth(stackId) === 0) return depth === 0 ? 0 : -1;
    const first = facts.firstFrame(stackId);
    if (this.ends[stackId] === 0) this.ends[stackId] = 1 + this.endOf(stackId, first);
    const end = this.ends[stackId] - 1;
    const position = this.positionAt(depth, { first, end, tracing: facts.tracingFrames(stackId) });
    return position < first || position >= end ? -1 : this.names.of(stacks.frameId(stackId, position));
  }

  /** The position after the last frame that is shown. A path of frames that are not shown alone is shown whole. */
  private endOf(stackId: number, first: number): number {
    const { core, facts } = this.ranking;
    const { stacks } = core.dictionary;
    const frames = stacks.depth(stackId);
    const cut = facts.interruptedFrom(stackId) ?? frames;
    const end = cut > first ? cut : frames;
    if (this.withEntries) return end;
    let last = end;
    while (last > first && this.names.isEntry[this.names.of(stacks.frameId(stackId, last - 1))]) last--;
    return last > first ? last : end;
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

/** Growth of the call paths that grow, bytes an hour, by row of the PathTable. */
function growthOfPaths(ranking: Ranking): Map<number, number> {
  const growths = new Map<number, number>();
  for (const [row, { verdict, growth }] of firstJudgements(ranking)) {
    if (isRising(verdict) && growth !== null) growths.set(row, growth.bytesPerHour);
  }
  return growths;
}

function sumOfGrowth(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : a + b;
}
