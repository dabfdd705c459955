/** Counters beside their limits as gauges, the fullest first, those near their limit marked; and of which moment they are. */
import { bar, formatCount, formatShare } from '../../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText } from '../../../base/safe-text.js';
import type { LimitsNow } from '../../../session/view-data.js';
import type { Gauge } from '../../../triage/report.js';
import { gaugeAmounts, gaugeName, gaugeNote } from '../../../triage/words.js';
import { emptyBody, listBody, type ViewBody } from '../../head/list-body.js';
import type { Line, Span } from '../../lines/styled-line.js';
import type { ViewState } from '../../model/view-state.js';
import { noLookText } from './equation-lines.js';
import { readText } from './read-text.js';

const BAR_WIDTH = 12;
const SHARE_WIDTH = 6;
const AMOUNT_WIDTH = 25;
/** From this width on who uses most of it stands behind. */
const NOTES_FROM = 120;
const LEAST_NAME = 20;

/** The session's answer; null until there is one. */
export function limitsOf({ data }: ViewState): LimitsNow | null {
  return data?.kind === 'limits' ? data.limits : null;
}

/** Identifies a row. */
export function gaugeKey({ name, of }: Gauge): string {
  return `${name} ${of}`;
}

export function limitsBody(state: ViewState): ViewBody {
  const limits = limitsOf(state);
  if (limits === null || limits.gauges.length === 0) return emptyBody(state, [withoutLimits(state, limits)]);
  const { columns } = state;
  const { gauges } = limits;
  return listBody(state, {
    head: headLine(columns),
    rows: gauges.length,
    row: (index) => gaugeLine(gauges[index], columns),
    closing: (last) => closingLine(limits, gauges.length - last),
    whole: () => [[cutToWidth(safeText(wholeText(gauges[state.selectedIndex])), columns)]],
  });
}

function withoutLimits(state: ViewState, limits: LimitsNow | null): string {
  if (limits !== null) return 'no counter that was read has a limit';
  if (state.data?.kind !== 'limits') return 'waiting for the limits';
  return state.mode === 'live' ? 'reading the limits of this machine' : noLookText(state);
}

/** Columns left for name and note. */
function roomOf(columns: number): number {
  return Math.max(LEAST_NAME, columns - (2 + SHARE_WIDTH + 1 + BAR_WIDTH + 1 + AMOUNT_WIDTH + 2));
}

function nameWidth(columns: number): number {
  const room = roomOf(columns);
  return columns < NOTES_FROM ? room : Math.floor(room * 0.6);
}

function headLine(columns: number): Line {
  const figures = `  ${'SHARE'.padStart(SHARE_WIDTH)} ${' '.repeat(BAR_WIDTH)} ${'USED OF LIMIT'.padEnd(AMOUNT_WIDTH)}  `;
  const names = columns < NOTES_FROM ? 'LIMIT' : `${padText('LIMIT', nameWidth(columns))}NOTE`;
  return [[padText(`${figures}${names}`, columns), 'head']];
}

function gaugeLine(gauge: Gauge, columns: number): Line {
  const { used, limit, share, near } = gauge;
  const width = nameWidth(columns);
  const name = cutToWidth(safeText(gaugeName(gauge)), width - 1);
  const line: Span[] = [
    [near ? '▲ ' : '  ', 'warn'],
    [padTextLeft(formatShare(used, limit), SHARE_WIDTH), near ? 'strong' : 'plain'],
    [' '],
    [padText(bar(share, BAR_WIDTH), BAR_WIDTH), near ? 'warn' : 'drawing'],
    [` ${padText(cutToWidth(safeText(gaugeAmounts(gauge)), AMOUNT_WIDTH), AMOUNT_WIDTH)}  `],
    [padText(name, width), near ? 'strong' : 'plain'],
  ];
  if (columns < NOTES_FROM) return line;
  return [...line, [cutToWidth(safeText(gaugeNote(gauge)), Math.max(0, roomOf(columns) - width)), 'dim']];
}

/** The selected row in full, for a path that is cut. Untrusted. */
function wholeText(gauge: Gauge | undefined): string {
  if (gauge === undefined) return '';
  const note = gaugeNote(gauge);
  return `${gaugeName(gauge)}: ${gaugeAmounts(gauge)}${note === '' ? '' : `, ${note}`}`;
}

function closingLine(limits: LimitsNow, below: number): Line {
  const { gauges, more } = limits;
  const near = gauges.filter((gauge) => gauge.near).length;
  const parts = [
    below > 0 ? `${formatCount(below)} more below` : '',
    more > 0 ? `${formatCount(more)} of cgroups and mounts are not listed` : '',
    near === 0 ? 'none is near its limit' : `▲ ${formatCount(near)} near the limit`,
    readText(limits),
  ];
  return [[parts.filter((part) => part !== '').join('; '), 'dim']];
}
