/** A census of this machine, with progress on a terminal and a clean end on a signal. */

import type { CensusReport } from '../../census/report.js';
import { STEP_WORDS } from '../../census/steps.js';
import { readLook } from '../../collect/look/read-look.js';
import { takeCensus } from '../../session/census/take-census.js';
import type { CensusFlags } from '../options/flags.js';

/** Throws a UserError where it may not, or cannot. */
export async function censusHere(flags: CensusFlags): Promise<CensusReport> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, stop);
  const shows = process.stderr.isTTY;
  try {
    return await takeCensus(
      {
        holders: !flags.quick,
        caches: flags.cache,
        orphans: flags.orphans,
        budget: flags.budget,
        callBytes: flags.callBytes ?? null,
        keepAddresses: flags.keepAddresses,
      },
      readLook({ smaps: false }),
      {
        onStep: (name, share) => {
          if (shows) process.stderr.write(`\x1b[2K\rcensus: ${STEP_WORDS[name] ?? name} ${Math.floor(share * 100)} %`);
        },
        signal: stopped.signal,
      },
    );
  } finally {
    if (shows) process.stderr.write('\x1b[2K\r');
    for (const signal of signals) process.off(signal, stop);
  }
}
