/**
 * The heap of a command whose truth is known (test/bpf/preload/loads.c), traced by the collector itself: what each call
 * path holds is exact to the block, whether processes fork, run others, or are killed.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { Programs, truths } from '../../bpf/preload/traced.js';
import { modeIt, prepareLive } from '../../helpers/live-trace.js';
import { replayedFile } from '../../helpers/replayed.js';

const it = modeIt(import.meta.url);
const BUILT = new URL('../../../bpf/build/', import.meta.url).pathname;
const programs = new Programs();
let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
  programs.build('loads', 'loads.c');
  programs.build('loads-cc', 'loads.cc');
  programs.build('a.so', 'plugin.c', '-shared', '-fPIC', '-DNAME=load_plugin_a', '-DNR=25', '-DBYTES=48');
  programs.build('b.so', 'plugin.c', '-shared', '-fPIC', '-DNAME=load_plugin_b', '-DNR=10', '-DBYTES=32');
  // Beside the library, as it is installed.
  for (const name of ['unfreed-collect', 'unfreed-heap.so', 'unfreed-heap-new.so'])
    copyFileSync(join(BUILT, name), programs.path(name));
}, 60_000);
afterAll(async () => {
  programs.remove();
  await end();
});

/** Blocks and bytes that the trace holds below each function that the command has named, and what the command said. */
async function answers(...command: string[]): Promise<{ traced: unknown; said: unknown }> {
  const path = join(directory, 'heap.stream');
  const args = ['--heap', '--command-memory', '-o', path, '--', ...command];
  const { status, stderr } = spawnSync(programs.path('unfreed-collect'), args, { encoding: 'utf8', timeout: 60_000 });
  expect(status).toBe(0);
  const { pipeline } = await replayedFile(path);
  expect(pipeline.core.lossLedger.lostEvents).toBe(0);
  expect(pipeline.core.badEvents).toBe(0);
  pipeline.core.checkInvariants();
  // All that ended before the last process has freed what it held: the last one keeps it.
  const said = [...truths(stderr)].map(([name, all]) => ({
    name,
    ...all.reduce((a, b) => (a.blocks > b.blocks ? a : b)),
  }));
  const traced = said.map(({ name }) => {
    const selection = { ...defaultSelection(1_000_000), grep: name, allocators: ['heap' as const] };
    const { stacks } = pipeline.report(selection);
    const sum = (of: (row: (typeof stacks)[number]) => number): number => stacks.reduce((all, row) => all + of(row), 0);
    return { name, blocks: sum(({ count }) => count), bytes: sum(({ bytes }) => bytes) };
  });
  return { traced, said };
}

describe('the heap of a command', () => {
  for (const name of ['chains', 'failing', 'large', 'others', 'deep', 'coroutines', 'signals', 'altstack'])
    it(`is exact: ${name}`, async () => {
      const { traced, said } = await answers(programs.path('loads'), name);
      expect(traced).toEqual(said);
    }, 60_000);

  for (const [name, nr] of [
    ['threads', '8'],
    ['churn', '500'],
    ['exchange', '4'],
    ['forks', '20'],
  ])
    it(`is exact: ${name} ${nr}`, async () => {
      const { traced, said } = await answers(programs.path('loads'), name, nr);
      expect(traced).toEqual(said);
    }, 60_000);

  it('names what was unloaded', async () => {
    const { traced, said } = await answers(
      programs.path('loads'),
      'plugins',
      programs.path('a.so'),
      programs.path('b.so'),
    );
    expect(traced).toEqual(said);
  }, 60_000);

  it('is exact for C++', async () => {
    const { traced, said } = await answers(programs.path('loads-cc'));
    expect(traced).toEqual(said);
  }, 60_000);
});
