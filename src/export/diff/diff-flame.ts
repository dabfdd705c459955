/**
 * The shared part of differential flame graphs. A box is as wide as the greater of before and
 * after, summed over the call paths through it, so that memory that is gone is visible as well as
 * new memory; its colour shows which share of it is. Backing pages are left out, as in other
 * graphs.
 */
import type { ChangeName, DiffReport, DiffStack } from '../../rank/report/diff-report.js';
import { type ColourClass, SHADES, TEXT } from '../parts/flame-colours.js';
import { type Tree, type TreeNode, treeOf } from '../parts/flame-tree.js';

export interface DiffNode extends TreeNode<DiffNode> {
  before: number;
  after: number;
}

export function diffTree(stacks: readonly DiffStack[]): Tree<DiffNode> {
  return treeOf(stacks, newNode, charge);
}

/** Returns the rows to draw, and the net difference of the backing pages that are left out. */
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

/**
 * Returns the CSS class of a box: d0 if all of it is gone, d4 if nothing changed, d8 if all of it
 * is new. HTML_SCRIPT has the same rule.
 */
export function shadeOf(before: number, after: number): string {
  return `d${4 + Math.round((4 * (after - before)) / Math.max(before, after, 1))}`;
}

export const SHADE_COLOURS = SHADES.map(
  ([light, dark], i): ColourClass => [
    `d${i}`,
    { background: light, text: TEXT.light },
    { background: dark, text: TEXT.dark },
  ],
);

/** The changes that the legend explains, with the class of each colour. */
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
