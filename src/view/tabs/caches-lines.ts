/** The Caches view as ready-made lines: outstanding objects by pairing, then the figures of slabinfo that slabtop(1) shows. */
import { formatAge, formatBytes, formatCount, formatCountWithin } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { type CacheSort, grownObjects, shownName, usePercent } from '../../rank/breakdown/cache-order.js';
import type { CacheTableRow, SlabFigures } from '../../rank/breakdown/cache-table.js';
import type { ViewData } from '../../session/view-data.js';
import type { ViewBody } from '../head/list-body.js';
import { countedText, emptyBody, listBody } from '../head/list-body.js';
import { type Column, cellSpans, fitColumns, headSpans, heldColumn, shareColumn } from '../lines/columns.js';
import { nothingText, suppressedText } from '../lines/narrow-line.js';
import type { Line, Tone } from '../lines/styled-line.js';
import type { ViewState } from '../model/view-state.js';

export type Caches = Extract<ViewData, { kind: 'caches' }>;

/** The session's answer; null until there is one. */
export function cachesOf({ data }: ViewState): Caches | null {
  return data?.kind === 'caches' ? data : null;
}

export function cachesBody(state: ViewState): ViewBody {
  const caches = cachesOf(state);
  if (caches === null) return emptyBody(state, ['working out the caches']);
  if (caches.rows.length === 0) return emptyBody(state, nothingText(state));
  const { rows } = caches;
  const fitted = fitColumns(columnsOf(caches, state.columns), state.columns, 12);
  return listBody(state, {
    head: headSpans(fitted, 'SLABINFO', caches.sort),
    rows: rows.length,
    row: (index) => [...cellSpans(fitted, rows[index]), [stateText(rows[index]), stateTone(rows[index])]],
    closing: (last) => closingLine(state, caches, last),
  });
}

/** slabinfo's figures are of one line of it; what is held, its growth at the sample and the state are of the row. */
function columnsOf({ total, sort }: Caches, width: number): Column<CacheTableRow>[] {
  const columns: Column<CacheTableRow>[] = [
    { title: 'CACHE', sort: 'name', width: nameWidth(width), align: 'left', rank: 0, text: nameText },
    { ...heldColumn(), sort: 'bytes', rank: 0, text: heldText, tone: (row) => (row.bytes === 0 ? 'dim' : 'strong') },
    shareColumn(12, total.bytes),
    counted('OBJECTS', 'objects', 8, 6, (row) => (row.bytes === 0 ? null : row.objects)),
    counted('PATHS', 'paths', 6, 11, (row) => (row.bytes === 0 ? null : row.stacks)),
    { ...figure('OLDEST', 'oldest', 7, 14), text: (row) => (row.bytes === 0 ? '-' : formatAge(row.oldestAgeNs)) },
    counted('ACTIVE', 'active', 9, 2, ({ slab }) => slab?.activeObjects ?? null),
    counted('AT START', null, 8, 10, ({ slab }) => slab?.atStart?.activeObjects ?? null),
    {
      ...figure('GREW', 'grew', 9, 1),
      text: ({ slab }) => {
        const grown = grownObjects(slab);
        return grown === null ? '-' : signedCount(grown);
      },
      tone: ({ slab }) => (grownObjects(slab) === null ? 'dim' : 'plain'),
    },
    counted('TOTAL', 'total', 9, 5, ({ slab }) => slab?.objects ?? null),
    ofSlab('USE', 'use', 4, 4, (slab) => `${usePercent(slab)}%`),
    { ...figure('SIZE', 'object-size', 8, 7), text: sizeText, tone: ({ slab }) => (slab === null ? 'dim' : 'plain') },
    counted('SLABS', 'slabs', 7, 8, ({ slab }) => slab?.slabs ?? null),
    counted('PER SLAB', 'per-slab', 9, 9, ({ slab }) => slab?.objectsPerSlab ?? null),
    ofSlab('CACHE SIZE', 'cache-size', 11, 3, (slab) => formatBytes(slab.cacheBytes)),
    // What pairing held at the moment of slabinfo's last sample.
    counted('HELD THEN', null, 9, 13, (row) => row.balance?.held ?? null),
    // Columns that are there only while they order the list.
    counted('ACTIVE SLABS', 'active-slabs', 13, HIDDEN, ({ slab }) => slab?.activeSlabs ?? null),
    counted('PAGES', 'pages-per-slab', 6, HIDDEN, ({ slab }) => slab?.pagesPerSlab ?? null),
  ];
  // The column that orders the list is always there.
  return columns
    .map((column) => (column.sort === sort ? { ...column, rank: 0 } : column))
    .filter(({ rank }) => rank < HIDDEN);
}

const HIDDEN = 100;

/** A wide screen has room for a merged cache's names: 'UNIX or UNIX-STREAM (merged with signal_cache)'. */
function nameWidth(width: number): number {
  if (width < 60) return 16;
  if (width < 100) return 21;
  return width < 150 ? 24 : 46;
}

function nameText(row: CacheTableRow): string {
  return safeText(shownName(row));
}

function heldText(row: CacheTableRow): string {
  return row.bytes === 0 ? '-' : formatBytes(row.bytes);
}

/** The size of an object with what slabinfo counts to it; the mean of those held where it has no line. */
function sizeText({ slab, bytes, objects }: CacheTableRow): string {
  if (slab !== null) return formatBytes(slab.objectBytes);
  return objects === 0 ? '-' : formatBytes(bytes / objects);
}

type Figure = Pick<Column<CacheTableRow>, 'title' | 'sort' | 'width' | 'align' | 'rank'>;

function figure(title: string, sort: CacheSort | null, width: number, rank: number): Figure {
  return { title, sort, width, align: 'right', rank };
}

function ofSlab(
  title: string,
  sort: CacheSort,
  width: number,
  rank: number,
  text: (slab: SlabFigures) => string,
): Column<CacheTableRow> {
  return {
    ...figure(title, sort, width, rank),
    text: ({ slab }) => (slab === null ? '-' : text(slab)),
    tone: ({ slab }) => (slab === null ? 'dim' : 'plain'),
  };
}

function counted(
  title: string,
  sort: CacheSort | null,
  width: number,
  rank: number,
  value: (row: CacheTableRow) => number | null,
): Column<CacheTableRow> {
  return {
    ...figure(title, sort, width, rank),
    text: (row) => {
      const count = value(row);
      return count === null ? '-' : formatCountWithin(count, width);
    },
    tone: (row) => (value(row) === null ? 'dim' : 'plain'),
  };
}

function signedCount(count: number): string {
  return count > 0 ? `+${formatCountWithin(count, 8)}` : formatCountWithin(count, 9);
}

function stateText({ balance, balanceIn, heldIn, bytes }: CacheTableRow): string {
  // The figures of a merged cache are of all its names together: they stand in one row only.
  if (balanceIn !== null) return `in ${safeText(balanceIn.replace(/ \(merged with .*$/s, ''))}`;
  if (heldIn !== null) return `held in ${safeText(heldIn)}`;
  // Nothing is held that could be compared.
  if (bytes === 0) return '';
  if (balance === null) return 'not known';
  return balance.state === 'contradicted' ? `contradicted by ${formatCount(Math.abs(balance.excess))}` : balance.state;
}

const STATE_TONES: Readonly<Record<NonNullable<CacheTableRow['balance']>['state'], Tone>> = {
  agrees: 'good',
  uncertain: 'plain',
  contradicted: 'bad',
};

function stateTone({ balance }: CacheTableRow): Tone {
  return balance === null ? 'dim' : STATE_TONES[balance.state];
}

const NAMES = ['cache', 'caches'] as const;

function closingLine(state: ViewState, { rows, total }: Caches, last: number): Line {
  const shown = rows.slice(0, last).reduce((sum, row) => sum + row.bytes, 0);
  const more = total.rows - last;
  const text =
    more > 0
      ? `… ${countedText(more, NAMES, ' more')}, ${formatBytes(Math.max(0, total.bytes - shown))}`
      : `${countedText(total.rows, NAMES)}, ${formatBytes(total.bytes)}`;
  return [
    [text, 'dim'],
    [suppressedText(state), 'warn'],
  ];
}
