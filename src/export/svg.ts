/**
 * A static flame graph, https://www.w3.org/TR/SVG11/: for documents and chats where no script runs. Root at the bottom as
 * in https://www.brendangregg.com/flamegraphs.html, a box as wide as its outstanding bytes; a box narrower than half a
 * pixel is not drawn, and what was pruned is said. Light and dark follow the reader's scheme; nothing external.
 */
import { formatBytes, formatCount, formatShare } from '../base/format.js';
import { cutToWidth } from '../base/safe-text.js';
import type { Report } from '../rank/report.js';
import { kindColours, TEXT } from './flame-colours.js';
import { type FlameNode, flameGraph, mainKind } from './flame-tree.js';
import { markupText } from './markup.js';
import { summaryLines } from './summary.js';

const WIDTH = 1200;
const MARGIN = 10;
const ROW = 17;
const LINE = 16;
/** Of the 11 px monospace font, px; a little more than any has. */
const CHARACTER = 6.8;
const NARROWEST = 0.5;

interface Drawing {
  boxes: string[];
  /** px a byte. */
  scale: number;
  /** Top of the root's row. */
  bottom: number;
  total: number;
  kindIds: Map<string, number>;
  prunedBoxes: number;
}

export function encodeSvg(report: Report): string {
  const { root, depth, leftOutBytes } = flameGraph(report);
  const facts = summaryLines(report);
  if (leftOutBytes > 0) facts.push(backingLine(leftOutBytes));
  const kinds = [...root.bytesOfKind].toSorted((a, b) => b[1] - a[1]);
  const legendTop = LINE * (facts.length + 2);
  const graphTop = legendTop + LINE * 2;
  const drawing: Drawing = {
    boxes: [],
    scale: root.bytes > 0 ? (WIDTH - 2 * MARGIN) / root.bytes : 0,
    bottom: graphTop + (depth - 1) * ROW,
    total: root.bytes,
    kindIds: new Map(kinds.map(([kind], i) => [kind, i])),
    prunedBoxes: 0,
  };
  if (root.bytes > 0) drawBox(root, MARGIN, 0, drawing);
  const height = graphTop + depth * ROW + LINE * 2;
  const end = root.bytes === 0 ? 'Nothing outstanding passes the selection.' : pruneLine(drawing.prunedBoxes);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${markupText(`Kernel memory outstanding: ${facts[0]}`)}</title>`,
    `<desc>${facts.map(markupText).join('\n')}</desc>`,
    `<style>${styleText(kinds.map(([kind]) => kind))}</style>`,
    `<rect class="page" width="100%" height="100%"/>`,
    textLine(MARGIN, LINE, 'Kernel memory outstanding, by call path', 'head'),
    ...facts.map((fact, i) => textLine(MARGIN, LINE * (i + 2), cutToWidth(fact, 172))),
    ...legend(kinds, legendTop),
    ...drawing.boxes,
    textLine(MARGIN, height - LINE / 2, end),
    '</svg>\n',
  ].join('\n');
}

/** Said wherever a graph leaves backing pages out. */
export function backingLine(bytes: number): string {
  return `not drawn: ${formatBytes(bytes)} of backing pages, whose bytes are in the slabs, areas and chunks on them`;
}

function pruneLine(boxes: number): string {
  if (boxes === 0) return '';
  return `${formatCount(boxes)} ${boxes === 1 ? 'box' : 'boxes'} narrower than ${NARROWEST} px not drawn, nor what is above`;
}

/** Deep call paths have some 130 frames at most: recursion is safe. */
function drawBox(box: FlameNode, x: number, level: number, drawing: Drawing): void {
  const width = box.bytes * drawing.scale;
  if (width < NARROWEST) {
    drawing.prunedBoxes++;
    return;
  }
  const y = drawing.bottom - level * ROW;
  const kind = drawing.kindIds.get(mainKind(box)) ?? 0;
  const title = `${box.name}: ${formatBytes(box.bytes)} (${formatShare(box.bytes, drawing.total)}), count ${formatCount(box.count)}`;
  const columns = Math.floor((width - 4) / CHARACTER);
  const label =
    columns < 3 ? '' : `<text x="${px(x + 3)}" y="${y + 12}">${markupText(cutToWidth(box.name, columns))}</text>`;
  drawing.boxes.push(
    `<g><title>${markupText(title)}</title><rect class="k${kind}" x="${px(x)}" y="${y}" width="${px(Math.max(width - 0.5, 0.4))}" ` +
      `height="${ROW - 1}" rx="1"/>${label}</g>`,
  );
  let left = x;
  for (const child of box.children) {
    drawBox(child, left, level + 1, drawing);
    left += child.bytes * drawing.scale;
  }
}

function legend(kinds: [string, number][], top: number): string[] {
  const out: string[] = [];
  let x = MARGIN;
  for (const [i, [kind, bytes]] of kinds.entries()) {
    const text = `${kind} ${formatBytes(bytes)}`;
    const width = 20 + (text.length + 2) * CHARACTER;
    if (x + width > WIDTH) break;
    out.push(`<rect class="k${i}" x="${px(x)}" y="${top}" width="12" height="12" rx="2"/>`);
    out.push(textLine(x + 17, top + 10, text));
    x += width;
  }
  return out;
}

function textLine(x: number, y: number, text: string, className = ''): string {
  return `<text${className === '' ? '' : ` class="${className}"`} x="${px(x)}" y="${y}">${markupText(text)}</text>`;
}

function styleText(kinds: string[]): string {
  const rules = (scheme: 0 | 1): string => kinds.map((kind, i) => `.k${i}{fill:${kindColours(kind)[scheme]}}`).join('');
  return (
    'text{font:11px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;' +
    `fill:${TEXT.light};white-space:pre;pointer-events:none}.head{font-weight:bold}.page{fill:#fff}${rules(0)}` +
    `@media(prefers-color-scheme:dark){text{fill:${TEXT.dark}}.page{fill:#16181b}${rules(1)}}`
  );
}

/** Hundredths of a pixel are enough. */
function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}
