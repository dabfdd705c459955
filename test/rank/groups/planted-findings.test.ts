/** Leaks whose truth is known (recordings/*\/truth.json) as findings: each is one, and no finding hides another. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ReportFrame, ReportStack } from '../../../src/rank/report/report-rows.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { openRecording } from '../../../src/recording/files/open-parts.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';

const RECORDINGS = new URL('../../../recordings/', import.meta.url).pathname;

interface Planted {
  file: string;
  functions: string[];
}

/** Recordings of guests with functions that hold something in the end. */
function planted(): Planted[] {
  return ['perf-script', 'bpf'].flatMap((kind) =>
    readdirSync(join(RECORDINGS, kind)).flatMap((name) => {
      const directory = join(RECORDINGS, kind, name);
      if (!existsSync(join(directory, 'truth.json'))) return [];
      const truth = JSON.parse(readFileSync(join(directory, 'truth.json'), 'utf8')) as {
        functions?: { fn: string; live: number }[];
        symbol?: string;
      };
      const functions = truth.functions?.filter(({ live }) => live > 0).map(({ fn }) => fn) ?? [];
      if (truth.symbol !== undefined) functions.push(truth.symbol);
      const file = readdirSync(directory).find((each) => each !== 'truth.json') ?? '';
      return functions.length === 0 ? [] : [{ file: `${kind}/${name}/${file}`, functions }];
    }),
  );
}

async function readAll(file: string): Promise<(part: Partial<Selection>) => ReportStack[]> {
  const pipeline = new Pipeline('recording');
  const recording = await openRecording(join(RECORDINGS, file), pipeline, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  return (part) => pipeline.report({ ...defaultSelection(1_000_000), ...part }).stacks;
}

const goesThrough = (frames: readonly ReportFrame[], symbol: string): boolean =>
  frames.some((frame) => frame.symbol === symbol);

/** The planted functions on the paths of a finding. */
function functionsIn({ frames, merged }: ReportStack, functions: readonly string[]): string[] {
  const paths = [frames, ...(merged?.paths ?? []).map((path) => path.frames)];
  return functions.filter((symbol) => paths.some((each) => goesThrough(each, symbol)));
}

/**
 * Functions that one request of a module calls one after the other, so that they hold in a fixed ratio: one cause. Any
 * other function of a truth is a leak of its own.
 */
const ONE_CAUSE = [
  ['lp_get_pages0', 'lp_get_pages1', 'lp_get_pages2'],
  ['lk_work192', 'lk_work1024', 'lk_work700'],
];

describe.each(planted())('$file', ({ file, functions }) => {
  test('each planted function is in a finding that stands no later than its call path, and hides no other leak', async () => {
    const rows = await readAll(file);
    const stacks = rows({ group: 'stack' }).filter(({ category }) => category !== 'backing');
    const findings = rows({ group: 'finding' });
    for (const symbol of functions) {
      const [alone] = stacks.filter(({ frames }) => goesThrough(frames, symbol));
      const [found] = findings.filter((finding) => functionsIn(finding, [symbol]).length > 0);
      expect(found, symbol).toBeDefined();
      expect(found.rank, symbol).toBeLessThanOrEqual(alone.rank);
      const oneCause = ONE_CAUSE.find((names) => names.includes(symbol)) ?? [symbol];
      expect(functionsIn(found, functions).filter((name) => !oneCause.includes(name))).toEqual([]);
    }
  });
});

test('there are recordings with one, and with several', () => {
  const counts = planted().map(({ functions }) => functions.length);
  expect(counts.length).toBeGreaterThanOrEqual(9);
  expect(Math.max(...counts)).toBe(4);
});
