/** Programs run with the library preloaded, by driver.c: what they hold at their end, against what they say themselves. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const HERE = new URL('.', import.meta.url).pathname;
const BPF = new URL('../../../bpf', import.meta.url).pathname;
const PROGRAM_FLAGS = ['-O2', '-g', '-fomit-frame-pointer', '-D_GNU_SOURCE', '-pthread'];

/** What the loader is made of, as far as preload/ needs it. */
const LAYERS = ['base', 'process', 'kernel', 'stream', 'stacks', 'attach', 'marks', 'spaces', 'preload'];
const BASE = ['clock', 'json', 'log', 'options', 'event-kinds', 'sample-state'].map((name) => `base/${name}.c`);

export interface Row {
  blocks: number;
  bytes: number;
  /** Names, leaf first. */
  path: string[];
}

export interface TracedProcess {
  pid: number;
  /** As on the wire: 1 first, 2 fork, 3 exec. */
  why: number;
  parent: number;
  exe: string;
  allocs: number;
  frees: number;
  failed: number;
  /** Frees of blocks that it does not hold. */
  orphans: number;
  /** Allocs of blocks that it holds. */
  repeated: number;
  undone: number;
  rows: Row[];
}

export interface Trace {
  status: number;
  refused?: string;
  processes: TracedProcess[];
  records: number;
  lost: number;
  pathsLost: number;
  audited: number;
  longer: number;
  different: number;
  firstDifferent: string;
  notes: string[];
}

interface Held {
  blocks: number;
  bytes: number;
}

/** Returns why this machine cannot build what the tests need; null if it can. */
export function unbuildable(): string | null {
  if (process.arch !== 'x64') return 'the library is for x86-64 alone';
  if (spawnSync('cc', ['--version']).status !== 0 || spawnSync('c++', ['--version']).status !== 0) return 'no compiler';
  const missing = ['libiberty/demangle.h', 'bpf/libbpf.h', 'zlib.h'].filter(
    (name) => !existsSync(`/usr/include/${name}`),
  );
  return missing.length > 0 ? `${missing.join(', ')}: not installed` : null;
}

export class Programs {
  readonly directory = mkdtempSync(join(tmpdir(), 'unfreed-preload-'));

  path(name: string): string {
    return join(this.directory, name);
  }

  /** The driver, with the library beside it, and the programs of this folder. */
  buildAll(): void {
    const built = ['unfreed-heap.so', 'unfreed-heap-new.so'];
    execFileSync('make', ['-C', BPF, ...built.map((name) => `build/${name}`)], { stdio: 'pipe' });
    for (const name of built) copyFileSync(join(BPF, 'build', name), this.path(name));
    const sources = ['preload', 'process'].flatMap((folder) =>
      readdirSync(join(BPF, folder))
        .filter((name) => name.endsWith('.c'))
        .map((name) => join(BPF, folder, name)),
    );
    // Sanitized: a read past what a process has written ends it.
    const flags =
      '-fsanitize=address,undefined -fno-sanitize-recover -std=gnu11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION="0"'.split(
        ' ',
      );
    const folders = ['abi', ...LAYERS].flatMap((folder) => ['-iquote', join(BPF, folder)]);
    const base = BASE.map((path) => join(BPF, path));
    const libraries = ['-lbpf', '-lelf', '-lz', '-liberty'];
    this.compile(
      'cc',
      ...flags,
      ...folders,
      join(HERE, 'driver.c'),
      ...sources,
      ...base,
      '-o',
      this.path('driver'),
      ...libraries,
    );
    this.build('loads', 'loads.c');
    this.build('loads-cc', 'loads.cc');
    this.build('allocator.so', 'allocator.cc', '-shared', '-fPIC');
    this.build('hostile', 'hostile.c', '-iquote', join(BPF, 'abi'));
    this.build('a.so', 'plugin.c', '-shared', '-fPIC', '-DNAME=load_plugin_a', '-DNR=25', '-DBYTES=48');
    this.build('b.so', 'plugin.c', '-shared', '-fPIC', '-DNAME=load_plugin_b', '-DNR=10', '-DBYTES=32');
  }

  /** Builds a source of this folder as `name`; returns its path. */
  build(name: string, source: string, ...flags: string[]): string {
    const compiler = source.endsWith('.cc') ? 'c++' : 'cc';
    this.compile(compiler, ...PROGRAM_FLAGS, join(HERE, source), '-o', this.path(name), ...flags);
    return this.path(name);
  }

  private compile(compiler: string, ...args: string[]): void {
    const built = spawnSync(compiler, args, { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`${compiler} failed:\n${built.stderr}`);
  }

  /** Runs a command under the driver; returns the trace, and what the command wrote to stderr. */
  trace(options: string[], command: string[]): { trace: Trace; stderr: string } {
    const { status, stdout, stderr } = spawnSync(this.path('driver'), [...options, '--', ...command], {
      encoding: 'utf8',
      cwd: this.directory,
      timeout: 60_000,
      maxBuffer: 64 << 20,
    });
    if (status !== 0) throw new Error(`the driver ended with ${status}: ${stderr}`);
    return { trace: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Trace, stderr };
  }

  /** Kills the driver `ms` after its start; returns what its command has written to stderr when that has ended. */
  async untraced(ms: number, command: string[]): Promise<string> {
    const driver = spawn(this.path('driver'), ['--', ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
    setTimeout(() => driver.kill('SIGKILL'), ms);
    // The command has the other end, and goes on.
    return text(driver.stderr);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

function isOf(name: string, row: Row): boolean {
  return row.path.some((frame) => frame === name || frame.startsWith(`${name}(`));
}

/** What processes hold below a function, of those that hold anything there, in a fixed order. */
export function held(trace: Trace, name: string): Held[] {
  const all = trace.processes.map(({ rows }) =>
    rows
      .filter((row) => isOf(name, row))
      .reduce((sum, row) => ({ blocks: sum.blocks + row.blocks, bytes: sum.bytes + row.bytes }), {
        blocks: 0,
        bytes: 0,
      }),
  );
  return inOrder(all.filter(({ blocks }) => blocks > 0));
}

function inOrder(all: Held[]): Held[] {
  return all.toSorted((a, b) => a.blocks - b.blocks || a.bytes - b.bytes);
}

/** What the program said: "load_x BLOCKS BYTES" for each process that keeps blocks below load_x. */
export function truths(stderr: string): Map<string, Held[]> {
  const said = new Map<string, Held[]>();
  for (const [, name, blocks, bytes] of stderr.matchAll(/^(load_\w+) (\d+) (\d+)$/gm))
    said.set(name, inOrder([...(said.get(name) ?? []), { blocks: Number(blocks), bytes: Number(bytes) }]));
  return said;
}
