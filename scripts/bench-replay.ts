/**
 * node scripts/run-ts.mjs scripts/bench-replay.ts [FILE | EVENTS [OUTSTANDING...]]: a recording of 20 million events, at
 * 100 k and at 2 M outstanding allocations, of both habits of traffic (bench-traffic.ts), or FILE: how fast `top` reads it, and how soon a replay shows its first frame and the report
 * at any time; and the same of the first traffic as a ring of files. Recorded as a live run does (bench-replay-record.ts),
 * into a temporary directory; each measurement in a process of its own.
 */
import { execFile } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { defaultSelection } from '../src/rank/report/selection.js';
import { crc32 } from '../src/recording/files/node-codecs.js';
import { olderPartPaths } from '../src/recording/files/open-parts.js';
import {
  CHUNK_HEADER_BYTES,
  FILE_HEADER_BYTES,
  FIRST_AID_KIND,
  parseChunkHeader,
} from '../src/recording/format/chunk-header.js';
import { openSeekable } from '../src/recording/open.js';
import { Pipeline } from '../src/session/pipeline/pipeline.js';
import { ReplayDriver } from '../src/session/replay/replay-driver.js';
import { recordTraffic } from './bench-replay-record.js';
import type { Habit } from './bench-traffic.js';

export interface TopResult {
  events: number;
  outstanding: number;
  /** From opening the file to the ranking. */
  wallMs: number;
  /** CPU time of the thread that pairs, and of the one that decodes (0 = there is none). */
  pairCpuMs: number;
  decodeCpuMs: number;
  peakRssBytes: number;
}

export interface SeekResult {
  /** From opening the file to the first report, and to the last. */
  firstFrameMs: number;
  wholeMs: number;
  /** Of SEEKS times chosen at random, from the command to the report. */
  medianMs: number;
  p95Ms: number;
  maxMs: number;
  /** CPU time of the process for one of them, the median. */
  medianCpuMs: number;
  peakRssBytes: number;
}

export interface ReplayBenchRow {
  /** Of the traffic (bench-traffic.ts); null = of a recording that was there. */
  habit: Habit | null;
  outstanding: number;
  events: number;
  bytes: number;
  /** Of those, index and checkpoints. */
  aidBytes: number;
  checkpoints: number;
  topThreaded: TopResult;
  topAlone: TopResult;
  /** As it was recorded. */
  seeksIndexed: SeekResult;
  /** Without the index, as a recorder that was killed leaves it. */
  seeksScanned: SeekResult;
  /** Null = not recorded as a ring. */
  ring: RingResult | null;
}

export interface RingResult {
  files: number;
  top: TopResult;
  /** As it was recorded: each file has an index. */
  seeks: SeekResult;
  /** Without its first file, as a ring that has gone round: then its indexes are of no use. */
  seeksRound: SeekResult;
}

const EVENTS = 20_000_000;
const OUTSTANDING = [100_000, 2_000_000];
const HABITS: Habit[] = ['kernel', 'scattered'];
const SEEKS = 20;
/** Set in a process that measures: JSON of a Task. */
const TASK = 'UNFREED_REPLAY_BENCH';

interface Task {
  kind: 'top' | 'top-alone' | 'seeks';
  path: string;
}

export async function runReplayBench(events = EVENTS, outstanding = OUTSTANDING): Promise<ReplayBenchRow[]> {
  const rows: ReplayBenchRow[] = [];
  for (const habit of HABITS) {
    for (const [i, target] of outstanding.entries()) {
      const directory = mkdtempSync(join(tmpdir(), 'unfreed-bench-'));
      try {
        const path = join(directory, 'traffic.unfreed');
        const ring = i === 0 ? join(directory, 'ring.unfreed') : null;
        recordTraffic({ file: path, ring }, events, target, habit);
        rows.push({
          ...(await measureFile(path, directory)),
          habit,
          outstanding: target,
          ring: ring === null ? null : await measureRing(ring),
        });
      } finally {
        rmSync(directory, { recursive: true });
      }
    }
  }
  return rows;
}

/** `directory` is for a copy of it. */
async function measureFile(path: string, directory: string): Promise<ReplayBenchRow> {
  const cut = join(directory, 'cut.unfreed');
  copyFileSync(path, cut);
  // Without its footer an index is not found.
  truncateSync(cut, statSync(cut).size - 1);
  const topThreaded = await measured<TopResult>({ kind: 'top', path });
  return {
    habit: null,
    outstanding: topThreaded.outstanding,
    events: topThreaded.events,
    bytes: statSync(path).size,
    ...aidsOf(path),
    topThreaded,
    topAlone: await measured<TopResult>({ kind: 'top-alone', path }),
    seeksIndexed: await measured<SeekResult>({ kind: 'seeks', path }),
    seeksScanned: await measured<SeekResult>({ kind: 'seeks', path: cut }),
    ring: null,
  };
}

async function measureRing(path: string): Promise<RingResult> {
  const older = olderPartPaths(path);
  const top = await measured<TopResult>({ kind: 'top', path });
  const seeks = await measured<SeekResult>({ kind: 'seeks', path });
  if (older.length > 0) rmSync(older[0]);
  return { files: older.length + 1, top, seeks, seeksRound: await measured<SeekResult>({ kind: 'seeks', path }) };
}

/** Runs a task in a process of its own, which is this very program. */
async function measured<Result>(task: Task): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename], {
    env: { ...process.env, [TASK]: JSON.stringify(task) },
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout) as Result;
}

/** By the headers of the file's chunks. */
function aidsOf(path: string): { aidBytes: number; checkpoints: number } {
  const fd = openSync(path, 'r');
  const head = new Uint8Array(CHUNK_HEADER_BYTES);
  let aidBytes = 0;
  let checkpoints = 0;
  let at = FILE_HEADER_BYTES;
  while (readSync(fd, head, 0, head.length, at) === head.length) {
    const header = parseChunkHeader(head, 0, crc32);
    if (header === null) break;
    at += CHUNK_HEADER_BYTES + header.storedBytes;
    if (header.kind < FIRST_AID_KIND) continue;
    aidBytes += CHUNK_HEADER_BYTES + header.storedBytes;
    if (header.kind === FIRST_AID_KIND) checkpoints++;
  }
  closeSync(fd);
  return { aidBytes, checkpoints };
}

async function measureTop(path: string, thread: boolean): Promise<TopResult> {
  const started = performance.now();
  const pipeline = new Pipeline('recording');
  const recording = await openSeekable(path, pipeline, pipeline.dictionary, { thread });
  if (recording === null) throw new Error(`${path} cannot be read`);
  while (await recording.readNext());
  const report = pipeline.report(defaultSelection(10));
  const wallMs = performance.now() - started;
  const [pairCpuMs, decodeCpuMs] = threadCpuMs();
  recording.close();
  const { outstanding } = report;
  return {
    events: pipeline.core.eventCount,
    outstanding: outstanding.page.count + outstanding.slab.count,
    wallMs,
    pairCpuMs,
    decodeCpuMs: thread ? decodeCpuMs : 0,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** CPU time of the main thread, and of the busiest of the others (compiling and collecting garbage are others still). */
function threadCpuMs(): [main: number, other: number] {
  const main = process.pid.toString();
  const others = readdirSync('/proc/self/task').filter((id) => id !== main);
  return [cpuMsOf(main), Math.max(0, ...others.map(cpuMsOf))];
}

function cpuMsOf(threadId: string): number {
  return Number(readFileSync(`/proc/self/task/${threadId}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

async function measureSeeks(path: string): Promise<SeekResult> {
  const selection = defaultSelection(50);
  const started = performance.now();
  const driver = new ReplayDriver(path);
  await driver.start();
  driver.pipeline.report(selection);
  const firstFrameMs = performance.now() - started;
  while (driver.status().state !== 'ended') await new Promise((resolve) => setTimeout(resolve, 2));
  driver.pipeline.report(selection);
  const wholeMs = performance.now() - started;
  const { durationNs } = driver.status();
  const traffic = seeded(11);
  const seeks: { ms: number; cpuMs: number }[] = [];
  for (let i = 0; i < SEEKS; i++) {
    const target = Math.floor(traffic() * durationNs);
    const cpu = process.cpuUsage();
    const from = performance.now();
    await new Promise<void>((resolve) => {
      driver.onSettled = resolve;
      driver.seek(target);
    });
    const report = driver.pipeline.report(selection);
    const { user, system } = process.cpuUsage(cpu);
    seeks.push({ ms: performance.now() - from, cpuMs: (user + system) / 1000 });
    if (report.durationNs > target) throw new Error(`the report at ${target} is of ${report.durationNs}`);
  }
  await driver.stop();
  const sorted = seeks.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return {
    firstFrameMs,
    wholeMs,
    medianMs: sorted[SEEKS >> 1],
    p95Ms: sorted[Math.ceil(SEEKS * 0.95) - 1],
    maxMs: sorted[SEEKS - 1],
    medianCpuMs: seeks.map(({ cpuMs }) => cpuMs).toSorted((a, b) => a - b)[SEEKS >> 1],
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

/** The rows as text. */
export function printReplayBench(rows: ReplayBenchRow[]): void {
  for (const row of rows) {
    const share = ((100 * row.aidBytes) / (row.bytes - row.aidBytes)).toFixed(1);
    const habit = row.habit === null ? '' : `, ${row.habit}`;
    console.log(
      `${row.events.toLocaleString('en')} events, ${row.outstanding.toLocaleString('en')} outstanding${habit}`,
    );
    console.log(
      `  ${(row.bytes / row.events).toFixed(2)} bytes an event, ${row.checkpoints} checkpoints: ${share} % of the rest`,
    );
    console.log(topLine('two threads', row.topThreaded));
    console.log(topLine('one thread', row.topAlone));
    console.log(seekLine('with index', row.seeksIndexed));
    console.log(seekLine('without', row.seeksScanned));
    if (row.ring === null) continue;
    const { files, top, seeks, seeksRound } = row.ring;
    console.log(topLine(`a ring of ${files} files`, top));
    console.log(seekLine('a ring', seeks));
    console.log(seekLine('a ring without its first file', seeksRound));
  }
}

function topLine(name: string, { events, wallMs, pairCpuMs, decodeCpuMs, peakRssBytes }: TopResult): string {
  const rate = (ms: number): string => (events / ms / 1000).toFixed(2);
  const decode = decodeCpuMs > 0 ? `, decoding ${rate(decodeCpuMs)}` : '';
  const cpu = `by CPU time: this thread ${rate(pairCpuMs)}${decode}`;
  return `  top, ${name}: ${rate(wallMs)} M events/s (${cpu}), peak ${mib(peakRssBytes)}`;
}

function seekLine(name: string, seek: SeekResult): string {
  const { firstFrameMs, wholeMs, medianMs, medianCpuMs, p95Ms, maxMs, peakRssBytes } = seek;
  return (
    `  replay, ${name}: first frame ${firstFrameMs.toFixed(0)} ms, all ${wholeMs.toFixed(0)} ms; seek median ` +
    `${medianMs.toFixed(0)} (CPU ${medianCpuMs.toFixed(0)}), p95 ${p95Ms.toFixed(0)}, max ${maxMs.toFixed(0)} ms; ` +
    `peak ${mib(peakRssBytes)}`
  );
}

const task = process.env[TASK];
if (task !== undefined) {
  const { kind, path } = JSON.parse(task) as Task;
  const result = kind === 'seeks' ? await measureSeeks(path) : await measureTop(path, kind === 'top');
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
  // Whatever imports this file is not to begin.
  await new Promise(() => undefined);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const words = process.argv.slice(2);
  if (words.length > 0 && existsSync(words[0])) {
    const directory = mkdtempSync(join(tmpdir(), 'unfreed-bench-'));
    printReplayBench([await measureFile(words[0], directory)]);
    rmSync(directory, { recursive: true });
  } else {
    const [events, ...outstanding] = words.map(Number);
    printReplayBench(await runReplayBench(events, outstanding.length > 0 ? outstanding : undefined));
  }
}
