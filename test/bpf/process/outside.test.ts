/** Walks of another process by its registers and a copy of its stack, and the names of what they find. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../../helpers/host-program.js';
import { hasCompiler, PROCESS_FILES, Programs } from './programs.js';

const outside = new HostProgram('process/outside.c', PROCESS_FILES);
const programs = new Programs();
/** Needs ptrace of processes that are not its children; what it compiles is for x86-64 alone. */
const can = process.arch === 'x64' && process.getuid?.() === 0;
beforeAll(() => {
  if (!can) return;
  outside.build();
  programs.build('waiting', 'waiting.c', '-pthread');
});
afterAll(() => {
  outside.remove();
  programs.remove();
});

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    rmSync(`/tmp/perf-${child.pid}.map`, { force: true });
  }
});

/** Starts a program that waits, and returns its process and thread. */
async function start(command: string, ...args: string[]): Promise<[process: string, thread: string]> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const [process, thread] = said.toString().trim().split(' ');
  return [process, thread];
}

/** The names of the frames up to main or the thread's start, without their offsets. */
function names(lines: readonly string[]): string[] {
  const all = lines.slice(0, -1).map((line) => line.replace(/\+\d+ of \d+ in \S+/, '').replace(/ \(deleted\)/, ''));
  const last = all.findIndex((name) => name === 'main' || name === 'start_thread');
  return last < 0 ? all : all.slice(0, last + 1);
}

const WAITING = ['third', 'second', 'first'];
describe.skipIf(!can)('a walk of another process', () => {
  it('names its functions, static ones too, up to the start', async () => {
    const [pid] = await start(programs.path('waiting'), 'calls');
    const lines = outside.lines([pid, 'whole']);
    expect(names(lines).slice(1)).toEqual(['wait_here', ...WAITING, 'main']);
    expect(names(lines)[0]).toMatch(/pause interrupted$/);
    expect(lines.at(-2)).toMatch(/^_start\+\d+ of \d+ in /);
    expect(lines.at(-1)).toBe('whole, 0 by frame pointer');
    const third = lines.find((line) => line.startsWith('third')) ?? '';
    const [, offset, bytes] = /\+(\d+) of (\d+) in .*waiting$/.exec(third) ?? [];
    expect(Number(offset)).toBeLessThan(Number(bytes));
  });

  it('stops where the copy ends, and says so', async () => {
    const [pid] = await start(programs.path('waiting'), 'calls');
    const whole = outside.lines([pid, 'whole']);
    const short = outside.lines([pid, '100']);
    expect(short.at(-1)).toBe('copy ends, 0 by frame pointer');
    expect(short.length).toBeLessThan(whole.length);
    expect(short.slice(0, -1)).toEqual(whole.slice(0, short.length - 1));
    expect(outside.lines([pid, '0'])).toEqual([whole[0], 'copy ends, 0 by frame pointer']);
  });

  it('through a handler that returns by code without unwind data', async () => {
    const [pid] = await start(programs.path('waiting'), 'signal');
    const found = names(outside.lines([pid, 'whole']));
    const at = found.indexOf('handler');
    expect(found.slice(at, at + 3)).toEqual([
      'handler',
      'bare_restorer interrupted',
      expect.stringMatching(/ interrupted$/),
    ]);
    expect(found.slice(-2)).toEqual(['take_signal', 'main']);
  });

  it('through the code of a JIT, by frame pointer and perf map', async () => {
    const [pid] = await start(programs.path('waiting'), 'jit');
    const lines = outside.lines([pid, 'whole']);
    expect(names(lines).slice(-4)).toEqual(['first', 'LazyCompile:*work with spaces script.js:3', 'run_made', 'main']);
    expect(lines.at(-1)).toBe('whole, 1 by frame pointer');
  });

  it("believes no perf map that is another user's, or a link", async () => {
    const [pid] = await start(programs.path('waiting'), 'jit');
    const map = `/tmp/perf-${pid}.map`;
    execFileSync('chown', ['12345', map]);
    expect(names(outside.lines([pid, 'whole'])).at(-3)).toMatch(/^0x[0-9a-f]+$/);
    execFileSync('chown', ['0', map]);
    copyFileSync(map, programs.path('map'));
    unlinkSync(map);
    execFileSync('ln', ['-s', programs.path('map'), map]);
    expect(names(outside.lines([pid, 'whole'])).at(-3)).toMatch(/^0x[0-9a-f]+$/);
  });

  it('of a thread, to its start', async () => {
    const [, thread] = await start(programs.path('waiting'), 'thread');
    const lines = outside.lines([thread, 'whole']);
    expect(names(lines).slice(1, 6)).toEqual(['wait_here', ...WAITING, 'thread']);
    expect(lines.at(-1)).toBe('whole, 0 by frame pointer');
  });

  it('that runs, and is in no call', async () => {
    const [pid] = await start(programs.path('waiting'), 'cpu');
    expect(names(outside.lines([pid, 'whole']))).toEqual(['third interrupted', 'second', 'first', 'main']);
  });

  it('of a program that was deleted since', async () => {
    const path = programs.path('gone');
    copyFileSync(programs.path('waiting'), path);
    const [pid] = await start(path, 'calls');
    unlinkSync(path);
    writeFileSync(path, 'another file of that name');
    expect(names(outside.lines([pid, 'whole'])).slice(1)).toEqual(['wait_here', ...WAITING, 'main']);
  });

  it('of a program whose name has spaces, newlines, and looks like another mapping', async () => {
    const path = programs.path('a b\n7f0000000000-7f0000001000 r-xp 00000000 00:00 0 [vdso] (deleted)');
    copyFileSync(programs.path('waiting'), path);
    const [pid] = await start(path, 'calls');
    const lines = outside.lines([pid, 'whole']);
    expect(WAITING.filter((name) => lines.some((line) => line.startsWith(`${name}+`)))).toEqual(WAITING);
    expect(lines.at(-1)).toBe('whole, 0 by frame pointer');
  });

  it('of a static program', async () => {
    programs.build('static', 'waiting.c', '-pthread', '-static');
    const [pid] = await start(programs.path('static'), 'calls');
    expect(names(outside.lines([pid, 'whole'])).slice(-5)).toEqual(['wait_here', ...WAITING, 'main']);
  });

  it('of a stripped program: functions have bounds and no names', async () => {
    const path = programs.build('stripped', 'waiting.c', '-pthread', '-s');
    const [pid] = await start(path, 'calls');
    const lines = outside.lines([pid, 'whole']).filter((line) => line.includes('in ' + path));
    expect(lines).toHaveLength(6);
    for (const line of lines) expect(line).toMatch(/^stripped\+0x[0-9a-f]+\+[1-9]\d* of [1-9]\d* in /);
    expect(new Set(lines.map((line) => line.split('+')[1])).size).toBe(6);
  });

  it.skipIf(!hasCompiler('c++'))('names functions of C++ as C++ writes them, and cuts long ones', async () => {
    const source = programs.path('names.cc');
    writeFileSync(
      source,
      `#include <cstdio>
      #include <unistd.h>
      namespace outer {
      template <typename T> struct Box { __attribute__((noinline)) void wait(T); };
      template <typename T> void Box<T>::wait(T) {
        printf("%d %d\\n", getpid(), getpid());
        fflush(stdout);
        for (;;) pause();
      }
      template <typename A, typename B> struct Two {};
      typedef Two<Two<Two<Box<int>, int>, long>, char> a;
      typedef Two<Two<a, a>, Two<a, a>> b;
      typedef Two<Two<b, b>, Two<b, b>> c;
      template <typename T> __attribute__((noinline)) void call(T) { Box<Box<int>>().wait({}); asm volatile(""); }
      }
      int main() { alarm(120); outer::call(outer::c()); asm volatile(""); }`,
    );
    const [pid] = await start(programs.build('names', source));
    const found = names(outside.lines([pid, 'whole']));
    expect(found[1]).toBe('outer::Box<outer::Box<int> >::wait');
    expect(found[2]).toMatch(/^outer::call<outer::Two<outer::Two<.*\.\.\.$/);
    expect(found[2]).toHaveLength(1023);
    expect(found[3]).toBe('main');
  });

  it('refuses what it cannot walk', async () => {
    expect(outside.lines(['999999999', 'whole'])).toEqual(['its program cannot be read']);
    // A thread of the kernel.
    expect(outside.lines(['2', 'whole'])).toEqual(['its program cannot be read']);
  });
});

/** Builds the program with its names in a file of their own; returns both paths. */
function split(name: string, ...flags: string[]): [path: string, debug: string] {
  const path = programs.build(name, 'waiting.c', '-pthread', ...flags);
  const debug = `${path}.debug`;
  execFileSync('objcopy', ['--only-keep-debug', path, debug]);
  execFileSync('objcopy', ['--strip-all', `--add-gnu-debuglink=${debug}`, path]);
  return [path, debug];
}

const hasNames = (pid: string): boolean => WAITING.every((name) => names(outside.lines([pid, 'whole'])).includes(name));

describe.skipIf(!can)('names from a debug file', () => {
  it('beside the program, of the same build id', async () => {
    const [path, debug] = split('linked', '-Wl,--build-id=sha1');
    const [pid] = await start(path, 'calls');
    expect(hasNames(pid)).toBe(true);
    // In .debug/, too.
    mkdirSync(`${dirname(path)}/.debug`, { recursive: true });
    copyFileSync(debug, `${dirname(path)}/.debug/linked.debug`);
    unlinkSync(debug);
    expect(hasNames(pid)).toBe(true);
    unlinkSync(`${dirname(path)}/.debug/linked.debug`);
    expect(hasNames(pid)).toBe(false);
  });

  it('not one of another build id', async () => {
    const [path, debug] = split('other', '-Wl,--build-id=0x1234567890');
    const [, wrong] = split('wrong', '-Wl,--build-id=0x1234567891');
    copyFileSync(wrong, debug);
    const [pid] = await start(path, 'calls');
    expect(hasNames(pid)).toBe(false);
  });

  it('by its checksum where there is no build id', async () => {
    const [path, debug] = split('checked', '-Wl,--build-id=none');
    const [pid] = await start(path, 'calls');
    expect(hasNames(pid)).toBe(true);
    execFileSync('sh', ['-c', `printf x >> '${debug}'`]);
    expect(hasNames(pid)).toBe(false);
  });

  it('by build id, below the root of the process', async () => {
    const root = programs.path('root');
    const path = programs.build('inner', 'waiting.c', '-pthread', '-static', '-Wl,--build-id=0xab12cd34');
    mkdirSync(`${root}/usr/lib/debug/.build-id/ab`, { recursive: true });
    // An absolute link means a path below that root.
    mkdirSync(`${root}/elsewhere`);
    execFileSync('objcopy', ['--only-keep-debug', path, `${root}/elsewhere/names`]);
    execFileSync('ln', ['-s', '/elsewhere/names', `${root}/usr/lib/debug/.build-id/ab/12cd34.debug`]);
    execFileSync('objcopy', ['--strip-all', path, `${root}/inner`]);
    chmodSync(`${root}/inner`, 0o755);
    const [pid] = await start('chroot', root, '/inner', 'calls');
    expect(hasNames(pid)).toBe(true);
    expect(existsSync('/elsewhere/names')).toBe(false);
  });

  it('no pipe that never ends', async () => {
    const [path, debug] = split('piped', '-Wl,--build-id=none');
    unlinkSync(debug);
    execFileSync('mkfifo', [debug]);
    const [pid] = await start(path, 'calls');
    expect(hasNames(pid)).toBe(false);
  });
});
