/** The part of a kernel's log that a look keeps. */
import { parseLogLine } from './log-line.js';

/** Lines that are kept wherever they stand. */
const KEPT =
  /oom|out of memory|killed process|page allocation failure|percpu: |nr_cpu_ids:|^Memory: |balloon|crashkernel|memory failure|hardware error|hwpoison|table full, dropping|bpf_jit|vmap allocation|kmemleak|KernelAddressSanitizer|KernelMemorySanitizer|page_owner|hugetlb|Linux version |leak/i;
/** A report has some 60 lines, and one for each task. */
const REPORT_LIMIT = 20_000;
const FAILURE_LIMIT = 60;
const TEXT_LIMIT = 1 << 20;

/**
 * Returns the lines that are about memory, and reports of memory that ran out whole; the newest
 * MiB of them, cut at a line.
 */
export function memoryLines(log: string): string {
  const kept: string[] = [];
  let inReport = 0;
  for (const line of log.split('\n')) {
    const { text } = parseLogLine(line);
    if (text.includes(' invoked oom-killer: ')) inReport = REPORT_LIMIT;
    else if (text.includes('page allocation failure: ')) inReport = Math.max(inReport, FAILURE_LIMIT);
    // What follows the kill are the sites of allocation profiling, at most ten.
    else if (text.includes('Killed process ')) inReport = Math.min(inReport, 14);
    if (inReport > 0 || KEPT.test(text)) kept.push(line);
    if (inReport > 0) inReport--;
    // Reports are cut off by messages of anything else: their end is not marked without a kill.
    if (inReport > 0 && /^(?:systemd|audit|usb |NET:|EXT4|XFS )/.test(text)) inReport = 0;
  }
  const text = kept.length === 0 ? '' : `${kept.join('\n')}\n`;
  return text.length <= TEXT_LIMIT ? text : text.slice(text.indexOf('\n', text.length - TEXT_LIMIT) + 1);
}
