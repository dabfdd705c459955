/** Logs of the kernel, and files of viewers. */
import { type ForeignText, TRACE_IT } from './foreign-text.js';

const EXPORTED = 'give unfreed the recording or the text from which it was made';

export const LOGS: readonly ForeignText[] = [
  {
    name: 'a mail whose text is in base64',
    signs: [/^Content-Transfer-Encoding: base64/i],
    nextSteps: ['save the text as the mail program shows it, or decode it: base64 -d'],
  },
  {
    name: "a kernel log with a report of the kernel's OOM killer",
    signs: [
      /^\S.{0,64} invoked oom-killer: /,
      /^(?:Memory cgroup )?[Oo]ut of memory: Kill/,
      /^oom-kill:constraint=/,
      /^Tasks state \(memory values in pages\):/,
      /^\[\s*pid\s*\]\s+uid\s+tgid\s+total_vm/,
    ],
    nextSteps: [`it says what was held when memory ran out, not by whom; ${TRACE_IT}`],
  },
  {
    name: 'a kernel log with a report on memory (show_mem)',
    signs: [
      /^Unreclaimable slab info:/,
      /^Mem-Info:/,
      /^active_anon:\d+ inactive_anon:\d+/,
      /^Node \d+ (?:DMA|DMA32|Normal|Movable) free:\d+kB/,
    ],
    nextSteps: [`it says how much was held, not by whom; ${TRACE_IT}`],
  },
  {
    name: 'a kernel log with a report on one page (dump_page)',
    signs: [/^page(?:_owner)? (?:last )?allocated via order \d+/, /^page:[0-9a-f]{8,16} (?:ref)?count:/],
    nextSteps: [TRACE_IT],
  },
  {
    name: 'a kernel log',
    signs: [/^Linux version \d+\.\d+/, /^Command line: /, /^(?:BUG|WARNING): .*(?:kernel|CPU)/, /^Kernel panic - /],
    nextSteps: [
      'a trace in it would begin with "Dumping ftrace buffer"; none of its first lines is an event',
      TRACE_IT,
    ],
  },
];

/** Files of viewers and profilers; tried on the first line that is not empty. */
export const EXPORTS: readonly ForeignText[] = [
  {
    name: "a script's output of perf script -g python, not the events as perf script prints them",
    signs: [/^in trace_begin$/],
    nextSteps: ['perf script -i perf.data > FILE.txt, then unfreed top FILE.txt'],
  },
  {
    name: 'an HTML page',
    signs: [/^\s*<(?:!doctype html|html|head|body)\b/i],
    nextSteps: ['save the text itself, not the page around it ("raw" or "download" in most archives)'],
  },
  {
    name: 'a picture (SVG) of call paths',
    signs: [/^\s*<\?xml\b/, /^\s*<svg\b/],
    nextSteps: [EXPORTED],
  },
  {
    name: 'a speedscope file, which holds no events',
    signs: [/^\s*\{.*speedscope\.app/],
    nextSteps: [EXPORTED],
  },
  {
    name: 'a JSON file',
    signs: [/^\s*[[{]\s*(?:"|$)/],
    nextSteps: [
      "what can be read: text of perf script (perf record -e 'kmem:*' -g), trace-cmd report or a tracefs trace",
    ],
  },
  {
    name: 'a list of folded call paths: sums without events',
    signs: [/^[^\s;][^;]{0,200};[^;]{1,200};.* \d+$/],
    nextSteps: [EXPORTED],
  },
  {
    name: 'a report of unfreed, which holds no events',
    signs: [/^rank,allocator,/, /^import, .* collector, /, /^## Kernel memory outstanding/],
    nextSteps: [EXPORTED],
  },
];
