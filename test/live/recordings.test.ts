import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { startUnfreed, unfreed } from '../helpers/cli.js';
import { buildLoads, Load, requireRoot } from '../helpers/live.js';
import { scratch } from '../helpers/scratch.js';

const place = scratch();
beforeAll(() => {
  requireRoot();
  buildLoads();
});

interface Info {
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
  const load = await Load.start('churn', '6', '--rate', '500');
  const ran = unfreed(['record', '-o', ring, '--max-size', '100k', '--keep', '3', '--duration', '6s']);
  void load.go();
  expect((await ran).code).toBe(0);
  await load.stop();
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
  const load = await Load.start('churn', '4', '--rate', '1000');
  const ran = unfreed(['record', '-o', path, '--max-size', '64k', '--duration', '60s']);
  void load.go();
  expect((await ran).code).toBe(0);
  await load.stop();
  expect(await infoOf(path)).toMatchObject({ end: { reason: 'size-limit' } });
});

it("a killed recorder's file is repaired up to its last second", async () => {
  const path = place('killed.unfreed');
  const load = await Load.start('churn', '5', '--rate', '300');
  const { child, done, stderrHas } = await startUnfreed(['record', '-o', path]);
  await stderrHas('recording this machine');
  void load.go();
  await new Promise((resolve) => setTimeout(resolve, 3500));
  child.kill('SIGKILL');
  await done;
  await load.stop();
  const repaired = await unfreed(['repair', path, '-o', place('repaired.unfreed')]);
  expect(repaired.code).toBe(0);
  expect(repaired.stderr).toContain('without an end message');
  const [before, after] = [await infoOf(path), await infoOf(place('repaired.unfreed'))];
  expect(before.end.reason).toBe('cut');
  expect(after.end.reason).toBe('stopped');
  expect(after.events).toEqual(before.events);
  expect(after.durationNs).toBeGreaterThan(2e9);
});
