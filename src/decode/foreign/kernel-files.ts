/**
 * Files of /proc, sysfs and debugfs. Shapes: mm/page_owner.c (2.6 to 7.x) and tools/mm/page_owner_sort.c,
 * lib/alloc_tag.c, mm/slub.c, mm/vmstat.c, fs/proc/; those of this list that need no debug option were
 * also printed on Linux 6.18.
 */
import { type ForeignText, SNAPSHOT_TWICE, TRACE_CACHE, TRACE_IT } from './foreign-text.js';

const PAGE_OWNER = 'it shows one moment and no events, so unfreed cannot read it yet; ';
const HOW_MUCH = 'it says how much is held, not by whom; ';

/** Those with sums by call path come first: they may have a line of the others in their midst. */
export const KERNEL_FILES: readonly ForeignText[] = [
  {
    name: 'a sorted page_owner file (page_owner_sort)',
    signs: [/^\s*\d+ times(?:, \d+ pages)?(?:,|:)/],
    nextSteps: [`${PAGE_OWNER}its first blocks hold the most`, TRACE_IT],
  },
  {
    name: 'a file of page_owner_stacks (show_stacks)',
    signs: [/^\s*nr_base_pages: \d+/, /^\s*stack_count: \d+/],
    nextSteps: [`${PAGE_OWNER}${SNAPSHOT_TWICE}`, TRACE_IT],
  },
  {
    name: 'a page_owner file',
    signs: [/^Page allocated via order \d+/, /^PFN \d+ (?:type \S+ )?Block \d+ type/],
    nextSteps: [`${PAGE_OWNER}page_owner_sort of the kernel's tools/mm sums it up`, TRACE_IT],
  },
  {
    name: "the kernel's own list of memory by line of code, from a log (memory allocation profiling)",
    signs: [
      /^Memory allocations(?: \(profiling is currently turned (?:on|off)\))?:$/,
      /^\s*[\d.]+ (?:B|[KMGT]iB)\s+\d+ \S+:\d+ (?:\[\S+\] )?func:/,
    ],
    nextSteps: [
      'it is the ten largest lines of code at one moment, with rounded figures; the whole list is /proc/allocinfo',
      TRACE_IT,
    ],
  },
  {
    name: 'an allocinfo file (memory allocation profiling)',
    signs: [/^allocinfo - version: /, /^#\s+<size>\s+<calls>/, /^\s*\d+\s+\d+ \S+:\d+ (?:\[\S+\] )?func:\S+/],
    nextSteps: [
      `it shows one moment and no events, so unfreed cannot read it yet: sort -g FILE | tail shows the lines of code that hold most; ${SNAPSHOT_TWICE}`,
      TRACE_IT,
    ],
  },
  {
    name: 'a list of unreferenced objects of kmemleak',
    signs: [/^unreferenced object (?:\(percpu\) )?0x[0-9a-f]+ \(size \d+\)/],
    nextSteps: [TRACE_IT],
  },
  {
    name: 'a kernel log with a message of kmemleak',
    signs: [/^kmemleak: \d+ new suspected memory leaks/],
    nextSteps: ['the objects and their call paths: cat /sys/kernel/debug/kmemleak', TRACE_IT],
  },
  {
    name: 'a list of symbols (kallsyms, System.map)',
    signs: [/^[0-9a-f]{8,16} [a-zA-Z] [\w.$]+(?:\t\[\w+\])?$/],
    nextSteps: [TRACE_IT],
  },
  {
    name: "a list of call sites of SLUB's debugging (alloc_traces)",
    signs: [/^\s*\d+ \S+\+0x[0-9a-f]+\/0x[0-9a-f]+ (?:\[\S+\] )?(?:waste=\S+ )?age=\d+/],
    nextSteps: [TRACE_IT],
  },
  {
    name: 'a slabinfo file: it lists the caches, not who filled them',
    signs: [/^slabinfo - version: /, /^# name\s+<active_objs>/, /^\S+(?:\s+\d+){5} : (?:tunables|slabdata)/],
    nextSteps: [TRACE_CACHE],
    cacheOf: (line) => {
      const found = /^(\S+)\s+\d+\s+(\d+)\s+(\d+)\s+\d+\s+\d+ : /.exec(line);
      return found === null ? null : { name: found[1], size: Number(found[2]) * Number(found[3]) };
    },
  },
  {
    name: "the output of the kernel's slabinfo tool or of vmstat -m: it lists the caches, not who filled them",
    signs: [/^Name\s+Objects\s+Objsize\s+Space/, /^Slabcache Totals/, /^Cache\s+Num\s+Total\s+Size\s+Pages$/],
    nextSteps: [TRACE_CACHE],
    cacheOf: (line) => {
      const found = /^(\S+)\s+\d+\s+(\d+)\s+(\d+)\s+\d+$/.exec(line);
      return found === null ? null : { name: found[1], size: Number(found[2]) * Number(found[3]) };
    },
  },
  {
    name: 'a vmallocinfo file',
    signs: [/^0x[0-9a-f]+-0x[0-9a-f]+\s+\d+ (?:\S+\+0x|unpurged|\(null\))/],
    nextSteps: ['trace what is allocated there: unfreed live --allocator vmalloc'],
  },
  {
    name: 'a smaps, maps or status file: the memory of one process',
    signs: [
      /^[0-9a-f]{8,16}-[0-9a-f]{8,16} [r-][w-][x-][ps] [0-9a-f]+ /,
      /^(?:Rss|Pss|Private_Dirty|VmRSS|VmPeak):\s+\d+ kB/,
      /^[0-9a-f]{8,16} \w+(?::[\d,-]+)? .*\bkernelpagesize_kB=\d+/,
    ],
    nextSteps: [`${HOW_MUCH}${TRACE_IT}`],
  },
  {
    name: 'a zoneinfo file',
    signs: [/^Node \d+, zone\s+\S+$/, /^\s+pages free\s+\d+$/],
    nextSteps: [`${HOW_MUCH}${TRACE_IT}`],
  },
  {
    name: 'a buddyinfo or pagetypeinfo file',
    signs: [/^Node\s+\d+, zone\s+\S+(?:, type\s+\S+)?(?:\s+>?\d+){8,}/, /^Page block order: \d+/],
    nextSteps: [`${HOW_MUCH}${TRACE_IT}`],
  },
  {
    name: 'a meminfo file',
    signs: [
      /^(?:Node \d+ )?Mem(?:Total|Free|Available|Used):\s+\d+ kB/,
      /^(?:SUnreclaim|VmallocUsed|AnonPages):\s+\d+ kB/,
    ],
    nextSteps: [`${HOW_MUCH}${TRACE_IT}`],
  },
  {
    name: 'a vmstat file',
    signs: [/^nr_(?:free_pages|slab_unreclaimable|zone_inactive_anon) \d+$/, /^pg(?:alloc_normal|faults?|free) \d+$/],
    nextSteps: [`${HOW_MUCH}${TRACE_IT}`],
  },
  {
    name: 'a memory.stat file of a cgroup',
    signs: [/^(?:kernel_stack|slab_unreclaimable|inactive_anon|total_inactive_anon|workingset_refault_anon) \d+$/],
    nextSteps: [`${HOW_MUCH}${TRACE_IT}`],
  },
  {
    name: 'the output of free, vmstat, top, ps or sar',
    signs: [
      /^\s+total\s+used\s+free\s+shared\s+buff/,
      /^procs -+memory-+/,
      /^top - \d\d:\d\d:\d\d up /,
      /^USER\s+PID\s+%CPU\s+%MEM/,
      /^\s*PID USER\s+PR\s+NI\s+VIRT\s/,
      /^\s*PID\s+RSS\s+(?:COMMAND|CMD)/,
      /^\s+\d+ K total memory$/,
      /^\d\d:\d\d:\d\d(?: [AP]M)?\s+kbmemfree/,
    ],
    nextSteps: [`${HOW_MUCH}${TRACE_IT}`],
  },
];
