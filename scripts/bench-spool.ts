/**
 * node scripts/run-ts.mjs scripts/bench-spool.ts FILE [SEEKS]: a replay of what can be read only from its start (a text, the
 * collector's stream, anything gzipped): how long the first reading takes and how soon the report at times chosen at
 * random appears, with its spool and without; each in a process of its own.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { defaultSelection } from '../src/rank/report/selection.js';
import { ReplayDriver } from '../src/session/replay/replay-driver.js';

interface SpoolResult {
  events: number;
  /** From opening it to the report at its end. */
  wholeMs: number;
  /** CPU time of the process for that. */
  cpuMs: number;
  /** From the command to the report. */
  medianMs: number;
  maxMs: number;
  peakRssBytes: number;
}

/** Set in a process that measures: yes or no. */
const SPOOL = 'UNFREED_SPOOL_BENCH';
const SEEKS = 20;
/** Without a spool each takes half the time of the first reading. */
const SEEKS_WITHOUT = 4;

async function replay(path: string, spool: boolean, seeks: number): Promise<SpoolResult> {
  const started = performance.now();
  const driver = new ReplayDriver(path, spool ? {} : { spool: false });
  await driver.start();
  while (driver.status().state === 'reading') await new Promise((resolve) => setTimeout(resolve, 2));
  driver.pipeline.report(defaultSelection(200));
  const wholeMs = performance.now() - started;
  const { user, system } = process.cpuUsage();
  const { durationNs } = driver.status();
  const times: number[] = [];
  for (let i = 1; i <= seeks; i++) {
    const from = performance.now();
    await new Promise<void>((resolve) => {
      driver.onSettled = resolve;
      driver.seek(Math.floor(durationNs * ((i * 0.618_034) % 1)));
    });
    driver.pipeline.report(defaultSelection(200));
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const events = driver.pipeline.core.eventCount;
  await driver.stop();
  return {
    events,
    wholeMs,
    cpuMs: (user + system) / 1000,
    medianMs: times[times.length >> 1],
    maxMs: times[times.length - 1],
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

async function measured(spool: 'yes' | 'no'): Promise<SpoolResult> {
  const options = { env: { ...process.env, [SPOOL]: spool } };
  const { stdout } = await promisify(execFile)(process.execPath, process.argv.slice(1), options);
  return JSON.parse(stdout) as SpoolResult;
}

function resultText(name: string, result: SpoolResult): string {
  return (
    `${name}: read in ${result.wholeMs.toFixed(0)} ms (CPU ${result.cpuMs.toFixed(0)} ms), then the report at any time in ` +
    `${result.medianMs.toFixed(0)} ms (median), ${result.maxMs.toFixed(0)} ms at most; ` +
    `memory ${(result.peakRssBytes / 1e6).toFixed(0)} MB`
  );
}

const [path, seeks] = process.argv.slice(2);
const spool = process.env[SPOOL];
if (spool === undefined) {
  console.log(resultText('with spool', await measured('yes')));
  console.log(resultText('without', await measured('no')));
} else {
  const count = spool === 'yes' ? Number(seeks ?? SEEKS) : SEEKS_WITHOUT;
  console.log(JSON.stringify(await replay(path, spool === 'yes', count)));
}
