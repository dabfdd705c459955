/** Mappings and the files behind them: each file once, whoever maps it, and tables within a limit. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, unlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../../helpers/host-program.js';
import { PROCESS_FILES, Programs } from './programs.js';

const images = new HostProgram('process/images.c', PROCESS_FILES);
const programs = new Programs();
/** Reading files of another process needs rights; the program that is read is for x86-64 alone. */
const can = process.arch === 'x64' && process.getuid?.() === 0;
beforeAll(() => {
  images.build();
  if (can) programs.build('waiting', 'waiting.c', '-pthread');
});
afterAll(() => {
  images.remove();
  programs.remove();
});

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function start(command: string): Promise<string> {
  const child = spawn(command, ['calls'], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return String(child.pid);
}

const ask = (...lines: string[]): string[] => images.lines([], `${lines.join('\n')}\n`);

describe('a line of maps', () => {
  it.each([
    [
      '7f1-7f2 r-xp 00001000 fe:01 42                 /usr/lib/a b.so (deleted)',
      "7f1 7f2 r-xp 1000 254:1 42 '/usr/lib/a b.so (deleted)'",
    ],
    ['7f1000-7f2000 rw-s 00000000 00:05 18446744073709551615 /SYSV0', undefined],
    ['55d0-55d1 ---p 00000000 00:00 0 ', "55d0 55d1 ---p 0 0:0 0 ''"],
    ['55d0-55d1 rw-p 00000000 00:00 0', "55d0 55d1 rw-p 0 0:0 0 ''"],
    [
      '55d0-55d1 r-xp 00000000 00:1b 7 /x\\0127f0-7f1 r-xp 0 0:0 0 /etc/shadow',
      "55d0 55d1 r-xp 0 0:27 7 '/x\\0127f0-7f1 r-xp 0 0:0 0 /etc/shadow'",
    ],
    [
      'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]',
      "ffffffffff600000 ffffffffff601000 --xp 0 0:0 0 '[vsyscall]'",
    ],
    ['7f2-7f1 r-xp 0 0:0 0 /backwards', 'none'],
    ['-7f1 r-xp 0 0:0 0 ', 'none'],
    [' 7f1-7f2 r-xp 0 0:0 0 ', 'none'],
    ['7f1-7f2 r-x', 'none'],
    ['7f1-7f2', 'none'],
    ['', 'none'],
    ['7f1-7f2 r-xp 11111111111111111111 0:0 0 /too/long', 'none'],
    ['7f1-7f2 r-xp +1 0:0 0 /signed', 'none'],
    ['Size:                  4 kB', 'none'],
  ])('%j', (line, expected) => {
    expect(ask(`parse ${line}`)).toEqual([expected ?? "7f1000 7f2000 rw-s 0 0:5 18446744073709551615 '/SYSV0'"]);
  });
});

describe.skipIf(!can)('images', () => {
  it('are the same for all processes that map a file', async () => {
    const [one, two] = [await start(programs.path('waiting')), await start(programs.path('waiting'))];
    const lines = ask(`maps ${one}`, `maps ${two}`);
    const half = lines.length / 2;
    expect(lines.slice(0, half)).toEqual(lines.slice(half));
    expect(lines.filter((line) => line.endsWith('/waiting'))).toHaveLength(2);
    expect(lines.some((line) => /^\d+ \[vdso\]$/.test(line))).toBe(true);
    expect(lines.slice(0, half).every((line) => /^\d+ |^- its file cannot be read$/.test(line))).toBe(true);
  });

  it('are others for a copy, of the same build id, and for a file that took the place of one', async () => {
    const [copy, kept] = [programs.path('copy'), programs.path('kept')];
    copyFileSync(programs.path('waiting'), copy);
    copyFileSync(programs.path('waiting'), kept);
    const pids = [await start(programs.path('waiting')), await start(copy), await start(kept)];
    unlinkSync(kept);
    copyFileSync(programs.path('waiting'), kept);
    appendFileSync(kept, 'more');
    pids.push(await start(kept));
    const own = ask(...pids.map((pid) => `maps ${pid}`)).filter((line) => /\/(?:waiting|copy|kept)$/.test(line));
    expect(own.map((line) => line.replace(/^\d+ .*\//, ''))).toEqual(['waiting', 'copy', 'kept', 'kept']);
    expect(new Set(own.map((line) => line.split(' ')[0])).size).toBe(4);
  });

  it('stay the same when their file is deleted, and can be read again', async () => {
    const path = programs.path('soon-gone');
    copyFileSync(programs.path('waiting'), path);
    const pid = await start(path);
    const before = ask(`maps ${pid}`);
    const lines = ask(`maps ${pid}`, `unlink ${path}`, `maps ${pid}`, `steps ${pid}`);
    expect(lines.slice(0, 2 * before.length)).toEqual([...before, ...before]);
    const steps = lines.find((line) => / of \d+ .*soon-gone \(deleted\)$/.test(line));
    expect(Number(steps?.split(' ')[0])).toBeGreaterThan(20);
  });

  it('have rows wherever code is, of the vdso too', async () => {
    const lines = ask(`steps ${await start(programs.path('waiting'))}`);
    const plain = (name: string): number => Number(lines.find((line) => line.includes(name))?.split(' ')[0]);
    expect(plain('/waiting')).toBeGreaterThan(20);
    expect(plain('libc.so.6')).toBeGreaterThan(300);
    expect(plain('[vdso]')).toBeGreaterThan(20);
  });

  it('keep no more tables than they may, and make them again', async () => {
    const pid = await start(programs.path('waiting'));
    const lines = ask(`steps ${pid}`, 'limit 100000', `steps ${pid}`, 'limit 0', `steps ${pid}`);
    const at = lines.map((line, i) => (/^\d+$/.test(line) ? i : -1)).filter((i) => i >= 0);
    expect(at).toHaveLength(2);
    const [first, second, third] = [lines.slice(0, at[0]), lines.slice(at[0] + 1, at[1]), lines.slice(at[1] + 1)];
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(Number(lines[at[0]])).toBeLessThanOrEqual(100_000);
    expect(Number(lines[at[0]])).toBeGreaterThan(0);
    expect(Number(lines[at[1]])).toBe(0);
  });

  it('of a process that is gone, and of none', () => {
    expect(ask('maps 999999999', 'maps 2')).toEqual(['its mappings cannot be read', 'it has no mappings']);
  });
});
