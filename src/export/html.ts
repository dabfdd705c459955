/**
 * The report as one HTML file (https://html.spec.whatwg.org): no other file, no network (its own
 * Content-Security-Policy forbids any), no library. Everything also works by keyboard; without scripts the
 * sentences, tables and still charts remain. The flame graph's root is at the top, since long pages are read
 * downwards.
 */
import { formatBytes, formatCount, formatDuration } from '../base/format.js';
import { joined, separated } from '../base/pieces.js';
import { cgroupOf, cgroupText, memoryColumn } from '../rank/answer/words.js';
import type { Origins } from '../rank/breakdown/origins.js';
import { isOfProcesses } from '../rank/report/category.js';
import type { Report } from '../rank/report/report.js';
import type { ReportStack } from '../rank/report/report-rows.js';
import { marksLane, marksTable } from './events/marks-html.js';
import { answerText } from './html/answer.js';
import { censusText } from './html/census.js';
import { heldChart } from './html/charts.js';
import { findingsTable, pathText } from './html/findings.js';
import { CONTROLS, POLICY, scriptJson } from './html/flame.js';
import { HTML_SCRIPT } from './html/flame-script.js';
import { limitsTable } from './html/limits.js';
import { changeChart, memoryBars } from './html/memory.js';
import { PAGE_SCRIPT } from './html/page-script.js';
import { pageStyle } from './html/page-style.js';
import { PAGE_TOOLS } from './html/page-tools.js';
import { type Picture, pictureOf } from './html/picture.js';
import { graphData, lineOf } from './html/report-data.js';
import { stillFlame } from './html/still-flame.js';
import { whoText } from './html/who.js';
import { mainKind } from './parts/flame-tree.js';
import { markupText } from './parts/markup.js';
import { meaningTitle, memoryTitle, rowMeaning } from './parts/meaning-text.js';
import { processSection } from './parts/processes-html.js';
import { kernelText, lossLine, startText, summaryLines, titleLine } from './parts/summary.js';
import { backingLine } from './svg.js';
import { encodeText } from './text.js';

/** Rows of the table of call paths. */
const TABLE_ROWS = 50;
/** Findings in the text below. */
const TEXT_ROWS = 10;

export function encodeHtml(report: Report, origins: Origins | null = null): string {
  return joined(htmlPieces(report, origins));
}

/**
 * The same, part by part. `origins` must be of the same trace and selection; without it the page has no
 * processes, caches and ages, and findings of the whole trace.
 */
export function htmlPieces(report: Report, origins: Origins | null = null): Generator<string> {
  const picture = pictureOf(report, origins);
  const lines = linesOf(picture);
  const names = lines.map(([name]) => name);
  const title = `${memoryTitle(report)} ${meaningTitle(report)}: ${titleLine(report)}, ${lossLine(report)}`;
  const parts = [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="generator" content="unfreed">',
    `<title>${markupText(title)}</title>`,
    `<style>${pageStyle(names)}</style></head><body>`,
    headText(report),
    answerText(report),
    memoryBars(report),
    ...(report.processes === undefined ? [] : [processSection(report)]),
    // What a machine has at its limits says nothing of one process.
    isOfProcesses(report.source.allocators) ? '' : limitsTable(report.limits),
    timeSection(picture),
    findingsTable(picture),
    flameSection(picture, lines),
    tableText(report),
    whoText(picture),
    marksTable(report),
    ...(report.census === null ? [] : [censusText(report.census)]),
    howSure(picture),
    asText(picture),
    `<script type="application/json" id="data">${scriptJson(graphData(picture, names))}</script>`,
    `<script>${HTML_SCRIPT}${PAGE_SCRIPT}${PAGE_TOOLS}</script>`,
    '</body></html>\n',
  ];
  return separated(parts, '\n');
}

/** 'vm, Linux 6.18.44, 18.0s, 2026-11-29 21:07 UTC', and the buttons of the page. */
function headText({ source, durationNs }: Report): string {
  const started = startText(source.startUnixMs);
  const facts = [
    source.hostname,
    kernelText({ ...source, arch: '' }),
    formatDuration(durationNs),
    started === '' ? '' : `${started.slice(0, 10)} ${started.slice(11, 16)} UTC`,
  ];
  return (
    `<header><h1>${markupText(facts.filter((fact) => fact !== '').join(', '))}</h1><div class="bar">` +
    '<button id="scheme" type="button">light/dark</button><button id="print" type="button">print</button>' +
    '<button id="to-text" type="button">text</button></div></header>'
  );
}

/** The lines of meminfo of what is drawn with their bytes, greatest first. */
function linesOf({ paths }: Picture): [name: string, bytes: number][] {
  const bytesOf = new Map<string, number>();
  for (const { stack } of paths) bytesOf.set(lineOf(stack), (bytesOf.get(lineOf(stack)) ?? 0) + stack.bytes);
  return [...bytesOf].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

function timeSection(picture: Picture): string {
  const held = heldChart(picture);
  const change = changeChart(picture.report);
  if (held === '' && change === '') return '';
  const last = picture.edgesNs.length - 1;
  const brush =
    last < 1
      ? ''
      : `<div id="brush" role="slider" tabindex="0" aria-label="Range of time: arrows move, Shift with arrows selects"` +
        ` aria-valuemin="0" aria-valuemax="${last}" aria-valuenow="0"><div id="picked" hidden></div><div id="cursor"></div>` +
        '<div id="picked-text"></div></div>';
  const toggle =
    held === '' || change === ''
      ? ''
      : '<p class="bar"><button id="by-change" type="button" aria-pressed="false">Change by meminfo line</button></p>';
  return (
    `<section id="time"><h2>Over time</h2>${toggle}${held}${change}${marksLane(picture.report)}${brush}<p class="dim bar">A range of time narrows what follows to what ` +
    `was taken in it and was still held at its end, at least.${rangelessText(picture)}</p></section>`
  );
}

function rangelessText({ rangelessPaths }: Picture): string {
  return rangelessPaths === 0 ? '' : ` ${formatCount(rangelessPaths)} call paths that hold least are left out then.`;
}

function flameSection(picture: Picture, lines: readonly (readonly [name: string, bytes: number])[]): string {
  const { report, findings, paths } = picture;
  const places = lines.map(([name]) => name);
  const placeOf = new Map(paths.map(({ stack }) => [stack.category ?? stack.allocator, places.indexOf(lineOf(stack))]));
  const options = findings.map(
    ({ noun }, place) => `<option value="${place}">finding ${place + 1}: ${markupText(noun)}</option>`,
  );
  const buttons = lines.map(
    ([name, bytes], i) =>
      `<button class="kind" id="kind${i}" type="button" aria-pressed="true"><span class="swatch k${i}"></span>${markupText(name)} ${formatBytes(bytes)}</button>`,
  );
  return [
    `<section class="flame"><h2>${memoryTitle(report)} ${markupText(meaningTitle(report))}, by call path</h2>`,
    `<div class="bar"><label>Of <select id="only"><option value="-1">all findings</option>${options.join('')}</select></label>`,
    `<label${picture.edgesNs.length < 2 ? ' hidden' : ''}>Shown <select id="when" disabled><option value="held">held at the end</option><option value="range">taken in the range</option></select></label>`,
    `<label>Colour by <select id="colour"><option value="line">${isOfProcesses(report.source.allocators) ? 'kind of memory' : 'line of meminfo'}</option><option value="finding">finding</option><option value="holder">holder</option></select></label></div>`,
    `<div class="bar">${buttons.join('')}</div><p class="legend" id="colours"></p>`,
    CONTROLS,
    ...(paths.length === 0 ? ['<p>Nothing outstanding passes the selection.</p>'] : []),
    '</section>',
    stillFlame(picture, (box) => placeOf.get(mainKind(box)) ?? 0),
  ].join('\n');
}

function howSure({ report, leftOutBytes }: Picture): string {
  const facts = summaryLines(report);
  if (leftOutBytes > 0) facts.push(backingLine(leftOutBytes));
  // Names in facts may be anything: what marks a loss is the number of lost events.
  const lost = report.anomalies.lostEvents > 0 ? lossLine(report) : null;
  const items = facts.map((fact) => {
    const isLoss = lost !== null && fact.endsWith(lost);
    return `<li${isLoss ? ' class="loss"' : ''}>${markupText(fact)}</li>`;
  });
  return `<section id="sure" class="column"><h2>How sure</h2><ul>${items.join('\n')}</ul></section>`;
}

/** The text of `top`: findings where they are known. */
function asText({ report, origins }: Picture): string {
  const shown: Report =
    origins === null
      ? report
      : {
          ...report,
          selection: { ...report.selection, group: 'finding' },
          matching: { ...report.matching, rows: origins.findingCount },
          stacks: origins.findings.slice(0, TEXT_ROWS).map(({ row }) => row),
        };
  const text = encodeText(shown, { columns: 100, frames: false }).trimEnd().split('\n').map(markupText).join('\n');
  return (
    '<section id="as-text" class="column"><h2>As text</h2><p class="bar"><button id="copy" type="button">Copy</button> <span id="copied" role="status"></span></p>' +
    `<pre id="text" tabindex="0">${text}</pre><p class="dim">This file was made by unfreed export FILE --format html.</p></section>`
  );
}

function tableText(report: Report): string {
  const shown = report.stacks.slice(0, TABLE_ROWS);
  if (shown.length === 0) return '';
  const more = report.matching.stacks - shown.length;
  return [
    '<details id="paths"><summary>The call paths as a table</summary><div class="scroll"><table><thead><tr><th class="number">#</th><th class="number">bytes</th>',
    `<th class="number">count</th><th>${memoryColumn(report.source.allocators).toLowerCase()}</th><th>by</th><th>call path</th></tr></thead><tbody>`,
    ...shown.map((stack) => rowText(stack, report)),
    '</tbody></table></div>',
    more > 0 ? `<p class="dim">… ${formatCount(more)} more call paths</p>` : '',
    '</details>',
  ].join('\n');
}

function rowText(stack: ReportStack, { durationNs }: Report): string {
  const who = stack.comms.slice(0, 3).map((share) => share.comm);
  if (stack.comms.length > 3) who.push(`+${stack.comms.length - 3}`);
  const cgroup = cgroupOf(stack);
  if (cgroup !== null) who.push(cgroupText(cgroup));
  const judged = new Set([stack.verdict ?? '', stack.reliability === 'plausible' ? '' : stack.reliability]);
  judged.delete('');
  const kind = [lineOf(stack), ...rowMeaning(stack, durationNs), ...judged, ...stack.caches];
  const note = stack.note === null ? '' : `<br>${markupText(stack.note)}`;
  return (
    `<tr><td class="number">${stack.rank}</td><td class="number">${formatBytes(stack.bytes)}</td>` +
    `<td class="number">${formatCount(stack.count)}</td><td>${kind.map(markupText).join('<br>')}</td>` +
    `<td>${who.map(markupText).join('<br>')}</td><td class="path">${markupText(pathText(stack))}${note}</td></tr>`
  );
}
