import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { startUnfreed, unfreed } from '../helpers/cli.js';
import { Load } from '../helpers/live.js';
import { modeIt, prepareLive } from '../helpers/live-trace.js';
import { mode, modeName } from '../helpers/modes.js';
import { scratch } from '../helpers/scratch.js';

const it = modeIt(import.meta.url);
const place = scratch();
let end = (): Promise<void> => Promise.resolve();
beforeAll(() => {
  ({ end } = prepareLive());
});
afterAll(() => end());

/**
 * Starts a load that fills a file: churn, with `turnsPerSecond` turns of some 65 events each; for a
 * sample, which may have none of its pages, 12 times as many. Survivors have none of these events,
 * so for them it is pipes that stay, 18 allocations each, one a millisecond.
 */
function startFiller(seconds: number, turnsPerSecond: number): Promise<Load> {
  if (modeName === 'survivors') return Load.start('hold-pipes', '20000', '--every', '1');
  return Load.start('churn', String(seconds), '--rate', String(turnsPerSecond * (modeName === 'sample' ? 12 : 1)));
}

interface Machine {
  hostname: string;
  kernel: string;
  totalBytes: number;
  source: string;
}

interface Info {
  looks: number;
  end: { reason: string };
  durationNs: number;
  events: { total: number };
  host: { notes: string[] };
  files: unknown[];
  damageCount: number;
}

async function infoOf(path: string): Promise<Info> {
  return JSON.parse((await unfreed(['info', '--json', path])).stdout) as Info;
}

it('record --max-size --keep keeps a ring of files that replays as one, without losing an event between two', async () => {
  const ring = place('ring.unfreed');
  const load = await startFiller(6, 500);
  const ran = unfreed(['record', ...mode.flags, '-o', ring, '--max-size', '100k', '--keep', '3', '--duration', '6s']);
  const going = load.go().catch(() => []);
  expect((await ran).code).toBe(0);
  await Promise.all([going, load.end()]);
  const files = readdirSync(dirname(ring)).filter((name) => name.startsWith(basename(ring)));
  expect(files).toHaveLength(3);
  const info = await infoOf(ring);
  expect(info.files).toHaveLength(3);
  expect(info.host.notes.join()).toContain('not here: time 0 is');
  expect(info.damageCount).toBe(0);
  expect(info.events.total).toBeGreaterThan(1000);
});

it('record --max-size alone ends cleanly at the size', async () => {
  const path = place('sized.unfreed');
  const load = await startFiller(4, 1000);
  const ran = unfreed(['record', ...mode.flags, '-o', path, '--max-size', '64k', '--duration', '60s']);
  const going = load.go().catch(() => []);
  expect((await ran).code).toBe(0);
  await Promise.all([going, load.end()]);
  // A look would be much of it.
  expect(await infoOf(path)).toMatchObject({ end: { reason: 'size-limit' }, looks: 0 });
});

it('a recording carries looks at the machine, of its start and its end, for triage elsewhere', async () => {
  const path = place('looks.unfreed');
  const recorded = await unfreed(['record', ...mode.flags, '-o', path, '--duration', '2s']);
  expect([recorded.code, recorded.stderr]).toEqual([0, expect.stringContaining('recorded')]);
  expect(await infoOf(path)).toMatchObject({ looks: 2, end: { reason: 'duration' } });
  const here = await unfreed(['triage', '--json', '--quick']);
  const there = await unfreed(['triage', '--json', path]);
  expect([0, 3]).toContain(there.code);
  const [now, then] = [here, there].map(({ stdout }) => JSON.parse(stdout) as { machine: Machine });
  const { hostname, kernel, totalBytes } = now.machine;
  expect(then.machine).toMatchObject({ hostname, kernel, totalBytes, source: path });
  const hidden = place('hidden.unfreed');
  expect((await unfreed(['anonymize', path, '-o', hidden])).code).toBe(0);
  const anonymous = await unfreed(['triage', '--json', hidden]);
  expect((JSON.parse(anonymous.stdout) as { machine: Machine }).machine).toMatchObject({
    hostname: 'host',
    totalBytes,
  });
  expect(anonymous.stdout).not.toContain(`"${hostname}"`);
});

it("a killed recorder's file is repaired up to its last second", async () => {
  const path = place('killed.unfreed');
  const load = await startFiller(5, 300);
  const { child, done, stderrHas } = await startUnfreed(['record', ...mode.flags, '-o', path]);
  await stderrHas('recording this machine');
  const going = load.go().catch(() => []);
  await new Promise((resolve) => setTimeout(resolve, 3500));
  child.kill('SIGKILL');
  await done;
  await Promise.all([going, load.end()]);
  const repaired = await unfreed(['repair', path, '-o', place('repaired.unfreed')]);
  expect(repaired.code).toBe(0);
  expect(repaired.stderr).toContain('without an end message');
  const [before, after] = [await infoOf(path), await infoOf(place('repaired.unfreed'))];
  expect(before.end.reason).toBe('cut');
  expect(after.end.reason).toBe('stopped');
  expect(after.events).toEqual(before.events);
  expect(after.durationNs).toBeGreaterThan(2e9);
});
