/** slabinfo of this machine once, or at each interval until a signal. */
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../../base/errors.js';
import type { SlabTexts } from '../../rank/breakdown/cache-table.js';
import { slabsHere } from '../../session/live/slabs-here.js';
import type { Intervals } from '../commands/top-intervals.js';

/**
 * Reads slabinfo and prints it: once, or at each interval with the growth since the first reading, which is
 * printed too. Ends at the count or on a signal. Throws a UserError where slabinfo cannot be read.
 */
export async function watchSlabs(intervals: Intervals | null, print: (texts: SlabTexts) => void): Promise<void> {
  const first = await readOrExplain();
  print(first);
  if (intervals === null) return;
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, stop);
  try {
    for (let printed = 1; printed < intervals.count; printed++) {
      await wait(intervals.everyNs / 1e6, null, { signal: stopped.signal }).catch(() => null);
      if (stopped.signal.aborted) return;
      process.stdout.write('\n');
      print({ ...(await readOrExplain()), first: first.last });
    }
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

async function readOrExplain(): Promise<SlabTexts> {
  const texts = await slabsHere();
  if (texts !== null) return texts;
  if (process.geteuid?.() === 0) {
    throw new UserError('/proc/slabinfo cannot be read: this kernel or container does not have it');
  }
  throw new UserError('/proc/slabinfo is for root, and sudo without a password is not there', [
    'Run it as root, or give a recording: unfreed top x.unfreed --caches',
  ]);
}
