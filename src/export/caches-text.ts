/**
 * The list of slab caches as plain text: the columns of slabtop(1), and what is held where there is a
 * trace. Columns that do not fit are left out; that of the order stays. Every line is safe to print.
 */
import { formatAge, formatBytes, formatCount, formatCountWithin, formatShare } from '../base/format.js';
import { cutToWidth, padTextLeft, safeText } from '../base/safe-text.js';
import { wrapText } from '../base/wrap.js';
import { type CacheSort, grownObjects, shownName, usePercent } from '../rank/breakdown/cache-order.js';
import type { CacheTableRow, SlabFigures } from '../rank/breakdown/cache-table.js';

export interface CachesTextOptions {
  /** What the figures are of: a machine, a recording. Untrusted. */
  of: string;
  /** At most this many rows. */
  number: number;
  /** Width in terminal cells, 40 or more. */
  columns: number;
  /** The order that the rows have. */
  sort: CacheSort;
  /** False: slabinfo alone, so that nothing can be held. */
  isTraced: boolean;
}

export function encodeCaches(rows: readonly CacheTableRow[], options: CachesTextOptions): string {
  const { of, number, columns, sort, isTraced } = options;
  const lines = [...wrapText(`${safeText(of)}; by ${sort}`, columns, { indent: '  ', gap: ' ' })];
  lines.push(...wrapText(totalText(rows), columns, { indent: '  ', gap: ' ' }), '');
  const hasStart = rows.some(({ slab }) => grownObjects(slab) !== null);
  const fitted = fit(
    COLUMNS.filter(({ needs }) => (needs !== 'trace' || isTraced) && (needs !== 'start' || isTraced || hasStart)),
    columns - LEAST_NAME,
    sort,
  );
  lines.push(`${fitted.map(({ title, width }) => padTextLeft(title, width)).join(' ')}  CACHE`);
  for (const row of rows.slice(0, number)) {
    const figures = fitted.map((column) => padTextLeft(column.text(row), column.width)).join(' ');
    lines.push(cutToWidth(`${figures}  ${safeText(shownName(row))}${placeText(row)}`, columns));
  }
  const left = rows.slice(number);
  if (left.length > 0) lines.push(cutToWidth(moreText(left, isTraced), columns));
  return `${lines.map(safeText).join('\n')}\n`;
}

interface TextColumn {
  title: string;
  sort: CacheSort | null;
  width: number;
  /** Columns of the greatest rank are left out first. */
  rank: number;
  needs?: 'trace' | 'start';
  text(row: CacheTableRow): string;
}

const LEAST_NAME = 18;
const HIDDEN = 100;

const COLUMNS: readonly TextColumn[] = [
  {
    ...heading('HELD', 'bytes', 9, 0),
    needs: 'trace',
    text: (row) => (row.bytes === 0 ? '-' : formatBytes(row.bytes)),
  },
  { ...heading('OBJECTS', 'objects', 9, 6), needs: 'trace', text: (row) => heldCount(row, row.objects) },
  { ...heading('PATHS', 'paths', 6, HIDDEN), needs: 'trace', text: (row) => heldCount(row, row.stacks) },
  {
    ...heading('OLDEST', 'oldest', 7, HIDDEN),
    needs: 'trace',
    text: (row) => (row.bytes === 0 ? '-' : formatAge(row.oldestAgeNs)),
  },
  figure('ACTIVE', 'active', 9, 1, (slab) => formatCountWithin(slab.activeObjects, 9)),
  {
    ...heading('AT START', null, 9, 6),
    needs: 'start',
    text: ({ slab }) =>
      slab === null || slab.atStart === null ? '-' : formatCountWithin(slab.atStart.activeObjects, 9),
  },
  {
    ...heading('GREW', 'grew', 9, 2),
    needs: 'start',
    text: ({ slab }) => {
      const grown = grownObjects(slab);
      return grown === null ? '-' : grown > 0 ? `+${formatCount(grown)}` : formatCount(grown);
    },
  },
  figure('TOTAL', 'total', 9, 4, (slab) => formatCountWithin(slab.objects, 9)),
  figure('USE', 'use', 4, 3, (slab) => `${usePercent(slab)}%`),
  figure('SIZE', 'object-size', 8, 5, (slab) => formatBytes(slab.objectBytes)),
  figure('SLABS', 'slabs', 7, 7, (slab) => formatCount(slab.slabs)),
  figure('ACTIVE SLABS', 'active-slabs', 12, HIDDEN, (slab) => formatCount(slab.activeSlabs)),
  figure('PER SLAB', 'per-slab', 8, 8, (slab) => formatCount(slab.objectsPerSlab)),
  figure('PAGES', 'pages-per-slab', 5, HIDDEN, (slab) => formatCount(slab.pagesPerSlab)),
  figure('CACHE SIZE', 'cache-size', 10, 2, (slab) => formatBytes(slab.cacheBytes)),
  { ...heading('SLABINFO', null, 12, 9), needs: 'trace', text: ({ balance }) => balance?.state ?? '-' },
];

function heading(title: string, sort: CacheSort | null, width: number, rank: number): Omit<TextColumn, 'text'> {
  return { title, sort, width, rank };
}

function figure(
  title: string,
  sort: CacheSort,
  width: number,
  rank: number,
  text: (slab: SlabFigures) => string,
): TextColumn {
  return { ...heading(title, sort, width, rank), text: ({ slab }) => (slab === null ? '-' : text(slab)) };
}

function heldCount({ bytes }: CacheTableRow, count: number): string {
  return bytes === 0 ? '-' : formatCount(count);
}

/** Where the rest of what belongs to a row stands, behind its name. */
function placeText({ balanceIn, heldIn }: CacheTableRow): string {
  if (balanceIn !== null) return ` (figures in ${safeText(balanceIn)})`;
  return heldIn === null ? '' : ` (held in ${safeText(heldIn)})`;
}

/** Returns the columns that fit, in their order. */
function fit(wanted: readonly TextColumn[], room: number, sort: CacheSort): TextColumn[] {
  const ranked = wanted
    .map((column) => (column.sort === sort ? { ...column, rank: -1 } : column))
    .filter(({ rank }) => rank < HIDDEN);
  const kept = new Set<TextColumn>();
  let left = room;
  for (const column of ranked.toSorted((a, b) => a.rank - b.rank)) {
    // A less important column never takes the place of one that did not fit.
    if (column.width + 1 > left) break;
    left -= column.width + 1;
    kept.add(column);
  }
  return ranked.filter((column) => kept.has(column));
}

/** The sums that slabtop has above its list. */
function totalText(rows: readonly CacheTableRow[]): string {
  const slabs = rows.flatMap(({ slab }) => (slab === null ? [] : [slab]));
  const held = rows.reduce((sum, row) => sum + row.bytes, 0);
  if (slabs.length === 0) return `${formatBytes(held)} held; slabinfo was not sampled, so there are no figures of it`;
  const sum = (value: (slab: SlabFigures) => number): number => slabs.reduce((all, slab) => all + value(slab), 0);
  const [active, total] = [sum((slab) => slab.activeObjects), sum((slab) => slab.objects)];
  const inUse = sum((slab) => slab.activeObjects * slab.objectBytes);
  const room = sum((slab) => slab.objects * slab.objectBytes);
  return [
    `${slabs.length === 1 ? '1 cache' : `${formatCount(slabs.length)} caches`}, ${formatCount(slabs.filter(({ objects }) => objects > 0).length)} with objects;`,
    `in use ${formatCount(active)} of ${formatCount(total)} objects (${formatShare(active, total)}),`,
    `${formatBytes(inUse)} of ${formatBytes(room)} (${formatShare(inUse, room)});`,
    `${formatCount(sum((slab) => slab.slabs))} slabs take ${formatBytes(sum((slab) => slab.cacheBytes))}`,
  ].join(' ');
}

function moreText(left: readonly CacheTableRow[], isTraced: boolean): string {
  const size = left.reduce((sum, { slab }) => sum + (slab?.cacheBytes ?? 0), 0);
  const held = left.reduce((sum, row) => sum + row.bytes, 0);
  const what = left.length === 1 ? '1 more cache' : `${formatCount(left.length)} more caches`;
  return `… ${what}, ${formatBytes(size)}${isTraced ? `, ${formatBytes(held)} held` : ''}`;
}
