/**
 * The call paths of a report as one tree from the root, for graphs whose area is outstanding bytes. Backing pages are
 * left out: slabs, large kmallocs, vmalloc areas and percpu chunks stand on them and are drawn themselves, and an area
 * must not count a byte twice. Only where there is nothing but backing pages are they drawn.
 */
import type { Report, ReportStack } from '../rank/report.js';
import { namesRootFirst } from './call-paths.js';

export interface FlameNode {
  name: string;
  /** Of all call paths through here. */
  bytes: number;
  count: number;
  /** Bytes by kind (colourKind()): the greatest gives the colour. */
  bytesOfKind: Map<string, number>;
  /** Greatest first. */
  children: FlameNode[];
}

export interface FlameGraph {
  root: FlameNode;
  /** Boxes on top of each other, the root included. */
  depth: number;
  /** Bytes of backing pages that are not in the tree. */
  leftOutBytes: number;
}

/** What a call path is coloured by: its category where it has one, else its allocator. */
export function colourKind(stack: ReportStack): string {
  return stack.category ?? stack.allocator;
}

/** Call paths with something to draw, and the bytes that are left out. */
export function drawnStacks(report: Report): { stacks: ReportStack[]; leftOutBytes: number } {
  const held = report.stacks.filter((stack) => stack.bytes > 0);
  const stacks = held.filter((stack) => stack.category !== 'backing');
  if (stacks.length === 0) return { stacks: held, leftOutBytes: 0 };
  const leftOutBytes = held.reduce((sum, stack) => sum + stack.bytes, 0) - stacks.reduce((sum, s) => sum + s.bytes, 0);
  return { stacks, leftOutBytes };
}

export function flameGraph(report: Report): FlameGraph {
  const { stacks, leftOutBytes } = drawnStacks(report);
  const root = newNode('all');
  // By name below each node; emptied of use once the tree is sorted.
  const childOf = new Map<FlameNode, Map<string, FlameNode>>();
  let depth = 1;
  for (const stack of stacks) {
    const names = namesRootFirst(stack);
    depth = Math.max(depth, names.length + 1);
    let node = root;
    add(node, stack);
    for (const name of names) {
      const known = childOf.get(node) ?? new Map<string, FlameNode>();
      childOf.set(node, known);
      let child = known.get(name);
      if (child === undefined) {
        child = newNode(name);
        known.set(name, child);
        node.children.push(child);
      }
      add(child, stack);
      node = child;
    }
  }
  for (const node of childOf.keys()) node.children.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  return { root, depth, leftOutBytes };
}

/** The kind with the most bytes in this node; '' for an empty one. */
export function mainKind(box: FlameNode): string {
  let best = '';
  for (const [kind, bytes] of box.bytesOfKind) if (best === '' || bytes > (box.bytesOfKind.get(best) ?? 0)) best = kind;
  return best;
}

function newNode(name: string): FlameNode {
  return { name, bytes: 0, count: 0, bytesOfKind: new Map(), children: [] };
}

function add(box: FlameNode, stack: ReportStack): void {
  box.bytes += stack.bytes;
  box.count += stack.count;
  const kind = colourKind(stack);
  box.bytesOfKind.set(kind, (box.bytesOfKind.get(kind) ?? 0) + stack.bytes);
}
