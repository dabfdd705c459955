/** What each text of a look would have decided, for the list of what could not be read. */
import type { NotRead } from '../../proc/look.js';

/** By the start of the name; the first that fits. */
const DECIDES: readonly (readonly [start: string, decides: string])[] = [
  ['proc/meminfo', 'everything about the whole machine'],
  ['proc/zoneinfo', 'free pages on per-CPU lists; they are counted as missing'],
  ['proc/slabinfo', 'which slab cache holds the memory'],
  ['proc/vmallocinfo', 'who took vmalloc memory, and which driver maps pages'],
  ['proc/pagetypeinfo', 'whether memory is only in pieces'],
  ['proc/pressure', 'whether tasks wait for memory'],
  ['proc/vmstat', 'stalls and OOM kills since boot, pins'],
  ['proc/allocinfo', 'who took the pages that no line counts, by call site'],
  ['sys/kernel/debug/page_owner', 'who took the pages that no line counts, by call path'],
  ['sys/kernel/debug/dma_buf', 'memory shared with devices'],
  ['sys/kernel/dmabuf', 'memory shared with devices'],
  ['table/processes', 'which process holds anonymous memory, page tables, threads'],
  ['open descriptors', 'pipes, io_uring, memfd and GPU objects of the other processes, and whose sockets are full'],
  ['start times and namespaces', 'tmpfs and sockets of containers whose processes are small'],
  ['memory.stat of cgroups', 'what the smaller cgroups hold'],
  ['rings of packet sockets', 'how much packet rings take'],
  ['sizes of network rings', 'how much the rings of network cards take'],
  ['table/mappings', 'heaps, stacks and mappings of the largest processes'],
  ['table/cgroups', 'which container is at its limit; removed cgroups'],
  ['table/mounts', 'which tmpfs holds shared memory'],
  ['table/shmem', 'which process or segment holds shared memory'],
  ['table/sockets', 'which process has the full queues or the packet rings'],
  ['table/sockstat', 'memory of sockets'],
  ['table/bpf', 'which BPF map holds the memory'],
  ['table/rings', 'how much the rings of network cards take'],
  ['table/limits', 'which limit is near'],
  ['table/census', 'objects whose owner is gone'],
  ['table/history', 'the pace over days'],
  ['log/kernel', 'OOM kills, and what the killed processes held'],
];

export function wouldDecide({ what }: NotRead): string {
  return DECIDES.find(([start]) => what.startsWith(start))?.[1] ?? 'details';
}
