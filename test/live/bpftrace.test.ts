import { beforeAll, expect, it } from 'vitest';
import { BpftraceCollector } from '../../src/collect/bpftrace-collector.js';
import { defaultCollectorOptions } from '../../src/collect/collector.js';
import { isEventLoss } from '../../src/event/losses.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { MAIN } from '../helpers/cli.js';
import { buildLoads, Load, PlainPairing, requireRoot } from '../helpers/live.js';
import { until } from '../helpers/patience.js';
import { TerminalProgram } from '../helpers/terminal.js';

// On a very busy machine bpftrace loses events, and then no number can be exact: hence the retries.
beforeAll(() => {
  requireRoot();
  buildLoads();
});

async function trace(options: Partial<ReturnType<typeof defaultCollectorOptions>> = {}) {
  const collector = new BpftraceCollector({ ...defaultCollectorOptions(), ...options }, { how: 'root', prefix: [] });
  const dictionary = new TraceDictionary();
  const pairing = new PlainPairing(dictionary);
  await collector.start(pairing, dictionary);
  /** Waits until all events before now have arrived. */
  const settle = async (): Promise<void> => {
    const nowNs = (Date.now() - pairing.hosts[0].startUnixMs) * 1e6;
    await until('the decoder to come past now', () => pairing.clockNs > nowNs + 0.1e9);
  };
  return { collector, pairing, dictionary, settle };
}

it('23 pipes are 368 pages outstanding in pipe_write, and none when they are closed', { retry: 2 }, async () => {
  const load = await Load.start('hold-pipes', '23');
  const { collector, pairing, settle } = await trace();
  const truth = await load.go();
  await settle();
  for (const { kind, symbol, count, bytes } of truth) {
    const found = pairing.count(load.pid, kind, symbol);
    expect(found, symbol).toMatchObject({ count, comms: ['hold-pipes'] });
    if (bytes !== undefined) expect(found.bytes).toBe(bytes);
  }
  await load.release();
  await settle();
  for (const { kind, symbol } of truth) expect(pairing.count(load.pid, kind, symbol).count, symbol).toBe(0);
  await load.stop();
  await collector.stop('duration');

  expect(await collector.finished).toMatchObject({ code: 0, signal: null, error: null });
  expect(pairing.ending?.reason).toBe('duration');
  expect(pairing.lossRows.filter((row) => isEventLoss(row.cause))).toEqual([]);
  expect(pairing.backward).toBe(0);
  expect(pairing.hosts[0]).toMatchObject({ collector: 'bpftrace', self: 'mark', sampleOneIn: 1 });
  expect(pairing.hosts[0].hooks).toContain('tracepoint:kmem:mm_page_alloc');
  expect(Math.abs(pairing.hosts[0].startUnixMs + pairing.clockNs / 1e6 - Date.now())).toBeLessThan(5000);
  expect(pairing.counterSources.get('meminfo')).toContain('MemAvailable:');
  expect(pairing.counterSources.get('slabinfo')).toContain('kmalloc-');
});

it('23 epoll instances and 23 socket pairs are exactly so many objects', { retry: 2 }, async () => {
  const load = await Load.start('hold-sockets', '23');
  const { collector, pairing, settle } = await trace({ allocators: ['slab'] });
  const truth = await load.go();
  await settle();
  for (const { kind, symbol, count } of truth) expect(pairing.count(load.pid, kind, symbol).count, symbol).toBe(count);
  await load.release();
  await settle();
  // Eventpolls are freed by kfree_rcu, which has no event on new kernels: only the frees of the
  // others must be seen.
  for (const { kind, symbol } of truth.slice(1)) expect(pairing.count(load.pid, kind, symbol).count, symbol).toBe(0);
  await load.stop();
  await collector.stop('stopped');
  expect([...pairing.outstanding.values()].every((alloc) => alloc.kind <= 2)).toBe(true);
});

it('leaves out allocs below the least size', { retry: 2 }, async () => {
  const load = await Load.start('hold-pipes', '23');
  const { collector, pairing, settle } = await trace({ allocators: ['slab'], minSizeBytes: 512 });
  await load.go();
  await settle();
  // Of the two objects of a pipe only the ring of buffers (640 bytes asked) is large enough.
  expect(pairing.count(load.pid, 'kmalloc', 'alloc_pipe_info').count).toBe(23);
  await load.stop();
  await collector.stop('stopped');
});

it('the screen says what bpftrace costs, and its steps until the first event', async () => {
  const terminal = new TerminalProgram([MAIN, 'live', '--collector', 'bpftrace'], 80, 24);
  try {
    await terminal.see('▸ rights, kernel types   · programs   · symbols   · first event');
    await terminal.see('✓ rights, kernel types   ▸ programs');
    expect(terminal.text()).toContain('Through bpftrace: allocations will be many times slower.');
    await terminal.see('✓ rights, kernel types   ✓ programs   ✓ symbols   ▸ first event');
    expect(terminal.lines()[0]).toMatch(/ attaching {2}\d+\.\ds$/);
    // Then comes a report, with something in it.
    await terminal.see(() => / tracing 00:/.test(terminal.lines()[0]));
    expect(terminal.text()).not.toMatch(/\b0 events/);
    terminal.press('q');
    expect(await terminal.exit).toMatchObject({ exitCode: 0 });
  } finally {
    terminal.kill();
  }
});

it('a Ctrl-C while bpftrace compiles says that nothing was traced', async () => {
  const terminal = new TerminalProgram([MAIN, 'top', '--collector', 'bpftrace'], 80, 24);
  try {
    await terminal.see('loading ');
    terminal.press('ctrl-c');
    await terminal.drawn();
    expect(terminal.text()).toContain('unfreed: nothing was traced: stopped before tracing had begun (loading ');
    expect(await terminal.exit).toMatchObject({ exitCode: 1 });
  } finally {
    terminal.kill();
  }
});
