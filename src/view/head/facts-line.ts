/** The facts of the trace, quiet unless one endangers the answer: length, events, losses, what is left out. */
import { formatBytes, formatDuration, formatEventRate, formatShortCount } from '../../base/format.js';
import type { Report } from '../../rank/report/report.js';
import type { SessionStatus } from '../../session/trace-session.js';
import type { Line, Span } from '../lines/styled-line.js';

/** '18.0s, 10.7M events, 135k/s; lost 12, answer holds; unfreed's own 46.9 MiB left out'. */
export function factsLine(report: Report, status: Pick<SessionStatus, 'eventRates'>): Line {
  const { anomalies, self, selection, durationNs, events, source, conclusions } = report;
  const rate = status.eventRates.at(-1);
  const pace = rate === undefined ? '' : `, ${formatEventRate(rate)}`;
  const line: Span[] = [[`${formatDuration(durationNs)}, ${formatShortCount(events.total)} events${pace}; `, 'dim']];
  const doubt = conclusions.some(({ kind }) => kind === 'doubt');
  if (anomalies.lostEvents === 0) line.push(['lost 0', 'dim']);
  else if (doubt) line.push([`lost ${formatShortCount(anomalies.lostEvents)}`, 'bad']);
  else line.push([`lost ${formatShortCount(anomalies.lostEvents)}, answer holds`, 'dim']);
  if (anomalies.badEvents > 0) line.push([`; ${formatShortCount(anomalies.badEvents)} bad events skipped`, 'warn']);
  if (anomalies.stackMisses > 0) {
    line.push([`; ${formatShortCount(anomalies.stackMisses)} events without a call path`, 'warn']);
  }
  if (self.bytes > 0 && !selection.includeSelf)
    line.push([`; unfreed's own ${formatBytes(self.bytes)} left out`, 'dim']);
  const notes = source.notes.length;
  if (notes > 0) line.push([`; ${notes} ${notes === 1 ? 'note' : 'notes'}`, 'dim']);
  return line;
}
