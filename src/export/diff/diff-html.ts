/** A differential flame graph as one HTML file, with tables of call paths and processes; see diff-flame.ts and html.ts. */

import { formatBytes, formatCount, formatSignedBytes } from '../../base/format.js';
import { joined, separated } from '../../base/pieces.js';
import type { CensusReport } from '../../census/report.js';
import type { DiffCgroup, DiffProcess, DiffReport, DiffStack } from '../../rank/report/diff-report.js';
import { growthTables, growthTitle } from '../census/census-growth.js';
import { tableHtml } from '../census/census-html.js';
import { PAGE_TABLES } from '../html/census.js';
import { CONTROLS, type GraphData, POLICY, scriptJson } from '../html/flame.js';
import { HTML_SCRIPT } from '../html/flame-script.js';
import { styleWith } from '../html/flame-style.js';
import { frameName, INTERRUPT, namesRootFirst, ownFrames } from '../parts/call-paths.js';
import { markupText } from '../parts/markup.js';
import { memoryTitle } from '../parts/meaning-text.js';
import { StringTable } from '../parts/string-table.js';
import { backingLine } from '../svg.js';
import { afterOf, beforeOf, CHANGE_SHADES, drawnChanges, SHADE_COLOURS, SHADE_LINE } from './diff-flame.js';
import {
  diffSummary,
  diffTitle,
  estimateTexts,
  lossLines,
  perHourText,
  signedCount,
  sizeCells,
  sizeHeads,
  stateWords,
  totalFacts,
} from './diff-summary.js';

/** Rows of each table below the graph. */
const TABLE_ROWS = 50;
const CHANGES = CHANGE_SHADES.map(([change]) => change);

export function encodeDiffHtml(diff: DiffReport): string {
  return joined(diffHtmlPieces(diff));
}

/** The same, part by part. */
export function diffHtmlPieces(diff: DiffReport): Generator<string> {
  const { stacks, leftOutBytes } = drawnChanges(diff);
  const losses = lossLines(diff);
  const facts = [...diffSummary(diff), ...totalFacts(diff), SHADE_LINE];
  if (leftOutBytes !== 0) facts.push(backingLine(leftOutBytes));
  const title = markupText(`${memoryTitle(diff.after)}, ${diffTitle(diff)}`);
  const parts = [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="generator" content="unfreed">',
    `<title>${[title, ...losses.map(markupText)].join(', ')}</title>`,
    `<style>${styleWith(SHADE_COLOURS)}</style></head><body>`,
    `<h1>${title}</h1>`,
    `<ul>${losses.map((fact) => `<li class="loss">${markupText(fact)}</li>`).join('\n')}`,
    `${facts.map((fact) => `<li>${markupText(fact)}</li>`).join('\n')}</ul>`,
    `<div class="bar">${CHANGE_SHADES.map(([change, shade], i) => changeButton(diff, change, shade, i)).join('')}</div>`,
    CONTROLS,
    ...(stacks.length === 0 ? ['<p>No call path that passes the selection has changed.</p>'] : []),
    stackTable(diff),
    processTable(diff),
    cgroupTable(diff),
    ...(diff.census === null ? [] : [censusTables(diff.census)]),
    `<script type="application/json" id="data">${scriptJson(graphData(stacks))}</script>`,
    `<script>${HTML_SCRIPT}</script>`,
    '</body></html>\n',
  ];
  return separated(parts, '\n');
}

function changeButton(diff: DiffReport, change: (typeof CHANGES)[number], shade: string, index: number): string {
  return (
    `<button class="kind" id="kind${index}" type="button" aria-pressed="true"><span class="swatch ${shade}"></span>` +
    `${change} ${formatSignedBytes(diff.changes[change].differenceBytes)}</button>`
  );
}

function graphData(stacks: readonly DiffStack[]): GraphData {
  const names = new StringTable();
  const rows = stacks.map((stack) => [
    Math.max(beforeOf(stack), afterOf(stack)),
    Math.abs(stack.differenceCount),
    CHANGES.indexOf(stack.change),
    // At least one name remains to be shown.
    Math.max(0, Math.min(stack.firstFrame, ownFrames(stack).length - 1)),
    ...namesRootFirst(stack).map((name) => names.index(name)),
  ]);
  const diff = stacks.map((stack): [number, number] => [beforeOf(stack), afterOf(stack)]);
  return { names: names.strings, kinds: CHANGES, stacks: rows, diff };
}

const STACK_HEAD = ['#', 'difference', 'before', 'after', 'count', 'per hour'];

function stackTable(diff: DiffReport): string {
  const shown = diff.stacks.slice(0, TABLE_ROWS);
  if (shown.length === 0) return '';
  const more = diff.stacks.length - shown.length;
  return [
    `<h2>The call paths</h2><div class="scroll"><table><thead><tr>${numberHeads(STACK_HEAD)}`,
    '<th>change</th><th>by</th><th>call path</th></tr></thead><tbody>',
    ...shown.map(stackRow),
    '</tbody></table></div>',
    more > 0 ? `<p class="dim">… ${formatCount(more)} more call paths</p>` : '',
  ].join('\n');
}

function stackRow(stack: DiffStack): string {
  const frames = ownFrames(stack).slice(stack.firstFrame).map(frameName);
  if (stack.interruptedFrom !== null) frames.push(INTERRUPT);
  const who = stack.comms.slice(0, 3).map((share) => share.comm);
  if (stack.comms.length > 3) who.push(`+${stack.comms.length - 3}`);
  const kind = [
    stack.change,
    stack.category ?? stack.allocator,
    ...stateWords(stack),
    ...estimateTexts(stack.estimate),
    ...stack.caches,
  ];
  const path = frames.length === 0 ? '[no stack]' : frames.join(' < ');
  const note = stack.note === null ? '' : `<br>${markupText(stack.note)}`;
  const figures = [
    String(stack.rank),
    formatSignedBytes(stack.differenceBytes),
    formatBytes(beforeOf(stack)),
    formatBytes(afterOf(stack)),
    signedCount(stack.differenceCount),
    perHourText(stack.bytesPerHour),
  ];
  return (
    `<tr>${numberCells(figures)}<td>${kind.map(markupText).join('<br>')}</td>` +
    `<td>${who.map(markupText).join('<br>')}</td><td class="path">${markupText(path)}${note}</td></tr>`
  );
}

/** What grew between the censuses of both. */
function censusTables(census: CensusReport): string {
  const tables = growthTables(census, TABLE_ROWS).map((table) => tableHtml(table, PAGE_TABLES));
  return [`<h2>${growthTitle(census)}</h2>`, ...(tables.length === 0 ? ['<p>Nothing.</p>'] : tables)].join('\n');
}

const PROCESS_HEAD = ['pid', 'difference', 'before', 'after', 'allocs'];

function processTable(diff: DiffReport): string {
  const shown = diff.processes.slice(0, TABLE_ROWS);
  if (shown.length === 0) return '';
  const more = diff.processes.length - shown.length;
  return [
    `<h2>The processes</h2><div class="scroll"><table><thead><tr><th>process</th>${numberHeads([...PROCESS_HEAD, ...sizeHeads(diff)])}`,
    '<th>change</th></tr></thead><tbody>',
    ...shown.map(processRow),
    '</tbody></table></div>',
    more > 0 ? `<p class="dim">… ${formatCount(more)} more processes</p>` : '',
  ].join('\n');
}

function processRow(held: DiffProcess): string {
  const figures = [
    held.pid === null ? '-' : String(held.pid),
    formatSignedBytes(held.differenceBytes),
    formatBytes(held.beforeBytes),
    formatBytes(held.afterBytes),
    held.newAllocations === null ? '-' : formatCount(held.newAllocations),
    ...sizeCells(held),
  ];
  const change = held.pidBefore === null ? held.change : `${held.change}, was ${held.pidBefore}`;
  return `<tr><td>${markupText(held.comm)}</td>${numberCells(figures)}<td>${change === 'same' ? '' : change}</td></tr>`;
}

const CGROUP_HEAD = ['difference', 'before', 'after'];

/** Nothing where all is of the root, or where no cgroup is known. */
function cgroupTable(diff: DiffReport): string {
  const shown = diff.cgroups.slice(0, TABLE_ROWS);
  if (shown.every(({ cgroup }) => cgroup === '/')) return '';
  const more = diff.cgroups.length - shown.length;
  return [
    `<h2>The cgroups</h2><div class="scroll"><table><thead><tr>${numberHeads(CGROUP_HEAD)}`,
    '<th>cgroup</th><th>change</th></tr></thead><tbody>',
    ...shown.map(cgroupRow),
    '</tbody></table></div>',
    more > 0 ? `<p class="dim">… ${formatCount(more)} more cgroups</p>` : '',
  ].join('\n');
}

function cgroupRow(held: DiffCgroup): string {
  const figures = [
    formatSignedBytes(held.differenceBytes),
    formatBytes(held.beforeBytes),
    formatBytes(held.afterBytes),
  ];
  const was = held.cgroupBefore === null ? '' : `, was ${held.cgroupBefore}`;
  const change = held.change === 'same' ? '' : markupText(held.change + was);
  return `<tr>${numberCells(figures)}<td title="${markupText(held.cgroup)}">${markupText(held.name)}</td><td>${change}</td></tr>`;
}

function numberHeads(names: string[]): string {
  return names.map((name) => `<th class="number">${name}</th>`).join('');
}

function numberCells(texts: string[]): string {
  return texts.map((text) => `<td class="number">${text}</td>`).join('');
}
