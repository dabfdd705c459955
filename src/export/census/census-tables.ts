/** The census as sentences and tables of text cells, the same for a terminal, Markdown and HTML. Cells are untrusted. */
import { formatBytes, formatChange, formatCount, formatShare } from '../../base/format.js';
import { callerText } from '../../census/area-text.js';
import type { OrphanRow } from '../../census/census.js';
import { holderText } from '../../census/holder-text.js';
import { type CensusOwner, type CensusReport, classText, uncountedBytes } from '../../census/report.js';

export interface CensusTable {
  title: string;
  /** One sentence under the title; '' = none. */
  note: string;
  /** Right-aligned ones hold numbers; the last column of each row may be long. */
  columns: readonly { name: string; right: boolean }[];
  rows: string[][];
  /** Rows that are left out. */
  more: number;
}

/** One sentence each: what no line of meminfo counts, who holds most of it, and what removed cgroups keep. */
export function censusSentences(report: CensusReport, { withHolder = true } = {}): string[] {
  const { holders, owners, machine } = report;
  const bytes = uncountedBytes(report);
  const spanned = machine.spannedPages * machine.pageSize;
  const sentences = [
    `${formatBytes(bytes)} (${formatShare(bytes, spanned)}) are in pages that no line of /proc/meminfo counts.`,
  ];
  const [first] = (holders ?? []).filter(({ holder }) => holder !== '');
  if (withHolder && first !== undefined && first.bytes > 0.01 * bytes) {
    sentences.push(`Most that one thing holds of it: ${formatBytes(first.bytes)}, ${holderText(first)}.`);
  }
  const dying = owners.filter((owner) => owner.dying);
  if (dying.length > 0) {
    const kept = dying.reduce((sum, owner) => sum + owner.bytes, 0);
    const most = mostOf(dying);
    sentences.push(
      `${formatCount(dying.length)} removed ${dying.length === 1 ? 'cgroup keeps' : 'cgroups keep'} ${formatBytes(kept)}${most === '' ? '' : `, most of it ${most}`}.`,
    );
  }
  const lost = (report.orphans?.rows ?? []).filter(({ bpf }) => !bpf);
  if (report.orphans !== null) {
    const lostBytes = lost.reduce((sum, row) => sum + orphanBytes(row, machine.pageSize), 0);
    sentences.push(
      lost.length === 0
        ? 'Something refers to every object that was looked at.'
        : `Nothing was found that refers to ${formatBytes(lostBytes)} of objects.`,
    );
  }
  return sentences;
}

/** The class that more than half of the bytes of these cgroups are in, in words; '' = none. */
function mostOf(owners: readonly CensusOwner[]): string {
  const sums = new Map<string, number>();
  for (const { parts } of owners) {
    for (const part of parts) sums.set(part.class, (sums.get(part.class) ?? 0) + part.bytes);
  }
  const total = [...sums.values()].reduce((sum, bytes) => sum + bytes, 0);
  const found = [...sums].find(([, bytes]) => bytes > total / 2);
  return found === undefined ? '' : classText(found[0]);
}

/** All tables that have rows, each with `most` rows or fewer. */
export function censusTables(report: CensusReport, most: number): CensusTable[] {
  const tables = [
    holderTable(report, most),
    classTable(report, most),
    nodeTable(report, most),
    ownerTable(report, most),
    areaTable(report, most),
    ...typeTables(report, most),
    orphanTable(report, most),
    checkTable(report),
  ];
  return tables.filter((table): table is CensusTable => table !== null && table.rows.length > 0);
}

function holderTable({ holders }: CensusReport, most: number): CensusTable | null {
  if (holders === null) return null;
  const grows = holders.some(({ deltaPages }) => deltaPages !== null);
  return tableOf(holders, most, {
    title: 'Who holds what no line of /proc/meminfo counts',
    note: 'Pages are given to the holder that explains most of them. "behind": inferred, as they follow a held page.',
    columns: [number('PAGES'), number('BYTES'), ...growth(grows), number('BEHIND'), words('HELD BY')],
    row: (row) => [
      formatCount(row.pages),
      formatBytes(row.bytes),
      ...(grows ? [signed(row.deltaPages)] : []),
      row.behindPages === 0 ? '' : formatCount(row.behindPages),
      holderText(row),
    ],
  });
}

function classTable({ classes, machine }: CensusReport, most: number): CensusTable {
  const spanned = machine.spannedPages;
  const grows = classes.some(({ deltaPages }) => deltaPages !== null);
  return tableOf(classes, most, {
    title: 'Every page by what it is',
    note: '',
    columns: [number('PAGES'), number('BYTES'), number('SHARE'), ...growth(grows), words('CLASS')],
    row: (row) => [
      formatCount(row.pages),
      formatBytes(row.bytes),
      formatShare(row.pages, spanned),
      ...(grows ? [signed(row.deltaPages)] : []),
      row.text,
    ],
  });
}

function nodeTable({ nodes, classes }: CensusReport, most: number): CensusTable | null {
  const numbers = [...new Set(nodes.map(({ node }) => node))].toSorted((a, b) => a - b);
  if (numbers.length < 2) return null;
  const pages = new Map(nodes.map((row) => [`${row.node} ${row.class}`, row.bytes]));
  return tableOf(classes, most, {
    title: 'The same by node',
    note: '',
    columns: [...numbers.map((node) => number(`NODE ${node}`)), words('CLASS')],
    row: (row) => [...numbers.map((node) => formatBytes(pages.get(`${node} ${row.class}`) ?? 0)), row.text],
  });
}

function ownerTable({ owners }: CensusReport, most: number): CensusTable {
  // Removed ones first: nothing else shows them.
  const rows = [...owners.filter(({ dying }) => dying), ...owners.filter(({ dying }) => !dying)];
  const grows = rows.some(({ deltaBytes }) => deltaBytes !== null);
  return tableOf(rows, most, {
    title: 'Pages and slab objects by cgroup, removed ones first',
    note: '',
    columns: [number('BYTES'), ...growth(grows), words('STATE'), words('CGROUP'), words('MOST OF IT')],
    row: (row) => [
      formatBytes(row.bytes),
      ...(grows ? [row.deltaBytes === null ? '' : formatChange(row.deltaBytes)] : []),
      row.dying ? 'removed' : '',
      row.path,
      partsText(row),
    ],
  });
}

function partsText({ parts }: CensusOwner): string {
  return parts
    .slice(0, 3)
    .map((part) =>
      part.cache === '' ? `${part.class} ${formatBytes(part.bytes)}` : `${formatCount(part.objects)} ${part.cache}`,
    )
    .join(', ');
}

function areaTable(report: CensusReport, most: number): CensusTable {
  const { areas } = report;
  const grows = areas.some(({ deltaPages }) => deltaPages !== null);
  return tableOf(areas, most, {
    title: 'Virtually contiguous memory (vmalloc) by caller',
    note: '',
    columns: [number('PAGES'), number('BYTES'), ...growth(grows), number('AREAS'), words('KIND'), words('CALLER')],
    row: (row) => [
      formatCount(row.pages),
      formatBytes(row.bytes),
      ...(grows ? [signed(row.deltaPages)] : []),
      formatCount(row.areas),
      row.kind,
      callerText(row, report),
    ],
  });
}

function typeTables({ types }: CensusReport, most: number): CensusTable[] {
  return (types ?? []).map((cache) => {
    const grows = cache.rows.some(({ deltaObjects }) => deltaObjects !== null);
    return tableOf(cache.rows, most, {
      title: `What the objects of ${cache.cache} are`,
      note: `${formatCount(cache.live)} of ${formatCount(cache.total)} objects of ${formatBytes(cache.sizeBytes)} are in use.`,
      columns: [number('OBJECTS'), number('BYTES'), ...growth(grows), words('WHAT')],
      row: (row) => [
        formatCount(row.objects),
        formatBytes(row.bytes),
        ...(grows ? [signed(row.deltaObjects)] : []),
        `${row.text}${row.text === row.holder || row.holder === '' ? '' : `; ${row.holder}`}${row.module === '' ? '' : ` [${row.module}]`}`,
      ],
    });
  });
}

function orphanTable({ orphans, machine }: CensusReport, most: number): CensusTable | null {
  if (orphans === null) return null;
  const rows = orphans.rows.toSorted((a, b) => orphanBytes(b, machine.pageSize) - orphanBytes(a, machine.pageSize));
  return tableOf(rows, most, {
    title: 'Nothing was found that refers to these',
    note: `Seen so in each of ${formatCount(orphans.scans)} scans. A pointer that the kernel keeps in another form would not be seen.`,
    columns: [number('OBJECTS'), number('BYTES'), words('KIND'), words('WHAT')],
    row: (row) => [
      formatCount(row.objects),
      formatBytes(orphanBytes(row, machine.pageSize)),
      row.kind,
      `${row.name}${row.kind === 'pages' && row.runs > 0 ? `, ${formatCount(row.runs)} ${row.runs === 1 ? 'run' : 'runs'} of pages` : ''}${row.bpf ? ' (of BPF: comes and goes with tracers)' : ''}`,
    ],
  });
}

export function orphanBytes({ objects, sizeBytes, pages }: OrphanRow, pageSize: number): number {
  return pages > 0 ? pages * pageSize : objects * sizeBytes;
}

function checkTable({ checks }: CensusReport): CensusTable {
  return tableOf(checks, checks.length, {
    title: 'Checks',
    note: '',
    columns: [number('COUNTED'), number('ELSEWHERE'), words('UNIT'), words(''), words('WHAT')],
    row: (row) => [formatCount(row.ours), formatCount(row.theirs), row.unit, row.ok ? 'agrees' : 'DIFFERS', row.what],
  });
}

function tableOf<T>(
  all: readonly T[],
  most: number,
  { title, note, columns, row }: Pick<CensusTable, 'title' | 'note' | 'columns'> & { row: (item: T) => string[] },
): CensusTable {
  return { title, note, columns, rows: all.slice(0, most).map(row), more: Math.max(0, all.length - most) };
}

const number = (name: string): { name: string; right: boolean } => ({ name, right: true });
const words = (name: string): { name: string; right: boolean } => ({ name, right: false });
const growth = (grows: boolean): { name: string; right: boolean }[] => (grows ? [number('CHANGE')] : []);

function signed(change: number | null): string {
  if (change === null) return '';
  return change === 0 ? '±0' : `${change < 0 ? '-' : '+'}${formatCount(Math.abs(change))}`;
}
