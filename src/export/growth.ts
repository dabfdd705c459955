/**
 * Growth since a mark, for other tools: what each call path held at the mark and holds now. The
 * columns are a subset of a diff's (diff-csv.ts), because a mark stores no more.
 */

import { formatBytes, formatClock, formatCount, formatSignedBytes } from '../base/format.js';
import { safeText } from '../base/safe-text.js';
import { countedIn } from '../event/kinds.js';
import { CHANGE_NAMES, type ChangedPath, type Held, type SinceMark } from '../rank/breakdown/since-mark.js';
import type { Report } from '../rank/report/report.js';
import { foldedPath } from './folded.js';
import { frameName, INTERRUPT, ownFrames } from './parts/call-paths.js';
import { csvField, fenced } from './parts/markup.js';
import { memoryTitle } from './parts/meaning-text.js';
import { lossLine, orderLine, summaryLines } from './parts/summary.js';

const CSV_COLUMNS: readonly (readonly [name: string, value: (path: ChangedPath) => string | number | null])[] = [
  ['change', ({ change }) => change],
  ['allocator', ({ allocator }) => allocator],
  ['category', ({ category }) => category],
  ['before_bytes', ({ before }) => before.bytes],
  ['after_bytes', ({ after }) => after.bytes],
  ['difference_bytes', differenceBytes],
  ['before_count', ({ before }) => before.count],
  ['after_count', ({ after }) => after.count],
  ['difference_count', ({ before, after }) => after.count - before.count],
  ['frames', framesText],
];

/**
 * CSV (RFC 4180): one line a call path, the greatest growth first. `report` is the current one; its
 * losses are included.
 */
export function encodeGrowthCsv(since: SinceMark, { anomalies }: Report): string {
  const head = [...CSV_COLUMNS.map(([name]) => name), 'mark_ns', 'now_ns', 'lost_events'];
  const rest = [since.markNs, since.nowNs, anomalies.lostEvents].map(String);
  const lines = since.paths.map((path) => [...CSV_COLUMNS.map(([, value]) => csvField(value(path))), ...rest]);
  return `${[head, ...lines].map((cells) => cells.join(',')).join('\r\n')}\r\n`;
}

/** Two counts a line, bytes at the mark and now, as difffolded.pl makes them for flamegraph.pl. */
export function encodeGrowthFolded(since: SinceMark, report: Report): string {
  const bytesOfPath = new Map<string, [before: number, after: number]>();
  for (const path of since.paths) {
    const folded = foldedPath(path, null);
    const sums = bytesOfPath.get(folded) ?? [0, 0];
    bytesOfPath.set(folded, [sums[0] + path.before.bytes, sums[1] + path.after.bytes]);
  }
  let text = '';
  for (const [path, [before, after]] of bytesOfPath) text += `${path} ${before} ${after}\n`;
  return report.anomalies.lostEvents > 0 ? `${text}[${lossLine(report)}] 0 0\n` : text;
}

/** Markdown for a bug report; names from the traced machine are in fenced blocks only. */
export function encodeGrowthMarkdown(since: SinceMark, report: Report): string {
  // The order line describes the ranking, which is not shown here.
  const order = safeText(orderLine(report));
  const facts = summaryLines(report).filter((line) => line !== order);
  const blocks = [
    `## ${memoryTitle(report)}: what grew since a mark`,
    fenced(
      [...facts.map((line) => line.replace(/^here: [^;]*(; )?/, '')), ...sinceLines(since)].filter(
        (line) => line !== '',
      ),
    ),
  ];
  if (since.paths.length === 0) blocks.push('No call path that passes the selection has changed.');
  for (const [index, path] of since.paths.entries()) {
    const { change, allocator, category, before, after } = path;
    const kinds = category === null || category === allocator ? allocator : `${allocator}, ${category}`;
    blocks.push(
      `### ${index + 1}. ${change} ${formatSignedBytes(differenceBytes(path))}, ${kinds}`,
      fenced([
        `before ${heldText(before, allocator)}, now ${heldText(after, allocator)}`,
        '',
        ...framesOf(path).map((frame) => `  ${frame}`),
      ]),
    );
  }
  return `${blocks.join('\n\n')}\n`;
}

function sinceLines({ markNs, nowNs, before, after, changed, partly }: SinceMark): string[] {
  const counts = CHANGE_NAMES.map((name) => `${changed[name]} ${name}`).join(', ');
  const difference = formatSignedBytes(after.bytes - before.bytes);
  return [
    `from ${formatClock(markNs)} to ${formatClock(nowNs)}: ${difference}; call paths: ${counts}`,
    ...(partly ? ['process, size and age of the selection do not apply'] : []),
  ];
}

function heldText({ bytes, count }: Held, allocator: ChangedPath['allocator']): string {
  const unit = countedIn(allocator);
  return `${formatBytes(bytes)} in ${formatCount(count)} ${unit}`;
}

function differenceBytes({ before, after }: ChangedPath): number {
  return after.bytes - before.bytes;
}

function framesText(path: ChangedPath): string {
  return framesOf(path).join(' < ');
}

/** Returns the names leaf first, with an interrupt and what it interrupted as one. */
function framesOf(path: ChangedPath): string[] {
  const names = ownFrames(path).map(frameName);
  return path.interruptedFrom === null ? names : [...names, INTERRUPT];
}
