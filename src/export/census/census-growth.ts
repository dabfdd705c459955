/** What grew between two censuses, by class and by holder: for the end of a diff. Cells are untrusted. */
import { formatBytes, formatChange, formatCount, formatDuration } from '../../base/format.js';
import { callerText } from '../../census/area-text.js';
import { shortHolderText } from '../../census/holder-text.js';
import { type CensusReport, classText } from '../../census/report.js';
import type { CensusTable } from './census-tables.js';

/** 'What grew between the last censuses of both, 12m 05s apart', without a full stop. */
export function growthTitle({ sinceSeconds }: Pick<CensusReport, 'sinceSeconds'>): string {
  const apart = sinceSeconds === null ? '' : `, ${formatDuration(sinceSeconds * 1e9)} apart`;
  return `What grew between the last censuses of both${apart}`;
}

/** Tables of what grew, most first, each with `most` rows or fewer; empty where nothing did. */
export function growthTables(census: CensusReport, most: number): CensusTable[] {
  const { pageSize } = census.machine;
  const classes = census.classes.map((row) => ({
    change: (row.deltaPages ?? 0) * pageSize,
    now: row.bytes,
    what: row.text === '' ? classText(row.class) : row.text,
  }));
  const holders = (census.holders ?? []).map((row) => ({
    change: (row.deltaPages ?? 0) * pageSize,
    now: row.bytes,
    what: `${shortHolderText(row)}${of(row.module)}`,
  }));
  const callers = census.areas.map((row) => ({
    change: (row.deltaPages ?? 0) * pageSize,
    now: row.bytes,
    what: `${callerText(row, census)}, ${row.kind}`,
  }));
  const cgroups = census.owners.map((row) => ({
    change: row.deltaBytes ?? 0,
    now: row.bytes,
    what: `${row.path}${row.dying ? ', removed' : ''}`,
  }));
  const tables = [
    table('by class of pages', most, classes),
    table('by holder of what no line of meminfo counts', most, holders),
    table('by caller of vmalloc', most, callers),
    table('by cgroup', most, cgroups),
    ...(census.types ?? []).map((cache) => {
      const kinds = cache.rows.map((row) => ({
        change: (row.deltaObjects ?? 0) * cache.sizeBytes,
        now: row.bytes,
        what: `${row.text}${of(row.module)}: ${formatCount(row.objects)} objects`,
      }));
      return table(`by what the objects of ${cache.cache} are`, most, kinds);
    }),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

function of(module: string): string {
  return module === '' ? '' : ` [${module}]`;
}

interface Growth {
  change: number;
  now: number;
  what: string;
}

function table(title: string, most: number, all: readonly Growth[]): CensusTable {
  const grown = all.filter(({ change }) => change > 0).toSorted((a, b) => b.change - a.change);
  return {
    title,
    note: '',
    columns: [
      { name: 'CHANGE', right: true },
      { name: 'NOW', right: true },
      { name: 'WHAT', right: false },
    ],
    rows: grown.slice(0, most).map(({ change, now, what }) => [formatChange(change), formatBytes(now), what]),
    more: Math.max(0, grown.length - most),
  };
}
