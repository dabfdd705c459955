/**
 * npm run bench:user [-- --quick]: what tracing the memory of processes costs these processes, beside other tools, in one
 * run with the tracers in turn. Two tables: a pair of malloc() and free() with its call path of 14 frames, in ns of the
 * thread's CPU time (scripts/loads/heap-pairs.c), and programs of every day, in CPU time of the program and its children
 * alone. A tool that is not installed is left out, and said. Needs root.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COLLECTOR = 'bpf/build/unfreed-collect';
const PAIRS = 'scripts/build/heap-pairs';
const isQuick = process.argv.includes('--quick');
const ROUNDS = isQuick ? 1 : 5;
const PAIRS_A_ROUND = isQuick ? 100_000 : 2_000_000;

interface Tracer {
  name: string;
  /** Null = it is not here. */
  command: ((program: string[], folder: string) => string[]) | null;
  /** It cannot follow a program that starts the measured one: its helper is measured too. */
  isTimedWhole?: boolean;
}

function installed(tool: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' }).status === 0;
}

function ours(...options: string[]): (program: string[], folder: string) => string[] {
  return (program, folder) => [COLLECTOR, ...options, '--command-memory', '-o', join(folder, 'x'), '--', ...program];
}

const TRACERS: Tracer[] = [
  { name: 'untraced', command: (program) => program },
  { name: 'unfreed --maps', command: ours() },
  { name: 'unfreed --heap', command: ours('--heap') },
  { name: 'unfreed --heap --sample-bytes 512k', command: ours('--heap', '--sample-bytes', '512k') },
  {
    name: 'heaptrack (programs: with its helper)',
    isTimedWhole: true,
    command: installed('heaptrack') ? (program, folder) => ['heaptrack', '-o', join(folder, 'h'), ...program] : null,
  },
];

const PYTHON = `
import json
text = json.dumps([{"a": i, "b": [i] * 10, "c": str(i)} for i in range(20000)])
for _ in range(6): json.loads(text); bytearray(1 << 20)
`;
const SQL = `create table t(a integer primary key, b text);
insert into t with recursive c(x) as (select 1 union all select x + 1 from c where x < 60000) select x, hex(x * 7919) from c;
select count(*), sum(length(b)) from t where b like '%7%';`;
const NODE = `
const { gzipSync } = require('zlib');
const text = JSON.stringify(Array.from({ length: 20000 }, (_, i) => ({ i, s: 'x'.repeat(i % 50) })));
for (let i = 0; i < 10; i++) { gzipSync(text); JSON.parse(text); Buffer.alloc(1 << 20); }
`;
const C = `#include <stdio.h>
#include <stdlib.h>
${Array.from({ length: 60 }, (_, i) => `int f${i}(int a, int b) { int s = 0; for (int i = 0; i < a; i++) s += i * b ^ ${i}; return s; }`).join('\n')}
int main(void) { return f1(2, 3); }
`;

interface Program {
  name: string;
  words: string[];
}

function programs(folder: string): Program[] {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const all = [
    { name: 'python3, json', words: ['python3', file('x.py', PYTHON)] },
    { name: 'sqlite3 :memory:, 60,000 rows', words: ['sqlite3', ':memory:', `.read ${file('x.sql', SQL)}`] },
    { name: 'gcc -O2, 60 functions', words: ['gcc', '-O2', '-c', '-o', join(folder, 'x.o'), file('x.c', C)] },
    { name: 'node, zlib and JSON', words: ['node', file('x.js', NODE)] },
  ];
  return all.map((program) =>
    program.words[0] === 'python3' ? { ...program, words: realPython(program.words) } : program,
  );
}

/** A wrapper that looks for the interpreter would be measured too. */
function realPython([python, ...rest]: string[]): string[] {
  const found = spawnSync(python, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim();
  return [found === '' ? python : found, ...rest];
}

/** Runs a command; returns what it printed on stdout and stderr. Fails with that if it fails. */
function run(words: string[]): string {
  const { status, stdout, stderr } = spawnSync(words[0], words.slice(1), { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${words[0]} ended with ${status}:\n${stderr}`);
  return `${stdout}\n${stderr}`;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >>> 1];
}

/** A table: for each tracer that is here the median of `rounds` measurements, taken in turn. */
function measured(rounds: number, measure: (tracer: Tracer, folder: string) => number): Map<string, number> {
  const values = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const tracer of TRACERS) {
      if (tracer.command === null) continue;
      const folder = mkdtempSync(join(tmpdir(), 'unfreed-bench-'));
      try {
        values.set(tracer.name, [...(values.get(tracer.name) ?? []), measure(tracer, folder)]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
  }
  return new Map([...values].map(([name, each]) => [name, median(each)]));
}

function pairNs(tracer: Tracer, folder: string, threads: number): number {
  const said = run(tracer.command?.([PAIRS, String(PAIRS_A_ROUND), String(threads)], folder) ?? []);
  const lines = said.split('\n').filter((line) => /^\d+\.\d$/.test(line));
  if (lines.length !== threads) throw new Error(`${PAIRS} did not say what a pair took: ${said}`);
  return median(lines.map(Number));
}

function timed(words: string[]): string[] {
  return ['bash', '-c', 'TIMEFORMAT="cpu %U %S"; time "$@"', 'time', ...words];
}

/** CPU time of the program and its children, seconds: not that of the tracer beside it. */
function programSeconds(tracer: Tracer, folder: string, { words }: Program): number {
  const { command, isTimedWhole } = tracer;
  const whole = isTimedWhole ? timed(command?.(words, folder) ?? []) : (command?.(timed(words), folder) ?? []);
  const [, user, system] = /^cpu ([\d.]+) ([\d.]+)$/m.exec(run(whole)) ?? [];
  if (user === undefined) throw new Error(`${words[0]}: no time was said`);
  return Number(user) + Number(system);
}

function print(
  title: string,
  columns: Map<string, Map<string, number>>,
  text: (value: number, base: number) => string,
): void {
  const names = [...columns.keys()];
  console.log(`\n| ${title} | ${names.join(' | ')} |\n|---|${names.map(() => '---').join('|')}|`);
  for (const { name, command } of TRACERS) {
    if (command === null) continue;
    const cells = names.map((column) => {
      const values = columns.get(column);
      return text(values?.get(name) ?? Number.NaN, values?.get('untraced') ?? Number.NaN);
    });
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

function main(): void {
  if (process.geteuid?.() !== 0) throw new Error('bench:user traces processes: run it as root');
  if (!existsSync(COLLECTOR)) execFileSync('make', ['-s', '-C', 'bpf'], { stdio: 'inherit' });
  for (const { name, command } of TRACERS) if (command === null) console.log(`${name} is not installed`);
  const pairs = new Map<string, Map<string, number>>();
  for (const threads of [1, 2]) {
    const column = threads === 1 ? '1 thread' : `${threads} threads`;
    pairs.set(
      column,
      measured(ROUNDS, (tracer, folder) => pairNs(tracer, folder, threads)),
    );
  }
  print('malloc/free pair, 14 frames', pairs, (ns) => `${ns.toFixed(1)} ns`);
  const folder = mkdtempSync(join(tmpdir(), 'unfreed-bench-'));
  try {
    const seconds = new Map<string, Map<string, number>>();
    for (const program of programs(folder)) {
      if (!installed(program.words[0])) console.log(`${program.words[0]} is not installed`);
      else
        seconds.set(
          program.name,
          measured(isQuick ? 1 : 3, (tracer, own) => programSeconds(tracer, own, program)),
        );
    }
    print('CPU time, untraced = 1', seconds, (value, base) => `${(value / base).toFixed(2)} (${value.toFixed(2)} s)`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main();
