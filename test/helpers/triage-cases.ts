/** The published hunts of test/triage/cases, as looks. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBundle } from '../../src/collect/bundle/read-bundle.js';
import type { Look } from '../../src/proc/look.js';
import { joinedLooks } from '../../src/session/look/joined-looks.js';

export interface TriageCase {
  /** Name of its folder. */
  name: string;
  case: number;
  source: string;
  item: string;
  rules: string[];
  bytes: number | null;
  holder: string | null;
  hint: string | null;
  looks: string[];
}

const FOLDER = join(import.meta.dirname, '..', 'triage', 'cases');

export const TRIAGE_CASES: readonly TriageCase[] = readdirSync(FOLDER)
  .filter((name) => /^\d{2}-/.test(name))
  .toSorted()
  .map((name) => {
    const expected = JSON.parse(readFileSync(join(FOLDER, name, 'expected.json'), 'utf8')) as Omit<TriageCase, 'name'>;
    return { name, ...expected };
  });

/** Returns the looks of a case, oldest first. */
export async function looksOfCase({ name, looks }: TriageCase): Promise<Look[]> {
  const read = await Promise.all(looks.map((look) => readBundle(join(FOLDER, name, look))));
  return joinedLooks(read.flat());
}
