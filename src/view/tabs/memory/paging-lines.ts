/** What free, swapon and sar show, from the samples of the trace: memory and swap, devices of swap, and rates of paging. */
import { formatAge, formatBytes, formatCount, formatShare, formatShortCount } from '../../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText } from '../../../base/safe-text.js';
import type { PagingRate, PagingView } from '../../../session/view-data.js';
import { layoutOf } from '../../head/layout.js';
import { emptyBody, type ViewBody } from '../../head/list-body.js';
import type { Line } from '../../lines/styled-line.js';
import type { ViewState } from '../../model/view-state.js';

type Answer = Extract<NonNullable<ViewState['data']>, { kind: 'paging' }>;
type RateName = PagingRate['name'];

const LABEL_WIDTH = 8;
const CELL_WIDTH = 10;
/** The widest text of a rate. */
const RATE_WIDTH = 11;
const NAME_WIDTH = 33;
/** From this width on the names of sar and vmstat stand behind. */
const SOURCES_FROM = 90;
/** Devices of swap that are listed; of more the others are summed. */
const MOST_DEVICES = 4;

/** Rates in the order of sar -B and -W. */
const ROWS: readonly (readonly [RateName, label: string, unit: 'bytes' | 'count', source: string])[] = [
  ['pagedIn', 'read from disks', 'bytes', 'sar -B pgpgin/s'],
  ['pagedOut', 'written to disks', 'bytes', 'sar -B pgpgout/s'],
  ['faults', 'page faults', 'count', 'sar -B fault/s'],
  ['majorFaults', 'of them those that read', 'count', 'sar -B majflt/s'],
  ['freed', 'pages freed', 'count', 'sar -B pgfree/s'],
  ['scannedByKswapd', 'pages scanned by kswapd', 'count', 'sar -B pgscank/s'],
  ['scannedDirectly', 'pages scanned by who allocates', 'count', 'sar -B pgscand/s, and khugepaged'],
  ['reclaimed', 'pages reclaimed', 'count', 'sar -B pgsteal/s, each page once'],
  ['swappedIn', 'pages read from swap', 'count', 'sar -W pswpin/s'],
  ['swappedOut', 'pages written to swap', 'count', 'sar -W pswpout/s'],
  ['stalls', 'allocations that had to reclaim', 'count', 'allocstall of vmstat'],
  ['oomKills', 'OOM kills', 'count', 'oom_kill of vmstat'],
];

export function pagingBody(state: ViewState): ViewBody {
  const { data } = state;
  if (data?.kind !== 'paging') return emptyBody(state, ['waiting for the counters of the kernel']);
  const { paging } = data;
  if (paging.free === null && paging.rates.length === 0) {
    return emptyBody(state, ['no sample of /proc/meminfo or /proc/vmstat so far']);
  }
  const { bodyRows } = layoutOf(state);
  const [free, devices, rates] = [freeLines(data), swapLines(data, state.columns), rateLines(paging, state.columns)];
  // On a low screen the devices come last: the lines of all swap are above.
  const fits = free.length + devices.length + rates.length <= bodyRows;
  const gap: Line[] = free.length + devices.length + rates.length < bodyRows ? [[]] : [];
  const lines = fits ? [...free, ...devices, ...gap, ...rates] : [...free, ...rates, ...devices];
  while (lines.length < bodyRows) lines.push([]);
  return { lines: lines.slice(0, bodyRows), selected: -1 };
}

/** The table of free. */
function freeLines({ paging: { free } }: Answer): Line[] {
  if (free === null) return [];
  const head = ['TOTAL', 'USED', 'FREE', 'SHARED', 'CACHE', 'AVAILABLE'];
  const cells = [free.total, free.used, free.free, free.shared, free.cache, free.available];
  const swap = [free.swapTotal, free.swapUsed, free.swapFree];
  return [
    [[`${' '.repeat(LABEL_WIDTH)}${head.map((title) => title.padStart(CELL_WIDTH)).join('')}`, 'head']],
    [[padText('memory', LABEL_WIDTH)], [cells.map(cellText).join('')]],
    [[padText('swap', LABEL_WIDTH)], [swap.map(cellText).join(''), free.swapTotal === 0 ? 'dim' : 'plain']],
  ];
}

function cellText(bytes: number | null): string {
  return padTextLeft(bytes === null ? '-' : formatBytes(bytes), CELL_WIDTH);
}

/** Each device of swap, as swapon -s lists them. */
function swapLines({ swaps }: Answer, columns: number): Line[] {
  if (swaps === null || swaps.length === 0) return [];
  const shown = swaps.slice(0, MOST_DEVICES).map((swap) => [swap.device, swap.size, swap.used] as const);
  const rest = swaps.slice(MOST_DEVICES);
  if (rest.length > 0) {
    const sum = (of: 'size' | 'used'): number => rest.reduce((bytes, swap) => bytes + swap[of], 0);
    shown.push([`${formatCount(rest.length)} more`, sum('size'), sum('used')]);
  }
  return shown.map(([device, size, used]) => {
    const figures = `${' '.repeat(LABEL_WIDTH)}${cellText(size)}${cellText(used)} ${padTextLeft(formatShare(used, size), 5)} used  `;
    return [[figures], [cutToWidth(safeText(device), Math.max(0, columns - figures.length)), 'dim']];
  });
}

function rateLines(paging: PagingView, columns: number): Line[] {
  const { rates, nowNs, beforeNs } = paging;
  if (rates.length === 0) return [[['rates need two samples of /proc/vmstat', 'dim']]];
  const isWide = columns >= SOURCES_FROM;
  const head = `${padText('A SECOND', NAME_WIDTH)}${'NOW'.padStart(RATE_WIDTH)}${'SINCE START'.padStart(RATE_WIDTH + 2)}${'MOST'.padStart(RATE_WIDTH + 1)}${'AT'.padStart(8)}`;
  const efficiency = shareOf(rates);
  return [
    [[padText(`${head}${isWide ? '  SOURCE' : ''}`, columns), 'head']],
    ...ROWS.flatMap(([name, label, unit, source]): Line[] => {
      const rate = rates.find((each) => each.name === name);
      return rate === undefined ? [] : [rateLine(rate, label, unit, isWide ? source : '')];
    }),
    [
      [
        `now: over the ${formatAge(nowNs - beforeNs)} before ${formatAge(nowNs)}${efficiency}. Reclaim within cgroups is not counted.`,
        'dim',
      ],
    ],
  ];
}

function rateLine(rate: PagingRate, label: string, unit: 'bytes' | 'count', source: string): Line {
  const { now, sinceStart, most, mostNs } = rate;
  const text = (value: number): string => (unit === 'bytes' ? formatBytes(value) : countText(value));
  return [
    [padText(label, NAME_WIDTH), now > 0 ? 'plain' : 'dim'],
    [padTextLeft(text(now), RATE_WIDTH), now > 0 ? 'strong' : 'dim'],
    [padTextLeft(text(sinceStart), RATE_WIDTH + 2), sinceStart > 0 ? 'plain' : 'dim'],
    [padTextLeft(text(most), RATE_WIDTH + 1), most > 0 ? 'plain' : 'dim'],
    [padTextLeft(most > 0 ? formatAge(mostNs) : '', 8), 'dim'],
    [source === '' ? '' : `  ${source}`, 'dim'],
  ];
}

/** '0', '0.2', '3.4', '12', '1.2M'. */
function countText(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 0.05) return '<0.1';
  if (perSecond < 9.95) return perSecond.toFixed(1);
  return perSecond < 9999.5 ? formatCount(Math.round(perSecond)) : formatShortCount(Math.round(perSecond));
}

/** What sar calls %vmeff: of the pages that were scanned, those that reclaim got. */
function shareOf(rates: readonly PagingRate[]): string {
  const of = (name: RateName): number => rates.find((rate) => rate.name === name)?.now ?? 0;
  const scanned = of('scannedByKswapd') + of('scannedDirectly');
  return scanned === 0 ? '' : `; reclaim got ${formatShare(of('reclaimed'), scanned)} of what it scanned`;
}
