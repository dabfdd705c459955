/** A differential flame graph as an SVG picture; see diff-flame.ts and svg.ts. */

import { formatBytes, formatSignedBytes } from '../../base/format.js';
import type { DiffReport } from '../../rank/report/diff-report.js';
import { memoryTitle } from '../parts/meaning-text.js';
import { backingLine, svgPicture } from '../svg.js';
import { CHANGE_SHADES, diffTree, drawnChanges, SHADE_COLOURS, SHADE_LINE, shadeOf } from './diff-flame.js';
import { diffSummary, diffTitle, lossLines, totalFacts } from './diff-summary.js';

export function encodeDiffSvg(diff: DiffReport): string {
  const { stacks, leftOutBytes } = drawnChanges(diff);
  const facts = [...diffSummary(diff), ...totalFacts(diff), ...lossLines(diff), SHADE_LINE];
  if (leftOutBytes !== 0) facts.push(backingLine(leftOutBytes));
  return svgPicture({
    ...diffTree(stacks),
    title: `${memoryTitle(diff.after)}, ${diffTitle(diff)}`,
    heading: `${memoryTitle(diff.after)} by call path, ${diffTitle(diff)}`,
    facts,
    legend: CHANGE_SHADES.map(([change, className]) => [
      className,
      `${change} ${formatSignedBytes(diff.changes[change].differenceBytes)}`,
    ]),
    colours: [...SHADE_COLOURS],
    classOf: ({ before, after }) => shadeOf(before, after),
    detailOf: ({ before, after }) =>
      `${formatSignedBytes(after - before)}, before ${formatBytes(before)}, after ${formatBytes(after)}`,
    nothing: 'No call path that passes the selection has changed.',
  });
}
