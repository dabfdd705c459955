import { UserError } from '../../base/errors.js';
import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { safeJson } from '../../base/safe-json.js';
import { safeText } from '../../base/safe-text.js';
import { coverageSentences } from '../../coverage/sentences.js';
import type { HostFacts } from '../../event/host-facts.js';
import { lossCauses, unnamedEvents } from '../../export/parts/losses-text.js';
import { kernelText } from '../../export/parts/summary.js';
import { damageLines, damageSentence } from '../../recording/trace/damage-text.js';
import type { InfoFlags } from '../options/flags.js';
import { plainIfAsked } from '../options/look.js';
import { loadInfo, type RecordingInfo } from '../traces/recording-info.js';

/** Prints the content of a recording. Throws a UserError, after the output, when a part could not be read. */
export async function runInfo(file: string, flags: InfoFlags): Promise<void> {
  const info = await loadInfo(file, flags);
  process.stdout.write(flags.json ? `${safeJson(info)}\n` : plainIfAsked(infoText(info)));
  if (info.damageCount > 0) throw new UserError(`${file} is damaged or cut off: the above is what could be read of it`);
  const problem = info.import?.problems[0];
  if (problem !== undefined)
    throw new UserError(`${file}: ${problem.what}: the above is the rest of it`, problem.details);
}

function infoText(info: RecordingInfo): string {
  const { host, anomalies } = info;
  const memory = host.memTotalBytes > 0 ? `, ${formatBytes(host.memTotalBytes)}` : '';
  const pages = host.pageSize > 0 ? `, pages of ${formatBytes(host.pageSize)}` : '';
  const cpus = host.cpus > 0 ? `, ${host.cpus} CPUs` : '';
  const rows: [string, string][] = [
    ['file', fileText(info)],
    ...info.files.slice(0, info.files.length > 1 ? undefined : 0).map((file): [string, string] => ['', partText(file)]),
    ['format', formatText(info)],
    ...sizeRows(info),
    ['machine', `${host.hostname || 'unknown'}, ${kernelText(host)}${cpus}${memory}${pages}`],
    ['taken', host.startUnixMs > 0 ? new Date(host.startUnixMs).toISOString() : 'unknown'],
    ['collector', `${host.collector}; ${host.hooks.join(' ') || 'hooks unknown'}`],
    ['traced', `${host.allocators.join(', ')}${filterText(host)}`],
    ['duration', formatDuration(info.durationNs)],
    ['ended', endText(info)],
    ['events', eventText(info)],
    ...beforeRows(info),
    ...lookRows(info),
    ...markRows(info),
    ['lost', lossText(info)],
    ...youngRows(info),
    ...sampleRows(info),
    ...damageRows(info),
    ['orphan frees', formatCount(anomalies.orphanFrees)],
    ['missed frees', formatCount(anomalies.missedFrees)],
    ['no call path', formatCount(anomalies.stackMisses)],
    ['no name', formatCount(unnamedEvents(info.losses))],
    ['call paths', callPathText(info)],
    ['names', `${formatCount(info.processNames)} processes, ${formatCount(info.caches)} slab caches`],
    ...importRows(info),
    ...coverageSentences(host.coverage, host).map((sentence): [string, string] => ['covers', sentence]),
    ...host.notes.map((note): [string, string] => ['note', note]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(13)} ${safeText(value)}\n`).join('');
}

function beforeRows({ before }: RecordingInfo): [string, string][] {
  if (before === null) return [];
  const paths = `${formatCount(before.stacks)} call path${before.stacks === 1 ? '' : 's'}`;
  return [['before', `${formatBytes(before.bytes)} in ${paths}, held when it began`]];
}

function lookRows({ looks, censuses, file }: RecordingInfo): [string, string][] {
  if (looks === 0) return [];
  const looked = looks === 1 ? '1 look at the machine' : `${formatCount(looks)} looks at the machine`;
  const counted = censuses === 0 ? '' : `, ${formatCount(censuses)} with a census`;
  return [['looks', `${looked}${counted}: unfreed triage ${file}`]];
}

function markRows({ marks, file }: RecordingInfo): [string, string][] {
  if (marks.length === 0) return [];
  return [
    [
      'happened',
      `${marks.map(({ kind, count }) => `${formatCount(count)} ${kind}`).join(', ')}: unfreed events ${file}`,
    ],
  ];
}

function fileText({ file, sizeBytes, files, events }: RecordingInfo): string {
  if (sizeBytes === null) return file;
  const perEvent = events.total === 0 ? '' : ` (${(sizeBytes / events.total).toFixed(1)} bytes an event)`;
  return `${file}, ${files.length > 1 ? `${files.length} files, ` : ''}${formatBytes(sizeBytes)}${perEvent}`;
}

function partText({ path, sizeBytes, part }: RecordingInfo['files'][number]): string {
  const from = part === null ? '' : `, part ${part.number}, from ${formatDuration(part.startNs)} on`;
  return `${path}, ${formatBytes(sizeBytes)}${from}`;
}

function formatText({ format, formatVersion, gzipped, chunks, files }: RecordingInfo): string {
  const part = files.length === 1 && files[0].part !== null ? `, part ${files[0].part.number} of a ring of files` : '';
  const version = formatVersion === null ? '' : ` version ${formatVersion}`;
  return `${format}${version}${gzipped ? ', gzipped' : ''}${chunks === null ? '' : `, ${formatCount(chunks)} chunks`}${part}`;
}

function sizeRows({ sizes, host }: RecordingInfo): [string, string][] {
  if (sizes === null) return [];
  const { rawBytes, storedBytes, eventBytes, definitionBytes, itemBytes, headerBytes, aidBytes } = sizes;
  const counters = host.collector === '' ? '' : ' (symbols, counters, losses)';
  return [
    [
      'sizes',
      `stored ${formatBytes(storedBytes)} of ${formatBytes(rawBytes)}: events ${formatBytes(eventBytes)}, call paths ` +
        `and names ${formatBytes(definitionBytes)}, the rest ${formatBytes(itemBytes)}${counters}; ` +
        `headers ${formatBytes(headerBytes)}${aidBytes === 0 ? '' : `, aids ${formatBytes(aidBytes)}`}`,
    ],
  ];
}

function endText({ end }: RecordingInfo): string {
  if (end === null) return 'unknown';
  return `${end.reason}${end.detail === '' ? '' : `: ${end.detail}`}`;
}

function eventText({ events, rates }: RecordingInfo): string {
  const rate =
    rates.meanPerSecond > 0
      ? ` (${formatCount(rates.meanPerSecond)}/s, ${formatCount(rates.peakPerSecond)} in the busiest second)`
      : '';
  return `${formatCount(events.total)}${rate}: ${formatCount(events.allocs)} allocs, ${formatCount(events.frees)} frees`;
}

function damageRows({ damages, damageCount }: RecordingInfo): [string, string][] {
  if (damageCount === 0) return [];
  const lines = damageLines(damages, damageCount).map((line): [string, string] => ['', line]);
  return [['damage', damageSentence(damages, damageCount)], ...lines];
}

function youngRows({ young, host }: RecordingInfo): [string, string][] {
  if (young === null) return [];
  const { pairs, bytes, missedFrees, sentAtOnce, left } = young;
  const rest = [
    ...(missedFrees > 0 ? [`${formatCount(missedFrees)} more freed unseen`] : []),
    ...(sentAtOnce > 0 ? [`${formatCount(sentAtOnce)} recorded at once for want of room`] : []),
    ...(left > 0 ? [`${formatCount(left)} young at the end`] : []),
  ];
  const matched = `${formatCount(pairs)} pairs (${formatBytes(bytes)}) freed within ${formatDuration(host.minAgeNs)}`;
  return [['left out', [matched, ...rest].join(', ')]];
}

function percentText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function sampleRows({ sampleMoves, host }: RecordingInfo): [string, string][] {
  return sampleMoves.map(({ timeNs, fromOneIn, toOneIn, overhead }) => {
    const why =
      overhead === 0
        ? ''
        : `: tracing took ${percentText(overhead)} of all CPU time, ${percentText(host.maxOverhead)} allowed`;
    return ['sample', `1 address in ${toOneIn} from ${formatDuration(timeNs)} on, 1 in ${fromOneIn} before${why}`];
  });
}

function callPathText({ callPaths, addresses, symbols }: RecordingInfo): string {
  return `${formatCount(callPaths)}, of ${formatCount(addresses)} addresses, ${formatCount(symbols)} with a name`;
}

function importRows({ import: summary }: RecordingInfo): [string, string][] {
  if (summary === null) return [];
  const rows: [string, string][] = summary.lines === 0 ? [] : [['lines', formatCount(summary.lines)]];
  if (summary.firstBadLine !== '') rows.push(['bad line', summary.firstBadLine.slice(0, 200)]);
  return rows;
}

function filterText(host: HostFacts): string {
  const parts: string[] = [];
  if (host.minSizeBytes > 0) parts.push(`from ${formatBytes(host.minSizeBytes)} up`);
  if (host.sampleOneIn > 1) parts.push(`1 address in ${host.sampleOneIn}`);
  if (host.minAgeNs > 0) parts.push(`what was freed within ${formatDuration(host.minAgeNs)} left out`);
  if (host.self !== 'keep') parts.push(`own memory ${host.self === 'mark' ? 'marked' : 'left out'}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function lossText(info: RecordingInfo): string {
  const lost = new Set(lossCauses(info.losses));
  if (lost.size === 0) return 'none';
  const byCause = new Map<string, number>();
  for (const { cause, count } of info.losses)
    if (lost.has(cause)) byCause.set(cause, (byCause.get(cause) ?? 0) + count);
  const causes = [...byCause].map(([cause, count]) => `${cause} ${formatCount(count)}`);
  return `${formatCount(info.anomalies.lostEvents)} events (${causes.join(', ')})`;
}
