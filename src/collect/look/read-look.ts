/**
 * Looks at this machine: counters first and close together, so that the equation of the memory adds
 * up, then who holds it. Never throws for what it cannot read: a look says so.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Look } from '../../proc/look.js';
import { shortZoneinfo } from '../../proc/zoneinfo.js';
import { tellBpf } from './bpf-table.js';
import {
  type CgroupTree,
  type CgroupWalk,
  findCgroupTree,
  tellCgroups,
  tellLimited,
  tellPods,
} from './cgroup-table.js';
import { linkOf, namesIn, readWhole } from './kernel-files.js';
import { keepKernelLog } from './kernel-log.js';
import { LookBuilder } from './look-builder.js';
import { pageSizeOf, tellMachine } from './machine-table.js';
import { type MountWalk, tellMounts } from './mount-table.js';
import { InotifyUse, type OpenFiles } from './open-files.js';
import { tellOwners } from './owner-table.js';
import { keepPlainTexts } from './plain-texts.js';
import { type ProcessWalk, readDetails, readStatuses, tellMappings, tellProcesses } from './process-tables.js';
import { readPacketRings, tellNetworkCards } from './rings.js';
import { SharedObjects } from './shared-objects.js';
import { type SocketWalk, tellSockets, walkSockets } from './socket-tables.js';

export interface LookOptions {
  /**
   * Reads smaps_rollup and maps of the 20 largest processes; true if absent. 'maps': maps of the few largest alone,
   * without the walk over their page tables.
   */
  smaps?: boolean | 'maps';
  /** Asks ss, ethtool and bpftool for what is in no file, where they are installed; true if absent. */
  tools?: boolean;
  /** The walks over processes, cgroups and namespaces end after this time; 5,000 if absent. */
  deadlineMs?: number;
  /** The tree of memory cgroups; as this process sees it mounted if absent. */
  cgroups?: CgroupTree;
  /** Wall-clock time, ms since 1970, and a clock that never goes back, ms. */
  clock?: { wall: () => number; steady: () => number };
}

const CLOCK = { wall: () => Date.now(), steady: () => performance.now() };

export async function readLook(options: LookOptions = {}): Promise<Look> {
  const { smaps = true, tools = true, clock = CLOCK } = options;
  const look = builderOf(options);
  const timeMs = clock.wall();
  look.keep('/proc/meminfo');
  await keepPlainTexts(look);
  tellMachine(look);
  await keepKernelLog(look);

  const files: OpenFiles | null = look.root
    ? { socketOwners: new Map(), bpf: new Map(), shared: new SharedObjects(), inotify: new InotifyUse() }
    : null;
  if (files === null) look.miss('open descriptors', 'root only');
  // The lists of all first: what is read of the largest alone may take what is left of the time.
  const walk = await readStatuses(look);
  const cgroups = await tellCgroups(look, options.cgroups ?? findCgroupTree());
  tellPods(look);
  await readDetails(look, walk, files);
  if (files !== null) look.table('table/limits', files.inotify.limitRows(look));
  const shared = await findShared(look, walk, files);
  const mounts = await tellMounts(look, orOurs(walk.mountNamespaces), shared.deletedBytes());
  shared.tell(look, mounts.counting);
  const sockets = await walkSockets(look, orOurs(walk.netNamespaces), files?.socketOwners ?? null);
  if (tools && sockets.withPackets.length > 0) {
    sockets.rows.push(
      ...(await readPacketRings(look, sockets.withPackets.map(namespaceOf), files?.socketOwners ?? null)),
    );
  } else if (sockets.withPackets.length > 0) {
    look.miss('rings of packet sockets', 'no tool was asked');
  }
  tellSockets(look, sockets.rows);
  if (tools) await tellNetworkCards(look);
  if (files !== null) await tellBpf(look, files.bpf, tools);
  else look.miss('table/bpf', 'root only');
  await tellOwners(look, pageSizeOf());
  tellProcesses(look, walk, cgroups.cgroupOf);
  // Last: a process may have a terabyte.
  if (smaps !== false) await tellMappings(look, walk, smaps === 'maps' ? 'maps' : 'smaps');
  tellCensus(look, { walk, cgroups, mounts, sockets });
  return { timeMs, origin: 'live', source: 'this machine', texts: look.texts, notRead: look.notRead };
}

/** Readings between two looks: their spread is the noise of a counter. */
const READINGS = 5;
/** Of the time between two looks, so much is left for the readings when the first look took long. */
const LEAST_SHARE = 1 / 3;
/** Among more processes, the second look would take as long as the first for a pace that seconds cannot show. */
const MANY_PROCESSES = 5000;

export interface LooksOptions extends LookOptions {
  intervalMs: number;
  /** Gets the first look, and returns it with more. It works in the time between, before the readings for the noise. */
  between?: (first: Look) => Promise<Look>;
}

/**
 * Returns a look and, `intervalMs` after its start, a second one of counters alone: meminfo, zoneinfo, vmstat,
 * slabinfo, the processes where they are not many, and the cgroups near their limit. The second has READINGS quick
 * readings from the time between as 'proc/meminfo#1', 'proc/zoneinfo#1' (the short text, see zoneinfo.ts) and
 * 'proc/uptime#1' to '#5'.
 */
export async function readLooks(options: LooksOptions): Promise<[Look, Look]> {
  const { clock = CLOCK, intervalMs, between = (look) => Promise.resolve(look) } = options;
  const startMs = clock.steady();
  const first = await between(await readLook(options));
  const restMs = Math.max(intervalMs * LEAST_SHARE, intervalMs - (clock.steady() - startMs));
  const readings = new Map<string, string>();
  for (let index = 1; index <= READINGS; index++) {
    await sleep(restMs / READINGS);
    for (const [name, text] of reading()) readings.set(`${name}#${index}`, text);
  }
  return [first, await readCounters(options, clock.wall(), readings, first.texts)];
}

/** Returns a look of counters alone: pace is known of them, of the processes, and of cgroups near their limit. */
async function readCounters(
  options: LookOptions,
  timeMs: number,
  readings: Map<string, string>,
  before: Look['texts'],
): Promise<Look> {
  const look = builderOf(options);
  for (const path of ['/proc/meminfo', '/proc/zoneinfo', '/proc/vmstat', '/proc/slabinfo']) look.keep(path);
  look.keepIfThere('/proc/uptime');
  tellMachine(look);
  for (const [name, text] of readings) look.texts.set(name, text);
  const lines = before.get('table/processes')?.split('\n', MANY_PROCESSES + 1).length ?? 0;
  if (lines <= MANY_PROCESSES) tellProcesses(look, await readStatuses(look), new Map());
  const tree = options.cgroups ?? findCgroupTree();
  if (tree !== null) tellLimited(look, tree, before.get('table/cgroups') ?? '');
  return { timeMs, origin: 'live', source: 'this machine', texts: look.texts, notRead: look.notRead };
}

function* reading(): Generator<[string, string]> {
  for (const path of ['proc/meminfo', 'proc/zoneinfo', 'proc/uptime']) {
    const { text } = readWhole(`/${path}`, 16 << 20);
    if (text !== null) yield [path, path === 'proc/zoneinfo' ? shortZoneinfo(text) : text];
  }
}

function builderOf({ deadlineMs = 5000, clock = CLOCK }: LookOptions): LookBuilder {
  return new LookBuilder({ now: clock.steady, deadlineMs, root: process.geteuid?.() === 0 });
}

/** Who may not see the namespaces of others has its own. */
function orOurs(namespaces: ReadonlyMap<string, number>): Iterable<number> {
  return namespaces.size === 0 ? [process.pid] : namespaces.values();
}

function namespaceOf(pid: number): { pid: number; own: boolean } {
  return { pid, own: linkOf(`/proc/${pid}/ns/net`) === linkOf('/proc/self/ns/net') };
}

async function findShared(look: LookBuilder, walk: ProcessWalk, files: OpenFiles | null): Promise<SharedObjects> {
  const shared = files?.shared ?? new SharedObjects();
  shared.addSysv(look.texts.get('proc/sysvipc/shm') ?? '', new Map(walk.processes.map(({ pid, name }) => [pid, name])));
  if (files === null) look.miss('table/shmem', 'root only: SysV segments alone');
  else await shared.addMapped(look, walk.processes);
  return shared;
}

/** What users can count; gatherFacts() adds what follows from texts. */
function tellCensus(
  look: LookBuilder,
  read: { walk: ProcessWalk; cgroups: CgroupWalk; mounts: MountWalk; sockets: SocketWalk },
): void {
  const { walk, cgroups, mounts, sockets } = read;
  const rows: [string, number, string][] = [];
  if (walk.whole && isAllVisible(walk)) {
    const threads = walk.processes.reduce((sum, each) => sum + each.threads, 0);
    rows.push(['task_struct', threads, 'threads of all processes']);
    rows.push(['mm_struct', walk.processes.filter((each) => each.virtual > 0).length, 'processes with memory']);
    if (look.root) rows.push(['net_namespace', walk.netNamespaces.size, 'network namespaces with a process']);
    if (look.root && mounts.all !== null) rows.push(['mnt_cache', mounts.all, 'mounts of all mount namespaces']);
    if (look.root && sockets.conntracks !== null) {
      rows.push(['nf_conntrack', sockets.conntracks, 'connections of all network namespaces']);
    }
  }
  if (cgroups.count !== null) rows.push(['mem_cgroup', cgroups.count, 'directories of memory cgroups']);
  look.table('table/census', rows);
}

/** False in a PID namespace of a container, and where hidepid hides what others run: the caches are of all. */
function isAllVisible(walk: ProcessWalk): boolean {
  return walk.processes.some(({ pid, name }) => pid === 2 && name === 'kthreadd') && namesIn('/proc/2/task') !== null;
}
