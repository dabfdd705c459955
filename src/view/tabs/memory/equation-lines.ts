/**
 * MemTotal as a sum, term by term (E1 of triage): what each term was when the machine was looked at, before the trace,
 * and where it was read. A term whose holders are known is opened by Enter.
 */
import { bar, formatBytes, formatShare } from '../../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText } from '../../../base/safe-text.js';
import type { EquationTerm, TriageReport } from '../../../triage/report.js';
import { emptyBody, listBody, type ViewBody } from '../../head/list-body.js';
import type { Line, Span } from '../../lines/styled-line.js';
import { firstLookOf } from '../../model/answers.js';
import type { ViewState } from '../../model/view-state.js';

const NAME_WIDTH = 27;
const BAR_WIDTH = 12;
/** Width of sign, name, bytes and share, with a blank behind each. */
const FIGURES_WIDTH = 2 + NAME_WIDTH + 1 + 8 + 1 + 6 + 2;
/** From this width on a bar stands before the source. */
const BARS_FROM = 100;

/** The terms; empty without a look, or without a meminfo in it. */
export function equationTerms(state: ViewState): readonly EquationTerm[] {
  return firstLookOf(state)?.equation ?? [];
}

export function equationBody(state: ViewState): ViewBody {
  const look = firstLookOf(state);
  const terms = equationTerms(state);
  if (look === null || terms.length === 0) return emptyBody(state, [withoutTerms(state)]);
  return listBody(state, {
    head: headLine(state.columns),
    rows: terms.length,
    row: (index) => termLine(terms[index], look, state.columns),
    closing: (last) => closingLine(look, terms.length - last, state.columns),
  });
}

function withoutTerms(state: ViewState): string {
  return firstLookOf(state) === null ? noLookText(state) : 'no /proc/meminfo of the whole machine was read';
}

/** Says why there is nothing of a first look. */
export function noLookText({ mode, snapshot }: Pick<ViewState, 'mode' | 'snapshot'>): string {
  if (mode === 'live') return 'this machine has not been looked at yet';
  const isRead = snapshot.status.readShare >= 1;
  return isRead ? 'this recording has no look at the machine before it' : 'no look at the machine has been read so far';
}

function headLine(columns: number): Line {
  const figures = `  ${padText('TERM', NAME_WIDTH)} ${'BYTES'.padStart(8)} ${'SHARE'.padStart(6)}  `;
  const bars = columns < BARS_FROM ? '' : ' '.repeat(BAR_WIDTH + 1);
  return [[padText(`${figures}${bars}SOURCE`, columns), 'head']];
}

function termLine({ term, bytes, source }: EquationTerm, look: TriageReport, columns: number): Line {
  const { totalBytes } = look.machine;
  const hasHolders = look.lines.some((line) => line.term === term);
  const tone = bytes === 0 ? 'dim' : term === 'not in meminfo' ? 'strong' : 'plain';
  const line: Span[] = [
    [hasHolders ? '+ ' : '  ', 'dim'],
    [`${padText(safeText(term), NAME_WIDTH)} ${padTextLeft(formatBytes(bytes), 8)} `, tone],
    [`${padTextLeft(totalBytes > 0 ? formatShare(bytes, totalBytes) : '', 6)}  `, tone],
  ];
  let room = columns - FIGURES_WIDTH;
  if (columns >= BARS_FROM) {
    line.push([
      `${padText(totalBytes > 0 ? bar(Math.max(0, bytes) / totalBytes, BAR_WIDTH) : '', BAR_WIDTH)} `,
      'drawing',
    ]);
    room -= BAR_WIDTH + 1;
  }
  return [...line, [cutToWidth(safeText(source), Math.max(0, room)), 'dim']];
}

/** The sum, and what the machine has beside it (E0), as far as there is room. */
function closingLine({ machine, outside }: TriageReport, below: number, columns: number): Line {
  const sum = `the terms add up to ${formatBytes(machine.totalBytes)}, MemTotal of /proc/meminfo`;
  const beside = outside.map(({ term, bytes }) => `${term} ${formatBytes(bytes)}`).join(', ');
  const parts = [below > 0 ? `${below} more below` : '', sum, beside === '' ? '' : `beside it: ${beside}`];
  return [[cutToWidth(safeText(parts.filter((part) => part !== '').join('; ')), columns), 'dim']];
}
