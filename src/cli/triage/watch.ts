/** `unfreed triage --watch`: a report each interval. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Look } from '../../proc/look.js';
import { triageOf } from '../../session/look/triage-looks.js';
import type { TriageFlags } from '../options/flags.js';
import { looksHere } from './looks-here.js';
import { printReport } from './print-report.js';

/** Looks that are kept for the pace; then every second one goes. */
const MOST_LOOKS = 64;

/** Prints a report each interval until a signal, or `count` of them. Returns true if one found something abnormal. */
export async function watchMachine(flags: TriageFlags, everyNs: number): Promise<boolean> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  let looks: Look[] = [];
  let abnormal = false;
  try {
    for (let printed = 0; printed < (flags.count ?? Number.POSITIVE_INFINITY) && !stopped.signal.aborted; ) {
      const started = performance.now();
      looks.push(...(await looksHere({ ...flags, quick: flags.quick || looks.length > 0 })));
      if (looks.length > MOST_LOOKS) looks = looks.filter((_, index) => index % 2 === looks.length % 2);
      const report = triageOf(looks);
      if (printed > 0 && !flags.json) process.stdout.write('\n');
      abnormal = printReport(report, flags) || abnormal;
      printed++;
      if (printed === flags.count) break;
      const restMs = Math.max(0, everyNs / 1e6 - (performance.now() - started));
      await wait(restMs, null, { signal: stopped.signal }).catch(() => null);
    }
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
  return abnormal;
}
