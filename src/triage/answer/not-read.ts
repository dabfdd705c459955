/** What each text of a look is called, and what it would have decided, for the list of what could not be read. */
import type { NotRead } from '../../proc/look.js';

interface Source {
  /** The start of its name in a look. The first that fits counts. */
  start: string;
  /** What people call it; absent = a file, by its path. */
  name?: string;
  decides: string;
}

const SOURCES: readonly Source[] = [
  { start: 'proc/meminfo', decides: 'everything about the whole machine' },
  { start: 'proc/zoneinfo', decides: 'free pages on per-CPU lists; they are counted as missing' },
  { start: 'proc/slabinfo', decides: 'which slab cache holds the memory' },
  { start: 'proc/vmallocinfo', decides: 'who took vmalloc memory, and which driver maps pages' },
  { start: 'proc/pagetypeinfo', decides: 'whether memory is only in pieces' },
  { start: 'proc/pressure', decides: 'whether tasks wait for memory' },
  { start: 'proc/vmstat', decides: 'stalls and OOM kills since boot, pins' },
  { start: 'proc/allocinfo', decides: 'who took the pages that no line counts, by call site' },
  { start: 'sys/kernel/debug/page_owner', decides: 'who took the pages that no line counts, by call path' },
  { start: 'report/page_owner', name: 'page_owner', decides: 'who took the pages that no line counts, by call path' },
  { start: 'sys/kernel/debug/dma_buf', decides: 'memory shared with devices' },
  { start: 'sys/kernel/dmabuf', decides: 'memory shared with devices' },
  {
    start: 'table/processes',
    name: 'processes',
    decides: 'which process holds anonymous memory, page tables, threads',
  },
  {
    start: 'table/mappings',
    name: 'maps of processes',
    decides: 'heaps, stacks and mappings of the largest processes',
  },
  { start: 'table/cgroups', name: 'cgroups', decides: 'which container is at its limit; removed cgroups' },
  { start: 'table/mounts', name: 'mounts', decides: 'which tmpfs holds shared memory' },
  { start: 'table/shmem', name: 'shared memory', decides: 'which process or segment holds shared memory' },
  { start: 'table/sockets', name: 'sockets', decides: 'which process has the full queues or the packet rings' },
  { start: 'table/sockstat', name: 'socket counters', decides: 'memory of sockets' },
  { start: 'table/bpf', name: 'BPF maps', decides: 'which BPF map holds the memory' },
  { start: 'table/rings', name: 'rings of network cards', decides: 'how much the rings of network cards take' },
  { start: 'table/limits', name: 'limits', decides: 'which limit is near' },
  { start: 'table/census', name: 'counts of objects', decides: 'objects whose owner is gone' },
  { start: 'table/history', name: 'history of sar', decides: 'the pace over days' },
  { start: 'table/owners', name: 'owners of pages', decides: 'who took the pages that no line counts' },
  {
    start: 'report/census',
    name: 'census of the pages',
    decides: 'who holds each of the pages that no line counts',
  },
  { start: 'log/kernel', name: 'kernel log', decides: 'OOM kills, and what the killed processes held' },
  {
    start: 'open descriptors',
    decides: 'who holds pipes, io_uring, devices, memfd and GPU objects, and whose sockets are full',
  },
  { start: 'start times and namespaces', decides: 'tmpfs and sockets of containers whose processes are small' },
  { start: 'memory.stat of cgroups', decides: 'what the smaller cgroups hold' },
  { start: 'mappings of all processes', decides: 'whether a process is near the limit of mappings' },
  { start: 'rings of packet sockets', decides: 'how much packet rings take' },
  { start: 'sizes of network rings', decides: 'how much the rings of network cards take' },
  { start: 'proc/sys/net/core/bpf_jit_limit', decides: 'whether compiled BPF programs are near their limit' },
  { start: 'proc/sys/', decides: 'which limit is near' },
  { start: 'the rest of', decides: 'whatever stands behind it' },
  { start: 'pace', decides: 'what grows, and the hours that are left' },
];
const PREFIXES: readonly (readonly [start: string, say: (rest: string) => string])[] = [
  ['table/', (rest) => rest],
  ['command/', (rest) => `output of ${rest}`],
  ['sections/', (rest) => rest],
  ['crash/', (rest) => `${rest} of crash`],
  ['sar/', () => 'text of sar'],
  ['report/', (rest) => rest],
  ['file', () => 'the file'],
];

export function wouldDecide({ what }: NotRead): string {
  return SOURCES.find(({ start }) => what.startsWith(start))?.decides ?? 'details';
}

/** What a source is called in a sentence. Untrusted. */
export function sourceName({ what }: NotRead): string {
  const known = SOURCES.find(({ start }) => what.startsWith(start))?.name;
  if (known !== undefined) return known;
  if (/^(?:proc|sys|etc|var)\//.test(what)) return `/${what}`;
  const prefix = PREFIXES.find(([start]) => what === start || (start.endsWith('/') && what.startsWith(start)));
  return prefix === undefined ? what : prefix[1](what.slice(prefix[0].length));
}
