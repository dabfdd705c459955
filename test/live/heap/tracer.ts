/** The tracer of heaps alone (driver.c), and programs whose heap is known (load.c). */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { LAYERS } from '../../helpers/host-program.js';

const HERE = new URL('.', import.meta.url).pathname;
const BPF = new URL('../../../bpf', import.meta.url).pathname;

export type Way = 'auto' | 'session' | 'multi' | 'perf';

/** A program that prints lines, and goes on at a line of ours. */
export class Talking {
  readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private readonly exited: Promise<unknown>;

  constructor(command: string, args: readonly string[], environment: Record<string, string> = {}) {
    this.child = spawn(command, args, { env: { ...process.env, ...environment } });
    this.child.stderr.resume();
    this.exited = new Promise((resolve) => {
      this.child.on('exit', resolve);
    });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line; '' once there are no more. */
  async line(): Promise<string> {
    const next = await this.lines.next();
    return next.done === true ? '' : next.value;
  }

  /** The next line that begins so. */
  async lineOf(start: string): Promise<string> {
    for (;;) {
      const line = await this.line();
      if (line === '' || line.startsWith(start)) return line;
    }
  }

  say(text: string): void {
    this.child.stdin.write(text);
  }

  /** Ends its stdin; the rest of its lines. */
  async end(): Promise<string[]> {
    this.child.stdin.end();
    const rest: string[] = [];
    for (let line = await this.line(); line !== ''; line = await this.line()) rest.push(line);
    await this.exited;
    return rest;
  }
}

export interface Trace {
  /** Its program, which says "ready" and "held". */
  command: readonly string[];
  /** Default: the best that this kernel has. */
  way?: Way;
  /** What is printed; default: sums. */
  mode?: 'events' | 'sums' | 'paths';
  /** A call path in so many is audited; default 3. */
  audit?: number;
  ringBytes?: number;
  /** More of the environment of the program. */
  environment?: Record<string, string>;
}

export interface Traced {
  /** How it was attached. */
  way: string;
  /** Functions that were probed: allocs, releases. */
  functions: number[];
  /** "held BLOCKS BYTES", as the load says, and as its events say. */
  truth: string;
  held: string;
  /** All that the tracer printed behind "ready". */
  lines: string[];
  /** What it counted, by name. */
  counts: Map<string, number>;
}

function countsOf(lines: readonly string[]): Map<string, number> {
  const text = lines
    .filter((line) => /^(?:count|walks) /.test(line))
    .map((line) => line.replace(/^\w+/, ''))
    .join(' ');
  return new Map([...text.matchAll(/([a-z][a-z ]*?) (\d+)/g)].map(([, name, value]) => [name.trim(), Number(value)]));
}

export class HeapTests {
  private readonly directory = mkdtempSync(join(tmpdir(), 'unfreed-heap-'));

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Takes seconds: once for each test file. */
  build(): void {
    execFileSync('make', ['-C', BPF, 'build/heap.skel.h'], { stdio: 'pipe' });
    const sources = ['heap', 'process'].flatMap((folder) =>
      readdirSync(join(BPF, folder))
        .filter((name) => name.endsWith('.c'))
        .map((name) => join(BPF, folder, name)),
    );
    const include = ['build', 'abi', ...LAYERS].flatMap((folder) => ['-iquote', join(BPF, folder)]);
    const flags = ['-std=gnu11', '-O2', '-g', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE', '-DVERSION="1.2.3"'];
    const base = ['log', 'clock'].map((name) => join(BPF, `base/${name}.c`));
    const pairing = ['-iquote', HERE, join(HERE, 'pairing.c')];
    this.compile(
      'driver',
      'driver.c',
      ...pairing,
      ...flags,
      ...include,
      ...sources,
      ...base,
      '-lbpf',
      '-lelf',
      '-lz',
      '-liberty',
    );
    this.buildLoad();
  }

  /** The load alone. */
  buildLoad(): void {
    this.compile(
      'load',
      'load.c',
      join(HERE, 'load-threads.c'),
      '-O1',
      '-g',
      '-fno-builtin',
      '-fomit-frame-pointer',
      '-pthread',
    );
  }

  /** Other programs of the same loads. */
  buildMore(): void {
    const loads = ['load.c', join(HERE, 'load-threads.c')];
    this.compile('load-static', loads[0], loads[1], '-O1', '-g', '-fno-builtin', '-static', '-pthread');
    for (const [plugin, pad] of [
      ['one', 24],
      ['two', 200],
    ] as const) {
      const defined = [`-DPLUGIN=${plugin}`, `-DPAD=${pad}`, '-shared', '-fPIC'];
      this.compile(`${plugin}.so`, 'plugin.c', '-O1', '-fno-builtin', '-fno-optimize-sibling-calls', ...defined);
    }
    this.compile('wrapper.so', 'wrapper.c', '-O1', '-fno-builtin', '-shared', '-fPIC');
    this.compile('cxx', 'load.cc', '-O2', '-g', '-fno-builtin');
    this.compile('cxx-static', 'load.cc', '-O2', '-g', '-fno-builtin', '-static');
  }

  /** Builds a source of this folder; returns the path of the program. */
  compile(name: string, source: string, ...flags: string[]): string {
    const compiler = source.endsWith('.cc') ? 'c++' : 'cc';
    const built = spawnSync(compiler, [join(HERE, source), '-o', this.path(name), ...flags], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`${compiler} could not build ${source}:\n${built.stderr}`);
    return this.path(name);
  }

  /** Traces a program from its line "ready" to its line "held". */
  async trace({
    command,
    way = 'auto',
    mode = 'sums',
    audit = 3,
    ringBytes = 0,
    environment = {},
  }: Trace): Promise<Traced> {
    const load = new Talking(command[0], command.slice(1), environment);
    await load.lineOf('ready');
    const args = [way, '60', mode, String(audit), String(load.child.pid)];
    const tracer = new Talking(this.path('driver'), args, { RING_BYTES: String(ringBytes) });
    const [, used, ...functions] = (await tracer.lineOf('ready')).split(' ');
    load.say('go\n');
    const truth = await load.lineOf('held');
    const lines = await tracer.end();
    await load.end();
    const held = lines.find((line) => line.startsWith('held')) ?? '';
    return { way: used, functions: functions.map(Number), truth, held, lines, counts: countsOf(lines) };
  }

  /** Counts the calls of a load for two seconds, and starts it once they are counted. */
  async countLoad(name: string): Promise<string> {
    const load = new Talking(this.path('load'), [name]);
    await load.lineOf('ready');
    const counter = await this.counter(Number(load.child.pid), 2);
    await sleep(500);
    load.say('go\n');
    const line = await counter.line();
    await counter.end();
    await load.end();
    return line;
  }

  async count(pid: number): Promise<string> {
    const counter = await this.counter(pid, 1);
    const line = await counter.line();
    await counter.end();
    return line;
  }

  private async counter(pid: number, seconds: number): Promise<Talking> {
    const counter = new Talking(this.path('driver'), ['auto', String(seconds), 'count', '0', String(pid)]);
    await counter.lineOf('open');
    return counter;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
