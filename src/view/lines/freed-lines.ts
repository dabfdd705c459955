/** Where the memory of a call path is usually freed: the call paths of frees as a tree, from the function that lets go to its callers. */
import { bar, formatCount, formatDuration, formatShare } from '../../base/format.js';
import { padText, padTextLeft, safeText } from '../../base/safe-text.js';
import { freedBy } from '../../rank/answer/free-words.js';
import type { FreeNode } from '../../rank/report/free-sites.js';
import type { StackDetail } from '../../rank/report/report-rows.js';
import { cutLine, type Line, type Span } from './styled-line.js';

const BAR = 6;
/** Deeper callers are left out. */
const MOST_DEPTH = 12;

/** Empty where no free of it was in the sample. */
export function freedLines({ stack, freePaths, freeTree }: StackDetail, width: number): Line[] {
  const { typicalFree } = stack;
  if (typicalFree === null) return [];
  const { samples, withinNs } = typicalFree;
  const title = `FREED BY, of ${formatCount(samples)} frees seen, 9 of 10 within ${formatDuration(withinNs)}`;
  const lines: Line[] = [[[padText(title, width), 'head']]];
  for (const path of freePaths) {
    const cpu = path.otherCpuShare === null ? '' : `, ${formatShare(path.otherCpuShare, 1)} on another CPU`;
    const { from, to } = path.medianNs;
    lines.push([
      [`  ${padTextLeft(formatShare(path.share, 1), 7)} `],
      [bar(path.share, BAR), 'drawing'],
      [` ${safeText(freedBy({ ...path, otherCpuShare: null }))}`, 'strong'],
      [`  median ${formatDuration(from)} to ${formatDuration(to)}${cpu}`, 'dim'],
    ]);
  }
  for (const node of freeTree) lines.push(...nodeLines(node, samples, '  ', MOST_DEPTH));
  return lines.map((line) => cutLine(line, width));
}

/** A node, below it its callers: on the same line as long as there is one alone. */
function nodeLines(node: FreeNode, samples: number, indent: string, depth: number): Line[] {
  const chain: Span[] = [[indent, 'dim'], [`${padTextLeft(formatShare(node.count, samples), 7)} `], nameOf(node)];
  let last = node;
  let left = depth;
  while (last.callers.length === 1 && last.callers[0].count === last.count && left > 1) {
    [last] = last.callers;
    left--;
    chain.push([' < ', 'dim'], nameOf(last));
  }
  if (left <= 1) return [chain];
  return [chain, ...last.callers.flatMap((caller) => nodeLines(caller, samples, `${indent}  `, left - 1))];
}

function nameOf({ function: name, module }: FreeNode): Span {
  return module === null ? [safeText(name)] : [safeText(`${name} [${module}]`), 'module'];
}
