/**
 * npm run bench -- perf-kmem [TURNS] (npm run bench:recordings): our recording beside `perf record`
 * and `perf kmem stat`. Both trace the same run of a bounded load (scripts/loads/churn) at the same
 * time, so both see the same traffic; then each tool reads its own file: bytes an event on disk,
 * and events a second from file to totals (best of three, wall clock, the whole program). perf kmem
 * prints totals; `unfreed top` pairs every alloc, ranks call paths and prints them.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotMeasured } from './bench-part.js';

export interface PerfKmemRow {
  tool: 'unfreed' | 'perf';
  events: number;
  /** Events that the tool reports as lost. */
  lost: number;
  fileBytes: number;
  bytesPerEvent: number;
  readSeconds: number;
  eventsPerSecond: number;
}

export interface PerfKmemSize {
  /** Turns of the load, of 65 events each. */
  turns: number;
  /** Readings of each file. */
  rounds: number;
}

export const FULL_PERF_KMEM: PerfKmemSize = { turns: 20_000, rounds: 3 };
export const QUICK_PERF_KMEM: PerfKmemSize = { turns: 500, rounds: 1 };

const EVENTS = ['kmalloc', 'kfree', 'kmem_cache_alloc', 'kmem_cache_free', 'mm_page_alloc', 'mm_page_free'];

export async function runPerfKmemBench({ turns, rounds }: PerfKmemSize): Promise<PerfKmemRow[]> {
  const root = process.cwd();
  const main = join(root, 'dist/main.js');
  if (spawnSync('perf', ['--version']).status !== 0)
    throw new NotMeasured('perf is not installed (apt-get install linux-perf)');
  if (process.getuid?.() !== 0) throw new NotMeasured('needs root: both tools trace this kernel');
  if (!existsSync(main)) throw new Error('dist/main.js is not built (npm run build)');
  execFileSync('make', ['-s', '-C', join(root, 'scripts/loads')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const directory = mkdtempSync(join(tmpdir(), 'unfreed-bench-'));
  try {
    const ours = join(directory, 'bench.unfreed');
    const theirs = join(directory, 'perf.data');
    await recordBoth(main, ours, theirs, ['600', '--turns', String(turns)]);
    return [oursRow(main, ours, rounds), theirsRow(theirs, rounds)];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function recordBoth(main: string, ours: string, theirs: string, load: string[]): Promise<void> {
  const recorder = spawn(process.execPath, [main, 'record', '-o', ours], { stdio: ['ignore', 'ignore', 'pipe'] });
  await until(recorder.stderr, 'recording this machine');
  const events = EVENTS.flatMap((event) => ['-e', `kmem:${event}`]);
  const perf = spawn('perf', ['record', '-a', '-g', '-c', '1', '-m', '16M', '-o', theirs, ...events], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    // perf prints nothing when it is ready; its file appears, with a header, just before.
    for (let waited = 0; !existsSync(theirs) && waited < 5000; waited += 50) await sleep(50);
    await sleep(500);
    const churn = spawn(join(process.cwd(), 'scripts/build/churn'), load, { stdio: 'ignore' });
    await once(churn, 'exit');
  } finally {
    perf.kill('SIGINT');
    recorder.kill('SIGINT');
    await Promise.all([once(perf, 'exit'), once(recorder, 'exit')]);
  }
}

function oursRow(main: string, file: string, rounds: number): PerfKmemRow {
  const info = JSON.parse(execFileSync(process.execPath, [main, 'info', '--json', file], LARGE).toString()) as {
    events: { total: number };
    anomalies: { lostEvents: number };
  };
  const seconds = best([process.execPath, main, 'top', file], rounds);
  return row('unfreed', info.events.total, info.anomalies.lostEvents, file, seconds);
}

function theirsRow(file: string, rounds: number): PerfKmemRow {
  const stats = execFileSync('perf', ['report', '--stats', '-i', file], LARGE).toString();
  const total = (name: string): number =>
    Number(new RegExp(`^\\s*${name} events:\\s+(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
  const seconds = best(['perf', 'kmem', '-i', file, '--slab', '--page', 'stat'], rounds);
  return row('perf', total('SAMPLE'), total('LOST_SAMPLES') + total('LOST'), file, seconds);
}

const LARGE = { maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'ignore'] as ('ignore' | 'pipe')[] };

function row(tool: PerfKmemRow['tool'], events: number, lost: number, file: string, seconds: number): PerfKmemRow {
  const fileBytes = statSync(file).size;
  return {
    tool,
    events,
    lost,
    fileBytes,
    bytesPerEvent: fileBytes / events,
    readSeconds: seconds,
    eventsPerSecond: events / seconds,
  };
}

/** Returns the least wall clock seconds of a program over several runs; throws if one fails. */
function best([program, ...args]: string[], rounds: number): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const ran = spawnSync(program, args, { stdio: 'ignore' });
    if (ran.status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${ran.status}`);
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}

async function until(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  let said = '';
  stream.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  for (let waited = 0; !said.includes(text); waited += 50) {
    if (waited > 20_000) throw new Error(`the recorder did not start: ${said}`);
    await sleep(50);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Prints the rows as text. */
export function printPerfKmemBench(rows: PerfKmemRow[]): void {
  console.log('tool         events      lost   file MB   B/event   read s   M events/s');
  for (const { tool, events, lost, fileBytes, bytesPerEvent, readSeconds, eventsPerSecond } of rows) {
    const columns = [
      tool.padEnd(8),
      events.toString().padStart(11),
      lost.toString().padStart(10),
      (fileBytes / 1e6).toFixed(1).padStart(10),
      bytesPerEvent.toFixed(1).padStart(10),
      readSeconds.toFixed(2).padStart(9),
      (eventsPerSecond / 1e6).toFixed(2).padStart(13),
    ];
    console.log(columns.join(''));
  }
}
