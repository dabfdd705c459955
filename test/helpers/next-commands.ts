/** The commands that findings say come next. */
import { execFileSync } from 'node:child_process';
import { triageOf } from '../../src/session/look/triage-looks.js';
import type { TriageFinding } from '../../src/triage/report.js';
import { lookAt, processRow } from './look.js';
import { MORE_RULE_CASES } from './more-rule-cases.js';
import { RULE_CASES } from './rule-cases.js';
import { looksOfCase, TRIAGE_CASES } from './triage-cases.js';

const MINUTE_MS = 60_000;

/** Returns the findings of every rule, of growing machines, and of the published hunts. */
export async function allFindings(): Promise<TriageFinding[]> {
  const growing = [0, 1, 2, 3, 4].map((step) =>
    lookAt({
      timeMs: step * MINUTE_MS,
      gap: 0.5 + step * 0.125,
      gib: {
        AnonPages: 2 + step * 0.25,
        PageTables: 0.125 + step * 0.0625,
        SUnreclaim: 0.125 + step * 0.125,
        VmallocUsed: 0.0625 + step * 0.125,
        Percpu: 0.0078125 + step * 0.0625,
        Cached: 3 + step * 0.25,
        Shmem: 0.125 + step * 0.25,
      },
      tables: { 'table/processes': [processRow(7, 'grows', { anon: (1 + step) * 2 ** 30 })] },
    }),
  );
  const looks = [growing, ...[...RULE_CASES, ...MORE_RULE_CASES].map(({ abnormal }) => [lookAt(abnormal)])];
  for (const each of TRIAGE_CASES) looks.push(await looksOfCase(each));
  return looks.flatMap((each) => triageOf(each).findings);
}

/** Returns the words of a command, as a shell takes them. */
export function shellWords(command: string): string[] {
  const script = `words() { printf '%s\\0' "$@"; }; words ${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}
