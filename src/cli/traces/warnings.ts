import { formatCount } from '../../base/format.js';
import type { Report } from '../../rank/report/report.js';

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
      process.stderr.write(
        '  bpftrace could not keep up: the bpf collector can (unfreed doctor says what it needs).\n',
      );
    }
    if (causes.has('recursion')) {
      process.stderr.write(
        '  Events in an interrupt inside the tracer itself cannot be seen by it; the bound is in the report.\n',
      );
    }
  }
  if (stackMisses > 0) {
    process.stderr.write(
      `unfreed: ${formatCount(stackMisses)} events have no call path; they are ranked as [no stack].\n`,
    );
  }
}
