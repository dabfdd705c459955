/**
 * The main job, end to end, through the eBPF collector and the program itself: loads of known truth
 * on this machine's kernel.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect } from 'vitest';
import { bpfCollectorPath } from '../../src/collect/bpf-collector.js';
import { encodeJson } from '../../src/export/json.js';
import type { Report } from '../../src/rank/report/report.js';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import { LiveRun } from '../../src/session/live/live-run.js';
import type { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { callPathCounts } from '../helpers/call-path-counts.js';
import { type Ran, startUnfreed, unfreed } from '../helpers/cli.js';
import { countThrough, expectHeld, expectReleased, isAllocatorsOwn } from '../helpers/held.js';
import { Load } from '../helpers/live.js';
import { ALL, expectMode, heldWithin, modeIt, prepareLive, startTrace, startWitness } from '../helpers/live-trace.js';
import { heldAfterMs, isSampling, mode, modeName, modeOptions, sized } from '../helpers/modes.js';
import { HANG_MS, until } from '../helpers/patience.js';
import { replayedFile } from '../helpers/replayed.js';

const it = modeIt(import.meta.url);
let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

const replay = async (path: string): Promise<Pipeline> => (await replayedFile(path)).pipeline;

/** A sample needs many neighbourhoods of pages (held.ts): this number of full pipes takes at least 46. */
const PIPES = modeName === 'sample' ? 46 * 64 : sized(23);

it('23 pipes held full are exactly 368 pages through pipe_write, 0 after release, and the recording says the same', async () => {
  const path = join(directory, 'pipes.unfreed');
  const load = await Load.start('hold-pipes', String(PIPES));
  const { run, witness, report, settle, settleHeld, stop } = await startTrace(path);
  const truth = await load.go();
  expect(truth).toMatchObject([{ count: 16 * PIPES }, { count: 2 * PIPES }]);
  await settleHeld();
  expectHeld(report(), truth, { comm: 'hold-pipes', facts: run.pipeline.facts, witness });
  await load.release();
  await settle();
  expectReleased(report(), truth, 'hold-pipes');
  await load.stop();
  await stop();
  expect(run.pipeline.ended).toMatchObject({ reason: 'stopped' });

  const live = report();
  const replayed = (await replay(path)).report(ALL);
  expect(encodeJson({ ...replayed, source: { ...replayed.source, kind: 'live' } })).toBe(encodeJson(live));
});

it('epoll instances and socket pairs are exactly so many slab objects', async () => {
  const load = await Load.start('hold-sockets', String(sized(23)));
  const { run, witness, report, settleHeld, stop } = await startTrace();
  const truth = await load.go();
  await settleHeld();
  expectHeld(report(), truth, { comm: 'hold-sockets', facts: run.pipeline.facts, witness });
  await load.stop();
  await stop();
});

/**
 * What the churn still holds, among the first ten rows. A slab that a cache took for the sockets stays in the cache: it is
 * really held, and on an idle machine it may be among them.
 */
function churnedOf({ stacks }: Report): ReportStack[] {
  return stacks
    .slice(0, 10)
    .filter((stack) => stack.comms[0]?.comm === 'churn' && !stack.frames.some(({ symbol }) => isAllocatorsOwn(symbol)));
}

it('a load that churns without holding does not enter the top 10', async () => {
  const load = await Load.start('churn', '3');
  const pipes = await Load.start('hold-pipes', String(sized(101)));
  const { run, witness, report, settleHeld, stop } = await startTrace();
  const [, truth] = await Promise.all([load.go().catch(() => []), pipes.go()]);
  const turns = (await load.released()).turns ?? 0;
  await settleHeld();
  // Sockets are freed an RCU grace period after they are closed, which takes long on a busy machine.
  await until('what the load no longer holds to be freed', () => churnedOf(report()).length === 0, 200);
  const all = report();
  // A turn is some 65 events, nearly all of them of memory that is freed young.
  if (modeName === 'survivors') expect(all.young?.pairs).toBeGreaterThan(turns * 20);
  else expect(all.events.total * all.source.sampleOneIn).toBeGreaterThan(100_000);
  expectHeld(all, truth, { comm: 'hold-pipes', facts: run.pipeline.facts, witness });
  // Of the rows of the two loads the pipes must be first; other processes of this machine do not
  // count.
  const [first] = all.stacks.filter((stack) => ['hold-pipes', 'churn'].includes(stack.comms[0]?.comm ?? ''));
  // Their pages; a sparse sample may have none of those, only objects.
  const own = countThrough(all, 'mm_page_alloc', 'pipe_write', 'hold-pipes') > 0 ? 'pipe_write' : 'alloc_pipe_info';
  expect(first.frames.some((frame) => frame.symbol.endsWith(own))).toBe(true);
  await pipes.stop();
  await load.stop();
  await stop();
});

/** Returns the text of `unfreed top` for this number of pages on one call path. */
function pagesText(count: number): string {
  return `${count.toLocaleString('en')} ${isSampling ? 'of some' : 'pages'}`;
}

/** Runs `unfreed top` for the pages that hold-pipes has in pipe_write. */
async function topPages(path: string): Promise<Ran> {
  const which = ['--grep', 'pipe_write', '--comm', 'hold-pipes', '--allocator', 'page'];
  return unfreed(['top', path, '-n', '1', ...which]);
}

it('record, then top and export agree to the byte, whichever way it ends', async () => {
  const path = join(directory, 'record.unfreed');
  const load = await Load.start('hold-pipes', String(sized(23)));
  const witness = await startWitness();
  const { child, done, stderrHas } = await startUnfreed(['record', ...mode.flags, '-o', path]);
  await stderrHas('recording this machine');
  const truth = await load.go();
  await heldWithin(1200);
  child.kill('SIGTERM');
  const recorded = await done;
  expect(recorded).toMatchObject({ code: 0, signal: null });
  expect(recorded.stderr).toContain('recorded ');

  const exported = await unfreed(['export', path, '--format', 'json']);
  const report = JSON.parse(exported.stdout) as Report;
  const { facts } = await replay(path);
  expectMode(facts);
  expectHeld(report, truth, { comm: 'hold-pipes', facts, witness });
  await load.stop();
  await witness?.stop();
  const pages = countThrough(report, 'mm_page_alloc', 'pipe_write', 'hold-pipes');
  if (pages > 0) expect((await topPages(path)).stdout).toContain(pagesText(pages));
  const folded = await unfreed(['export', path, '--format', 'folded']);
  const bytes = folded.stdout
    .trimEnd()
    .split('\n')
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  expect(bytes).toBe(report.matching.bytes);
  const csv = await unfreed(['export', path, '--format', 'csv']);
  expect(csv.stdout.trimEnd().split('\r\n')).toHaveLength(report.stacks.length + 1);
});

it('a recorder that is killed leaves a file that replays up to its last second; a cut file says where it was cut', async () => {
  const path = join(directory, 'killed.unfreed');
  const load = await Load.start('hold-pipes', String(sized(23)));
  const witness = await startWitness();
  const { child, done, stderrHas } = await startUnfreed(['record', ...mode.flags, '-o', path]);
  await stderrHas('recording this machine');
  const truth = await load.go();
  await heldWithin(2500);
  child.kill('SIGKILL');
  await done;
  const killed = await replay(path);
  expectHeld(killed.report(ALL), truth, { comm: 'hold-pipes', facts: killed.facts, witness });
  await load.stop();
  await witness?.stop();
  const pages = countThrough(killed.report(ALL), 'mm_page_alloc', 'pipe_write', 'hold-pipes');
  const top = await topPages(path);
  expect(top).toMatchObject({ code: 0 });
  if (pages > 0) expect(top.stdout).toContain(pagesText(pages));
  expect(top.stderr).toMatch(/killed\.unfreed: .*end/);

  truncateSync(path, statSync(path).size - 7);
  const cut = await unfreed(['top', path, '-n', '3']);
  expect(cut.code).toBe(1);
  expect(cut.stderr).toMatch(/read up to there|cut/);
});

it('record ends when its command exits', async () => {
  const path = join(directory, 'command.unfreed');
  const ran = await unfreed(['record', ...mode.flags, '-o', path, '--', 'sh', '-c', 'sleep 0.3; exit 3']);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stderr).toContain('the command exited with 3');
  const info = await unfreed(['info', '--json', path]);
  expect(JSON.parse(info.stdout)).toMatchObject({ end: { reason: 'command-exited' } });
});

it('the collector records alone, and its stream is a recording', async () => {
  const path = join(directory, 'alone.stream');
  const load = await Load.start('hold-pipes', String(sized(23)));
  const witness = await startWitness();
  const args = [...mode.collectorFlags, '--audit', '1', '-o', path, '--duration', `${3000 + heldAfterMs}ms`];
  const collecting = execa(bpfCollectorPath(), args, { reject: false });
  await until('the collector to write', () => {
    try {
      return readFileSync(path).length > 16;
    } catch {
      return false;
    }
  });
  const truth = await load.go();
  expect(await collecting).toMatchObject({ exitCode: 0 });
  const pipeline = await replay(path);
  const { facts } = pipeline;
  const report = pipeline.report(ALL);
  expectMode(facts);
  expectHeld(report, truth, { comm: 'hold-pipes', facts, witness });
  await load.stop();
  await witness?.stop();
  // Every call path that was not walked was checked against the kernel's walk.
  const counts = callPathCounts(path);
  const isWalked = modeName === 'walk' || facts.notes.some((note) => note.includes('walked by the kernel'));
  if (isWalked) expect(counts).toBeNull();
  else {
    expect(counts).toMatchObject({ audited: counts?.fast, mismatches: 0 });
    expect(counts?.fast).toBeGreaterThan(0);
  }
  expect(report.source).toMatchObject({ kind: 'recording', collector: 'bpf', pageSize: 4096 });
  const top = await unfreed(['info', path]);
  expect(top.stdout).toContain('duration');
});

it('doctor finds nothing that is missing here', async () => {
  const doctor = await unfreed(['doctor']);
  expect(doctor).toMatchObject({ code: 0, stderr: '' });
  expect(doctor.stdout).toMatch(
    /^This machine can be traced: Linux \S+ \S+, root, eBPF\.\nok {4}kernel memory {7}pages, slab, percpu, vmalloc\n/,
  );
});

it('a signal while the collector starts ends the run, and a second run is not refused', async () => {
  const path = join(directory, 'early.unfreed');
  for (const delayMs of [150, 300, 450]) {
    const { child, done } = await startUnfreed(['record', ...mode.flags, '-o', path, '--force']);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    child.kill('SIGINT');
    const ran = await Promise.race([
      done,
      new Promise<null>((resolve) => {
        setTimeout(() => resolve(null), HANG_MS);
      }),
    ]);
    if (ran === null) child.kill('SIGKILL');
    expect(ran, `SIGINT after ${delayMs} ms`).not.toBeNull();
  }
});

it('a run that is stopped before its start has come through fails with a sentence and writes nothing', async () => {
  const path = join(directory, 'never.unfreed');
  const run = new LiveRun({ collector: modeOptions(), recordPath: path, force: false });
  const starting = run.start();
  await run.stop('stopped');
  await expect(starting).rejects.toThrow(/^nothing was traced: stopped before tracing had begun/);
  expect(() => statSync(path)).toThrow('ENOENT');
});

it('a command that cannot be run is said, and leaves no recording behind', async () => {
  const path = join(directory, 'no-command.unfreed');
  const ran = await unfreed(['record', ...mode.flags, '-o', path, '--', '/no/such/command']);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('cannot run /no/such/command: no such file or directory');
  expect(() => statSync(path)).toThrow('ENOENT');
});

it('nothing stays attached after a recorder was killed', async () => {
  const path = join(directory, 'attached.unfreed');
  const { child, done, stderrHas } = await startUnfreed(['record', ...mode.flags, '-o', path]);
  await stderrHas('recording this machine');
  child.kill('SIGKILL');
  await done;
  const pattern = `unfreed-collect.*--self-pid ${child.pid}`;
  await until('the collector to be gone', () => spawnSync('pgrep', ['-f', pattern]).status === 1, 50);
});
