/**
 * The tracers whose cost bench-overhead.ts measures: the collector in its modes, `unfreed record`,
 * and Debian's tools for the same purpose. Every tracer takes the same six kinds of event of the
 * whole machine, with the call path of each alloc.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childOf, end, listen, ready, sleep, until } from './bench-overhead-processes.js';

export interface TracerTotals {
  /** Null if the tool does not report it. */
  events: number | null;
  lost: number | null;
  /** Of those, events lost because the ring was full; only our collector reports them. */
  lostToRing?: number;
}

export interface Running {
  /** Process ids: of the tracer, and of our core in Node where there is one. */
  pid: number;
  corePid: number | null;
  /** Ends the trace; with `count`, also reads its totals, which may take a while. */
  stop(count: boolean): Promise<TracerTotals>;
}

export interface Tracer {
  name: string;
  title: string;
  missing(): string | null;
  /** When it ends, it drops events that it has not printed, without a report. */
  silent?: boolean;
  /** Resolves when events flow. */
  start(scratch: string): Promise<Running>;
}

const COLLECTOR = join(process.cwd(), 'bpf/build/unfreed-collect');
const MAIN = join(process.cwd(), 'dist/main.js');
const EVENTS = ['kmalloc', 'kfree', 'kmem_cache_alloc', 'kmem_cache_free', 'mm_page_alloc', 'mm_page_free'];
const ALLOCS = EVENTS.filter((event) => event.endsWith('alloc'));
const FREES = EVENTS.filter((event) => event.endsWith('free'));
const NOTHING: TracerTotals = { events: null, lost: null };
/**
 * One address in 2^20 is traced, so nearly every program returns at once: the cost of any tracer of
 * these hooks.
 */
const NEARLY_NONE = String(2 ** 20);

export function tracers(): Tracer[] {
  return [
    collector('empty', 'programs that return at once', ['--sample', NEARLY_NONE, '--twins', 'off']),
    collector('full', 'every event, full stacks', []),
    collector('full-single', 'the same, `--twins off`', ['--twins', 'off']),
    collector('walk', 'the same, stacks walked by the kernel', ['--stacks', 'walk']),
    collector('sample', '`--sample 16`', ['--sample', '16']),
    collector('min-age', '`--min-age 1s`', ['--min-age', '1s']),
    collector('budget', '`--max-overhead 3%`', ['--max-overhead', '3%']),
    record(),
    perf(),
    bpftrace('bpftrace-pair', 'bpftrace, pairing in the kernel', pairingScript()),
    bpftrace('bpftrace-print', 'bpftrace, printing each event', printingScript()),
  ];
}

function collectorHelp(): string {
  return existsSync(COLLECTOR) ? spawnSync(COLLECTOR, ['--help']).stdout.toString() : '';
}

function collector(name: string, title: string, options: string[]): Tracer {
  return {
    name,
    title: `unfreed: ${title}`,
    missing: () => {
      if (!existsSync(COLLECTOR)) return 'bpf/build/unfreed-collect is not built (npm run setup)';
      const unknown = options.find((word) => word.startsWith('--') && !collectorHelp().includes(`${word} `));
      return unknown === undefined ? null : `this collector has no ${unknown}`;
    },
    start: async (scratch) => {
      const file = join(scratch, 'ours.stream');
      const child = spawn(COLLECTOR, ['-o', file, '--verbose', '--ready-fd', '3', ...options], {
        stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      });
      const said = listen(child);
      await ready(child, () => once(child.stdio[3] as NodeJS.ReadableStream, 'data'), said);
      return {
        pid: child.pid ?? 0,
        corePid: null,
        stop: async () => {
          await end(child, 'SIGINT');
          rmSync(file, { force: true });
          const totals = /(\d+) events, (\d+) lost, (\d+) of them/.exec(said());
          return totals && name !== 'empty'
            ? { events: Number(totals[1]), lost: Number(totals[2]), lostToRing: Number(totals[3]) }
            : NOTHING;
        },
      };
    },
  };
}

/** Collector and core: decodes, pairs and records the events as they come. */
function record(): Tracer {
  return {
    name: 'record',
    title: 'unfreed record: the same, decoded and recorded by the core',
    missing: () => (existsSync(MAIN) ? null : 'dist/main.js is not built (npm run setup)'),
    start: async (scratch) => {
      const file = join(scratch, 'ours.unfreed');
      const child = spawn(process.execPath, [MAIN, 'record', '--force', '-o', file], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const said = listen(child);
      await ready(child, () => until(() => said().includes('recording this machine')), said);
      return {
        pid: childOf(child.pid ?? 0, 'unfreed-collect'),
        corePid: child.pid ?? 0,
        stop: async (count) => {
          await end(child, 'SIGINT');
          if (!count) return NOTHING;
          const info = JSON.parse(
            execFileSync(process.execPath, [MAIN, 'info', '--json', file], { maxBuffer: 64 << 20 }).toString(),
          ) as { events: { total: number }; anomalies: { lostEvents: number } };
          return { events: info.events.total, lost: info.anomalies.lostEvents };
        },
      };
    },
  };
}

function perf(): Tracer {
  return {
    name: 'perf',
    title: 'perf record -g',
    missing: () => (has('perf') ? null : 'perf is missing (apt-get install linux-perf)'),
    start: async (scratch) => {
      const file = join(scratch, 'perf.data');
      rmSync(file, { force: true });
      const child = spawn(
        'perf',
        [
          'record',
          '-a',
          '-g',
          '-c',
          '1',
          '-m',
          '16M',
          '-o',
          file,
          ...EVENTS.flatMap((event) => ['-e', `kmem:${event}`]),
        ],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      );
      const said = listen(child);
      // It prints nothing when it is ready; its file appears, with a header, just before.
      await ready(child, () => until(() => existsSync(file)), said);
      await sleep(500);
      return {
        pid: child.pid ?? 0,
        corePid: null,
        stop: async (count) => {
          await end(child, 'SIGINT');
          const stats = count
            ? execFileSync('perf', ['report', '--stats', '-i', file], {
                maxBuffer: 64 << 20,
                stdio: ['ignore', 'pipe', 'ignore'],
              }).toString()
            : '';
          rmSync(file, { force: true });
          const total = (name: string): number =>
            Number(new RegExp(`^\\s*${name} events:\\s+(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
          return count ? { events: total('SAMPLE'), lost: total('LOST_SAMPLES') + total('LOST') } : NOTHING;
        },
      };
    },
  };
}

/**
 * Like bcc's memleak: keeps what is held by address, with its call path, and prints nothing. It
 * does not report that its map is full.
 */
function pairingScript(): string {
  return [
    'BEGIN { printf("ready\\n"); }',
    ...ALLOCS.map(
      (event) =>
        `tracepoint:kmem:${event} { @size[${keyOf(event)}] = ${sizeOf(event)}; @path[${keyOf(event)}] = kstack; }`,
    ),
    ...FREES.map(
      (event) => `tracepoint:kmem:${event} { delete(@size[${keyOf(event)}]); delete(@path[${keyOf(event)}]); }`,
    ),
    'END { clear(@size); clear(@path); }',
  ].join('\n');
}

function keyOf(event: string): string {
  return event.startsWith('mm_') ? 'args->pfn' : '(uint64)args->ptr';
}

function sizeOf(event: string): string {
  return event === 'mm_page_alloc' ? '4096 << args->order' : 'args->bytes_alloc';
}

function printingScript(): string {
  return [
    'BEGIN { printf("ready\\n"); }',
    ...ALLOCS.map((event) => `tracepoint:kmem:${event} { printf("E %llx %s %d%s\\n", nsecs, comm, pid, kstack); }`),
    ...FREES.map((event) => `tracepoint:kmem:${event} { printf("E %llx\\n", nsecs); }`),
  ].join('\n');
}

function bpftrace(name: string, title: string, script: string): Tracer {
  return {
    name,
    title,
    silent: true,
    missing: () => (has('bpftrace') ? null : 'bpftrace is missing (apt-get install bpftrace)'),
    start: async (scratch) => {
      const [file, program] = [join(scratch, 'bpftrace.out'), join(scratch, 'bpftrace.bt')];
      writeFileSync(program, script);
      const child = spawn('bpftrace', [program], {
        stdio: ['ignore', openSync(file, 'w'), 'pipe'],
        env: { ...process.env, BPFTRACE_MAP_KEYS_MAX: '1000000', BPFTRACE_PERF_RB_PAGES: '4096' },
      });
      const said = listen(child);
      await ready(child, () => until(() => readFileSync(file).includes('ready')), said);
      await sleep(500);
      return {
        pid: child.pid ?? 0,
        corePid: null,
        stop: async (count) => {
          await end(child, 'SIGINT');
          const printed = count && name === 'bpftrace-print' ? await countEvents(file) : null;
          rmSync(file, { force: true });
          return printed ?? NOTHING;
        },
      };
    },
  };
}

async function countEvents(file: string): Promise<TracerTotals> {
  let [events, lost, rest] = [0, 0, ''];
  for await (const chunk of createReadStream(file, 'latin1') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('E ')) events++;
      else if (line.startsWith('Lost ')) lost += Number(line.split(' ')[1]);
    }
  }
  return { events, lost };
}

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}
