import { statSync } from 'node:fs';
import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import type { Report } from '../../rank/report.js';
import { defaultSelection } from '../../rank/selection.js';
import type { Pipeline } from '../../session/pipeline.js';
import { readRecording } from '../gather.js';

/** Prints what a recording holds. */
export async function runInfo(file: string, flags: { json: boolean }): Promise<void> {
  const pipeline = await readRecording(file);
  const facts = gatherFacts(file, pipeline);
  process.stdout.write(flags.json ? `${JSON.stringify(facts, null, 2)}\n` : infoText(facts));
}

interface RecordingInfo {
  file: string;
  sizeBytes: number | null;
  /** null: the recording says nothing of its end, it was cut. */
  end: { reason: string; detail: string } | null;
  host: Pipeline['facts'];
  durationNs: number;
  events: Report['events'];
  anomalies: Report['anomalies'];
  losses: Report['losses'];
  callPaths: number;
  addresses: number;
  symbols: number;
  processNames: number;
  caches: number;
}

function gatherFacts(file: string, pipeline: Pipeline): RecordingInfo {
  const report = pipeline.report(defaultSelection(1));
  const { dictionary, ended } = pipeline;
  return {
    file,
    sizeBytes: file === '-' ? null : statSync(file).size,
    end: ended === null ? null : { reason: ended.reason, detail: ended.detail },
    host: pipeline.facts,
    durationNs: report.durationNs,
    events: report.events,
    anomalies: report.anomalies,
    losses: report.losses,
    callPaths: dictionary.stacks.size,
    addresses: dictionary.stacks.frames.size,
    symbols: pipeline.symbols.size,
    processNames: dictionary.comms.size,
    caches: dictionary.caches.size,
  };
}

function infoText(info: RecordingInfo): string {
  const { host, events, anomalies } = info;
  const seconds = info.durationNs / 1e9;
  const rate = seconds > 0 ? ` (${formatCount(Math.round(events.total / seconds))}/s)` : '';
  const perEvent =
    info.sizeBytes === null || events.total === 0
      ? ''
      : ` (${(info.sizeBytes / events.total).toFixed(1)} bytes an event)`;
  const rows: [string, string][] = [
    ['file', info.file + (info.sizeBytes === null ? '' : `, ${formatBytes(info.sizeBytes)}${perEvent}`)],
    [
      'machine',
      `${host.hostname || 'unknown'}, Linux ${host.kernel || 'unknown'} ${host.arch}, ${host.cpus} CPUs, ${formatBytes(host.memTotalBytes)}`,
    ],
    ['taken', host.startUnixMs > 0 ? new Date(host.startUnixMs).toISOString() : 'unknown'],
    ['collector', `${host.collector}; ${host.hooks.join(' ') || 'hooks unknown'}`],
    ['traced', `${host.allocators.join(', ')}${filterText(host)}`],
    ['duration', formatDuration(info.durationNs)],
    [
      'ended',
      info.end === null ? 'unknown' : `${info.end.reason}${info.end.detail === '' ? '' : `: ${info.end.detail}`}`,
    ],
    [
      'events',
      `${formatCount(events.total)}${rate}: ${formatCount(events.allocs)} allocs, ${formatCount(events.frees)} frees`,
    ],
    ['lost', lossText(info)],
    ['orphan frees', formatCount(anomalies.orphanFrees)],
    ['missed frees', formatCount(anomalies.missedFrees)],
    ['no call path', formatCount(anomalies.stackMisses)],
    [
      'call paths',
      `${formatCount(info.callPaths)}, of ${formatCount(info.addresses)} addresses, ${formatCount(info.symbols)} with a name`,
    ],
    ['names', `${formatCount(info.processNames)} processes, ${formatCount(info.caches)} slab caches`],
    ...host.notes.map((note): [string, string] => ['note', note]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(13)} ${safeText(value)}\n`).join('');
}

function filterText(host: Pipeline['facts']): string {
  const parts: string[] = [];
  if (host.minSizeBytes > 0) parts.push(`from ${formatBytes(host.minSizeBytes)} up`);
  if (host.sampleOneIn > 1) parts.push(`1 address in ${host.sampleOneIn}`);
  if (host.self !== 'keep') parts.push(`own memory ${host.self === 'mark' ? 'marked' : 'left out'}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function lossText(info: RecordingInfo): string {
  if (info.losses.length === 0) return 'none';
  const byCause = new Map<string, number>();
  for (const loss of info.losses) byCause.set(loss.cause, (byCause.get(loss.cause) ?? 0) + loss.count);
  const causes = [...byCause].map(([cause, count]) => `${cause} ${formatCount(count)}`);
  return `${formatCount(info.anomalies.lostEvents)} events (${causes.join(', ')})`;
}
