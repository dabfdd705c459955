/** The table of findings: a row for each, and below it what it opens to. */

import {
  formatBytes,
  formatCount,
  formatDuration,
  formatShare,
  formatSignedBytes,
  type RateUnit,
  rateUnitOf,
} from '../../base/format.js';
import { countedIn } from '../../event/kinds.js';
import { freedBy, freeSentence } from '../../rank/answer/free-words.js';
import { goneSentence } from '../../rank/answer/gone-words.js';
import { isBound } from '../../rank/answer/loss.js';
import { readingText } from '../../rank/answer/readings.js';
import {
  cgroupOf,
  cgroupText,
  meminfoLine,
  memoryColumn,
  stateText,
  whatText,
  whoText,
} from '../../rank/answer/words.js';
import type { FindingOrigin } from '../../rank/breakdown/origins.js';
import { totalMeaning } from '../../rank/report/meaning.js';
import type { Report } from '../../rank/report/report.js';
import { type FindingPath, type HistogramBar, isRising, type ReportStack } from '../../rank/report/report-rows.js';
import { belongsText } from '../../rank/report/row-names.js';
import { frameName, INTERRUPT, ownFrames } from '../parts/call-paths.js';
import { markupText } from '../parts/markup.js';
import { rowMeaning } from '../parts/meaning-text.js';
import { rowEstimate } from '../parts/sample-text.js';
import { BANDS } from './charts.js';
import type { Picture } from './picture.js';

/** Findings that are printed opened. */
const PRINTED = 3;
/** Findings shown at first, and printed; the others come with a button, and where a range narrows the table. */
const FIRST = 10;

export function findingsTable(picture: Picture): string {
  const { report, findings, details } = picture;
  if (findings.length === 0) {
    return '<section id="findings"><h2>Findings</h2><p id="chip" role="status"></p><p>Nothing held passes the selection.</p></section>';
  }
  const unit = rateUnitOf(report.durationNs);
  const head = [
    '#',
    heldHead(report),
    `GROWTH/${unit.name}`,
    'CURVE',
    'STATE',
    memoryColumn(report.source.allocators),
    'WHO',
    'WHAT',
  ];
  const cells = head.map((name, i) => `<th scope="col" class="c${i}"${i === 1 ? ' id="held-head"' : ''}>${name}</th>`);
  return (
    '<section id="findings"><h2>Findings</h2><p id="chip" role="status"></p><div class="scroll"><table class="findings few">' +
    `<thead><tr>${cells.join('')}</tr></thead>` +
    findings.map((row, place) => rowText(row, place, { report, unit, detail: details[place] })).join('') +
    `</table></div>${moreText(findings.length - FIRST)}` +
    `<p class="dim" id="findings-rest">${markupText(restText(picture))}</p></section>`
  );
}

function classOf(place: number): string {
  return place < PRINTED ? ' class="printed"' : place < FIRST ? '' : ' class="rest"';
}

function moreText(more: number): string {
  return more > 0
    ? `<p class="bar"><button id="more" type="button">${formatCount(more)} more ${more === 1 ? 'finding' : 'findings'}</button></p>`
    : '';
}

/** The head of the column of bytes: what they are, by what the trace covers. */
export function heldHead(report: Report): string {
  const meaning = totalMeaning(report);
  if (meaning === 'outstanding') return 'HELD';
  return meaning === 'at-most' ? 'HELD AT MOST' : 'SEEN';
}

/** What stands below the findings that are listed. */
function restText({ report, findings, origins }: Picture): string {
  if (origins === null) return '';
  const backing = origins.findings.length - findings.length;
  const rest = origins.findingCount - origins.findings.length;
  const listed = origins.findings.reduce((sum, { row }) => sum + row.bytes, 0);
  const texts: string[] = [];
  if (rest > 0)
    texts.push(`${formatCount(rest)} more rows hold ${formatBytes(Math.max(0, report.matching.bytes - listed))}.`);
  if (backing > 0) texts.push('Backing pages are left out: what lies on them is listed.');
  return texts.join(' ');
}

interface RowContext {
  report: Report;
  unit: RateUnit;
  detail: FindingOrigin | null;
}

function rowText(row: ReportStack, place: number, context: RowContext): string {
  const { verdict, growth, estimate, bytes } = row;
  const pace = isRising(verdict) && growth !== null ? formatSignedBytes(growth.bytesPerHour * context.unit.hours) : '-';
  const held = `${isBound(row) ? '≤' : ''}${formatBytes(estimate?.bytes ?? bytes)}`;
  const cells = [
    `<button type="button" aria-label="Narrow to finding ${place + 1}" aria-pressed="false"><i class="f${Math.min(place, BANDS)}"></i>${place + 1}</button>`,
    `<span>${held}</span>`,
    pace,
    curveText(row.curve),
    markupText(stateText(row)),
    markupText(meminfoLine(row.category)),
    markupText(whoText(row.holder)) + cgroupMarkup(row),
    markupText(whatText(row)),
  ];
  const first = pathText(row.merged?.paths?.[0] ?? row);
  return (
    `<tbody data-finding="${place}"${classOf(place)}>` +
    `<tr class="row">${cells.map((html, i) => `<td class="c${i}"${i === 2 && pace !== '-' ? ` data-per="/${context.unit.name}"` : ''}>${html}</td>`).join('')}</tr>` +
    `<tr class="opened"><td colspan="8"><details><summary>${markupText(first)}</summary>${openedText(row, context)}</details></td></tr></tbody>`
  );
}

/** The cgroup that nearly all of it is in, with its path where the name is short. */
function cgroupMarkup(row: ReportStack): string {
  const cgroup = cgroupOf(row);
  if (cgroup === null) return '';
  return `<br><span class="dim" title="${markupText(cgroup.cgroup)}">${markupText(cgroupText(cgroup))}</span>`;
}

/** Call paths, why, ages, sizes, holders. */
function openedText(row: ReportStack, { report, detail }: RowContext): string {
  const { merged } = row;
  const paths: readonly FindingPath[] = merged?.paths ?? [row];
  const items = paths.map(
    (path) => `<li><strong>${formatBytes(path.bytes)}</strong> ${countText(path)}: ${markupText(pathText(path))}</li>`,
  );
  const rest = (merged?.stacks ?? 1) - paths.length;
  if (rest > 0) {
    const bytes = Math.max(0, row.bytes - paths.reduce((sum, path) => sum + path.bytes, 0));
    items.push(
      `<li><strong>${formatBytes(bytes)}</strong> in ${formatCount(rest)} more call path${rest === 1 ? '' : 's'}</li>`,
    );
  }
  return (
    `<div class="parts-of"><div class="wide"><h3>Call paths</h3><ul class="path">${items.join('')}</ul></div>` +
    `<div><h3>Why</h3><ul>${whyTexts(row, report)
      .map((text) => `<li>${markupText(text)}</li>`)
      .join('')}</ul></div>` +
    `${freedText(row)}${detail === null ? '' : detailText(detail, row.bytes)}</div>`
  );
}

/** The call paths by which such memory is freed. */
function freedText({ typicalFree }: ReportStack): string {
  if (typicalFree === null) return '';
  const items = typicalFree.sites.map(
    (path) =>
      `<li><strong>${formatShare(path.share, 1)}</strong> ${markupText(freedBy(path))}, median ${formatDuration(path.medianNs.from)} to ` +
      `${formatDuration(path.medianNs.to)}: ${markupText(pathText({ allocator: 'slab', ...path }))}</li>`,
  );
  return (
    `<div class="wide"><h3>Freed by, of ${formatCount(typicalFree.samples)} frees seen</h3>` +
    `<ul class="path">${items.join('')}</ul></div>`
  );
}

function detailText({ ages, sizes, holders, holderCount }: FindingOrigin, bytes: number): string {
  const shares = holders.map(
    (holder) =>
      `<li>${markupText(holder.comm === '' ? '?' : holder.comm)} ${holder.pid} <strong>${formatBytes(holder.bytes)}</strong> ${formatShare(holder.bytes, bytes)}</li>`,
  );
  const more = holderCount - holders.length;
  if (more > 0) shares.push(`<li>${formatCount(more)} more</li>`);
  return (
    `<div><h3>Ages</h3>${barsText(ages, ({ from, to }) => `${formatDuration(from)} to ${formatDuration(to)}`)}</div>` +
    `<div><h3>Sizes</h3>${barsText(sizes, ({ from }) => `${formatBytes(from)} or more`)}</div>` +
    `<div><h3>Holders</h3><ul>${shares.join('')}</ul></div>`
  );
}

function barsText(bars: readonly HistogramBar[], name: (bar: HistogramBar) => string): string {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const rows = bars
    .filter(({ count }) => count > 0)
    .map(
      (bar) =>
        `<tr><th>${name(bar)}</th><td>${formatCount(bar.count)}</td><td class="bars"><i style="width:${Math.max(1, (100 * bar.count) / most).toFixed(0)}%"></i></td></tr>`,
    );
  return `<table class="histogram">${rows.join('')}</table>`;
}

/** What is known of a finding, one sentence each. Untrusted text. */
function whyTexts(row: ReportStack, { durationNs }: Report): string[] {
  const { verdictReason, evidence, reliability, note, watched } = row;
  const reading = readingText(row);
  const belongs = belongsText(row);
  const gone = goneSentence(row.gone);
  return [
    ...(reading === null ? [] : [reading]),
    ...(verdictReason === null ? [] : [`${stateText(row)}: ${verdictReason}`]),
    ...(reliability === 'plausible' || evidence.reason === verdictReason
      ? []
      : [`${reliability === 'confirmed' ? 'checked' : 'doubtful'}: ${evidence.reason}`]),
    ...rowMeaning(row, durationNs),
    ...rowEstimate(row),
    ...(row.meaning === 'allocated'
      ? []
      : [`freed ${formatCount(row.freeCount)} of ${formatCount(row.allocCount)} that these call paths took`]),
    ...(gone === null ? [] : [gone]),
    ...(row.typicalFree === null ? [] : [freeSentence(row.typicalFree)]),
    ...(row.caches.length === 0 ? [] : [`caches: ${row.caches.join(', ')}`]),
    ...(note === null ? [] : [note]),
    ...(watched === null ? [] : [`watched: ${watched}`]),
    ...(belongs === null ? [] : [belongs]),
  ];
}

/** The call path from the first frame that is not the allocator's own. Untrusted text. */
export function pathText(path: Pick<ReportStack, 'allocator' | 'frames' | 'firstFrame' | 'interruptedFrom'>): string {
  const names = ownFrames(path).slice(path.firstFrame).map(frameName);
  if (path.interruptedFrom !== null) names.push(INTERRUPT);
  return names.length === 0 ? '[no stack]' : names.join(' < ');
}

function countText({ allocator, count }: Pick<ReportStack, 'allocator' | 'count'>): string {
  const unit = countedIn(allocator).slice(0, -1);
  return `${formatCount(count)} ${unit}${count === 1 ? '' : 's'}`;
}

/** A curve of 120 x 20 px by its own greatest value. */
function curveText(curve: readonly number[]): string {
  if (curve.length === 0) return '';
  const most = Math.max(1, ...curve);
  const step = 118 / Math.max(1, curve.length - 1);
  const points = curve.map((bytes, i) => `${(1 + i * step).toFixed(1)},${(19 - (18 * bytes) / most).toFixed(1)}`);
  return `<svg class="curve" viewBox="0 0 120 20" aria-hidden="true"><polyline points="${points.join(' ')}"/></svg>`;
}
