/**
 * Files of /proc, sysfs and debugfs, except page_owner, allocinfo, slabinfo and vmallocinfo, which are read
 * (decode/dump). Shapes:
 * mm/slub.c, mm/vmstat.c, fs/proc/; those of this list that need no debug option were also printed on
 * Linux 6.18.
 */
import { type ForeignText, TRACE_CACHE, TRACE_IT } from './foreign-text.js';

const HOW_MUCH = 'it says how much is held, not by whom; ';

/** Those with sums by call path come first: they may have a line of the others in their midst. */
export const KERNEL_FILES: readonly ForeignText[] = [
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
    name: "the output of the kernel's slabinfo tool or of vmstat -m: it lists the caches, not who filled them",
    signs: [/^Name\s+Objects\s+Objsize\s+Space/, /^Slabcache Totals/, /^Cache\s+Num\s+Total\s+Size\s+Pages$/],
    nextSteps: [TRACE_CACHE],
    cacheOf: (line) => {
      const found = /^(\S+)\s+\d+\s+(\d+)\s+(\d+)\s+\d+$/.exec(line);
      return found === null ? null : { name: found[1], size: Number(found[2]) * Number(found[3]) };
    },
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
