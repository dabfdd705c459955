/**
 * The call paths of a report as one tree from the root, for graphs whose area is outstanding bytes.
 * Backing pages are left out: slabs, large kmallocs, vmalloc areas and percpu chunks lie on them
 * and are drawn themselves, and an area must not count a byte twice. They are drawn only if there
 * is nothing else.
 */
import type { Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import { type CallPath, namesRootFirst } from './call-paths.js';

export interface TreeNode<Node> {
  name: string;
  /** Bytes of all call paths through this node: the width of its box. */
  bytes: number;
  /** Greatest first. */
  children: Node[];
}

export interface FlameNode extends TreeNode<FlameNode> {
  count: number;
  /** Bytes by kind (colourKind()); the kind with most decides the colour. */
  bytesOfKind: Map<string, number>;
  /** Bytes by verdict; call paths without one are in no sum. */
  bytesOfVerdict: Map<string, number>;
}

/** A tree, and the number of boxes on top of each other, the root included. */
export interface Tree<Node> {
  root: Node;
  depth: number;
}

export interface FlameGraph extends Tree<FlameNode> {
  /** Bytes of backing pages that are not in the tree. */
  leftOutBytes: number;
}

/** Returns what decides a call path's colour: its category if it has one, else its allocator. */
export function colourKind(stack: ReportStack): string {
  return stack.category ?? stack.allocator;
}

/** Returns the call paths to draw, and the bytes that are left out. */
export function drawnStacks(report: Report): { stacks: ReportStack[]; leftOutBytes: number } {
  const held = report.stacks.filter((stack) => stack.bytes > 0);
  const stacks = held.filter((stack) => stack.category !== 'backing');
  if (stacks.length === 0) return { stacks: held, leftOutBytes: 0 };
  const leftOutBytes = held.reduce((sum, stack) => sum + stack.bytes, 0) - stacks.reduce((sum, s) => sum + s.bytes, 0);
  return { stacks, leftOutBytes };
}

export function flameGraph(report: Report): FlameGraph {
  const { stacks, leftOutBytes } = drawnStacks(report);
  return { ...stackTree(stacks), leftOutBytes };
}

/** Returns the tree of these call paths. */
export function stackTree(stacks: readonly ReportStack[]): Tree<FlameNode> {
  return treeOf(stacks, newNode, add);
}

/**
 * Returns one tree of call paths, in which equal names below equal callers are one box. `charge`
 * adds a path to a box.
 */
export function treeOf<Path extends CallPath, Node extends TreeNode<Node>>(
  paths: readonly Path[],
  makeNode: (name: string) => Node,
  charge: (box: Node, path: Path) => void,
): Tree<Node> {
  const root = makeNode('all');
  // The children of each box by name, needed until the tree is sorted.
  const childOf = new Map<Node, Map<string, Node>>();
  let depth = 1;
  for (const path of paths) {
    const names = namesRootFirst(path);
    depth = Math.max(depth, names.length + 1);
    let box = root;
    charge(box, path);
    for (const name of names) {
      const known = childOf.get(box) ?? new Map<string, Node>();
      childOf.set(box, known);
      let child = known.get(name);
      if (child === undefined) {
        child = makeNode(name);
        known.set(name, child);
        box.children.push(child);
      }
      charge(child, path);
      box = child;
    }
  }
  for (const box of childOf.keys()) box.children.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  return { root, depth };
}

/** Returns the kind with the most bytes in this box, '' for an empty one. */
export function mainKind(box: FlameNode): string {
  let best = '';
  for (const [kind, bytes] of box.bytesOfKind) if (best === '' || bytes > (box.bytesOfKind.get(best) ?? 0)) best = kind;
  return best;
}

function newNode(name: string): FlameNode {
  return { name, bytes: 0, count: 0, bytesOfKind: new Map(), bytesOfVerdict: new Map(), children: [] };
}

function add(box: FlameNode, stack: ReportStack): void {
  box.bytes += stack.bytes;
  box.count += stack.count;
  const kind = colourKind(stack);
  box.bytesOfKind.set(kind, (box.bytesOfKind.get(kind) ?? 0) + stack.bytes);
  if (stack.verdict === null) return;
  box.bytesOfVerdict.set(stack.verdict, (box.bytesOfVerdict.get(stack.verdict) ?? 0) + stack.bytes);
}
