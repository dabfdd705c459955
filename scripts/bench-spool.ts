/**
 * npm run bench -- spool [FILE]: a replay of an input that can be read only from its start (a text,
 * the collector's stream, anything gzipped): how long the first reading takes, and how soon the
 * report appears at times chosen at random, with a spool and without. Each measurement runs in a
 * process of its own (bench-spool-task.ts).
 */
import { runAlone } from './bench-alone.js';

export interface SpoolResult {
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

export interface SpoolBench {
  path: string;
  withSpool: SpoolResult;
  without: SpoolResult;
}

/** A task of bench-spool-task.ts. */
export interface SpoolTask {
  path: string;
  spool: boolean;
  /** Number of seeks. */
  seeks: number;
}

export interface SpoolSize {
  path: string;
  seeks: number;
  /** Number of seeks without a spool, each of which takes half the time of the first reading. */
  seeksWithout: number;
}

const TEXT = 'recordings/perf-script/6.1-leak_kmalloc/perf-script.txt.gz';
export const FULL_SPOOL: SpoolSize = { path: TEXT, seeks: 20, seeksWithout: 4 };
export const QUICK_SPOOL: SpoolSize = { path: TEXT, seeks: 2, seeksWithout: 1 };

export async function runSpoolBench({ path, seeks, seeksWithout }: SpoolSize): Promise<SpoolBench> {
  return {
    path,
    withSpool: await measured({ path, spool: true, seeks }),
    without: await measured({ path, spool: false, seeks: seeksWithout }),
  };
}

function measured(task: SpoolTask): Promise<SpoolResult> {
  return runAlone('scripts/bench-spool-task.ts', task);
}

/** Prints the two results as text. */
export function printSpoolBench({ path, withSpool, without }: SpoolBench): void {
  console.log(`${path}, ${withSpool.events.toLocaleString('en')} events`);
  console.log(resultText('with spool', withSpool));
  console.log(resultText('without', without));
}

function resultText(name: string, result: SpoolResult): string {
  return (
    `${name}: read in ${result.wholeMs.toFixed(0)} ms (CPU ${result.cpuMs.toFixed(0)} ms), then the report at any time in ` +
    `${result.medianMs.toFixed(0)} ms (median), ${result.maxMs.toFixed(0)} ms at most; ` +
    `memory ${(result.peakRssBytes / 1e6).toFixed(0)} MB`
  );
}
