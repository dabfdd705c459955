/** A flame graph that needs no script: the first finding on paper, and where no script runs. */
import { formatBytes, formatShare } from '../../base/format.js';
import { whatText, whoText } from '../../rank/answer/words.js';
import { type FlameNode, stackTree } from '../parts/flame-tree.js';
import { markupText } from '../parts/markup.js';
import type { Picture } from './picture.js';

const ROW = 18;
/** Narrower boxes are not drawn, as a share of the width. */
const NARROWEST = 0.002;
/** Boxes at most, so that the page stays small. */
const BOXES = 400;

/** Returns the call paths of the first finding, root first; '' without one. `kinds` are the classes k0, k1 ... */
export function stillFlame({ findings, paths }: Picture, kindOf: (box: FlameNode) => number): string {
  const [first] = findings;
  const drawn = paths.filter(({ finding }) => finding === 0).map(({ stack }) => stack);
  if (first === undefined || drawn.length === 0) return '';
  const { root, depth } = stackTree(drawn);
  const boxes: string[] = [];
  const add = (box: FlameNode, left: number, level: number): void => {
    const share = box.bytes / root.bytes;
    if (share < NARROWEST || boxes.length >= BOXES) return;
    const title = markupText(`${box.name} ${formatBytes(box.bytes)}, ${formatShare(box.bytes, root.bytes)}`);
    const name = share > 0.03 ? markupText(box.name) : '';
    boxes.push(
      `<div class="k${kindOf(box)}" style="left:${(100 * left).toFixed(2)}%;top:${level * ROW}px;width:${(100 * share).toFixed(2)}%" title="${title}">${name}</div>`,
    );
    let at = left;
    for (const child of box.children) {
      add(child, at, level + 1);
      at += child.bytes / root.bytes;
    }
  };
  add(root, 0, 0);
  const what = `${whatText(first)} of ${whoText(first.holder)}, ${formatBytes(root.bytes)}`;
  return (
    `<div class="still" aria-hidden="true"><h3>Finding 1: ${markupText(what)}</h3>` +
    `<div style="height:${depth * ROW}px">${boxes.join('')}</div></div>`
  );
}
