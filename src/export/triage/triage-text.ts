/** What triage says, as text: findings first in sentences, then what was looked at, and what was not. */
import { formatAge, formatBytes, formatCount, formatShare } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import type { EquationTerm, TriageFinding, TriageReport } from '../../triage/report.js';
import {
  gaugeAmounts,
  gaugeName,
  gaugeNote,
  isAbnormal,
  isOfContainer,
  meminfoName,
  SEVERITY_WORDS,
} from '../../triage/words.js';

/** Findings in full; of more, a line. */
const MOST_FINDINGS = 5;
/** Holders that a line names. */
const MOST_HOLDERS = 4;
/** Of what was not read: why several looks say nothing of growth. */
const NO_PACE = 'pace';
/** Columns of number and word. */
const LEAD = 13;
const INDENT = ' '.repeat(LEAD);
/** Groups of the terms of E1, for the line of memory. */
const GROUPS: readonly (readonly [name: string, terms: readonly string[]])[] = [
  ['free', ['MemFree', 'per-CPU free lists']],
  ['files', ['Buffers', 'Cached without Shmem']],
  ['anon', ['AnonPages', 'swap cache not mapped']],
  ['shmem', ['Shmem']],
  ['slab', ['Slab', 'KReclaimable beyond slab']],
  ['vmalloc', ['vmalloc without stacks', 'KernelStack']],
  ['page tables', ['PageTables', 'SecPageTables']],
  ['percpu', ['Percpu without first chunk']],
  ['hugetlb', ['Hugetlb']],
  ['GPU', ['GPUActive', 'GPUReclaim']],
  ['compressed', ['Zswap', 'zram']],
  ['balloon', ['balloon']],
];

export interface TriageTextOptions {
  columns: number;
  /** Every term of the equation with its source, and all findings. */
  verbose: boolean;
}

/** Returns the text, every line with its end; safe to print. */
export function triageText(report: TriageReport, { columns, verbose }: TriageTextOptions): string {
  const lines = [headLine(report, columns), ...memoryLines(report, columns), ''];
  const most = MOST_FINDINGS + report.findings.filter(({ severity }) => severity === 'fine').length;
  const shown = verbose ? report.findings : report.findings.slice(0, most);
  let number = 0;
  for (const finding of shown) {
    if (finding.severity !== 'fine') number++;
    lines.push(...findingLines(finding, finding.severity === 'fine' ? '' : String(number), columns));
  }
  if (report.findings.length > shown.length) {
    const more = report.findings.slice(shown.length);
    lines.push(
      ...wrapped(
        `also: ${more.map(({ item, bytes, rule }) => `${item}${bytes === null ? '' : ` ${formatBytes(bytes)}`} (${rule})`).join(', ')}; -v prints them`,
        columns,
        '  ',
      ),
    );
  }
  if (report.findings.length + report.fine.length === 0) lines.push('No rule judges what was read.');
  const judged = report.machine.totalBytes > 0 || (report.findings.length === 0 && report.fine.length > 0);
  if (judged && !report.findings.some(isAbnormal)) {
    // Of a part of the figures the rest may be anything.
    lines.push(report.equation.length > 0 ? 'Nothing abnormal.' : 'Nothing abnormal in what was read.');
  }
  if (report.hoursLeft !== null) {
    lines.push(`At this pace MemAvailable is used up in ${formatAge(report.hoursLeft * 3600e9)}.`);
  }
  for (const { what, why } of report.notRead) {
    if (what === NO_PACE) lines.push(...wrapped(`No pace: ${why}.`, columns, '  '));
  }
  lines.push('');
  if (report.fine.length > 0) lines.push(...wrapped(`no finding: ${report.fine.join(', ')}`, columns, '  '));
  lines.push(...notReadLines(report, columns, verbose));
  if (verbose) lines.push('', ...equationLines(report), ...limitLines(report, columns));
  return `${lines.join('\n')}\n`;
}

function headLine({ machine }: TriageReport, columns: number): string {
  const { hostname, kernel, arch, totalBytes, nodes, cpus, uptimeSeconds } = machine;
  const parts = [
    hostname,
    kernel === '' ? '' : `Linux ${kernel} ${arch}`.trim(),
    [
      totalBytes > 0 ? formatBytes(totalBytes) : '',
      nodes > 1 ? `${formatCount(nodes)} nodes` : '',
      cpus > 0 ? `${formatCount(cpus)} ${cpus === 1 ? 'CPU' : 'CPUs'}` : '',
      uptimeSeconds === null ? '' : `up ${formatAge(uptimeSeconds * 1e9)}`,
    ]
      .filter((part) => part !== '')
      .join(', '),
    `${machine.source}${machine.looks > 1 ? `, ${formatCount(machine.looks)} looks in ${formatAge(machine.spanSeconds * 1e9)}` : ''}`,
  ];
  return wrapped(parts.filter((part) => part !== '').join('   '), columns, '  ').join('\n');
}

function memoryLines({ equation, machine }: TriageReport, columns: number): string[] {
  if (isOfContainer(machine)) {
    return wrapped(
      `/proc/meminfo is written by ${machine.meminfoBy}, not by the kernel: only the cgroups can be judged here.`,
      columns,
      '  ',
    );
  }
  if (equation.length === 0) return [];
  const of = (term: string): number => equation.find((one) => one.term === term)?.bytes ?? 0;
  const sums = GROUPS.map(([name, terms]) => [name, terms.reduce((sum, term) => sum + of(term), 0)] as const);
  const named = new Set(GROUPS.flatMap(([, terms]) => terms));
  const other = equation
    .filter(({ term }) => !named.has(term) && term !== 'held by a reference' && term !== 'not in meminfo')
    .reduce((sum, { bytes }) => sum + bytes, 0);
  const parts = [...sums, ['other', other] as const, ['held by a reference', of('held by a reference')] as const]
    .filter(([, bytes]) => bytes >= 0.001 * machine.totalBytes)
    .map(([name, bytes]) => `${name} ${formatBytes(bytes)}`);
  const by = meminfoName(machine);
  const gap = `${by === '/proc/meminfo' ? 'not in meminfo' : `in no figure of ${by}`} ${formatBytes(of('not in meminfo'))} (${formatShare(of('not in meminfo'), machine.totalBytes)})`;
  return wrapped(`memory: ${parts.join(', ')}, ${gap}`, columns, '  ');
}

function findingLines(finding: TriageFinding, number: string, columns: number): string[] {
  const { severity, text, rule, growthBytesPerHour, holders, details, next } = finding;
  const lead = `${number.padEnd(3)}${SEVERITY_WORDS[severity].padEnd(LEAD - 3)}`;
  const pace =
    growthBytesPerHour === null
      ? ''
      : ` It ${growthBytesPerHour < 0 ? 'shrinks' : 'grows'} by ${formatBytes(Math.abs(growthBytesPerHour))} an hour.`;
  const lines = wrapSafe(`${lead}${safeText(text)}${pace} (${rule})`, columns, INDENT);
  const held = holders
    .slice(0, MOST_HOLDERS)
    .map(({ name, bytes }) => `${safeText(name)}${bytes === null ? '' : ` ${formatBytes(bytes)}`}`);
  if (held.length > 0) {
    const more = holders.length > MOST_HOLDERS ? ', ...' : '';
    lines.push(...wrapSafe(`${INDENT}held by: ${held.join('; ')}${more}`, columns, `${INDENT}  `));
  }
  for (const detail of details) {
    lines.push(...wrapSafe(`${INDENT}${safeText(detail)}`, columns, `${INDENT}  `));
  }
  // A command stays on one line: it can be copied as it stands.
  for (const command of next) lines.push(`${INDENT}next: ${safeText(command)}`);
  return lines;
}

function notReadLines(report: TriageReport, columns: number, verbose: boolean): string[] {
  const notRead = report.notRead.filter(({ what }) => what !== NO_PACE);
  if (notRead.length === 0) return [];
  if (verbose) {
    return [
      'not read:',
      ...notRead.map(({ name, why, wouldDecide }) => `  ${safeText(name)}: ${safeText(why)} (${wouldDecide})`),
    ];
  }
  const byReason = new Map<string, string[]>();
  for (const { name, why, wouldDecide } of notRead)
    byReason.set(why, [...(byReason.get(why) ?? []), `${safeText(name)} (${wouldDecide})`]);
  return [...byReason].flatMap(([why, whats]) => {
    const some = whats.slice(0, MOST_HOLDERS);
    const more = whats.length > some.length ? `, and ${formatCount(whats.length - some.length)} more` : '';
    return wrapped(`not read, ${safeText(why)}: ${some.join(', ')}${more}`, columns, '  ');
  });
}

function equationLines({ equation, outside, machine }: TriageReport): string[] {
  if (equation.length === 0) return [];
  const sum = { term: 'sum', bytes: machine.totalBytes, source: `MemTotal of ${meminfoName(machine)}` };
  return [
    ...[...equation, sum].map(termLine),
    ...(outside.length === 0 ? [] : ['', 'not in MemTotal, or not there:', ...outside.map(termLine)]),
  ];
}

/** Counters beside their limits, the fullest first; those near it are marked. */
function limitLines({ limits: { gauges, more } }: TriageReport, columns: number): string[] {
  if (gauges.length === 0) return [];
  const lines = gauges.flatMap((gauge) => {
    const note = gaugeNote(gauge);
    const lead = `  ${(gauge.near ? 'near' : '').padEnd(4)} ${formatShare(gauge.used, gauge.limit).padStart(6)}  `;
    const text = `${gaugeName(gauge)}: ${gaugeAmounts(gauge)}${note === '' ? '' : `, ${note}`}`;
    return wrapSafe(`${lead}${safeText(text)}`, columns, ' '.repeat(lead.length));
  });
  return ['', 'limits:', ...lines, ...(more > 0 ? [`  ${formatCount(more)} more, less full`] : [])];
}

function termLine({ term, bytes, source }: EquationTerm): string {
  return `${formatKiB(bytes).padStart(14)} KiB  ${term.padEnd(27)} ${source}`;
}

function formatKiB(bytes: number): string {
  return formatCount(bytes / 1024);
}

function wrapped(text: string, columns: number, indent: string): string[] {
  return wrapSafe(safeText(text), columns, indent);
}

/** Wraps safe text; a number and its unit stay on one line. */
function wrapSafe(text: string, columns: number, indent: string): string[] {
  const kept = text.replace(/(\d) (?=(?:[KMGTPE]i)?B\b)/g, '$1\u00a0');
  return wrapText(kept, columns, { indent, gap: ' ' }).map((line) => line.replaceAll('\u00a0', ' '));
}
