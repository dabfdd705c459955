/** The data of a report for the scripts of its page. */

import { safeText } from '../../base/safe-text.js';
import { meminfoLine, whoText } from '../../rank/answer/words.js';
import type { ProcessOrigin, Taken } from '../../rank/breakdown/origins.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import { namesRootFirst, ownFrames } from '../parts/call-paths.js';
import { StringTable } from '../parts/string-table.js';
import { BANDS } from './charts.js';
import type { GraphData, ReportData } from './flame.js';
import { CURVES, type Picture, type PicturePath } from './picture.js';

/** Steps in which processes took memory, all together; those that hold most come first. */
const PROCESS_STEPS = 15_000;

/** Returns what decides the colour of a call path: its line of meminfo, else its allocator. */
export function lineOf({ category, allocator }: Pick<ReportStack, 'category' | 'allocator'>): string {
  return category === null ? allocator : meminfoLine(category);
}

export function graphData(picture: Picture, kinds: string[]): GraphData {
  const names = new StringTable();
  const stacks = picture.paths.map(({ stack }) => [
    stack.bytes,
    stack.count,
    kinds.indexOf(lineOf(stack)),
    // At least one name remains to be shown.
    Math.max(0, Math.min(stack.firstFrame, ownFrames(stack).length - 1)),
    ...namesRootFirst(stack).map((name) => names.index(name)),
  ]);
  return { names: names.strings, kinds, stacks, report: reportData(picture) };
}

function reportData(picture: Picture): ReportData {
  const { report, paths, findings, curves, origins, places, edgesNs } = picture;
  const holders = holdersOf(paths);
  const placeOf = new Map(holders.map((name, place) => [name, place]));
  return {
    durationNs: report.durationNs,
    edges: edgesNs,
    held: paths.map(({ held }, i) => (i < CURVES ? held : [])),
    taken: paths.map(({ taken }) => flat(taken)),
    finding: paths.map(({ finding }) => finding),
    holder: paths.map(({ stack }) => placeOf.get(holderOf(stack)) ?? holders.length),
    findings: findings.map(({ noun }, place) => ({ name: safeText(noun), held: curves[place] })),
    holders,
    processes: processData(origins?.processes ?? [], places),
  };
}

function processData(processes: readonly ProcessOrigin[], places: readonly number[]): ReportData['processes'] {
  let steps = 0;
  return processes.map(({ findings }) => {
    steps += findings.reduce((sum, { taken }) => sum + taken.length, 0);
    return findings.map(({ finding, bytes, taken }) => ({
      finding: places[finding] ?? -1,
      bytes,
      taken: steps > PROCESS_STEPS ? null : flat(taken),
    }));
  });
}

/** The names of the first holders by bytes, for which there are colours. */
function holdersOf(paths: readonly PicturePath[]): string[] {
  const bytes = new Map<string, number>();
  for (const { stack } of paths) {
    const name = holderOf(stack);
    bytes.set(name, (bytes.get(name) ?? 0) + stack.bytes);
  }
  const sorted = [...bytes].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return sorted.slice(0, BANDS).map(([name]) => name);
}

function holderOf({ holder }: ReportStack): string {
  return safeText(whoText(holder));
}

function flat(taken: readonly Taken[]): number[] {
  return taken.flatMap(({ step, bytes }) => [step, bytes]);
}
