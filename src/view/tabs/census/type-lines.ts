/** What the objects of a slab cache are, where a census told them apart: a table, and the page about one cache. */
import { bar, formatBytes, formatCount, formatShare } from '../../../base/format.js';
import { cutToWidth, padText, safeText } from '../../../base/safe-text.js';
import type { CensusType } from '../../../census/report.js';
import type { PageText } from '../../head/list-body.js';
import type { Line, Span } from '../../lines/styled-line.js';
import type { ViewState } from '../../model/view-state.js';

const MOST_ROWS = 40;
const BAR_WIDTH = 12;
/** From this width on a bar stands before the words. */
const BARS_FROM = 100;

/** The page of the cache that is opened; null if none is, or if no census knows its objects. */
export function cachePage(state: ViewState): PageText | null {
  const { page, columns } = state;
  const name = page?.kind === 'cache' ? page.name : null;
  const type = typesOf(state).find(({ cache }) => cache === name);
  if (type === undefined) return null;
  const title: Line = [
    ['Caches › ', 'dim'],
    [safeText(type.cache), 'strong'],
    ['  Enter: its call paths', 'dim'],
  ];
  return { title, lines: typeLines(type, columns) };
}

/** Of the caches that a census looked at. */
export function typesOf({ data }: ViewState): readonly CensusType[] {
  return data?.kind === 'caches' ? (data.types ?? []) : [];
}

/** A sentence, a head and a line for each kind of object. */
export function typeLines({ cache, sizeBytes, live, total, rows }: CensusType, columns: number): Line[] {
  const isCompared = rows.some(({ deltaObjects }) => deltaObjects !== null);
  const change = isCompared ? ` ${'CHANGE'.padStart(9)}` : '';
  const bars = columns < BARS_FROM ? '' : ' '.repeat(BAR_WIDTH + 1);
  const head = `${'OBJECTS'.padStart(10)} ${'BYTES'.padStart(8)} ${'SHARE'.padStart(6)}${change}  ${bars}WHAT THEY ARE`;
  const sentence = `${formatCount(live)} of the ${formatCount(total)} objects of ${cache}, ${formatBytes(sizeBytes)} each, are in use.`;
  return [
    [[cutToWidth(safeText(sentence), columns)]],
    [[padText(head, columns), 'head']],
    ...rows.slice(0, MOST_ROWS).map((row) => typeLine(row, live, isCompared, columns)),
    ...(rows.length > MOST_ROWS
      ? [[[`${' '.repeat(10)} ${formatCount(rows.length - MOST_ROWS)} more`, 'dim']] satisfies Line]
      : []),
  ];
}

function typeLine(row: CensusType['rows'][number], live: number, isCompared: boolean, columns: number): Line {
  const { objects, bytes, deltaObjects, text, holder, module } = row;
  const line: Span[] = [
    [`${formatCount(objects).padStart(10)} ${formatBytes(bytes).padStart(8)} `, 'strong'],
    [(live === 0 ? '' : formatShare(objects, live)).padStart(6)],
  ];
  if (isCompared) line.push([` ${signedCount(deltaObjects ?? 0).padStart(9)}`]);
  line.push(['  ']);
  if (columns >= BARS_FROM) {
    line.push([`${padText(live === 0 ? '' : bar(Math.min(1, objects / live), BAR_WIDTH), BAR_WIDTH)} `, 'drawing']);
  }
  const used = line.reduce((sum, [span]) => sum + span.length, 0);
  const through = holder === '' || holder === text ? '' : `; ${holder}`;
  const what = safeText(`${text}${module === '' ? '' : ` [${module}]`}${through}`);
  return [...line, [cutToWidth(what, Math.max(0, columns - used))]];
}

function signedCount(count: number): string {
  if (count === 0) return '±0';
  return `${count < 0 ? '-' : '+'}${formatCount(Math.abs(count))}`;
}
