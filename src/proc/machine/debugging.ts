/** Debugging aids that are on and take memory, and memory that is kept for a crash kernel. */
import { oneNumber } from './counters.js';

/** Name of an aid, and how the kernel's command line turns it on. The aid is on for words that `not` does not match. */
const ON_COMMAND_LINE: [name: string, on: RegExp][] = [
  ['page_owner', /(?:^| )page_owner=(?:on|1|y)(?: |$)/],
  ['slub_debug', /(?:^| )sl[ua]b_debug(?:=(?!-|off)\S{1,256})?(?: |$)/],
  ['kmemleak', /(?:^| )kmemleak=on(?: |$)/],
  ['debug_pagealloc', /(?:^| )debug_pagealloc=(?:on|1|y)(?: |$)/],
];

/** Lines of the log that an aid prints at boot. */
const IN_LOG: [name: string, line: RegExp][] = [
  ['KASAN', /KernelAddressSanitizer initialized/],
  ['kmemleak', /kmemleak: Kernel memory leak detector initialized/],
  ['KMSAN', /Starting KernelMemorySanitizer/],
];

/** Returns names of aids: 'page_owner', 'kmemleak', 'KASAN', 'slub_debug', ... `texts` are those of a look. */
export function debuggingOf(texts: ReadonlyMap<string, string>): string[] {
  const line = (texts.get('proc/cmdline') ?? '').slice(0, 8192).trim();
  const log = texts.get('log/kernel') ?? '';
  const on = new Set<string>();
  for (const [name, pattern] of ON_COMMAND_LINE) if (pattern.test(line)) on.add(name);
  for (const [name, pattern] of IN_LOG) if (pattern.test(log)) on.add(name);
  if (oneNumber(texts.get('proc/sys/vm/mem_profiling')) === 1) on.add('memory allocation profiling');
  if ((oneNumber(texts.get('sys/kernel/kexec_crash_size')) ?? 0) > 0) on.add('crashkernel');
  return [...on];
}
