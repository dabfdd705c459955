/** Every page of the machine by class, who holds it as far as a census found it, and what it changed by since the first. */
import { formatBytes, formatChange, formatCount, formatCountWithin, formatDuration } from '../../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText } from '../../../base/safe-text.js';
import { type CensusReport, isUncounted } from '../../../census/report.js';
import { emptyBody, listBody, type ViewBody } from '../../head/list-body.js';
import { sentenceLines } from '../../lines/holder-lines.js';
import { cutLine, type Line, type Span } from '../../lines/styled-line.js';
import type { ViewState } from '../../model/view-state.js';
import { type CensusRow, censusOf, censusRows } from './census-rows.js';
import { classMeaning, className } from './class-names.js';

const NAME_WIDTH = 17;
const PAGES_WIDTH = 9;
/** The last column ends this far from the right edge; the numbers stand in its middle. */
const FINDING_WIDTH = 10;
/** Below this, pages and findings leave: bytes say the same, and who holds them says more. */
const WIDE_FROM = 100;
const NO_CHANGE = '±0';

export function censusBody(state: ViewState): ViewBody {
  const census = censusOf(state);
  if (census === null) return emptyBody(state, withoutCensus(state));
  const rows = censusRows(state);
  return listBody(state, {
    head: headLine(state.columns),
    rows: rows.length,
    row: (index) => rowLine(rows[index], census.machine.pageSize, state.columns),
    closing: (last) => closingLine(census, rows.length - last),
    whole: () => wholeLine(rows[state.selectedIndex], state.columns),
  });
}

/** Why there is none, and how to get one. */
function withoutCensus({ mode, snapshot, columns }: ViewState): string[] {
  return sentenceLines(withoutText(mode, snapshot.status.readShare >= 1), columns - 2);
}

function withoutText(mode: ViewState['mode'], isRead: boolean): string {
  if (mode === 'live') {
    return 'No census has been taken. C takes one: every page of this machine by what it is and who holds it.';
  }
  if (!isRead) return 'No census has been read so far.';
  return 'This recording carries no census. One that begins and ends with a census is made by: unfreed record --census';
}

function headLine(columns: number): Line {
  const isWide = columns >= WIDE_FROM;
  const pages = isWide ? ` ${'PAGES'.padStart(PAGES_WIDTH)}` : '';
  const figures = `${'CLASS'.padEnd(NAME_WIDTH)}${pages} ${'NOW'.padStart(8)} ${'CHANGE'.padStart(9)} `;
  const held = padText('HELD BY, AS FAR AS FOUND', heldWidth(columns));
  return [[cutToWidth(figures + held + (isWide ? padText('FINDING', FINDING_WIDTH) : ''), columns), 'head']];
}

function figuresWidth(columns: number): number {
  return NAME_WIDTH + (columns >= WIDE_FROM ? PAGES_WIDTH + 1 : 0) + 1 + 8 + 1 + 9 + 1;
}

function heldWidth(columns: number): number {
  return Math.max(0, columns - figuresWidth(columns) - (columns >= WIDE_FROM ? FINDING_WIDTH : 0));
}

function rowLine(row: CensusRow, pageSize: number, columns: number): Line {
  const isWide = columns >= WIDE_FROM;
  const change = row.deltaPages === null ? NO_CHANGE : formatChange(row.deltaPages * pageSize);
  const width = heldWidth(columns);
  const tone = row.heldBy === '' ? 'dim' : 'plain';
  const line: Span[] = [
    [padText(safeText(className(row.class)), NAME_WIDTH), isUncounted(row.class) ? 'strong' : 'plain'],
    [isWide ? ` ${padTextLeft(formatCountWithin(row.pages, PAGES_WIDTH), PAGES_WIDTH)}` : ''],
    [` ${padTextLeft(formatBytes(row.bytes), 8)} `],
    [`${padTextLeft(change, 9)} `, change === NO_CHANGE ? 'dim' : 'strong'],
    isWide
      ? [padText(cutToWidth(heldText(row), width - 1), width), tone]
      : [cutToWidth(heldText({ ...row, heldBy: row.shortHeldBy }), width), tone],
  ];
  if (isWide) line.push([cutToWidth(`   ${row.findings}`, FINDING_WIDTH), 'strong']);
  return line;
}

/** Who holds it, else what the class is. Safe text. */
function heldText(row: CensusRow): string {
  return safeText(row.heldBy === '' ? classMeaning(row.class) : row.heldBy);
}

function wholeLine(row: CensusRow | undefined, columns: number): Line {
  if (row === undefined) return [];
  return cutLine([[`${safeText(className(row.class))}: `, 'dim'], [heldText(row)]], columns);
}

/** When it was taken, what CHANGE is against, and what must not be relied on. */
function closingLine(census: CensusReport, below: number): Line {
  const { machine, sinceSeconds, timeMs, checks, missing } = census;
  const failed = checks.filter(({ ok }) => !ok).length;
  const parts = [
    below > 0 ? `${formatCount(below)} more below` : '',
    `census ${clockText(timeMs)}counted in ${formatDuration(machine.wallNs)}`,
    sinceSeconds === null ? '' : `changes since the first, ${formatDuration(sinceSeconds * 1e9)} before`,
    missing.length > 0 ? `not counted: ${missing.map(({ stage }) => stage).join(', ')}` : '',
  ];
  return [
    [safeText(parts.filter((part) => part !== '').join('; ')), 'dim'],
    [failed > 0 ? `; ${formatCount(failed)} of ${formatCount(checks.length)} checks differ` : '', 'bad'],
  ];
}

/** The greatest time that a Date holds. */
const MOST_MS = 8.64e15;

/** 'of 14:15:41 UTC, '; '' where the time is not known. */
function clockText(timeMs: number | null): string {
  return timeMs === null || timeMs > MOST_MS ? '' : `of ${new Date(timeMs).toISOString().slice(11, 19)} UTC, `;
}
