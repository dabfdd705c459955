import { formatCount } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { coverageReason } from '../../coverage/sentences.js';
import { totalMeaning } from '../../rank/report/meaning.js';
import type { Report } from '../../rank/report/report.js';

/** Prints to stderr what the trace does not cover, where the figures are not simply what is outstanding. */
export function warnOfCoverage(report: Report): void {
  if (totalMeaning(report) === 'outstanding') return;
  const reasons = report.source.coverage.map(coverageReason).filter((reason) => reason !== null);
  for (const reason of new Set(reasons))
    process.stderr.write(`unfreed: ${safeText(reason)}; the notes say what follows.\n`);
}

/** Prints the losses of a report and their remedies to stderr; nothing when nothing was lost. */
export function warnOfLosses(report: Report): void {
  const { lostEvents, stackMisses } = report.anomalies;
  if (lostEvents > 0) {
    const causes = new Set(report.losses.map((loss) => loss.cause));
    process.stderr.write(`unfreed: ${formatCount(lostEvents)} events were lost; a lost free looks like held memory.\n`);
    if (causes.has('ring-full')) {
      process.stderr.write('  The ring buffer was full: a larger --buffer, one --allocator, or --sample 1/16 helps.\n');
    }
    if (causes.has('reported')) {
      process.stderr.write(`  ${remedyFor(report.source.collector)}\n`);
    }
    if (causes.has('recursion')) {
      process.stderr.write(
        '  Events in an interrupt inside the tracer itself cannot be seen by it; the bound is in the report.\n',
      );
    }
  }
  if (stackMisses > 0) {
    const what = stackMisses === 1 ? '1 event has' : `${formatCount(stackMisses)} events have`;
    process.stderr.write(`unfreed: ${what} no call path: ranked as [no stack].\n`);
  }
}

/** The remedy for losses that the tracing tool itself reported. */
function remedyFor(collector: string): string {
  switch (collector) {
    case 'perf-script':
      return "perf could not keep up: a larger buffer (perf record -m 64M) or fewer events (only -e 'kmem:mm_page*') helps.";
    case 'ftrace':
      return "The kernel's trace buffer was full: a larger one (echo 65536 > buffer_size_kb) or fewer events helps.";
    case 'trace-cmd':
      return 'The trace buffer was full: a larger one (trace-cmd record -b 65536, in KiB for each CPU) or fewer events helps.';
    case 'bpftrace':
    case 'bpftrace-text':
      return 'bpftrace could not keep up: the bpf collector can (unfreed doctor says what it needs).';
    default:
      return 'The tool that traced could not keep up: a larger buffer or fewer events helps.';
  }
}
