/** A trace of this machine in this process, in the mode that is tested (modes.ts). */
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
import { buildLoads, requireRoot, until } from './live.js';
import { heldAfterNs, isSampling, modeName, modeOptions, notRun } from './modes.js';
import { Witness } from './witness.js';

/** Every call path. */
export const ALL: Selection = defaultSelection(1_000_000);

export interface LiveTrace {
  run: LiveRun;
  /** Of every address; null where the trace is of every address itself. */
  witness: Witness | null;
  report: () => Report;
  /** Resolves when the frees of before now have come, and so much time more. */
  settle: (moreNs?: number) => Promise<void>;
  /** Resolves when the allocs of before now have come, of what is held still. */
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

/** A witness where the program's own trace is a sample. */
export function startWitness(): Promise<Witness | null> {
  return isSampling ? Witness.start() : Promise.resolve(null);
}

/** Time for the program to trace what is held, ms: more than its screen or a test's patience needs where it comes later. */
export function heldWithin(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms + heldAfterNs / 1e6));
}

/** What a trace says of itself is the mode that it was to be in. */
export function expectMode(
  facts: Pick<HostFacts, 'minAgeNs' | 'maxOverhead' | 'sampleOneIn'>,
  options: CollectorOptions = modeOptions(),
): void {
  expect(facts.minAgeNs).toBe(options.minAgeNs);
  expect(facts.maxOverhead).toBeCloseTo(options.maxOverhead ?? 0, 9);
  if (options.maxOverhead === null) expect(facts.sampleOneIn).toBe(options.sampleOneIn);
}

/** vitest's `it` for a file of live tests: what is not run in this mode is in the list of modes.ts. */
export function modeIt(file: string): typeof it.skip {
  return ((name: string, ...rest: never[]) =>
    (notRun(file, name) === null ? it : it.skip)(name, ...rest)) as typeof it.skip;
}

/** Before all tests of a file: what they need, and where a budget is tested the load that is always above it. */
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

/** Under a name of its own, so that no test takes it for its own churn. */
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
