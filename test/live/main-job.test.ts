/**
 * The main job, end to end, through the eBPF collector and the program itself: loads of known truth on this very kernel.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultCollectorOptions } from '../../src/collect/collector.js';
import { encodeJson } from '../../src/export/json.js';
import type { Report, ReportStack } from '../../src/rank/report.js';
import { defaultSelection, type Selection } from '../../src/rank/selection.js';
import { LiveRun } from '../../src/session/live-run.js';
import type { Pipeline } from '../../src/session/pipeline.js';
import { startUnfreed, unfreed } from '../helpers/cli.js';
import { buildLoads, Load, requireRoot, until } from '../helpers/live.js';
import { replayedFile } from '../helpers/replayed.js';

let directory = '';
beforeAll(() => {
  requireRoot();
  buildLoads();
  directory = mkdtempSync(join(tmpdir(), 'unfreed-live-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ALL: Selection = defaultSelection(1_000_000);

/** What the slab allocator takes for itself below an allocation: new slabs, their bookkeeping, sheaves (6.18). */
const SLAB_OWN = /^(allocate_slab|new_slab|alloc_slab_obj_exts|refill_objects|.*sheaf.*|__pcs_.*)/;

/** Call paths of a kind through a function, of one process name. */
function through(report: Report, kind: string, symbol: string, comm: string): ReportStack[] {
  return report.stacks.filter(
    (stack) =>
      stack.kind === kind &&
      stack.comms.some((share) => share.comm === comm) &&
      stack.category !== 'backing' &&
      !stack.frames.some((frame) => SLAB_OWN.test(frame.symbol)) &&
      stack.frames.some((frame) => frame.symbol === symbol || frame.symbol === `anon_${symbol}`),
  );
}

function countThrough(report: Report, kind: string, symbol: string, comm: string): number {
  let count = 0;
  for (const stack of through(report, kind, symbol, comm)) {
    count += stack.comms.find((share) => share.comm === comm)?.count ?? 0;
  }
  return count;
}

async function startRun(recordPath: string | null): Promise<{ run: LiveRun; settle: () => Promise<void> }> {
  const run = new LiveRun({ collector: { ...defaultCollectorOptions(), collector: 'bpf' }, recordPath, force: true });
  await run.start();
  const settle = async (): Promise<void> => {
    const nowNs = (Date.now() - run.pipeline.facts.startUnixMs) * 1e6;
    await until('the core to come past now', () => run.pipeline.core.nowNs > nowNs + 0.05e9);
  };
  return { run, settle };
}

const replay = async (path: string): Promise<Pipeline> => (await replayedFile(path)).pipeline;

it('23 pipes held full are exactly 368 pages through pipe_write, 0 after release, and the recording says the same', async () => {
  const path = join(directory, 'pipes.unfreed');
  const load = await Load.start('hold-pipes', '23');
  const { run, settle } = await startRun(path);
  const truth = await load.go();
  await settle();
  const held = run.pipeline.report(ALL);
  for (const { kind, symbol, count } of truth) {
    expect(countThrough(held, kind, symbol, 'hold-pipes'), symbol).toBe(count);
  }
  await load.release();
  await settle();
  const released = run.pipeline.report(ALL);
  for (const { kind, symbol } of truth) expect(countThrough(released, kind, symbol, 'hold-pipes'), symbol).toBe(0);
  await load.stop();
  await run.stop('stopped');
  await run.finished;
  expect(run.pipeline.ended).toMatchObject({ reason: 'stopped' });

  const live = run.pipeline.report(ALL);
  const replayed = (await replay(path)).report(ALL);
  expect(encodeJson({ ...replayed, source: { ...replayed.source, kind: 'live' } })).toBe(encodeJson(live));
});

it('epoll instances and socket pairs are exactly so many slab objects', async () => {
  const load = await Load.start('hold-sockets', '23');
  const { run, settle } = await startRun(null);
  const truth = await load.go();
  await settle();
  const report = run.pipeline.report(ALL);
  for (const { kind, symbol, count } of truth) {
    expect(countThrough(report, kind, symbol, 'hold-sockets'), symbol).toBe(count);
  }
  await load.stop();
  await run.stop();
});

it('a load that churns without holding does not enter the top 10', async () => {
  const load = await Load.start('churn', '3');
  const pipes = await Load.start('hold-pipes', '101');
  const { run, settle } = await startRun(null);
  await Promise.all([load.go().catch(() => []), pipes.go()]);
  await load.released();
  // Sockets are freed an RCU grace period after they are closed.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await settle();
  const all = run.pipeline.report(ALL);
  expect(all.events.total).toBeGreaterThan(100_000);
  expect(countThrough(all, 'mm_page_alloc', 'pipe_write', 'hold-pipes')).toBe(1616);
  // Of what the two loads hold the pipes are first, whatever else this machine does meanwhile.
  const [first] = all.stacks.filter((stack) => ['hold-pipes', 'churn'].includes(stack.comms[0]?.comm ?? ''));
  expect(first.frames.some((frame) => frame.symbol.endsWith('pipe_write'))).toBe(true);
  const top = all.stacks.slice(0, 10);
  expect(
    top.filter((stack) => stack.comms[0]?.comm === 'churn').map((stack) => stack.frames[stack.firstFrame]),
  ).toEqual([]);
  await pipes.stop();
  await load.stop();
  await run.stop();
});

it('record, then top and export agree to the byte, whichever way it ends', async () => {
  const path = join(directory, 'record.unfreed');
  const load = await Load.start('hold-pipes', '23');
  const { child, done, stderrHas } = await startUnfreed(['record', '-o', path]);
  await stderrHas('recording this machine');
  await load.go();
  await new Promise((resolve) => setTimeout(resolve, 1200));
  child.kill('SIGTERM');
  const recorded = await done;
  expect(recorded).toMatchObject({ code: 0, signal: null });
  expect(recorded.stderr).toContain('recorded ');
  await load.stop();

  const exported = await unfreed(['export', path, '--format', 'json']);
  const report = JSON.parse(exported.stdout) as Report;
  expect(countThrough(report, 'mm_page_alloc', 'pipe_write', 'hold-pipes')).toBe(368);
  const top = await unfreed([
    'top',
    path,
    '-n',
    '1',
    '--grep',
    'pipe_write',
    '--comm',
    'hold-pipes',
    '--allocator',
    'page',
  ]);
  expect(top.stdout).toContain('368 pages');
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
  const load = await Load.start('hold-pipes', '23');
  const { child, done, stderrHas } = await startUnfreed(['record', '-o', path]);
  await stderrHas('recording this machine');
  await load.go();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  child.kill('SIGKILL');
  await done;
  await load.stop();
  const top = await unfreed([
    'top',
    path,
    '-n',
    '3',
    '--grep',
    'pipe_write',
    '--comm',
    'hold-pipes',
    '--allocator',
    'page',
  ]);
  expect(top).toMatchObject({ code: 0 });
  expect(top.stdout).toContain('368 pages');
  expect(top.stderr).toMatch(/killed\.unfreed: .*end/);

  truncateSync(path, statSync(path).size - 7);
  const cut = await unfreed(['top', path, '-n', '3']);
  expect(cut.code).toBe(1);
  expect(cut.stderr).toMatch(/read up to there|cut/);
});

it('record ends when its command exits', async () => {
  const path = join(directory, 'command.unfreed');
  const ran = await unfreed(['record', '-o', path, '--', 'sh', '-c', 'sleep 0.3; exit 3']);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stderr).toContain('the command exited with 3');
  const info = await unfreed(['info', '--json', path]);
  expect(JSON.parse(info.stdout)).toMatchObject({ end: { reason: 'command-exited' } });
});

it('the collector records alone, and its stream is a recording', async () => {
  const path = join(directory, 'alone.stream');
  const load = await Load.start('hold-pipes', '23');
  const { execa } = await import('execa');
  const collecting = execa('bpf/build/unfreed-collect', ['-o', path, '--duration', '3s'], { reject: false });
  await until('the collector to write', () => {
    try {
      return readFileSync(path).length > 16;
    } catch {
      return false;
    }
  });
  await load.go();
  expect(await collecting).toMatchObject({ exitCode: 0 });
  await load.stop();
  const report = (await replay(path)).report(ALL);
  expect(countThrough(report, 'mm_page_alloc', 'pipe_write', 'hold-pipes')).toBe(368);
  expect(report.source).toMatchObject({ kind: 'recording', collector: 'bpf', pageSize: 4096 });
  const top = await unfreed(['info', path]);
  expect(top.stdout).toContain('duration');
});

it('doctor finds nothing that is missing here', async () => {
  const doctor = await unfreed(['doctor']);
  expect(doctor).toMatchObject({ code: 0, stderr: '' });
  expect(doctor.stdout).toContain('Live tracing works');
});

it('a signal while the collector starts ends the run, and a second run is not refused', async () => {
  const path = join(directory, 'early.unfreed');
  for (const delayMs of [150, 300, 450]) {
    const { child, done } = await startUnfreed(['record', '-o', path, '--force']);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    child.kill('SIGINT');
    const ran = await Promise.race([
      done,
      new Promise<null>((resolve) => {
        setTimeout(() => resolve(null), 8000);
      }),
    ]);
    if (ran === null) child.kill('SIGKILL');
    expect(ran, `SIGINT after ${delayMs} ms`).not.toBeNull();
  }
});

it('a run that is stopped before its start has come through fails with a sentence and writes nothing', async () => {
  const path = join(directory, 'never.unfreed');
  const run = new LiveRun({
    collector: { ...defaultCollectorOptions(), collector: 'bpf' },
    recordPath: path,
    force: false,
  });
  const starting = run.start();
  await run.stop('stopped');
  await expect(starting).rejects.toThrow('stopped before tracing had begun');
  expect(() => statSync(path)).toThrow('ENOENT');
});

it('a command that cannot be run is said, and leaves no recording behind', async () => {
  const path = join(directory, 'no-command.unfreed');
  const ran = await unfreed(['record', '-o', path, '--', '/no/such/command']);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('cannot run /no/such/command: no such file or directory');
  expect(() => statSync(path)).toThrow('ENOENT');
});

it('nothing stays attached after a recorder was killed', async () => {
  const path = join(directory, 'attached.unfreed');
  const { child, done, stderrHas } = await startUnfreed(['record', '-o', path]);
  await stderrHas('recording this machine');
  child.kill('SIGKILL');
  await done;
  const pattern = `unfreed-collect.*--self-pid ${child.pid}`;
  await until('the collector to be gone', () => spawnSync('pgrep', ['-f', pattern]).status === 1);
});
