/**
 * What processes of a guest held, against one recording of each kind: maps.unf and maps-CASE.truth (scripts/loads/hold-maps.c),
 * heap.unf and heap-CASE.truth (test/live/heap/load.c).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { expectedMaps, type HeldMaps, tracedMaps } from '../helpers/held-maps.js';

export interface SpacesResult {
  /** Cases that are exact: address spaces to the page, by call path and in all; heaps to the block and byte. */
  exact: number;
  failures: string[];
}

export async function checkSpaces(out: string): Promise<SpacesResult> {
  const result: SpacesResult = { exact: 0, failures: [] };
  for (const kind of ['maps', 'heap'] as const) {
    const path = join(out, `${kind}.unf`);
    const cases = readdirSync(out).flatMap((name) => new RegExp(`^${kind}-([\\w-]+)\\.truth$`).exec(name)?.[1] ?? []);
    if (!existsSync(path) || cases.length === 0) {
      result.failures.push(`${kind} of processes: no recording, see ${out}/${kind}.collector`);
      continue;
    }
    const pipeline = await read(path);
    for (const name of cases) {
      const said = readFileSync(join(out, `${kind}-${name}.truth`), 'utf8');
      const failure = kind === 'maps' ? mapsFailure(pipeline, name, said) : heapFailure(pipeline, said);
      if (failure === null) result.exact++;
      else result.failures.push(`${kind} of processes, ${name}: ${failure}`);
    }
  }
  return result;
}

async function read(path: string): Promise<Pipeline> {
  const pipeline = new Pipeline('recording');
  const recording = await openRecording(path, pipeline, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  return pipeline;
}

/** Null if all is as it should be. `said`: a line of JSON for each state. */
function mapsFailure(pipeline: Pipeline, name: string, said: string): string | null {
  const line = said.split('\n').find((each) => each.includes('"held"'));
  if (line === undefined) return 'nothing was held';
  const held: HeldMaps = { ...(JSON.parse(line) as Omit<HeldMaps, 'name'>), name };
  const [wanted, found] = [expectedMaps(held), tracedMaps(pipeline, held)];
  return isDeepStrictEqual(wanted, found) ? null : `${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`;
}

/** `said`: "ready PID", then "held BLOCKS BYTES". */
function heapFailure(pipeline: Pipeline, said: string): string | null {
  const pid = Number(/^ready (\d+)$/m.exec(said)?.[1] ?? 0);
  const wanted = /^held \d+ \d+$/m.exec(said)?.[0];
  if (pid === 0 || wanted === undefined) return `it said ${JSON.stringify(said)}`;
  const { stacks } = pipeline.report({ ...defaultSelection(1_000_000), pid, allocators: ['heap'], includeSelf: true });
  const [blocks, bytes] = stacks.reduce(([count, sum], row) => [count + row.count, sum + row.bytes], [0, 0]);
  const found = `held ${blocks} ${bytes}`;
  return found === wanted ? null : `${found} instead of ${wanted}`;
}
