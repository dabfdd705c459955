/** The Caches view as ready-made lines: outstanding objects by pairing, then slabinfo's figures of the same cache. */
import { formatAge, formatBytes, formatCount, formatCountWithin } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import type { CacheRow } from '../../rank/breakdown/slab-caches.js';
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

function columnsOf({ total }: Caches, width: number): Column<CacheRow>[] {
  return [
    { title: 'CACHE', width: nameWidth(width), align: 'left', rank: 0, text: (row) => safeText(row.cache) },
    { ...heldColumn(), sort: 'bytes' },
    shareColumn(6, total.bytes),
    counted('OBJECTS', 0, (row) => row.objects),
    { title: 'EACH', width: 8, align: 'right', rank: 5, text: (row) => formatBytes(row.bytes / row.objects) },
    {
      title: 'PATHS',
      sort: 'paths',
      width: 6,
      align: 'right',
      rank: 4,
      text: (row) => formatCountWithin(row.stacks, 6),
    },
    { title: 'OLDEST', sort: 'oldest', width: 7, align: 'right', rank: 7, text: (row) => formatAge(row.oldestAgeNs) },
    // From here on slabinfo's figures: objects in use, their growth, and the objects that pairing held at that moment.
    counted('IN USE', 2, (row) => row.balance?.active ?? null),
    {
      title: 'GREW',
      sort: 'grew',
      width: 9,
      align: 'right',
      rank: 1,
      text: ({ balance }) => (balance === null ? '-' : signedCount(balance.active - balance.activeAtStart)),
      tone: ({ balance }) => (balance === null ? 'dim' : 'plain'),
    },
    counted('HELD THEN', 3, (row) => row.balance?.held ?? null),
  ];
}

/** A wide screen has room for a merged cache's names: 'UNIX or UNIX-STREAM (merged with signal_cache)'. */
function nameWidth(width: number): number {
  if (width < 60) return 16;
  return width < 150 ? 24 : 46;
}

function counted(title: string, rank: number, value: (row: CacheRow) => number | null): Column<CacheRow> {
  return {
    title,
    sort: title.toLowerCase(),
    width: 9,
    align: 'right',
    rank,
    text: (row) => {
      const count = value(row);
      return count === null ? '-' : formatCountWithin(count, 9);
    },
    tone: (row) => (value(row) === null ? 'dim' : 'plain'),
  };
}

function signedCount(count: number): string {
  return count > 0 ? `+${formatCountWithin(count, 8)}` : formatCountWithin(count, 9);
}

function stateText({ balance, balanceIn }: CacheRow): string {
  // The figures of a merged cache are of all its names together: they stand in one row only.
  if (balanceIn !== null) return `in ${safeText(balanceIn.replace(/ \(merged with .*$/s, ''))}`;
  if (balance === null) return 'not known';
  return balance.state === 'contradicted' ? `contradicted by ${formatCount(Math.abs(balance.excess))}` : balance.state;
}

const STATE_TONES: Readonly<Record<NonNullable<CacheRow['balance']>['state'], Tone>> = {
  agrees: 'good',
  uncertain: 'plain',
  contradicted: 'bad',
};

function stateTone({ balance }: CacheRow): Tone {
  return balance === null ? 'dim' : STATE_TONES[balance.state];
}

const NAMES = ['cache', 'caches'] as const;

function closingLine(state: ViewState, { rows, total }: Caches, last: number): Line {
  let shown = 0;
  for (let index = 0; index < last; index++) shown += rows[index].bytes;
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
