/**
 * The loads that bench-overhead.ts runs, traced and untraced: one that does nothing but allocate,
 * and ordinary ones. Each run measures the CPU time, user and system, that the load's own processes
 * take for the same work: on a machine that does other things as well, this is more reliable than
 * the wall clock.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

export interface LoadRun {
  /** CPU time of one unit of the work. */
  cpuSeconds: number;
  wallSeconds: number;
  /** About how many events it makes; 0 = not known. */
  events: number;
}

export interface Load {
  name: string;
  title: string;
  /** Returns null, or which program is missing and how to get it. */
  missing(): string | null;
  prepare(scratch: string): void;
  run(stop: AbortSignal): Promise<LoadRun>;
}

const BUILD = join(process.cwd(), 'scripts/build');
/** The last CPU: a tracer most likely runs on another one. */
const PINNED = ['taskset', '-c', String(cpus().length - 1)];

/** Amount of work in one run of each load. */
export interface LoadSize {
  /** Runs for a fixed time, so that a slow tracer does not prolong it, or for a fixed number of turns. */
  churn: string[];
  sourceFiles: number;
  /** The folder that find walks, and the folders below /usr that tar reads. */
  walked: string;
  packed: string;
  messages: number;
}

export const FULL_LOADS: LoadSize = {
  churn: ['1'],
  sourceFiles: 30,
  walked: '/usr/lib /usr/share',
  packed: 'include share/doc',
  messages: 200,
};
export const QUICK_LOADS: LoadSize = {
  churn: ['60', '--turns', '1000'],
  sourceFiles: 2,
  walked: '/usr/include',
  packed: 'include',
  messages: 20,
};

export function loads(size: LoadSize): Load[] {
  return [churn(size.churn), compile(size.sourceFiles), files(size), messaging(size.messages)];
}

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** kmem events in a turn, counted on 6.18. */
const EVENTS_A_TURN = 65;

/** The unit is a turn. */
function churn(words: string[]): Load {
  return {
    name: 'churn',
    title: 'nothing but allocating',
    missing: () => (has('taskset') ? null : 'taskset is missing (apt-get install util-linux)'),
    prepare: () => {
      execFileSync('make', ['-s', '-C', join(process.cwd(), 'scripts/loads')], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    },
    run: async (stop) => {
      const text = await output([...PINNED, join(BUILD, 'churn'), ...words], stop);
      const last = JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as {
        seconds: number;
        turns: number;
        turnsPerCpuSecond: number;
      };
      return { cpuSeconds: 1 / last.turnsPerCpuSecond, wallSeconds: last.seconds, events: last.turns * EVENTS_A_TURN };
    },
  };
}

/** Small units with the headers of the C library, like most of a compilation. */
function compile(sourceFiles: number): Load {
  let directory = '';
  return {
    name: 'compile',
    title: `gcc, ${sourceFiles} files`,
    missing: () => (has('gcc') && has('make') ? null : 'gcc is missing (apt-get install gcc make libc6-dev)'),
    prepare: (scratch) => {
      directory = join(scratch, 'compile');
      if (existsSync(directory)) return;
      mkdirSync(directory);
      for (let i = 0; i < sourceFiles; i++) writeFileSync(join(directory, `unit${i}.c`), sourceFile(i));
    },
    run: (stop) => timed(`cd '${directory}' && for f in *.c; do gcc -O1 -c "$f" -o "$f.o" || exit 1; done`, stop),
  };
}

function sourceFile(seed: number): string {
  const functions = Array.from(
    { length: 40 },
    (_, i) =>
      `int f${i}(const char *text, int n)\n{\n\tint sum = ${seed * 31 + i};\n\tfor (int i = 0; i < n; i++)\n` +
      `\t\tsum = sum * ${i + 3} + (isalpha(text[i]) ? text[i] : i);\n\tif (sum & 1)\n\t\tprintf("%d", sum);\n\treturn sum;\n}\n`,
  );
  return `#include <ctype.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n${functions.join('')}`;
}

function files({ walked, packed }: LoadSize): Load {
  return {
    name: 'files',
    title: 'find and tar',
    missing: () => (has('tar') && has('find') ? null : 'find or tar is missing'),
    prepare: () => undefined,
    // Through cat: when tar writes to /dev/null, it does not read the files.
    run: (stop) => timed(`find ${walked} -xdev -printf "" && tar -cf - -C /usr ${packed} | cat > /dev/null`, stop),
  };
}

function messaging(messages: number): Load {
  return {
    name: 'messaging',
    title: 'perf bench sched messaging',
    missing: () => (has('perf') ? null : 'perf is missing (apt-get install linux-perf)'),
    prepare: () => undefined,
    run: (stop) => timed(`perf bench -f simple sched messaging -g 4 -l ${messages} > /dev/null`, stop),
  };
}

/** Runs a shell line and measures the user and system seconds of it and all its children. */
async function timed(line: string, stop: AbortSignal): Promise<LoadRun> {
  const text = await output(['bash', '-c', `TIMEFORMAT='%3U %3S %3R'; time { ${line}; } 2>/dev/null`], stop);
  const [user, system, wall] = (text.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (!(user + system > 0)) throw new Error(`${line} said ${text}`);
  return { cpuSeconds: user + system, wallSeconds: wall, events: 0 };
}

/** Resolves to stdout and stderr of a program; rejects if it fails. */
export async function output(argv: string[], stop: AbortSignal): Promise<string> {
  const child = spawn(argv[0], argv.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: stop,
    killSignal: 'SIGTERM',
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${text.slice(-300)}`);
  return text;
}
