/**
 * Outputs of other tracers and profilers. Shapes: made with perf 6.1, slabtop and bpftrace, and read
 * in the sources of bcc (tools/memleak.py, libbpf-tools/memleak.c), memstrack (report.c), trace-cmd,
 * babeltrace and pprof.
 */
import { type ForeignText, PERF_EVENTS, TRACE_CACHE, TRACE_CMD_EVENTS, TRACE_IT } from './foreign-text.js';

export const TOOL_OUTPUTS: readonly ForeignText[] = [
  {
    name: 'a trace of the function_graph tracer, whose events are comments without a task and a time',
    signs: [/^# tracer: function_graph/, /^\s*(?:[\d.]+ \|\s+)?\d+\)\s.*\|\s.*(?:\(\) \{|\(\);|\}|\/\* .* \*\/)\s*$/],
    nextSteps: [
      'trace the events alone, without calls: echo nop > /sys/kernel/tracing/current_tracer and enable events/kmem, then unfreed top trace; or trace-cmd record -e kmem -T sleep 60, then trace-cmd report > FILE.txt',
    ],
  },
  {
    name: 'a trace of functions without events',
    signs: [/^# tracer: function$/, /^\s*\S.{0,40}-\d+\s.*\[\d{3,}\] .*: \w+ <-\w+$/],
    nextSteps: [TRACE_CMD_EVENTS],
  },
  {
    name: 'a tracefs trace with options/raw or options/hex, whose events have no names and fields',
    signs: [/^\d+ \d+ \d{6,} type: \d+$/, /^[0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{16} type: \d+$/],
    nextSteps: [
      'print it again: echo 0 > options/raw; echo 0 > options/hex; cat trace > FILE.txt, then unfreed top FILE.txt',
    ],
  },
  {
    name: 'the statistics of perf kmem stat: sums without events',
    signs: [
      /^SUMMARY \((?:SLAB|page) allocator\)/,
      /^\s*(?:Callsite|Alloc Ptr)\s+\| Total_alloc\/Per/,
      /^\s*(?:Callsite|PFN|Page)\s+\|.*Total alloc/i,
      /^\s*(?:PFN|Page)\s+\|\s*(?:Total|Live) alloc \(KB\)/,
      /^\s*(?:Total|Live) alloc \(KB\) \| /,
      /^# GFP flags$/,
    ],
    nextSteps: [
      'print the events of the same perf.data: perf script -i perf.data > FILE.txt, then unfreed top FILE.txt',
    ],
  },
  {
    name: 'the output of memleak, with outstanding bytes by stack: sums without events',
    signs: [
      /^\[\d\d?:\d\d?:\d\d?\] Top \d+ stacks with outstanding allocations/,
      /^\s*\d+ bytes in \d+ allocations from stack/,
      /^Attaching to (?:kernel allocators|pid \d+|malloc|.*), Ctrl\+C to quit/,
      /^\s*addr = [0-9a-f]+ size = \d+$/,
    ],
    nextSteps: ['trace the same with its frees: unfreed record -o FILE --duration 1m, then unfreed top FILE'],
  },
  {
    name: 'a report of memstrack: sums without events',
    signs: [
      /^=+ Report format \w+: =+/,
      /^Module \S+ using [\d.]+[KMG]?B \(-?\d+ pages\)/,
      /^Top stack usage of module /,
    ],
    nextSteps: [TRACE_IT],
  },
  {
    name: 'the output of perf trace, which leaves out fields that are 0',
    signs: [
      /^\s*\d+\.\d{3} (?:\([^()]{0,12}\): )?.{1,64}\/-?\d+ [\w-]+:\w+\(/,
      /^\s*(?:\d+\.\d{3}|\?) \([^()]{0,12}\): /,
      /^ Summary of events:$/,
    ],
    nextSteps: [PERF_EVENTS],
  },
  {
    name: 'the output of perf report: sums without events',
    signs: [
      /^\s+\d+\.\d\d%\s.*\s\[[k.]\] \S/,
      /^# (?:Overhead|Children) +/,
      /^# Samples: .* of events? '/,
      /^# To display the perf\.data header info/,
    ],
    nextSteps: [
      'print the events of the same perf.data: perf script -i perf.data > FILE.txt, then unfreed top FILE.txt',
    ],
  },
  {
    name: 'the raw dump of a perf.data file (perf report -D)',
    signs: [/^\. \.\.\. raw event: size \d+ bytes/, /^0x[0-9a-f]+ \[0x[0-9a-f]+\]: PERF_RECORD_/],
    nextSteps: ['print its events: perf script -i perf.data > FILE.txt, then unfreed top FILE.txt'],
  },
  {
    name: 'the output of perf stat: counts without events',
    signs: [/^ ?Performance counter stats for /, /^\d+,,\w+:\w+,\d+,[\d.]+,,$/, /^# started on .*\d{4}$/],
    nextSteps: [PERF_EVENTS],
  },
  {
    name: 'the list of perf list or of available_events',
    signs: [
      /^List of pre-defined events/,
      /^\s+[\w-]+:\w+\s+\[Tracepoint event\]/,
      /^(?:tracepoint:)?kmem:\w+$/,
      /^kmem:\w+: type: \d+, size: \d+,/,
    ],
    nextSteps: [PERF_EVENTS],
  },
  {
    name: 'a histogram of events (a hist trigger of tracefs): sums without events',
    signs: [/^# event histogram/, /^# trigger info: /, /^\{ .*\S \} hitcount:\s+\d+/],
    nextSteps: [TRACE_CMD_EVENTS],
  },
  {
    name: 'the format file of a tracepoint',
    signs: [/^\tfield:.*;\toffset:\d+;\tsize:\d+;/],
    nextSteps: [TRACE_CMD_EVENTS],
  },
  {
    name: 'the text of trace-cmd stat or trace-cmd report --stat: counts without events',
    signs: [/^Kernel buffer statistics:/, /^ ?Note: "entries" are the entries left in the kernel ring buffer/],
    nextSteps: [TRACE_CMD_EVENTS],
  },
  {
    name: 'a text trace of LTTng (babeltrace)',
    signs: [/^\[\d\d:\d\d:\d\d\.\d+\] \([+?][\d.?]+\) \S+ \w+: \{/],
    nextSteps: [PERF_EVENTS],
  },
  {
    name: 'a run of slabtop: it lists the caches, not who filled them',
    signs: [/^\s*Active \/ Total Objects \(% used\)/, /^\s*OBJS\s+ACTIVE\s+USE OBJ SIZE/],
    nextSteps: [TRACE_CACHE],
    cacheOf: (line) => {
      const found = /^\s*\d+\s+\d+\s+\d+%\s+[\d.]+K\s+\d+\s+\d+\s+(\d+)K (\S+)/.exec(line);
      return found === null ? null : { name: found[2], size: Number(found[1]) };
    },
  },
  {
    name: 'the output of a tool of bcc (trace, argdist, stackcount, funccount)',
    signs: [/^Tracing \d+ functions for "/, /^PID\s+TID\s+COMM\s+FUNC\b/, /^\tCOUNT\s+EVENT$/, /^FUNC\s+COUNT$/],
    nextSteps: [TRACE_IT],
  },
  {
    name: 'the output of slabratetop',
    signs: [/^CACHE\s+ALLOCS\s+BYTES$/],
    nextSteps: [TRACE_IT],
  },
  {
    name: 'the table of slabs of the crash utility (kmem -s)',
    signs: [/^CACHE\s+(?:NAME\s+)?OBJSIZE\s+ALLOCATED\s+TOTAL\s+SLABS/],
    nextSteps: [TRACE_IT],
  },
  {
    name: 'the memory summary of the crash utility (kmem -i)',
    signs: [/^\s*PAGES\s+TOTAL\s+PERCENTAGE$/],
    nextSteps: [TRACE_IT],
  },
  {
    name: "output of bpftrace that is not of unfreed's own script",
    signs: [/^Attaching \d+ probes?\.\.\./, /^@\w*\[/, /^@\w*: -?\d+$/],
    nextSteps: [
      'unfreed has its own script: unfreed record --collector bpftrace -o FILE --duration 1m, then unfreed top FILE',
    ],
  },
  {
    name: 'a heap profile of tcmalloc, jemalloc or Go, which covers one process and no kernel memory',
    signs: [/^heap profile: /, /^heap_v2\//, /^Type: (?:inuse|alloc)_(?:space|objects)/],
    nextSteps: [TRACE_IT],
  },
  {
    name: 'a report of valgrind, which covers one process and no kernel memory',
    signs: [/^==\d+== (?:Memcheck|Massif|HEAP SUMMARY|LEAK SUMMARY)/, /^snapshot=\d+$/],
    nextSteps: [TRACE_IT],
  },
];
