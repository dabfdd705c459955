/** The Tree view as ready-made lines: bytes, share as a bar, and the functions, indented by their depth. */
import {
  bar,
  formatBytes,
  formatCount,
  formatCountWithin,
  formatSignedBytes,
  type RateUnit,
  rateUnitOf,
} from '../../base/format.js';
import { cutToWidth, padText, safeText } from '../../base/safe-text.js';
import type { CallTree, TreeNode } from '../../rank/breakdown/tree.js';
import type { ViewBody } from '../head/list-body.js';
import { countedText, emptyBody, listBody } from '../head/list-body.js';
import { type Column, cellSpans, fitColumns, headSpans, heldColumn, shareColumn } from '../lines/columns.js';
import { nothingText, suppressedText } from '../lines/narrow-line.js';
import type { Line, Span } from '../lines/styled-line.js';
import { treeOf } from '../model/tree-state.js';
import type { ViewState } from '../model/view-state.js';

/** Columns for each level. nodeSpans() bounds the indent, so that a call path of 60 frames stays on the screen. */
const INDENT = 2;

export function treeBody(state: ViewState): ViewBody {
  const tree = treeOf(state);
  if (tree === null) return emptyBody(state, ['working out the tree']);
  if (tree.nodes.length === 0) return emptyBody(state, nothingText(state));
  const fitted = fitColumns(
    columnsOf(tree, rateUnitOf(state.report?.durationNs ?? 0)),
    state.columns,
    Math.max(24, Math.floor(state.columns * 0.45)),
  );
  const title = tree.direction === 'root' ? 'CALLED FROM THE ROOT DOWN' : 'ALLOCATED BY, AND ITS CALLERS';
  return listBody(state, {
    head: headSpans(fitted, title),
    rows: tree.nodes.length,
    row: (index) => [...cellSpans(fitted, tree.nodes[index]), ...nodeSpans(tree.nodes[index], fitted.restWidth)],
    closing: (last) => closingLine(state, tree, last),
    whole: () => wholeLine(state, tree),
  });
}

function columnsOf(tree: CallTree, rate: RateUnit): Column<TreeNode>[] {
  const barWidth = 10;
  return [
    { ...heldColumn(), title: 'HELD' },
    shareColumn(2, tree.bytes),
    {
      title: '',
      width: barWidth,
      align: 'left',
      rank: 1,
      text: (node) => (tree.bytes > 0 ? bar(node.bytes / tree.bytes, barWidth) : ''),
      tone: () => 'drawing',
    },
    {
      title: `GROWTH/${rate.name}`,
      width: 10,
      align: 'right',
      rank: 0.5,
      text: ({ growth }) => (growth === null ? '-' : formatSignedBytes(growth * rate.hours)),
      tone: ({ growth }) => (growth === null ? 'dim' : 'warn'),
    },
    { title: 'OWN', width: 8, align: 'right', rank: 4, text: ownText, tone: () => 'plain' },
    { title: 'COUNT', width: 9, align: 'right', rank: 5, text: (node) => formatCountWithin(node.count, 9) },
    {
      title: 'PATHS',
      width: 6,
      align: 'right',
      rank: 3,
      text: (node) => formatCountWithin(node.stacks, 6),
      tone: () => 'dim',
    },
  ];
}

/** Bytes that the function itself allocated; '' for none. */
function ownText(node: TreeNode): string {
  return node.ownBytes > 0 ? formatBytes(node.ownBytes) : '';
}

function nodeSpans(node: TreeNode, width: number): Span[] {
  // The mark and some of the name must always fit.
  const indent = ' '.repeat(Math.min(node.depth * INDENT, Math.max(0, width - 16)));
  const room = width - indent.length - 2;
  switch (node.kind) {
    case 'more':
      return [[indent], [cutToWidth(`… and ${formatCount(node.children)} more`, room + 2), 'dim']];
    case 'none':
      return [[indent], [cutToWidth('  (no call path)', room + 2), 'dim']];
    default: {
      const mark = node.children === 0 ? '  ' : node.open ? '- ' : '+ ';
      const tag = node.module === null ? '' : ` [${safeText(node.module)}]`;
      const name = cutToWidth(safeText(node.symbol) + tag, room);
      return [[indent], [mark, 'key'], [name, node.module === null ? 'plain' : 'module']];
    }
  }
}

function closingLine(state: ViewState, tree: CallTree, last: number): Line {
  const below = tree.nodes.length - last;
  const more = below > 0 ? `… ${countedText(below, ['row', 'rows'], ' more')} below; ` : '';
  const backing = tree.backingBytes > 0 ? `, ${formatBytes(tree.backingBytes)} backing left out` : '';
  return [
    [`${more}${formatBytes(tree.bytes)} in ${countedText(tree.stacks, ['call path', 'call paths'])}${backing}`, 'dim'],
    [suppressedText(state), 'warn'],
  ];
}

/** The selected function and the functions above it in the tree, the nearest first. */
function wholeLine(state: ViewState, tree: CallTree): Line {
  const { nodes } = tree;
  const selected = nodes[state.selectedIndex];
  if (selected === undefined || selected.kind !== 'frame') return [];
  const names = [safeText(selected.symbol)];
  let { depth } = selected;
  for (let index = state.selectedIndex - 1; index >= 0 && depth > 0; index--) {
    if (nodes[index].depth >= depth) continue;
    depth = nodes[index].depth;
    names.push(safeText(nodes[index].symbol));
  }
  const arrow = tree.direction === 'root' ? ' < ' : ' > ';
  return [[padText(names.join(arrow), state.columns), 'dim']];
}
