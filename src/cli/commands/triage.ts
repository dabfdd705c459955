/** `unfreed triage`: the first look, live or on files, once or again and again. */
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../../base/errors.js';
import { readBundle } from '../../collect/bundle/read-bundle.js';
import { readLook } from '../../collect/look/read-look.js';
import { triageJson } from '../../export/triage/triage-json.js';
import { triageText } from '../../export/triage/triage-text.js';
import type { Look } from '../../proc/look.js';
import { triageOf } from '../../session/look/triage-looks.js';
import type { TriageReport } from '../../triage/report.js';
import type { TriageFlags } from '../options/flags.js';
import { dressed } from '../options/look.js';

/** Exit status when something is abnormal. */
const ABNORMAL = 3;
const MOST_COLUMNS = 120;
const COLUMNS_OF_A_PIPE = 100;
/** Looks that --watch keeps for the pace; then every second one goes. */
const MOST_LOOKS = 64;

/** Prints what triage says. Sets the exit status: 0 nothing abnormal, 3 something is. Throws a UserError if nothing could be read. */
export async function runTriage(files: readonly string[], flags: TriageFlags): Promise<void> {
  if (files.length > 0 && flags.watch !== undefined) {
    throw new UserError('--watch looks at this machine, and files do not change', [], { usage: true });
  }
  if (flags.watch !== undefined) return watch(flags, flags.watch);
  const looks = files.length === 0 ? [await lookHere(flags)] : (await readAll(files)).flat();
  const report = triageOf(looks);
  print(report, flags);
  if (isAbnormal(report)) process.exitCode = ABNORMAL;
}

/** Prints a report each interval until a signal, or `count` of them. */
async function watch(flags: TriageFlags, everyNs: number): Promise<void> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  let looks: Look[] = [];
  try {
    for (let printed = 0; printed < (flags.count ?? Number.POSITIVE_INFINITY) && !stopped.signal.aborted; ) {
      const started = performance.now();
      looks.push(await lookHere(flags));
      if (looks.length > MOST_LOOKS) looks = looks.filter((_, index) => index % 2 === looks.length % 2);
      const report = triageOf(looks);
      if (printed > 0 && !flags.json) process.stdout.write('\n');
      print(report, flags);
      if (isAbnormal(report)) process.exitCode = ABNORMAL;
      printed++;
      if (printed === flags.count) return;
      const restMs = Math.max(0, everyNs / 1e6 - (performance.now() - started));
      await wait(restMs, null, { signal: stopped.signal }).catch(() => null);
    }
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function lookHere(flags: TriageFlags): Promise<Look> {
  if (process.stderr.isTTY && !flags.json) process.stderr.write('looking at this machine ...\r');
  return readLook({ smaps: !flags.quick, readings: flags.quick || flags.watch !== undefined ? 1 : undefined });
}

async function readAll(files: readonly string[]): Promise<Look[][]> {
  const looks: Look[][] = [];
  // One after another: a bundle may hold a gigabyte.
  for (const file of files) looks.push(await readBundle(file));
  return looks;
}

function print(report: TriageReport, flags: TriageFlags): void {
  if (process.stderr.isTTY && !flags.json) process.stderr.write('\x1b[2K\r');
  if (flags.json) {
    process.stdout.write(triageJson(report));
    return;
  }
  const columns = Math.min(MOST_COLUMNS, process.stdout.isTTY ? process.stdout.columns : COLUMNS_OF_A_PIPE);
  process.stdout.write(dressed(triageText(report, { columns, verbose: flags.verbose })));
}

function isAbnormal({ findings }: TriageReport): boolean {
  return findings.some(({ severity }) => severity !== 'fine' && severity !== 'note');
}
