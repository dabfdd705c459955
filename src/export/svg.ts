/**
 * A static flame graph, https://www.w3.org/TR/SVG11/: for documents and chats where no script runs.
 * The root is at the bottom as in https://www.brendangregg.com/flamegraphs.html, and a box is as
 * wide as its outstanding bytes. A box narrower than half a pixel is not drawn; a line says how
 * many were not. Light and dark follow the reader's scheme; nothing external.
 */
import { formatBytes, formatCount, formatShare } from '../base/format.js';
import { cutToWidth } from '../base/safe-text.js';
import type { Report } from '../rank/report/report.js';
import { type ColourClass, kindColour, TEXT } from './parts/flame-colours.js';
import { type FlameNode, flameGraph, mainKind, type Tree, type TreeNode } from './parts/flame-tree.js';
import { markupText } from './parts/markup.js';
import { meaningTitle, memoryTitle } from './parts/meaning-text.js';
import { summaryLines } from './parts/summary.js';

const WIDTH = 1200;
const MARGIN = 10;
const ROW = 17;
const LINE = 16;
/** Width of a character of the 11 px monospace font, px; a little more than any such font has. */
const CHARACTER = 6.8;
const NARROWEST = 0.5;

/** A tree to draw, and how. */
export interface Picture<Node> extends Tree<Node> {
  /** Title of the document. */
  title: string;
  /** First line of the picture. */
  heading: string;
  /** Lines below it. */
  facts: string[];
  /** Class and text of each colour in the legend. */
  legend: (readonly [className: string, text: string])[];
  colours: ColourClass[];
  classOf: (box: Node) => string;
  /** The text of a box after its name. */
  detailOf: (box: Node) => string;
  /** Shown if there is nothing to draw. */
  nothing: string;
}

interface Drawing<Node> {
  boxes: string[];
  /** px per byte. */
  scale: number;
  /** Top of the root's row. */
  bottom: number;
  picture: Picture<Node>;
  prunedBoxes: number;
}

export function encodeSvg(report: Report): string {
  const { root, depth, leftOutBytes } = flameGraph(report);
  const facts = summaryLines(report);
  if (leftOutBytes > 0) facts.push(backingLine(leftOutBytes));
  const kinds = [...root.bytesOfKind].toSorted((a, b) => b[1] - a[1]);
  const classOfKind = new Map(kinds.map(([kind], i) => [kind, `k${i}`]));
  return svgPicture({
    root,
    depth,
    title: `${memoryTitle(report)} ${meaningTitle(report)}: ${facts[0]}`,
    heading: `${memoryTitle(report)} ${meaningTitle(report)}, by call path`,
    facts,
    legend: kinds.map(([kind, bytes], i) => [`k${i}`, `${kind} ${formatBytes(bytes)}`]),
    colours: kinds.map(([kind], i) => [`k${i}`, kindColour(kind), kindColour(kind)]),
    classOf: (box) => classOfKind.get(mainKind(box)) ?? 'k0',
    detailOf: (box) => detailOf(box, root.bytes),
    nothing: 'Nothing outstanding passes the selection.',
  });
}

function detailOf(box: FlameNode, total: number): string {
  const verdicts = [...box.bytesOfVerdict].map(([verdict, bytes]) => `, ${verdict} ${formatBytes(bytes)}`);
  return `${formatBytes(box.bytes)} (${formatShare(box.bytes, total)}), count ${formatCount(box.count)}${verdicts.join('')}`;
}

export function svgPicture<Node extends TreeNode<Node>>(picture: Picture<Node>): string {
  const { root, depth, facts } = picture;
  const legendTop = LINE * (facts.length + 2);
  const graphTop = legendTop + LINE * 2;
  const drawing: Drawing<Node> = {
    boxes: [],
    scale: root.bytes > 0 ? (WIDTH - 2 * MARGIN) / root.bytes : 0,
    bottom: graphTop + (depth - 1) * ROW,
    picture,
    prunedBoxes: 0,
  };
  if (root.bytes > 0) drawBox(root, MARGIN, 0, drawing);
  const height = graphTop + depth * ROW + LINE * 2;
  const end = root.bytes === 0 ? picture.nothing : pruneLine(drawing.prunedBoxes);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${markupText(picture.title)}</title>`,
    `<desc>${facts.map(markupText).join('\n')}</desc>`,
    `<style>${styleText(picture.colours)}</style>`,
    `<rect class="page" width="100%" height="100%"/>`,
    textLine(MARGIN, LINE, picture.heading, 'head'),
    ...facts.map((fact, i) => textLine(MARGIN, LINE * (i + 2), cutToWidth(fact, 172))),
    ...legend(picture.legend, legendTop),
    ...drawing.boxes,
    textLine(MARGIN, height - LINE / 2, end),
    '</svg>\n',
  ].join('\n');
}

/** The line of every graph that leaves backing pages out. */
export function backingLine(bytes: number): string {
  return `not drawn: ${formatBytes(bytes)} of backing pages, whose bytes are in the slabs, areas and chunks on them`;
}

function pruneLine(boxes: number): string {
  if (boxes === 0) return '';
  return `${formatCount(boxes)} ${boxes === 1 ? 'box' : 'boxes'} narrower than ${NARROWEST} px not drawn, nor what is above`;
}

/** Recursion is safe: the deepest call paths have some 130 frames. */
function drawBox<Node extends TreeNode<Node>>(box: Node, x: number, level: number, drawing: Drawing<Node>): void {
  const width = box.bytes * drawing.scale;
  if (width < NARROWEST) {
    drawing.prunedBoxes++;
    return;
  }
  const y = drawing.bottom - level * ROW;
  const title = `${box.name}: ${drawing.picture.detailOf(box)}`;
  const columns = Math.floor((width - 4) / CHARACTER);
  const label =
    columns < 3 ? '' : `<text x="${px(x + 3)}" y="${y + 12}">${markupText(cutToWidth(box.name, columns))}</text>`;
  drawing.boxes.push(
    `<g><title>${markupText(title)}</title><rect class="${drawing.picture.classOf(box)}" x="${px(x)}" y="${y}" width="${px(Math.max(width - 0.5, 0.4))}" ` +
      `height="${ROW - 1}" rx="1"/>${label}</g>`,
  );
  let left = x;
  for (const child of box.children) {
    drawBox(child, left, level + 1, drawing);
    left += child.bytes * drawing.scale;
  }
}

function legend(entries: Picture<unknown>['legend'], top: number): string[] {
  const out: string[] = [];
  let x = MARGIN;
  for (const [className, text] of entries) {
    const width = 20 + (text.length + 2) * CHARACTER;
    if (x + width > WIDTH) break;
    out.push(`<rect class="${className}" x="${px(x)}" y="${top}" width="12" height="12" rx="2"/>`);
    out.push(textLine(x + 17, top + 10, text));
    x += width;
  }
  return out;
}

function textLine(x: number, y: number, text: string, className = ''): string {
  return `<text${className === '' ? '' : ` class="${className}"`} x="${px(x)}" y="${y}">${markupText(text)}</text>`;
}

function styleText(colours: Picture<unknown>['colours']): string {
  // The text of the legend stands beside its colour, that of a box on it.
  const rules = (scheme: 1 | 2): string =>
    colours
      .map((each) => `.${each[0]}{fill:${each[scheme].background}}g .${each[0]}+text{fill:${each[scheme].text}}`)
      .join('');
  return (
    'text{font:11px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;' +
    `fill:${TEXT.light};white-space:pre;pointer-events:none}.head{font-weight:bold}.page{fill:#fff}${rules(1)}` +
    `@media(prefers-color-scheme:dark){text{fill:${TEXT.dark}}.page{fill:#16181b}${rules(2)}}`
  );
}

/** Rounds to hundredths of a pixel, which are enough. */
function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}
