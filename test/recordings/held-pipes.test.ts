import { expect, test } from 'vitest';
import type { Report } from '../../src/rank/report/report.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';

const FILE = new URL('../../recordings/bpf/6.18-held-pipes/held-pipes.unfreed', import.meta.url).pathname;

async function readReport(comm: string | null): Promise<Report> {
  const pipeline = new Pipeline('recording');
  const recording = await openRecording(FILE, pipeline, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  return pipeline.report({ ...defaultSelection(100_000), comm });
}

/**
 * Returns a process's outstanding memory on all call paths of a kind through a function, without
 * that of the slab allocator itself below them (a new slab and its bookkeeping, charged to the
 * first user).
 */
function held(report: Report, kind: string, symbol: string): { count: number; bytes: number; freed: number } {
  const sum = { count: 0, bytes: 0, freed: 0 };
  for (const stack of report.stacks) {
    if (stack.kind !== kind || stack.frames.some((frame) => frame.symbol === 'allocate_slab')) continue;
    if (!stack.frames.some((frame) => frame.symbol === symbol)) continue;
    sum.count += stack.count;
    sum.bytes += stack.bytes;
    sum.freed += stack.freeCount;
  }
  return sum;
}

test('the bundled recording holds its stated truth', async () => {
  const pipes = await readReport('hold-pipes');
  expect(held(pipes, 'mm_page_alloc', 'anon_pipe_write')).toMatchObject({ count: 1616, bytes: 1616 * 4096 });
  expect(held(pipes, 'kmalloc', 'alloc_pipe_info').count).toBe(202);
  const sockets = await readReport('hold-sockets');
  expect(held(sockets, 'kmalloc', 'do_epoll_create').count).toBe(23);
  expect(held(sockets, 'kmem_cache_alloc', 'sock_alloc_inode').count).toBe(46);
  expect(held(sockets, 'kmem_cache_alloc', 'sk_prot_alloc').count).toBe(46);
});

test('the pipes rank first, nothing was lost, and only the loads have names', async () => {
  const report = await readReport(null);
  expect(report.stacks[0].frames.map((frame) => frame.symbol)).toContain('anon_pipe_write');
  expect(report.stacks[0].count).toBe(1618);
  expect(report.anomalies.lostEvents).toBe(0);
  expect(report.source).toMatchObject({ kind: 'recording', hostname: 'host', collector: 'bpf' });
  const names = new Set(report.stacks.flatMap((stack) => stack.comms.map((share) => share.comm)));
  expect([...names].filter((name) => !name.startsWith('#')).toSorted()).toEqual(['hold-pipes', 'hold-sockets']);
});
