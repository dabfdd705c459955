/**
 * What differential flame graphs share. A box is as wide as the greater of before and after, summed up over the call paths
 * through it, so that what has gone is seen as well as what has come; its colour is by how much of it has. Backing pages
 * are left out, as in other graphs.
 */
import type { ChangeName, DiffReport, DiffStack } from '../rank/diff-report.js';
import { SHADES } from './flame-colours.js';
import { type Tree, type TreeNode, treeOf } from './flame-tree.js';

export interface DiffNode extends TreeNode<DiffNode> {
  before: number;
  after: number;
}

export function diffTree(stacks: readonly DiffStack[]): Tree<DiffNode> {
  return treeOf(stacks, newNode, charge);
}

/** The rows with something to draw, and the net difference of those that are left out. */
export function drawnChanges(diff: DiffReport): { stacks: DiffStack[]; leftOutBytes: number } {
  const stacks = diff.stacks.filter((stack) => stack.category !== 'backing');
  if (stacks.length === 0) return { stacks: diff.stacks, leftOutBytes: 0 };
  const rest = diff.stacks.filter((stack) => stack.category === 'backing');
  return { stacks, leftOutBytes: rest.reduce((sum, stack) => sum + stack.differenceBytes, 0) };
}

export function beforeOf({ before }: DiffStack): number {
  return before?.bytes ?? 0;
}

export function afterOf({ after }: DiffStack): number {
  return after?.bytes ?? 0;
}

/** Class of a box: d0 where all of it has gone, d4 where nothing changed, d8 where all has come. HTML_SCRIPT has the same. */
export function shadeOf(before: number, after: number): string {
  return `d${4 + Math.round((4 * (after - before)) / Math.max(before, after, 1))}`;
}

export const SHADE_COLOURS = SHADES.map(([light, dark], i) => [`d${i}`, light, dark] as const);

/** Classes that explain the colours, and what of. */
export const CHANGE_SHADES: [change: ChangeName, className: string][] = [
  ['new', 'd8'],
  ['grown', 'd6'],
  ['shrunk', 'd2'],
  ['gone', 'd0'],
];

export const SHADE_LINE =
  'a box is as wide as the greater of before and after; red has grown, blue has shrunk, the more of it the stronger';

function newNode(name: string): DiffNode {
  return { name, bytes: 0, before: 0, after: 0, children: [] };
}

function charge(box: DiffNode, stack: DiffStack): void {
  box.before += beforeOf(stack);
  box.after += afterOf(stack);
  box.bytes += Math.max(beforeOf(stack), afterOf(stack));
}
