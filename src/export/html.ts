/**
 * A flame graph of outstanding memory as one HTML file (https://html.spec.whatwg.org): no other
 * file, no network (its own Content-Security-Policy forbids any), no library. Zoom, search, colours
 * by category and both directions also work by keyboard; without scripts the table of call paths
 * remains. The root is at the top, since long pages are read downwards.
 */
import { formatBytes, formatCount } from '../base/format.js';
import { joined, separated } from '../base/pieces.js';
import { safeJson } from '../base/safe-json.js';
import type { Report } from '../rank/report/report.js';
import type { ReportStack } from '../rank/report/report-rows.js';
import { answerText, findingsOf, findingsTable } from './html/answer.js';
import { memoryBars, timeChart } from './html/charts.js';
import { HTML_SCRIPT } from './html/flame-script.js';
import { htmlStyle } from './html/flame-style.js';
import { PAGE_SCRIPT } from './html/page-script.js';
import { PAGE_STYLE } from './html/page-style.js';
import { frameName, INTERRUPT, namesRootFirst, ownFrames } from './parts/call-paths.js';
import { colourKind, drawnStacks } from './parts/flame-tree.js';
import { markupText } from './parts/markup.js';
import { meaningTitle, rowMeaning } from './parts/meaning-text.js';
import { StringTable } from './parts/string-table.js';
import { lossLine, summaryLines, titleLine } from './parts/summary.js';
import { backingLine } from './svg.js';
import { encodeText } from './text.js';

/** Rows of the table below the graph. */
const TABLE_ROWS = 50;

/** The data that HTML_SCRIPT reads. */
export interface GraphData {
  names: string[];
  kinds: string[];
  /**
   * For each call path: bytes, count, index of the kind, number of leaf frames that are allocator
   * plumbing, then the indices of its names from the root.
   */
  stacks: number[][];
  /**
   * For a diff: bytes before and after of each call path; the bytes in `stacks` are the greater of
   * both.
   */
  diff?: [before: number, after: number][];
  /** Of a report, for PAGE_SCRIPT: times of the curves, */
  axis?: Report['curve'];
  /** row ids and curves of the call paths, the latter empty beyond CURVES, */
  ids?: number[];
  curves?: number[][];
  /** and the row ids of each finding's call paths. */
  findings?: number[][];
}

/** Call paths with a curve: 64 points each keep the file below 2 MB. */
const CURVES = 500;

export function encodeHtml(report: Report): string {
  return joined(htmlPieces(report));
}

/** The same, part by part. */
export function htmlPieces(report: Report): Generator<string> {
  const { stacks, leftOutBytes } = drawnStacks(report);
  const bytesOfKind = new Map<string, number>();
  for (const stack of stacks) {
    const kind = colourKind(stack);
    bytesOfKind.set(kind, (bytesOfKind.get(kind) ?? 0) + stack.bytes);
  }
  const kinds = [...bytesOfKind].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const kindNames = kinds.map(([kind]) => kind);
  const facts = summaryLines(report).map(
    (fact) => `<li${fact.includes('LOST ') ? ' class="loss"' : ''}>${markupText(fact)}</li>`,
  );
  if (leftOutBytes > 0) facts.push(`<li>${markupText(backingLine(leftOutBytes))}</li>`);
  const parts = [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="generator" content="unfreed">',
    `<title>${markupText(`Kernel memory ${meaningTitle(report)}: ${titleLine(report)}, ${lossLine(report)}`)}</title>`,
    `<style>${htmlStyle(kindNames)}${PAGE_STYLE}</style></head><body>`,
    `<h1>Kernel memory ${markupText(meaningTitle(report))}, by call path</h1>`,
    '<div class="bar scheme"><button id="scheme" type="button">light/dark</button></div>',
    `<p class="dim">${markupText(titleLine(report))}</p>`,
    answerText(report),
    memoryBars(report),
    timeChart(report),
    findingsTable(report),
    '<h2>Flame graph</h2>',
    `<div class="bar">${kinds.map(([kind, bytes], i) => kindButton(kind, bytes, i)).join('')}</div>`,
    CONTROLS,
    ...(stacks.length === 0 ? ['<p>Nothing outstanding passes the selection.</p>'] : []),
    tableText(report),
    `<section class="column"><h2>How sure</h2><ul>${facts.join('\n')}</ul></section>`,
    asText(report),
    `<script type="application/json" id="data">${scriptJson({ ...graphData(stacks, kindNames), ...rangeData(report, stacks) })}</script>`,
    `<script>${HTML_SCRIPT}${PAGE_SCRIPT}</script>`,
    '</body></html>\n',
  ];
  return separated(parts, '\n');
}

export const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export const CONTROLS = `<div class="bar"><input id="search" type="search" placeholder="Search functions (regex)" aria-label="Search functions"
 autocomplete="off" spellcheck="false"> <button id="flip" type="button" aria-pressed="false">From the allocation up</button>
<button id="reset" type="button">Reset zoom</button> <span id="found" role="status"></span></div>
<section><div id="detail" aria-live="polite"></div>
<div id="graph" role="tree" aria-label="Call paths, root first; a box is as wide as its outstanding bytes"></div></section>
<p class="dim"><span id="pruned"></span> <span class="bar"><span><kbd>↑</kbd> <kbd>↓</kbd> <kbd>←</kbd> <kbd>→</kbd> move,
<kbd>Enter</kbd> or click zooms, <kbd>Esc</kbd> resets, <kbd>/</kbd> searches, <kbd>Tab</kbd> to colours and buttons</span></span></p>
<noscript><p>The graph needs scripts; the call paths are below.</p></noscript>`;

function kindButton(kind: string, bytes: number, index: number): string {
  return (
    `<button class="kind" id="kind${index}" type="button" aria-pressed="true"><span class="swatch k${index}"></span>` +
    `${markupText(kind)} ${formatBytes(bytes)}</button>`
  );
}

function graphData(stacks: readonly ReportStack[], kinds: string[]): GraphData {
  const names = new StringTable();
  const rows = stacks.map((stack) => [
    stack.bytes,
    stack.count,
    kinds.indexOf(colourKind(stack)),
    // At least one name remains to be shown.
    Math.max(0, Math.min(stack.firstFrame, ownFrames(stack).length - 1)),
    ...namesRootFirst(stack).map((name) => names.index(name)),
  ]);
  return { names: names.strings, kinds, stacks: rows };
}

function rangeData(report: Report, stacks: readonly ReportStack[]): Partial<GraphData> {
  return {
    axis: report.curve,
    ids: stacks.map(({ stackId }) => stackId),
    curves: stacks.map(({ curve }, i) => (i < CURVES ? curve : [])),
    findings: findingsOf(report).map((row) => (row.merged?.paths ?? [row]).map(({ stackId }) => stackId)),
  };
}

function asText(report: Report): string {
  const text = encodeText(report, { columns: 100, frames: false }).trimEnd().split('\n').map(markupText).join('\n');
  return (
    '<section class="column"><h2>As text</h2><p class="bar"><button id="copy" type="button">Copy</button></p>' +
    `<pre id="text">${text}</pre><p class="dim">This file was made by unfreed export FILE --format html.</p></section>`
  );
}

/**
 * Returns JSON for a script element, where a '<' could begin its end tag
 * (https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements).
 */
export function scriptJson(data: GraphData): string {
  return safeJson(data, '').replaceAll('<', String.raw`\u003c`);
}

function tableText(report: Report): string {
  const shown = report.stacks.slice(0, TABLE_ROWS);
  if (shown.length === 0) return '';
  const more = report.matching.stacks - shown.length;
  return [
    '<h2>The call paths</h2><div class="scroll"><table><thead><tr><th class="number">#</th><th class="number">bytes</th>',
    '<th class="number">count</th><th>kind</th><th>by</th><th>call path</th></tr></thead><tbody>',
    ...shown.map((stack) => rowText(stack, report)),
    '</tbody></table></div>',
    more > 0 ? `<p class="dim">… ${formatCount(more)} more call paths</p>` : '',
  ].join('\n');
}

function rowText(stack: ReportStack, { durationNs }: Report): string {
  const frames = ownFrames(stack).slice(stack.firstFrame).map(frameName);
  if (stack.interruptedFrom !== null) frames.push(INTERRUPT);
  const who = stack.comms.slice(0, 3).map((share) => share.comm);
  if (stack.comms.length > 3) who.push(`+${stack.comms.length - 3}`);
  const judged = new Set([stack.verdict ?? '', stack.reliability === 'plausible' ? '' : stack.reliability]);
  judged.delete('');
  const kind = [colourKind(stack), ...rowMeaning(stack, durationNs), ...judged, ...stack.caches];
  const note = stack.note === null ? '' : `<br>${markupText(stack.note)}`;
  const path = frames.length === 0 ? '[no stack]' : frames.join(' < ');
  return (
    `<tr><td class="number">${stack.rank}</td><td class="number">${formatBytes(stack.bytes)}</td>` +
    `<td class="number">${formatCount(stack.count)}</td><td>${kind.map(markupText).join('<br>')}</td>` +
    `<td>${who.map(markupText).join('<br>')}</td><td class="path">${markupText(path)}${note}</td></tr>`
  );
}
