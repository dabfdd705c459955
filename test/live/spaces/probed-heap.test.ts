/**
 * `--heap -p` of running programs whose heap is known exactly (test/live/heap/load.c), all traced at once: what each holds is
 * exact to the block and byte, live and from the recording.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { ALL, modeIt, prepareLive, startTrace } from '../../helpers/live-trace.js';
import { replayedFile } from '../../helpers/replayed.js';
import { HeapTests, Talking } from '../heap/tracer.js';

const it = modeIt(import.meta.url);
const LOADS = ['plain', 'failed-realloc', 'failed-memalign', 'chains', 'threads', 'jumps'];
const tests = new HeapTests();
let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
  tests.buildLoad();
}, 60_000);
afterAll(async () => {
  tests.remove();
  await end();
});

/** 'held BLOCKS BYTES', as the load says it. */
function heldBy(pipeline: Pipeline, pid: number): string {
  const { stacks } = pipeline.report({ ...ALL, pid, allocators: ['heap'] });
  const [blocks, bytes] = stacks.reduce(([count, sum], row) => [count + row.count, sum + row.bytes], [0, 0]);
  return `held ${blocks} ${bytes}`;
}

describe('the heap of running processes', () => {
  it('is exact to the block and byte, through failing calls, threads and jumps', async () => {
    const path = join(directory, 'probed.unfreed');
    const loads = LOADS.map((name) => new Talking(tests.path('load'), [name]));
    for (const load of loads) await load.lineOf('ready');
    const pids = loads.map(({ child }) => Number(child.pid));
    const { run, settle, stop } = await startTrace(path, { processes: pids, heap: true });
    const truths: string[] = [];
    for (const load of loads) {
      load.say('go\n');
      truths.push(await load.lineOf('held'));
    }
    await settle(1.2e9);
    const answers = (pipeline: Pipeline): string[] => pids.map((pid) => heldBy(pipeline, pid));
    expect(answers(run.pipeline)).toEqual(truths);
    const { core } = run.pipeline;
    expect({ bad: core.badEvents, lost: core.lossLedger.lostEvents, noPath: core.stackMisses }).toEqual({
      bad: 0,
      lost: 0,
      noPath: 0,
    });
    core.checkInvariants();
    await stop();
    const { pipeline } = await replayedFile(path);
    expect(answers(pipeline)).toEqual(truths);
    for (const load of loads) await load.end();
  }, 60_000);
});
