/** 'table/processes' and 'table/mappings', and what the walk over all processes finds on its way. */
import { formatCount } from '../../base/format.js';
import { oneNumber } from '../../proc/machine/counters.js';
import { digestMaps, parseRollup } from '../../proc/process/maps.js';
import { parseStartSeconds, parseStatus } from '../../proc/process/status.js';
import { countLines, linkOf, namesIn, readShort, readWhole } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';
import { type OpenFiles, readOpenFiles } from './open-files.js';
import type { OpenCounts, Process } from './process.js';

export interface ProcessWalk {
  processes: Process[];
  /** False if the time was over before all processes were read, or their descriptors. */
  whole: boolean;
  /** One process of each namespace, by its id. */
  mountNamespaces: Map<string, number>;
  netNamespaces: Map<string, number>;
}

/** Of the time that is left; the rest is for what follows. */
const STATUS_SHARE = 0.5;
const DETAILS_SHARE = 0.5;
const LARGEST = 20;
/** The clock is asked after so many. */
const CHECKED = 16;
/** When a process started tells it apart from a later one with its number: of so many it matters. */
const STARTS = 5000;
const MAPS_LIMIT = 16 << 20;
/** Some 20,000 mappings, which are read and summed in 10 ms. */
const SHORT_MAPS = 2 << 20;
const FEW_LARGEST = 5;
/** Of the limit of one process: below this, no process can be near it. */
const MANY_MAPPINGS = 0.5;
/** Of the time that is left, for counting mappings. */
const MAPPINGS_SHARE = 0.3;
/** A text that is cut ends within this of its limit: at a line. */
const PAGE = 4096;

/** Reads the status of all processes alone: no namespaces, no starts, no descriptors. */
export async function readStatuses(look: LookBuilder): Promise<ProcessWalk> {
  const walk: ProcessWalk = { processes: [], whole: true, mountNamespaces: new Map(), netNamespaces: new Map() };
  const pids = (namesIn('/proc') ?? []).filter((name) => /^[1-9]\d*$/.test(name));
  const from = look.time();
  for (const [index, name] of pids.entries()) {
    if (look.isDue()) await look.pause();
    if (index % CHECKED === 0 && look.isOver(from, STATUS_SHARE)) {
      walk.whole = false;
      look.miss('table/processes', `took too long: ${formatCount(index)} of ${formatCount(pids.length)} were read`);
      break;
    }
    const facts = parseStatus(readShort(`/proc/${name}/status`) ?? '');
    // Null: it has ended since its name was read.
    if (facts !== null)
      walk.processes.push(Object.assign(facts, { pid: Number(name), startSeconds: null, open: null }));
  }
  return walk;
}

/**
 * Reads of the processes what takes longer than their status: their namespaces, when they started, and what they have
 * open, those with most memory first. `files` takes what they have open; null = it is not read.
 */
export async function readDetails(look: LookBuilder, walk: ProcessWalk, files: OpenFiles | null): Promise<void> {
  const from = look.time();
  // A kernel thread has no descriptors, and the namespaces of the first process.
  const processes = walk.processes.filter(({ virtual }) => virtual > 0).toSorted((a, b) => rssOf(b) - rssOf(a));
  for (const [index, process] of processes.entries()) {
    await look.pause();
    if (look.isOver(from, DETAILS_SHARE)) {
      const alone = `of the ${formatCount(index)} largest of ${formatCount(processes.length)} processes alone`;
      if (files !== null) look.miss('open descriptors', `took too long: ${alone}`);
      look.miss('start times and namespaces of processes', `took too long: ${alone}`);
      return;
    }
    const folder = `/proc/${process.pid}`;
    if (index < STARTS) process.startSeconds = parseStartSeconds(readShort(`${folder}/stat`) ?? '');
    addNamespace(walk.mountNamespaces, `${folder}/ns/mnt`, process.pid);
    addNamespace(walk.netNamespaces, `${folder}/ns/net`, process.pid);
    if (files !== null) process.open = await readOpenFiles(look, process, files);
  }
}

/** Its link cannot be read of a process of another user: then its namespace is not looked into. */
function addNamespace(namespaces: Map<string, number>, path: string, pid: number): void {
  const id = linkOf(path);
  if (id !== null && !namespaces.has(id)) namespaces.set(id, pid);
}

/** Writes the table; `cgroupOf` has the path of the memory cgroup of a process, as far as it is known. */
export function tellProcesses(look: LookBuilder, walk: ProcessWalk, cgroupOf: ReadonlyMap<number, string>): void {
  look.table(
    'table/processes',
    walk.processes.map((each) => [
      each.pid,
      each.parent,
      each.name,
      each.startSeconds,
      each.threads,
      each.virtual,
      each.rssAnon,
      each.rssFile,
      each.rssShmem,
      each.swap,
      each.pageTables,
      ...openCells(each.open),
      cgroupOf.get(each.pid) ?? null,
      each.open?.rdma ?? null,
    ]),
  );
}

function openCells(open: OpenCounts | null): (number | null)[] {
  return open === null
    ? Array.from({ length: 8 }, () => null)
    : [open.files, open.pipes, open.sockets, open.uring, open.dmabuf, open.vfio, open.gpu, open.bpfMaps];
}

function mappedMost(processes: readonly Process[], count: number): Process[] {
  return processes
    .filter((each) => each.virtual > 0)
    .toSorted((a, b) => rssOf(b) - rssOf(a))
    .slice(0, count);
}

/**
 * Finds the process with most mappings of those that are not in the table: it may be small. Mappings are counted only
 * where all processes together have so many that one could be near the limit (vm_area_struct of slabinfo).
 */
async function mostMappings(
  look: LookBuilder,
  processes: readonly Process[],
  known: ReadonlySet<number>,
): Promise<{ process: Process; mappings: number } | null> {
  const limit = oneNumber(look.texts.get('proc/sys/vm/max_map_count'));
  const all = /^vm_area_struct {1,64}(\d{1,12}) /m.exec(look.texts.get('proc/slabinfo') ?? '');
  if (limit === null || all === null || Number(all[1]) < MANY_MAPPINGS * limit) return null;
  const from = look.time();
  let most: { process: Process; mappings: number } | null = null;
  for (const process of processes) {
    if (process.virtual === 0 || known.has(process.pid)) continue;
    const mappings = await mappingsOf(look, process.pid);
    if (mappings > (most?.mappings ?? 0)) most = { process, mappings };
    if (look.isOver(from, MAPPINGS_SHARE)) {
      look.miss('mappings of all processes', 'took too long');
      break;
    }
  }
  return most;
}

/** Counts the mappings of a process, as long as there is time. */
async function mappingsOf(look: LookBuilder, pid: number): Promise<number> {
  let mappings = 0;
  for (const lines of countLines(`/proc/${pid}/maps`)) {
    mappings += lines;
    await look.pause();
    if (look.isOver()) break;
  }
  return mappings;
}

function rssOf({ rssAnon, rssFile, rssShmem }: Process): number {
  return rssAnon + rssFile + rssShmem;
}

/**
 * Writes 'table/mappings' of the processes with the largest RSS alone: smaps_rollup holds mmap_lock and
 * walks every page table of the process. 'maps' is for who must not stand still for long: of fewer processes, and
 * of those with very many mappings the number alone. The process with most mappings may be another.
 */
export async function tellMappings(look: LookBuilder, walk: ProcessWalk, how: 'smaps' | 'maps'): Promise<void> {
  const isShort = how === 'maps';
  const largest = mappedMost(walk.processes, isShort ? FEW_LARGEST : LARGEST);
  const rows: (number | null)[][] = [];
  for (const [index, each] of largest.entries()) {
    await look.pause();
    if (look.isOver()) {
      look.miss('table/mappings', `took too long: of the ${index} largest processes alone`);
      break;
    }
    const rollup = isShort ? null : parseRollup(readShort(`/proc/${each.pid}/smaps_rollup`) ?? '');
    const maps = readWhole(`/proc/${each.pid}/maps`, isShort ? SHORT_MAPS : MAPS_LIMIT).text ?? '';
    // A process of another user has neither; maps of one that has just ended is empty.
    if (maps === '') continue;
    if (isShort && maps.length > SHORT_MAPS - PAGE) {
      look.miss('table/mappings', 'of processes with very many mappings their number alone');
      rows.push([each.pid, rssOf(each), null, null, null, null, await mappingsOf(look, each.pid)]);
      continue;
    }
    const digest = digestMaps(maps);
    rows.push([
      each.pid,
      rollup?.rss ?? rssOf(each),
      rollup?.pss ?? null,
      rollup?.pssAnon ?? null,
      rollup?.pssFile ?? null,
      rollup?.pssShmem ?? null,
      digest.vmas,
      digest.heap,
      digest.arenas,
      digest.arenaBytes,
      digest.stackSize,
      digest.stackCount,
    ]);
  }
  const most = await mostMappings(look, walk.processes, new Set(rows.map(([pid]) => pid ?? 0)));
  if (most !== null) rows.push([most.process.pid, rssOf(most.process), null, null, null, null, most.mappings]);
  look.table('table/mappings', rows);
  if (!look.root) look.miss('table/mappings', 'root only: of your own processes alone');
}
