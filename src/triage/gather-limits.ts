/**
 * Limits and censuses: what the tables of a look have, and what follows from its other texts. So a
 * bundle that has the files alone gives the same gauges as a live look.
 */
import { numbers, oneNumber } from '../proc/machine/counters.js';
import type { CensusFacts, Facts, LimitFacts } from './facts.js';
import { censusRows, limitRows } from './gather-tables.js';

type Texts = ReadonlyMap<string, string>;

/** Returns the gauges, a table's before those of the texts; null if neither has one. */
export function limitsOf(texts: Texts, facts: Facts): LimitFacts[] | null {
  const sys = (path: string): number | null => oneNumber(texts.get(`proc/sys/${path}`));
  const [, tcpPressure = null, tcpMax = null] = numbers(texts.get('proc/sys/net/ipv4/tcp_mem') ?? '');
  const [files = null, , filesMax = null] = numbers(texts.get('proc/sys/fs/file-nr') ?? '');
  const tcpPages = facts.sockstat?.get('tcp pages') ?? null;
  // A recording lists the largest processes alone, but counted all threads.
  const threads =
    censusRows(texts)?.find(({ cache }) => cache === 'task_struct')?.counted ??
    facts.processes?.reduce((sum, { threads: own }) => sum + own, 0) ??
    null;
  const jit = facts.areas
    ?.filter(({ caller }) => /^bpf_(?:jit|prog_pack)/.test(caller))
    .reduce((sum, { pagesBytes }) => sum + pagesBytes, 0);
  const gauges: [name: string, used: number | null, max: number | null, unit: string][] = [
    ['tcp_mem pressure', tcpPages, tcpPressure, 'pages'],
    ['tcp_mem', tcpPages, tcpMax, 'pages'],
    ['tcp_max_orphans', facts.sockstat?.get('tcp orphan') ?? null, sys('net/ipv4/tcp_max_orphans'), 'sockets'],
    ['nf_conntrack', sys('net/netfilter/nf_conntrack_count'), sys('net/netfilter/nf_conntrack_max'), 'connections'],
    ['pid_max', threads, sys('kernel/pid_max'), 'threads'],
    ['threads-max', threads, sys('kernel/threads-max'), 'threads'],
    ['file-max', files, filesMax, 'files'],
    // Mappings of the process that has most.
    ['max_map_count', mostMappings(facts), sys('vm/max_map_count'), 'mappings'],
    ['bpf_jit_limit', jit ?? null, sys('net/core/bpf_jit_limit'), 'bytes'],
  ];
  const known = limitRows(texts);
  const limits = known ?? [];
  for (const [name, used, max, unit] of gauges) {
    if (max !== null && !limits.some((limit) => limit.name === name))
      limits.push({ name, used, max, unit, holder: '' });
  }
  return known === null && limits.length === 0 ? null : limits;
}

function mostMappings({ mappings }: Facts): number | null {
  return mappings === null || mappings.length === 0
    ? null
    : mappings.reduce((most, { vmas }) => Math.max(most, vmas), 0);
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
