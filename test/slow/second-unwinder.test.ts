/**
 * Stacks of programs that are stopped wherever they happen to be, all their threads, against those of elfutils, which
 * knows nothing of ours: in prologues and epilogues, assembly, PLTs, the vdso, and the code of a JIT.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROCESS_FILES } from '../bpf/process/programs.js';
import { HostProgram } from '../helpers/host-program.js';
import { toolOrSay } from '../helpers/tools.js';

const euStack = toolOrSay('eu-stack', 'elfutils');
const can = euStack !== null && process.arch === 'x64' && process.getuid?.() === 0;
const outside = new HostProgram('process/outside.c', PROCESS_FILES);
beforeAll(() => {
  if (can) outside.build();
});
afterAll(() => outside.remove());

let child: ChildProcess | null = null;
afterEach(() => child?.kill('SIGKILL'));

/** The addresses of each thread's frames, leaf first, by elfutils. */
function theirs(pid: number): Map<string, string[]> {
  const threads = new Map<string, string[]>();
  let frames: string[] = [];
  for (const line of execFileSync(euStack ?? '', ['-n', '0', '-p', String(pid)], { encoding: 'utf8' }).split('\n')) {
    const thread = /^TID (\d+):/.exec(line)?.[1];
    if (thread !== undefined) threads.set(thread, (frames = []));
    const address = /^#\d+ +0x0*([0-9a-f]+)/.exec(line)?.[1];
    if (address !== undefined) frames.push(address);
  }
  return threads;
}

async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const running = (thread: string): boolean =>
    !/\) [Tt] /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'));
  while (readdirSync(`/proc/${pid}/task`).some(running)) await setTimeout(5);
}

const PROGRAMS: [name: string, command: string, args: string[], threads: number][] = [
  ['perl', 'perl', ['-e', 'while (1) { my %h; $h{$_} = sprintf("%d %s", $_, "x" x $_) for 1..300; time }'], 1],
  ['bash', 'bash', ['-c', 'while :; do x=${RANDOM}a; printf -v z "%s" "${x/a/b}"; done'], 1],
  ['gzip', 'gzip', ['-c', '/dev/zero'], 1],
  [
    'node',
    process.execPath,
    [
      '-e',
      'const f = () => { for (let i = 0; i < 1e4; i++) JSON.stringify([Buffer.alloc(99 + i)]); setImmediate(f) }; f()',
    ],
    5,
  ],
];

describe.skipIf(!can)('a stopped program has the stacks that elfutils finds', () => {
  it.each(PROGRAMS)('%s', async (_, command, args, threads) => {
    child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const pid = child.pid ?? 0;
    await setTimeout(1000);
    for (let sample = 0; sample < 20; sample++) {
      await stop(pid);
      const expected = theirs(pid);
      expect(expected.size).toBeGreaterThanOrEqual(threads);
      for (const [thread, frames] of expected) {
        expect(outside.lines([thread, 'addresses']).slice(0, -1)).toEqual(frames);
        expect(frames.length).toBeGreaterThan(1);
      }
      process.kill(pid, 'SIGCONT');
      await setTimeout(sample * 3);
    }
  });
});
