/**
 * npm run test:mutation [-- CASES [SEED]]: reads tens of thousands of damaged recordings and
 * streams (test/helpers/mutation.ts checks what must hold) and prints the outcome. `npm test` reads
 * about a thousand of them.
 */
import { runMutations } from '../test/helpers/mutation.js';
import { baseRecordings, baseStreams } from '../test/helpers/mutation-bases.js';
import { peakRssBytes } from '../test/helpers/peak-rss.js';

/** Resident memory at most: more than node and the test's own files take; no case may add to it. */
const MOST_RESIDENT_BYTES = 600 * 2 ** 20;

const cases = Number(process.argv[2] ?? 60_000);
const seed = Number(process.argv[3] ?? 1);
let failed = false;
for (const [kind, bases, share] of [
  ['recording', baseRecordings(), 0.5],
  ['vouched', baseRecordings(), 0.25],
  ['stream', baseStreams(), 0.25],
] as const) {
  const start = performance.now();
  const result = runMutations(kind, bases, Math.round(cases * share), seed);
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${kind.padEnd(10)} ${result.cases} cases in ${seconds.toFixed(1)} s: ${result.reported} reported, ` +
      `${result.refused} refused, ${result.unharmed} unharmed, ${result.failures.length} FAILED; ` +
      `slowest ${result.slowestMs.toFixed(0)} ms`,
  );
  for (const failure of result.failures.slice(0, 10)) console.log(`  ${failure}`);
  failed ||= result.failures.length > 0;
}
const residentBytes = peakRssBytes();
console.log(`greatest resident size ${Math.round(residentBytes / 2 ** 20)} MiB (seed ${seed})`);
if (residentBytes > MOST_RESIDENT_BYTES) failed = true;
process.exitCode = failed ? 1 : 0;
