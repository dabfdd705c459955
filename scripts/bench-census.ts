/**
 * npm run bench -- census [WAKES]: what a census takes, and what others notice of it: how late a program wakes that
 * sleeps a millisecond at a time, on the CPU that censuses run on without a pause, beside none and beside a busy loop.
 * The program that reads is loaded once, but for one row, where it is loaded for each census. Needs root.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { bpfCollectorPath } from '../src/collect/bpf-collector.js';
import { NotMeasured } from './bench-part.js';

export interface CensusSize {
  /** Milliseconds that each sleeper sleeps. */
  wakes: number;
  times: number;
}

export const FULL_CENSUS: CensusSize = { wakes: 10_000, times: 5 };
export const QUICK_CENSUS: CensusSize = { wakes: 500, times: 1 };

export interface CensusCost {
  stages: string;
  wallMs: number;
  cpuMs: number;
  longestCallUs: number;
  megabytes: number;
  /** CPU seconds for 1 TB of RAM, if each page takes as long as here. Null for stages that depend on the slab. */
  terabyteSeconds: number | null;
}

export interface CensusLateness {
  beside: string;
  p50Us: number;
  p99Us: number;
  maxUs: number;
}

export interface CensusFigures {
  costs: CensusCost[];
  late: CensusLateness[];
}

const run = promisify(execFile);
/** The benches run in the top folder. */
const SLEEPER = 'scripts/build/sleeper';
const CPU = '1';
const ALL = 'pages,holders,types,orphans';
const TERABYTE = 2 ** 40;
const MOST_OUTPUT = 512 << 20;

interface Raw {
  pageSize: number;
  zones: { spannedPages: number }[];
  time: { wallNs: number; cpuNs: number; longestCallNs: number; maxRssBytes: number };
}

export async function runCensusBench({ wakes, times }: CensusSize): Promise<CensusFigures> {
  if (process.geteuid?.() !== 0) throw new NotMeasured('root is needed to read kernel memory');
  execFileSync('make', ['-s', '-C', 'scripts/loads'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const costs: CensusCost[] = [];
  for (const stages of ['pages', 'pages,holders', ALL]) costs.push(await costOf(stages, times));
  const late: CensusLateness[] = [];
  late.push(await lateness('nothing', wakes, null));
  late.push(await lateness('a busy loop', wakes, ['sh', '-c', 'while :; do :; done']));
  for (const stages of ['pages', ALL]) {
    const census = [bpfCollectorPath(), '--census', '--stages', stages, '--scan-interval', '10ms'];
    late.push(await lateness(`censuses (${stages})`, wakes, [...census, '--repeat', '1000000']));
  }
  const again = `while :; do ${bpfCollectorPath()} --census --stages pages >/dev/null || exit; done`;
  late.push(await lateness('censuses (pages), each loaded anew', wakes, ['sh', '-c', again]));
  // Whether the machine was the same all the time.
  late.push(await lateness('nothing, once more', wakes, null));
  return { costs, late };
}

/** The run of the middle CPU time. */
async function costOf(stages: string, times: number): Promise<CensusCost> {
  const all: CensusCost[] = [];
  for (let time = 0; time < times; time++) {
    const { stdout } = await run(bpfCollectorPath(), ['--census', '--stages', stages, '--scan-interval', '10ms'], {
      maxBuffer: MOST_OUTPUT,
    });
    const { pageSize, zones, time: took } = JSON.parse(stdout) as Raw;
    const bytes = zones.reduce((sum, { spannedPages }) => sum + spannedPages, 0) * pageSize;
    all.push({
      stages,
      wallMs: took.wallNs / 1e6,
      cpuMs: took.cpuNs / 1e6,
      longestCallUs: took.longestCallNs / 1e3,
      megabytes: took.maxRssBytes / 1e6,
      terabyteSeconds: stages === 'pages' ? (took.cpuNs / 1e9) * (TERABYTE / bytes) : null,
    });
  }
  return all.toSorted((a, b) => a.cpuMs - b.cpuMs)[all.length >> 1];
}

async function lateness(beside: string, wakes: number, command: string[] | null): Promise<CensusLateness> {
  const other =
    command === null ? null : spawn('taskset', ['-c', CPU, ...command], { stdio: 'ignore', detached: true });
  try {
    const { stdout } = await run(SLEEPER, [CPU, String(wakes)]);
    const { p50, p99, max } = JSON.parse(stdout) as { p50: number; p99: number; max: number };
    if (other !== null && other.exitCode !== null) throw new Error(`${beside} ended early`);
    return { beside, p50Us: p50, p99Us: p99, maxUs: max };
  } finally {
    if (other?.pid !== undefined && other.exitCode === null) {
      const ended = once(other, 'exit');
      // With all that it has started.
      process.kill(-other.pid, 'SIGKILL');
      await ended;
    }
  }
}

export function printCensusBench({ costs, late }: CensusFigures): void {
  console.log('census'.padEnd(34), cells(['wall ms', 'CPU ms', 'call us', 'MB', '1 TB, s']));
  for (const { stages, wallMs, cpuMs, longestCallUs, megabytes, terabyteSeconds } of costs) {
    const terabyte = terabyteSeconds === null ? '' : terabyteSeconds.toFixed(1);
    console.log(
      stages.padEnd(34),
      cells([wallMs.toFixed(0), cpuMs.toFixed(0), longestCallUs.toFixed(0), megabytes.toFixed(0), terabyte]),
    );
  }
  console.log('\nhow late a sleeper of 1 ms wakes on the same CPU, us');
  console.log('beside'.padEnd(44), cells(['median', 'p99', 'longest']));
  for (const { beside, p50Us, p99Us, maxUs } of late) {
    console.log(beside.padEnd(44), cells([p50Us.toFixed(0), p99Us.toFixed(0), maxUs.toFixed(0)]));
  }
}

function cells(values: readonly string[]): string {
  return values.map((value) => value.padStart(10)).join('');
}
