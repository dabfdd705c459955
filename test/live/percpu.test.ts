/** Percpu memory on this machine's kernel: the truth is the load's own, and the line Percpu of meminfo. */
import { afterAll, beforeAll, expect } from 'vitest';
import { through } from '../helpers/held.js';
import { Load } from '../helpers/live.js';
import { modeIt, prepareLive, startTrace } from '../helpers/live-trace.js';
import { until } from '../helpers/patience.js';

const it = modeIt(import.meta.url);
let { end } = { end: () => Promise.resolve() };
beforeAll(() => {
  ({ end } = prepareLive());
});
afterAll(() => end());

it('BPF arrays for each CPU take their size once for each CPU, exactly, and the line Percpu bears it out', async () => {
  const load = await Load.start('hold-percpu', '12');
  const { run, report, settleHeld, stop } = await startTrace(null, { allocators: ['percpu', 'vmalloc', 'slab'] });
  await until('a first meminfo', () => run.pipeline.core.firstMeminfo !== null);
  const [{ count, bytes = 0 }] = await load.go();
  await settleHeld();
  const then = run.pipeline.core.nowNs;
  await until('a later meminfo', () => (run.pipeline.core.lastMeminfo?.timeNs ?? 0) > then);
  const rows = through(report(), 'percpu_alloc_percpu', 'bpf_map_alloc_percpu', 'hold-percpu');
  const held = rows.flatMap((row) => row.comms.filter(({ comm }) => comm === 'hold-percpu'));
  expect(held.reduce((sum, share) => sum + share.count, 0)).toBe(count);
  expect(held.reduce((sum, share) => sum + share.bytes, 0)).toBe(bytes);
  expect(rows[0].reliability).toBe('confirmed');
  const percpu = report().reconciliation?.percpu;
  // Some of it may lie in pages of chunks that were there, and empty, before.
  expect(percpu?.grownBytes).toBeGreaterThan(bytes * 0.85);
  expect(percpu?.grownBytes).toBeLessThan(bytes * 1.15);
  await load.stop();
  await stop();
});
