/** Where memory is usually freed: of a load that closes 20,000 socket pairs and keeps 900, in every mode and from the recording. */
import { afterAll, beforeAll, expect } from 'vitest';
import { freeSentence } from '../../src/rank/answer/free-words.js';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import { unfreed } from '../helpers/cli.js';
import { through } from '../helpers/held.js';
import { Load } from '../helpers/live.js';
import { ALL, modeIt, prepareLive, startTrace } from '../helpers/live-trace.js';

const it = modeIt(import.meta.url);
/** socketpair() makes its two socks at two places: two call paths of one a pair. */
const PAIRS = '900';
const CLOSED = '20000';

let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

/** The release of the socket frees the sock, in one function or another by kernel. */
const BY = 'unix_release_sock|unix_release|__sk_destruct|sk_destruct|__sk_free|sk_free|sock_put';

const SENTENCE = new RegExp(`\\busually freed by (${BY}) within \\S+; these 900 never$`, 'm');

async function tracedSocks(minAgeNs: number, path: string): Promise<{ sock: ReportStack; isWhole: boolean }> {
  const load = await Load.start('hold-sockets', PAIRS, '--kind', 'unix', '--closed', CLOSED);
  const { run, settleHeld, stop } = await startTrace(path, minAgeNs === 0 ? {} : { minAgeNs });
  await load.go();
  await settleHeld();
  // Other processes hold sockets too.
  const selection = { ...ALL, comm: 'hold-sockets' };
  const [sock] = through(run.pipeline.report(selection), 'kmem_cache_alloc', 'sk_prot_alloc', 'hold-sockets');
  const detail = run.pipeline.detail(selection, sock.stackId);
  const isWhole = run.pipeline.facts.sampleOneIn === 1;
  await stop();
  await load.stop();
  expect(detail?.freePaths.length).toBeGreaterThan(0);
  expect(detail?.freeTree.some((node) => new RegExp(`^(${BY})$`).test(node.function))).toBe(true);
  return { sock, isWhole };
}

function expectFreedByRelease({ sock, isWhole }: { sock: ReportStack; isWhole: boolean }): void {
  const free = sock.typicalFree;
  if (free === null) throw new Error('no free of a sock was in the sample');
  expect(free.samples).toBeGreaterThan(20);
  expect(free.share).toBeGreaterThan(0.9);
  // Both ends are closed at once by the task that made them: a sock lives for microseconds.
  expect(free.withinNs).toBeLessThan(10e6);
  expect(free.otherCpuShare).not.toBeNull();
  expect(free.otherCpuShare).toBeLessThan(0.5);
  expect(free.heldLonger).toBe(sock.count);
  if (isWhole) expect(freeSentence(free)).toMatch(SENTENCE);
}

it('names the release of the socket and says how many never were, live and from the recording', async () => {
  const path = `${directory}/sockets.unfreed`;
  const traced = await tracedSocks(0, path);
  expectFreedByRelease(traced);
  const top = await unfreed(['top', path, '--group', 'stack', '--grep', 'sk_prot_alloc', '--comm', 'hold-sockets']);
  if (traced.isWhole) expect(top.stdout).toMatch(SENTENCE);
});

it('says the same of survivors, whose frees are matched in the kernel', async () => {
  expectFreedByRelease(await tracedSocks(1e9, `${directory}/survivors.unfreed`));
});
