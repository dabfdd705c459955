/** A trace of this machine in this process, in the mode under test (modes.ts). */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import type { CollectorOptions } from '../../src/collect/collector.js';
import type { HostFacts } from '../../src/event/host-facts.js';
import type { Report } from '../../src/rank/report/report.js';
import { defaultSelection, type Selection } from '../../src/rank/report/selection.js';
import { LiveRun } from '../../src/session/live/live-run.js';
import { buildLoads, requireRoot } from './live.js';
import { heldAfterNs, isSampling, modeName, modeOptions, notRun } from './modes.js';
import { until } from './patience.js';
import { Witness } from './witness.js';

/** Selects every call path. */
export const ALL: Selection = defaultSelection(1_000_000);

export interface LiveTrace {
  run: LiveRun;
  /** A second trace, of every address; null when the trace itself is of every address. */
  witness: Witness | null;
  report: () => Report;
  /** Resolves when the frees before now have arrived, plus `moreNs`. */
  settle: (moreNs?: number) => Promise<void>;
  /** Resolves when the allocs before now of memory that is still held have arrived. */
  settleHeld: () => Promise<void>;
  stop: () => Promise<void>;
}

export async function startTrace(
  recordPath: string | null = null,
  options: Partial<CollectorOptions> = {},
): Promise<LiveTrace> {
  const collector: CollectorOptions = { ...modeOptions(), ...options };
  const witness = collector.sampleOneIn > 1 || collector.maxOverhead !== null ? await Witness.start() : null;
  const run = new LiveRun({ collector, recordPath, force: true });
  await run.start();
  expectMode(run.pipeline.facts, collector);
  const pass = async (moreNs: number): Promise<void> => {
    const nowNs = (Date.now() - run.pipeline.facts.startUnixMs) * 1e6;
    await witness?.settle();
    await until('the core to come past now', () => run.pipeline.core.nowNs > nowNs + moreNs + 0.05e9);
  };
  return {
    run,
    witness,
    report: () => run.pipeline.report(ALL),
    settle: (moreNs = 0) => pass(moreNs),
    settleHeld: async () => {
      await pass(2 * collector.minAgeNs);
      if (modeName === 'budget') await until('the sample to shrink', () => run.pipeline.facts.sampleOneIn > 1);
    },
    stop: async () => {
      await run.stop('stopped');
      await run.finished;
      await witness?.stop();
    },
  };
}

/** A witness when the program's own trace is a sample, else null. */
export function startWitness(): Promise<Witness | null> {
  return isSampling ? Witness.start() : Promise.resolve(null);
}

/**
 * Waits until the program must have traced what is held: `ms`, and longer in a mode where its
 * events come later.
 */
export function heldWithin(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms + heldAfterNs / 1e6));
}

/** Expects that the facts of a trace are those of the mode under test. */
export function expectMode(
  facts: Pick<HostFacts, 'minAgeNs' | 'maxOverhead' | 'sampleOneIn'>,
  options: CollectorOptions = modeOptions(),
): void {
  expect(facts.minAgeNs).toBe(options.minAgeNs);
  expect(facts.maxOverhead).toBeCloseTo(options.maxOverhead ?? 0, 9);
  if (options.maxOverhead === null) expect(facts.sampleOneIn).toBe(options.sampleOneIn);
}

/** vitest's `it` for a file of live tests; it skips the tests that modes.ts lists for the mode under test. */
export function modeIt(file: string): typeof it.skip {
  return ((name: string, ...rest: never[]) =>
    (notRun(file, name) === null ? it : it.skip)(name, ...rest)) as typeof it.skip;
}

/** A trace in the mode under test, without a witness; later() waits until so much more of it has been traced. */
export async function startRun(): Promise<{ run: LiveRun; later: (seconds: number) => Promise<void> }> {
  const run = new LiveRun({ collector: modeOptions(), recordPath: null, force: false });
  await run.start();
  expectMode(run.pipeline.facts);
  const later = async (seconds: number): Promise<void> => {
    const from = run.pipeline.core.nowNs;
    await until(`${seconds} s of trace`, () => run.pipeline.core.nowNs > from + seconds * 1e9);
  };
  return { run, later };
}

/**
 * Prepares the live tests of a file; in the budget mode it also starts a load that always exceeds
 * the budget.
 */
export function prepareLive(): { directory: string; end: () => Promise<void> } {
  requireRoot();
  buildLoads();
  const directory = mkdtempSync(join(tmpdir(), 'unfreed-live-'));
  const overload = modeName === 'budget' ? startOverload(directory) : null;
  return {
    directory,
    end: async () => {
      await overload?.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Its process has a name of its own, so that no test takes it for its own load. */
function startOverload(directory: string): { end: () => Promise<void> } {
  const program = join(directory, 'overload');
  symlinkSync(new URL('../../scripts/build/churn', import.meta.url).pathname, program);
  const child = execa(program, ['600', '--rate', '1500'], { stdin: 'pipe', stdout: 'ignore', reject: false });
  return {
    end: async () => {
      child.kill('SIGTERM');
      await child;
    },
  };
}
