/** The screen over a live trace: a recording that is begun midway, and a collector that is killed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { expectHeld } from '../helpers/held.js';
import { Load } from '../helpers/live.js';
import { ALL, expectMode, heldWithin, modeIt, prepareLive, startWitness } from '../helpers/live-trace.js';
import { isSampling, mode, modeName, sized } from '../helpers/modes.js';
import { replayedFile } from '../helpers/replayed.js';
import { bundleProgram, sleep, TerminalProgram } from '../helpers/terminal.js';
import type { Witness } from '../helpers/witness.js';

const it = modeIt(import.meta.url);
let { directory, end } = { directory: '', end: () => Promise.resolve() };
let program: { file: string; remove: () => void };
beforeAll(async () => {
  ({ directory, end } = prepareLive());
  program = await bundleProgram('src/main.ts', { threads: true });
});
afterAll(async () => {
  program.remove();
  await end();
});

const ROOT = new URL('../..', import.meta.url).pathname;
/**
 * Processes that come and go, some 10,000 events each. None of these survive, so for survivors:
 * pipes that stay, one a millisecond.
 */
const FILLER =
  modeName === 'survivors' ? 'sleep 600 | scripts/build/hold-pipes 100000 --every 1' : 'while :; do : | :; done';
const LIVE = ['live', '--collector', 'bpf', ...mode.flags];

async function replay(path: string): Promise<Pipeline> {
  const { pipeline, damageCount } = await replayedFile(path);
  expect(damageCount).toBe(0);
  return pipeline;
}

/**
 * Finds the collector by the parent in each process's status: lists of children may be incomplete
 * while processes come and go.
 */
function collectorOf(pid: number): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = /\) \S (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'latin1'))?.[1];
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1');
      if (Number(parent) === pid && command.includes('unfreed-collect')) return Number(name);
    } catch {
      // The process has ended meanwhile.
    }
  }
  throw new Error('no collector');
}

/** Kills a load and all processes that it has started. */
function kill(load: ChildProcess): void {
  if (load.pid === undefined || load.signalCode !== null) return;
  try {
    process.kill(-load.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

it('records midway what replays alone; a collector that is killed leaves the data on the screen, and says so', async () => {
  const before = await Load.start('hold-pipes', String(sized(11)));
  const during = await Load.start('hold-pipes', String(sized(23)));
  const terminal = new TerminalProgram([program.file, ...LIVE], 120, 40, {}, directory);
  let witness: Witness | null = null;
  try {
    await terminal.see(() => /tracing 00:00:0[1-9]$/.test(terminal.lines()[0]));
    await before.go();
    witness = await startWitness();
    // Survivors that were allocated before the recording began, and come later, must not be in it
    // either.
    await sleep(modeName === 'survivors' ? 100 : 1200);
    terminal.press('R');
    await terminal.see('recording to unfreed-');
    const truth = await during.go();
    expect(truth[0]).toMatchObject({ symbol: 'pipe_write', count: 16 * sized(23) });
    await terminal.see('REC ');
    // The samples of the kernel's counters come once a second.
    await heldWithin(1500);
    terminal.press('R');
    await terminal.see(() => /recorded .* to unfreed-/.test(terminal.text()));
    await terminal.see('cpu ');

    const [file] = readdirSync(directory).filter((name) => name.endsWith('.unfreed'));
    const recorded = await replay(join(directory, file));
    // It holds nothing that was allocated before it began.
    expectMode(recorded.facts);
    expectHeld(recorded.report(ALL), truth, { comm: 'hold-pipes', facts: recorded.facts, witness });
    expect(recorded.ended).toMatchObject({ reason: 'stopped' });
    expect(recorded.facts.notes.at(-1)).toMatch(/^recording began 00:00:0\d\.\d{3} after the start of the trace/);
    expect(recorded.core.nowNs).toBeLessThan(20e9);
    expect(recorded.timelineView().events.reduce((a, b) => a + b)).toBe(recorded.core.eventCount);

    terminal.press('/', 'hold-pipes', 'enter');
    // The pages lie in few neighbourhoods, so a sample may have none of them.
    const shown = isSampling ? 'alloc_pipe_info' : 'pipe_write';
    await terminal.see(shown);
    process.kill(collectorOf(terminal.pid), 'SIGKILL');
    await terminal.see('the eBPF collector ended early (signal SIGKILL)');
    expect(terminal.lines()[0]).toMatch(/failed 00:00:\d\d$/);
    expect(terminal.text()).toContain(shown);
    terminal.press('R');
    await terminal.see('the trace has ended: there is nothing to record');
    terminal.press('5');
    await terminal.see('START      NOW    CHANGE');
    terminal.press('q');
    await terminal.drawn();
    expect((await terminal.exit).exitCode).toBe(1);
    expect(terminal.text()).toContain(`wrote ${file}`);
    expect(terminal.text()).toContain('the eBPF collector ended early');
  } finally {
    terminal.kill();
    await Promise.all([before.stop(), during.stop(), witness?.stop()]);
  }
});

it('a disk that is full ends the recording and not the trace; quitting ends the next one whole', async () => {
  const disk = join(directory, 'disk');
  mkdirSync(disk);
  const size = modeName === 'survivors' ? '160k' : '512k';
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', disk]);
  const load = spawn('sh', ['-c', FILLER], { detached: true, stdio: 'ignore', cwd: ROOT });
  const terminal = new TerminalProgram([program.file, ...LIVE], 120, 40, {}, disk);
  try {
    await terminal.see(() => /tracing 00:00:0[1-9]$/.test(terminal.lines()[0]));
    terminal.press('R');
    await terminal.see('recording to unfreed-');
    await terminal.see(() => /stopped after .*: no space left on the device/.test(terminal.text()));
    expect(terminal.lines()[0]).toMatch(/tracing 00:00:\d\d$/);
    expect(terminal.lines()[0]).not.toContain('REC');
    const [cut] = readdirSync(disk);
    expect((await replay(join(disk, cut))).core.eventCount).toBeGreaterThan(0);
    rmSync(join(disk, cut));
    // The last events do not fit either, so they must not be reported as recorded.
    execFileSync('mount', ['-o', 'remount,size=64m', disk]);
    terminal.press('R');
    await terminal.see('REC ');
    expect(() => writeFileSync(join(disk, 'full'), new Uint8Array(64 * 2 ** 20))).toThrow('ENOSPC');
    terminal.press('R');
    await terminal.see(() => /stopped after .*: no space left on the device/.test(terminal.text()));
    for (const each of readdirSync(disk)) rmSync(join(disk, each));

    terminal.press('R');
    await terminal.see('REC ');
    terminal.press('q');
    await terminal.drawn();
    expect((await terminal.exit).exitCode).toBe(0);
    const [file] = readdirSync(disk);
    expect((await replay(join(disk, file))).ended).toMatchObject({ reason: 'stopped' });
  } finally {
    kill(load);
    terminal.kill();
    await terminal.exit;
    execFileSync('umount', [disk]);
  }
});
