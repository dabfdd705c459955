/**
 * What processes of a guest held, against the recordings of their memory: maps-CASE.unf beside maps-CASE.truth (scripts/loads/hold-maps.c),
 * heap-CASE.unf beside heap-CASE.truth (test/live/heap/load.c).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { HEAP } from '../../src/event/kinds.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { expectedMaps, type HeldMaps, tracedMaps } from '../helpers/held-maps.js';

export interface SpacesResult {
  /** Cases that are exact, to the page, by call path and in all. */
  exact: number;
  failures: string[];
}

export async function checkSpaces(out: string): Promise<SpacesResult> {
  const result: SpacesResult = { exact: 0, failures: [] };
  const cases = readdirSync(out).flatMap((name) => /^((?:maps|heap)-[\w-]+)\.truth$/.exec(name)?.[1] ?? []);
  if (cases.length === 0) result.failures.push('memory of processes: none was traced');
  for (const name of cases) {
    const failure = await checkCase(out, name);
    if (failure === null) result.exact++;
    else result.failures.push(`memory of processes, ${name}: ${failure}`);
  }
  return result;
}

/** Null if all is as it should be. */
async function checkCase(out: string, name: string): Promise<string | null> {
  const text = readFileSync(join(out, `${name}.truth`), 'utf8');
  const said = text.split('\n').find((line) => /^\{.*"held"|^held /.test(line));
  if (said === undefined) return 'nothing was held';
  const path = join(out, `${name}.unf`);
  if (!existsSync(path)) return `no recording, see ${out}/${name}.collector`;
  const pipeline = new Pipeline('recording');
  const recording = await openRecording(path, pipeline, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  if (said.startsWith('held')) return heapFailure(pipeline, said);
  const held: HeldMaps = { ...(JSON.parse(said) as Omit<HeldMaps, 'name'>), name };
  const [wanted, found] = [expectedMaps(held), tracedMaps(pipeline, held)];
  if (isDeepStrictEqual(wanted, found)) return null;
  return `${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`;
}

/** `said`: "held BLOCKS BYTES". */
function heapFailure({ core }: Pipeline, said: string): string | null {
  const found = `held ${core.paths.totalCount(HEAP)} ${core.paths.totalLive(HEAP)}`;
  return found === said.trim() ? null : `${found} instead of ${said}`;
}
