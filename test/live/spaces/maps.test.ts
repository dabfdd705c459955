/**
 * Address spaces with a known truth (scripts/loads/hold-maps.c), all traced at once as `-p` does: what each call path holds,
 * usable and reserved, is exact to the page, and all objects of a process together are its VmSize, live and from the recording.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { expectedMaps, type HeldMaps, tracedMaps } from '../../helpers/held-maps.js';
import { Load } from '../../helpers/live.js';
import { modeIt, prepareLive, startTrace } from '../../helpers/live-trace.js';
import { replayedFile } from '../../helpers/replayed.js';

const it = modeIt(import.meta.url);
const CASES = [
  'stacks',
  'parts',
  'across',
  'fixed',
  'moved',
  'break',
  'reserved',
  'segments',
  'forked',
  'vforked',
  'threads',
  'racing',
  'deep',
  'libraries',
];

let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

describe('address spaces', () => {
  it('are exact to the page by call path, and each process sums up to its VmSize', async () => {
    const path = join(directory, 'maps.unfreed');
    const loads = await Promise.all(CASES.map((name) => Load.start('hold-maps', name)));
    const { run, settle, stop } = await startTrace(path, { processes: loads.map(({ pid }) => pid) });
    const holds: HeldMaps[] = [];
    for (const [i, load] of loads.entries()) {
      const { truth = [], vmSize = 0, pid } = await load.hold();
      holds.push({ name: CASES[i], pid, truth, vmSize });
    }
    // The kernel's own list is read once a second: by then what no call tells of is there, too.
    await settle(2.2e9);
    expect(holds.map((held) => tracedMaps(run.pipeline, held))).toEqual(holds.map(expectedMaps));
    expect(run.pipeline.core.lossLedger.lostEvents).toBe(0);
    expect(run.pipeline.core.badEvents).toBe(0);
    run.pipeline.core.checkInvariants();
    await stop();
    const { pipeline } = await replayedFile(path);
    expect(holds.map((held) => tracedMaps(pipeline, held))).toEqual(holds.map(expectedMaps));
    await Promise.all(loads.map((load) => load.end()));
  }, 60_000);
});
