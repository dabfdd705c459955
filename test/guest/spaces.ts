/** What hold-maps held in a guest, against the recordings of its address space: maps-CASE.unf beside maps-CASE.truth. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
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
  const cases = readdirSync(out).flatMap((name) => /^maps-(\w+)\.truth$/.exec(name)?.[1] ?? []);
  if (cases.length === 0) result.failures.push('address spaces: none was traced');
  for (const name of cases) {
    const failure = await checkCase(out, name);
    if (failure === null) result.exact++;
    else result.failures.push(`address spaces, ${name}: ${failure}`);
  }
  return result;
}

/** Null if all is as it should be. */
async function checkCase(out: string, name: string): Promise<string | null> {
  const said = readFileSync(join(out, `maps-${name}.truth`), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"held"'));
  if (said.length === 0) return 'nothing was held';
  const path = join(out, `maps-${name}.unf`);
  if (!existsSync(path)) return `no recording, see ${out}/maps-${name}.collector`;
  const held: HeldMaps = { ...(JSON.parse(said[0]) as Omit<HeldMaps, 'name'>), name };
  const pipeline = new Pipeline('recording');
  const recording = await openRecording(path, pipeline, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  const [wanted, found] = [expectedMaps(held), tracedMaps(pipeline, held)];
  if (isDeepStrictEqual(wanted, found)) return null;
  return `${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`;
}
