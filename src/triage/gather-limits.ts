/**
 * Limits and censuses: what the tables of a look have, and what follows from its other texts. So a
 * bundle that has the files alone gives the same gauges as a live look.
 */
import { numbers, oneNumber } from '../proc/machine/counters.js';
import type { CensusFacts, Facts, LimitFacts, MappingFacts } from './facts.js';
import { censusRows, limitRows } from './gather-tables.js';

type Texts = ReadonlyMap<string, string>;

/** Returns the gauges, a table's before those of the texts; null if neither has one. */
export function limitsOf(texts: Texts, facts: Facts): LimitFacts[] | null {
  const sys = (path: string): number | null => oneNumber(texts.get(`proc/sys/${path}`));
  const [, tcpPressure = null, tcpMax = null] = numbers(texts.get('proc/sys/net/ipv4/tcp_mem') ?? '');
  const [, , udpMax = null] = numbers(texts.get('proc/sys/net/ipv4/udp_mem') ?? '');
  const [files = null, , filesMax = null] = numbers(texts.get('proc/sys/fs/file-nr') ?? '');
  const tcpPages = facts.sockstat?.get('tcp pages') ?? null;
  const threads = threadsOf(texts, facts);
  const jit = facts.areas
    ?.filter(({ caller }) => /^bpf_(?:jit|prog_pack)/.test(caller))
    .reduce((sum, { pagesBytes }) => sum + pagesBytes, 0);
  const most = mostMappings(facts);
  const gauges: [name: string, used: number | null, max: number | null, unit: string, holder?: string][] = [
    ['tcp_mem pressure', tcpPages, tcpPressure, 'pages'],
    ['tcp_mem', tcpPages, tcpMax, 'pages', mostQueued(facts, 'tcp')],
    ['udp_mem', facts.sockstat?.get('udp pages') ?? null, udpMax, 'pages', mostQueued(facts, 'udp')],
    ['tcp_max_orphans', facts.sockstat?.get('tcp orphan') ?? null, sys('net/ipv4/tcp_max_orphans'), 'sockets'],
    ['nf_conntrack', sys('net/netfilter/nf_conntrack_count'), sys('net/netfilter/nf_conntrack_max'), 'connections'],
    ['pid_max', threads, sys('kernel/pid_max'), 'threads', mostThreads(facts)],
    ['threads-max', threads, sys('kernel/threads-max'), 'threads', mostThreads(facts)],
    ['file-max', files, filesMax, 'files'],
    // Mappings of the process that has most.
    ['max_map_count', most?.vmas ?? null, sys('vm/max_map_count'), 'mappings', nameOf(facts, most?.pid)],
    ['bpf_jit_limit', jit ?? null, sys('net/core/bpf_jit_limit'), 'bytes'],
    ['CommitLimit', lineOf(facts, 'Committed_AS'), commitLimit(texts, facts), 'bytes'],
  ];
  const known = limitRows(texts);
  const limits = known ?? [];
  for (const [name, used, max, unit, holder = ''] of gauges) {
    if (max !== null && !limits.some((limit) => limit.name === name)) limits.push({ name, used, max, unit, holder });
  }
  return known === null && limits.length === 0 ? null : limits;
}

/** A recording lists the largest processes alone, but counted all threads; null where not all were found. */
function threadsOf(texts: Texts, { processes, notWhole }: Facts): number | null {
  const counted = censusRows(texts)?.find(({ cache }) => cache === 'task_struct')?.counted;
  if (counted !== undefined) return counted;
  return processes === null || notWhole.includes('table/processes')
    ? null
    : processes.reduce((sum, { threads }) => sum + threads, 0);
}

/** The process with most mappings of those that were looked at. */
function mostMappings({ mappings }: Facts): MappingFacts | null {
  if (mappings === null || mappings.length === 0) return null;
  return mappings.reduce((most, each) => (each.vmas > most.vmas ? each : most));
}

/** '1234 java'; '' if the process is not known. */
function nameOf({ processes }: Facts, pid: number | undefined): string {
  const known = processes?.find((each) => each.pid === pid);
  return known === undefined ? '' : `${known.pid} ${known.name}`;
}

function mostThreads(facts: Facts): string {
  const most = facts.processes?.reduce((best, each) => (each.threads > best.threads ? each : best), NO_THREADS);
  return most === undefined || most.threads < 2 ? '' : nameOf(facts, most.pid);
}

const NO_THREADS = { pid: -1, threads: 0 };

/** The process whose sockets of a family queue most; '' if none queues anything. */
function mostQueued({ sockets }: Facts, family: string): string {
  const queues = new Map<string, number>();
  for (const { family: own, pid, processName, receiveQueue, sendQueue } of sockets ?? []) {
    const holder = `${pid} ${processName}`;
    if (own === family && pid > 0) queues.set(holder, (queues.get(holder) ?? 0) + receiveQueue + sendQueue);
  }
  const [holder, bytes] = [...queues].reduce((most, each) => (each[1] > most[1] ? each : most), ['', 0]);
  return bytes > 0 ? holder : '';
}

function lineOf({ meminfo }: Facts, name: string): number | null {
  const kib = meminfo?.get(name);
  return kib === undefined ? null : kib * 1024;
}

/** The limit of what may be promised: the kernel keeps it with overcommit_memory 2 alone. */
function commitLimit(texts: Texts, facts: Facts): number | null {
  return oneNumber(texts.get('proc/sys/vm/overcommit_memory')) === 2 ? lineOf(facts, 'CommitLimit') : null;
}

/**
 * A socket counts a small packet with some 768 bytes (truesize), but TCP counts the data alone in Recv-Q and
 * Send-Q, and puts small packets together: so many bytes a packet are few.
 */
const BYTES_A_PACKET = 256;

/** Packets that sockets and cards can hold at most; null if sockets were not read. */
function packetsIn({ sockets, rings }: Facts): number | null {
  if (sockets === null) return null;
  const queued = sockets.reduce((sum, { receiveQueue, sendQueue }) => sum + receiveQueue + sendQueue, 0);
  const inRings = (rings ?? []).reduce((sum, { queues, descriptors }) => sum + queues * descriptors, 0);
  return Math.ceil(queued / BYTES_A_PACKET) + inRings;
}

/** Returns what users can count beside the cache that should agree; null if nothing could be counted. */
export function censusOf(texts: Texts, facts: Facts): CensusFacts[] | null {
  const [files = null] = numbers(texts.get('proc/sys/fs/file-nr') ?? '');
  const [inodes = null] = numbers(texts.get('proc/sys/fs/inode-state') ?? '');
  const processes = facts.processes;
  const counts: [cache: string, counted: number | null, what: string][] = [
    ['filp', files, 'file-nr'],
    ['dentry', facts.dentries?.all ?? null, 'dentry-state'],
    ['inodes', inodes, 'inode-state'],
    ['TCP', facts.sockstat?.get('tcp alloc') ?? null, 'TCP alloc of sockstat'],
    // ps without -L tells no threads.
    ['task_struct', processes?.reduce((sum, { threads }) => sum + threads, 0) || null, 'threads of all processes'],
    ['skbuff_head_cache', packetsIn(facts), 'what the queues of all sockets and the rings of all cards can hold'],
    ['mm_struct', processes?.filter(({ virtual }) => virtual > 0).length ?? null, 'processes with memory'],
  ];
  const known = censusRows(texts);
  const census = known ?? [];
  for (const [cache, counted, what] of counts) {
    if (counted !== null && !census.some((each) => each.cache === cache)) census.push({ cache, counted, what });
  }
  return known === null && census.length === 0 ? null : census;
}
