/** What ps shows of a process, as columns beside what it holds; and of which moment the figures are. */
import { formatBytes, formatCountWithin } from '../../../base/format.js';
import type { ProcessNameRow } from '../../../rank/breakdown/process-names.js';
import type { ReadAt } from '../../../session/view-data.js';
import type { Column } from '../../lines/columns.js';
import { readText } from '../memory/read-text.js';

interface PlacedRow {
  row: ProcessNameRow;
}
type Amount = keyof NonNullable<ProcessNameRow['resident']>;

/** RSS and VSZ, beside what a process holds. */
export function besideColumns<Row extends PlacedRow>(): Column<Row>[] {
  return [amountColumn('RSS', 'rss', 2.5, 'rss'), amountColumn('VSZ', 'virtual', 6.7, 'vsz')];
}

/** The list of every process: what its RSS is made of, what is swapped out and reserved, and what it holds of the trace. */
export function everyProcessColumns<Row extends PlacedRow>(): Column<Row>[] {
  return [
    amountColumn('RSS', 'rss', 0, 'rss'),
    amountColumn('VSZ', 'virtual', 0.1, 'vsz'),
    amountColumn('SWAP', 'swap', 0.3, 'swap'),
    amountColumn('RSSANON', 'anon', 1),
    amountColumn('RSSFILE', 'file', 1.1),
    amountColumn('RSSSHMEM', 'shmem', 1.2),
    amountColumn('VMPTE', 'pageTables', 1.4),
    {
      title: 'THREADS',
      width: 7,
      align: 'right',
      rank: 1.3,
      text: ({ row }) => (row.resident === undefined ? '-' : formatCountWithin(row.resident.threads, 7)),
    },
    {
      title: 'HELD',
      sort: 'bytes',
      width: 8,
      align: 'right',
      rank: 0.2,
      text: ({ row }) => (row.bytes === 0 ? '-' : formatBytes(row.bytes)),
      tone: ({ row }) => (row.bytes === 0 ? 'dim' : 'strong'),
    },
  ];
}

function amountColumn<Row extends PlacedRow>(title: string, name: Amount, rank: number, sort?: string): Column<Row> {
  return {
    title,
    sort: sort ?? null,
    width: 8,
    align: 'right',
    rank,
    text: ({ row }) => ((row.resident?.[name] ?? 0) === 0 ? '-' : formatBytes(row.resident?.[name] ?? 0)),
    tone: ({ row }) => ((row.resident?.[name] ?? 0) === 0 ? 'dim' : name === 'rss' ? 'strong' : 'plain'),
  };
}

/** 'RSS and VSZ as of 14:02:11 UTC'; '' where nothing was read. */
export function residentText(read: ReadAt | null | undefined): string {
  return read === null || read === undefined ? '' : `RSS and VSZ ${readText(read)}`;
}
