import { execa } from 'execa';
import { beforeAll, expect, it } from 'vitest';
import { BpftraceCollector } from '../../src/collect/bpftrace-collector.js';
import { runChecks } from '../../src/collect/checks.js';
import { defaultCollectorOptions } from '../../src/collect/collector.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { buildLoads, Load, PlainPairing, requireRoot } from '../helpers/live.js';
import { until } from '../helpers/patience.js';

beforeAll(() => {
  requireRoot();
  buildLoads();
});

const BUILD = new URL('../../scripts/build/', import.meta.url).pathname;

it('a load says what it holds, lets go when told, and ends when its input does', async () => {
  const load = await Load.start('hold-pipes', '7');
  expect(await load.go()).toEqual([
    { allocator: 'page', kind: 'mm_page_alloc', symbol: 'pipe_write', count: 112, bytes: 458752 },
    { allocator: 'slab', kind: 'kmalloc', symbol: 'alloc_pipe_info', count: 14 },
  ]);
  await load.release();
  await load.stop();
});

it('a load lets go at SIGUSR1 and ends at SIGTERM', async () => {
  const load = await Load.start('hold-sockets', '7');
  await load.go();
  process.kill(load.pid, 'SIGUSR1');
  await load.released();
  process.kill(load.pid, 'SIGTERM');
  await until('the load to end', () => {
    try {
      process.kill(load.pid, 0);
      return false;
    } catch {
      return true;
    }
  });
});

it('a load refuses a count that is none', async () => {
  const result = await execa(`${BUILD}hold-pipes`, ['many'], { reject: false, stdin: 'ignore' });
  expect(result).toMatchObject({ exitCode: 2, stderr: 'many: not a number from 1 to 100000' });
});

it('churn does as many turns as it is told, no faster than it is told', async () => {
  const load = await Load.start('churn', '--turns', '50', '--threads', '2', '--rate', '100');
  const start = performance.now();
  await load.go();
  expect((await load.released()).turns).toBe(100);
  expect(performance.now() - start).toBeGreaterThan(450);
  await load.stop();
});

it('churn leaves nothing outstanding in pipe_write', { retry: 2 }, async () => {
  const load = await Load.start('churn', '--turns', '200', '--rate', '200');
  const collector = new BpftraceCollector(
    { ...defaultCollectorOptions(), allocators: ['page'] },
    { how: 'root', prefix: [] },
  );
  const dictionary = new TraceDictionary();
  const pairing = new PlainPairing(dictionary);
  await collector.start(pairing, dictionary);
  await load.go();
  await load.released();
  const nowNs = (Date.now() - pairing.hosts[0].startUnixMs) * 1e6;
  await until('the decoder to come past now', () => pairing.clockNs > nowNs + 0.1e9);
  // A page may stay with a pipe for its next write until the pipe is closed; here it is closed.
  expect(pairing.count(load.pid, 'mm_page_alloc', 'pipe_write').count).toBe(0);
  await load.stop();
  await collector.stop('stopped');
});

it('the checks find what this machine has', async () => {
  const { checks, collectors } = await runChecks();
  const failing = checks.filter((check) => !check.ok && (check.for === 'live' || check.for === 'bpftrace'));
  expect(failing).toEqual([]);
  expect(collectors).toContain('bpftrace');
});
