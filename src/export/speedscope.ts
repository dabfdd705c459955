/**
 * speedscope's own JSON: https://www.speedscope.app/file-format-schema.json, explained at
 * https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources. Four sampled profiles over one frame list,
 * outstanding bytes first; a sample is a call path, root first, its weight the bytes or the count.
 */
import { joined } from '../base/pieces.js';
import { safeJson } from '../base/safe-json.js';
import { safeText } from '../base/safe-text.js';
import type { Report } from '../rank/report/report.js';
import type { ReportStack } from '../rank/report/report-rows.js';
import { frameName, INTERRUPT, noStackName, ownFrames, stateOf } from './parts/call-paths.js';
import { meaningTitle } from './parts/meaning-text.js';
import { StringTable } from './parts/string-table.js';
import { lossLine, summaryLines, titleLine } from './parts/summary.js';

interface SpeedscopeFrame {
  name: string;
  /** The module; absent for the core kernel. */
  file?: string;
}

/** `unit` is 'none' for counts, which are pages for page and vmalloc and objects for slab and percpu. */
const PROFILES: [name: string, unit: 'bytes' | 'none', weight: (stack: ReportStack) => number][] = [
  ['outstanding bytes', 'bytes', (stack) => stack.bytes],
  ['outstanding count (pages or objects)', 'none', (stack) => stack.count],
  ['bytes ever allocated', 'bytes', (stack) => stack.allocBytes],
  ['count ever allocated (pages or objects)', 'none', (stack) => stack.allocCount],
];

/**
 * Returns one JSON object. Losses are in the names, which the viewer shows; all notes are in
 * `exporter`.
 */
export function encodeSpeedscope(report: Report): string {
  return joined(speedscopePieces(report));
}

/** The same in pieces: a profile, or the frames, is one. */
export function* speedscopePieces(report: Report): Generator<string> {
  const names = new StringTable();
  const frames: SpeedscopeFrame[] = [];
  const paths = report.stacks.map((stack) =>
    framesRootFirst(stack).map((frame) => {
      const index = names.index(frame.name);
      frames[index] ??= frame;
      return index;
    }),
  );
  const profileOf = ([title, unit, weightOf]: (typeof PROFILES)[number]): object => {
    const name = title.replace('outstanding', meaningTitle(report));
    const samples: number[][] = [];
    const weights: number[] = [];
    for (const [i, stack] of report.stacks.entries()) {
      const weight = weightOf(stack);
      if (weight <= 0) continue;
      samples.push(paths[i]);
      weights.push(weight);
    }
    const endValue = weights.reduce((sum, weight) => sum + weight, 0);
    return {
      type: 'sampled',
      name: report.anomalies.lostEvents > 0 ? `${name}, ${lossLine(report)}` : name,
      unit,
      startValue: 0,
      endValue,
      samples,
      weights,
    };
  };
  const head = {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    name: `${titleLine(report)}, ${lossLine(report)}`,
    exporter: ['unfreed', ...summaryLines(report)].join('\n'),
    activeProfileIndex: 0,
    shared: { frames },
  };
  yield safeJson(head, '').slice(0, -1);
  for (const [i, profile] of PROFILES.entries())
    yield `${i === 0 ? ',"profiles":[' : ','}${safeJson(profileOf(profile), '')}`;
  yield ']}\n';
}

function framesRootFirst(stack: ReportStack): SpeedscopeFrame[] {
  const frames = ownFrames(stack)
    .map((frame): SpeedscopeFrame => {
      const name = frameName(frame);
      return frame.module === null ? { name } : { name, file: safeText(frame.module) };
    })
    .toReversed();
  if (stack.interruptedFrom !== null) frames.unshift({ name: INTERRUPT });
  if (frames.length === 0) frames.push({ name: noStackName(stack) });
  // A verdict is one more frame: the viewer's table then shows all paths with this verdict as one
  // row, with their callers.
  const state = stateOf(stack);
  if (state !== null) frames.push({ name: `[${safeText(state)}]` });
  return frames;
}
