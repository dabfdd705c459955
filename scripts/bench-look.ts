/**
 * npm run bench -- look [PROCESSES [CGROUPS]]: what a look at this machine costs: as it is, among many processes
 * (scripts/loads/many-processes.c), among many memory cgroups, and with a tree of cgroups that stands in files of
 * /dev/shm, alone and among as many processes. Processes and cgroups are real, and are gone at the end. Needs root.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CgroupTree } from '../src/collect/look/cgroup-table.js';
import { readLook } from '../src/collect/look/read-look.js';
import type { Look } from '../src/proc/look.js';
import { gatherFacts } from '../src/triage/gather-facts.js';
import { NotMeasured } from './bench-part.js';

export interface LookSize {
  /** Looks at the quiet machine. */
  times: number;
  processes: number;
  /** Real ones. A kernel has 65,535 memory cgroups at most, removed ones among them. */
  cgroups: number;
  /** In files. */
  fileCgroups: number;
}

export const FULL_LOOK: LookSize = { times: 10, processes: 50_000, cgroups: 50_000, fileCgroups: 100_000 };
export const QUICK_LOOK: LookSize = { times: 2, processes: 500, cgroups: 200, fileCgroups: 1000 };

export interface LookRow {
  what: string;
  wallMs: number;
  /** Of this process, and of the tools that it asked. */
  cpuMs: number;
  toolsMs: number;
  /** Found in it; 0 where it is not about them. */
  processes: number;
  cgroups: number;
  missed: string[];
}

const PID_MAX = '/proc/sys/kernel/pid_max';
/** The benches run in the top folder. */
const MANY_PROCESSES = 'scripts/build/many-processes';

export async function runLookBench(size: LookSize): Promise<LookRow[]> {
  if (process.geteuid?.() !== 0) throw new NotMeasured('root is needed for a whole look');
  const rows: LookRow[] = [];
  for (const [what, options] of [
    ['without maps and tools', { smaps: false, tools: false }],
    ['without maps', { smaps: false, tools: true }],
    ['whole', { smaps: true, tools: true }],
  ] as const) {
    // The first compiles the code, and counts: a user looks once.
    const all: LookRow[] = [];
    for (let time = 0; time < size.times; time++) all.push(await measure(what, () => readLook(options)));
    rows.push({ ...all[0], what: `${what}, first` }, median(all));
  }
  rows.push(await withProcesses(size.processes, () => measure(`${size.processes} processes`, () => readLook())));
  rows.push(await withCgroups(size.cgroups, () => measure(`${size.cgroups} cgroups`, () => readLook())));
  rows.push(
    await withProcesses(size.processes, () =>
      withCgroups(size.cgroups, () => measure(`${size.processes} and ${size.cgroups}`, () => readLook())),
    ),
  );
  rows.push(
    await withTree(size.fileCgroups, (cgroups) =>
      measure(`${size.fileCgroups} cgroups in files`, () => readLook({ cgroups })),
    ),
    await withProcesses(size.processes, () =>
      withTree(size.fileCgroups, (cgroups) =>
        measure(`${size.processes} and ${size.fileCgroups} in files`, () => readLook({ cgroups })),
      ),
    ),
    // Where others use the machine, 5 s may not be enough: this tells the CPU time of all of it.
    await withProcesses(size.processes, () =>
      withTree(size.fileCgroups, (cgroups) =>
        measure('the same, without an end', () => readLook({ cgroups, deadlineMs: 120_000 })),
      ),
    ),
  );
  return rows;
}

export function printLookBench(rows: readonly LookRow[]): void {
  console.log(
    'what'.padEnd(34),
    'wall ms'.padStart(8),
    'CPU ms'.padStart(8),
    'tools ms'.padStart(9),
    ' found, not read',
  );
  for (const { what, wallMs, cpuMs, toolsMs, processes, cgroups, missed } of rows) {
    const found = `${processes} processes, ${cgroups} cgroups`;
    const figures = [wallMs.toFixed(0).padStart(8), cpuMs.toFixed(0).padStart(8), toolsMs.toFixed(0).padStart(9)];
    console.log(what.padEnd(34), ...figures, ` ${[found, ...missed].join('; ')}`);
  }
}

async function measure(what: string, look: () => Promise<Look>): Promise<LookRow> {
  const tools = childrenMs();
  const before = process.cpuUsage();
  const started = performance.now();
  const { texts, notRead, ...rest } = await look();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  const facts = gatherFacts({ ...rest, texts, notRead });
  return {
    what,
    wallMs,
    cpuMs: (user + system) / 1000,
    toolsMs: childrenMs() - tools,
    processes: facts.processes?.length ?? 0,
    cgroups: facts.cgroups?.length ?? 0,
    missed: notRead.filter(({ why }) => why.startsWith('took too long')).map((each) => `${each.what}: ${each.why}`),
  };
}

/** CPU time of the programs that were started and have ended: cutime and cstime, in hundredths of a second. */
function childrenMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** The look with the middle CPU time. */
function median(rows: readonly LookRow[]): LookRow {
  return rows.toSorted((a, b) => a.cpuMs - b.cpuMs)[rows.length >> 1];
}

async function withProcesses(count: number, measured: () => Promise<LookRow>): Promise<LookRow> {
  execFileSync('make', ['-s', '-C', 'scripts/loads'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const before = processCount();
  const most = readFileSync(PID_MAX, 'utf8');
  if (Number(most) < count + 30_000) writeFileSync(PID_MAX, String(count + 30_000));
  const load = spawn(MANY_PROCESSES, [String(count)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(load, 'close');
  try {
    await Promise.race([
      once(load.stdout, 'data'),
      ended.then(() => {
        throw new NotMeasured('the processes could not be made');
      }),
    ]);
    return await measured();
  } finally {
    load.stdin.end();
    await ended;
    // Its processes end after it, one by one.
    while (processCount() > before + count / 100) await sleep(100);
    writeFileSync(PID_MAX, most);
  }
}

function processCount(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
}

async function withCgroups(count: number, measured: () => Promise<LookRow>): Promise<LookRow> {
  const tree = existsSync('/sys/fs/cgroup/memory') ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
  const top = `${tree}/unfreed-bench-${process.pid}`;
  const made: string[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const folder = index % 100 === 0 ? `${top}-${index / 100}` : `${top}-${Math.floor(index / 100)}/${index % 100}`;
      mkdirSync(folder);
      made.push(folder);
    }
    return await measured();
  } finally {
    for (const folder of made.toReversed()) rmdirSync(folder);
  }
}

/**
 * A tree of version 2 in files, more than a kernel can have: what unfreed takes, without what the kernel takes to
 * count. Half of the cgroups have a limit, and nearly all more than 1 MiB, so that none is skipped.
 */
async function withTree(count: number, measured: (tree: CgroupTree) => Promise<LookRow>): Promise<LookRow> {
  const mount = mkdtempSync('/dev/shm/unfreed-bench-');
  try {
    for (let index = 0; index < count; index++) {
      const pod = join(mount, `pod${Math.floor(index / 100)}`);
      const folder = index % 100 === 0 ? pod : join(pod, `c${index % 100}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'memory.current'), `${4096 * index}\n`);
      writeFileSync(join(folder, 'memory.max'), index % 2 === 0 ? `${2 ** 40}\n` : 'max\n');
    }
    return await measured({ mount, version: 2, hierarchical: true });
  } finally {
    rmSync(mount, { recursive: true });
  }
}
