/**
 * What the first look found, a line each, in the order of triage; below the list the selected finding in sentences, as far
 * as there is room, and what was looked at without a finding.
 */
import { formatAge, formatBytes, formatCount, formatSignedBytes } from '../../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText } from '../../../base/safe-text.js';
import type { TriageFinding, TriageReport } from '../../../triage/report.js';
import { isAbnormal, SEVERITY_WORDS } from '../../../triage/words.js';
import { layoutOf } from '../../head/layout.js';
import { countedText, emptyBody, listBody, type ViewBody } from '../../head/list-body.js';
import { commandLines, sentenceLines } from '../../lines/holder-lines.js';
import type { Line, Span } from '../../lines/styled-line.js';
import { firstLookOf } from '../../model/answers.js';
import type { ViewState } from '../../model/view-state.js';
import { noLookText } from '../memory/equation-lines.js';
import { numberOf, paceText, severityTone } from './finding-page.js';

/** Width of number, word and rule, with a blank behind each. */
const LEAD_WIDTH = 3 + 9 + 4;
/** Width of bytes and growth. */
const FIGURES_WIDTH = 9 + 12;
const FIGURES_FROM = 100;
/** Holders that the lines below the list name. */
const MOST_HOLDERS = 3;

export function triageFindings(state: ViewState): readonly TriageFinding[] {
  return firstLookOf(state)?.findings ?? [];
}

export function findingsBody(state: ViewState): ViewBody {
  const look = firstLookOf(state);
  if (look === null) return emptyBody(state, [noLookText(state)]);
  const { findings } = look;
  if (findings.length === 0) return emptyBody(state, [...nothingLines(look), ...restTexts(look, state.columns - 2)]);
  const body = listBody(state, {
    head: headLine(state.columns),
    rows: findings.length,
    row: (index) => findingLine(look, findings[index], state.columns),
    closing: (last) => closingLine(look, findings.length - last),
  });
  return { ...body, lines: withText(state, body.lines, look) };
}

function nothingLines({ machine }: TriageReport): string[] {
  return [machine.totalBytes > 0 ? 'nothing abnormal before the trace' : 'the look says nothing of the whole machine'];
}

function headLine(columns: number): Line {
  const figures = columns < FIGURES_FROM ? '' : `${'BYTES'.padStart(8)} ${'GROWTH/h'.padStart(10)}  `;
  return [[padText(`${'#'.padStart(2)} ${'WORD'.padEnd(9)}${figures}${'RULE'.padEnd(5)}FINDING`, columns), 'head']];
}

function findingLine(look: TriageReport, finding: TriageFinding, columns: number): Line {
  const { severity, bytes, growthBytesPerHour, rule, text } = finding;
  const line: Span[] = [
    [`${padTextLeft(numberOf(look, finding), 2)} `, 'dim'],
    [padText(SEVERITY_WORDS[severity], 9), severityTone(finding)],
  ];
  let room = columns - LEAD_WIDTH - 1;
  if (columns >= FIGURES_FROM) {
    const growth = growthBytesPerHour === null ? '-' : formatSignedBytes(growthBytesPerHour);
    line.push([padTextLeft(bytes === null ? '-' : formatBytes(bytes), 8), 'strong'], [` ${padTextLeft(growth, 10)}  `]);
    room -= FIGURES_WIDTH;
  }
  return [...line, [padText(safeText(rule), 5), 'dim'], [cutToWidth(safeText(text), Math.max(0, room))]];
}

/** Fills the empty rows between the list and its last line. */
function withText(state: ViewState, lines: readonly Line[], look: TriageReport): Line[] {
  const { listRows } = layoutOf(state);
  const shown = Math.min(look.findings.length - state.listTop, listRows);
  // Head, rows, an empty line.
  const from = 1 + shown + 1;
  const room = lines.length - 1 - from;
  const finding = look.findings[state.selectedIndex];
  if (room < 2 || finding === undefined) return [...lines];
  const text = selectedLines(finding, state.columns).slice(0, room);
  const rest = restTexts(look, state.columns).map((each): Line => [[each, 'dim']]);
  const isRoom = text.length + 1 + rest.length <= room;
  const below = isRoom ? [...text, ...blank(room - text.length - rest.length), ...rest] : text;
  return [...lines.slice(0, from), ...below, ...blank(room - below.length), lines[lines.length - 1]];
}

function blank(count: number): Line[] {
  return Array.from({ length: Math.max(0, count) }, (): Line => []);
}

/** The selected finding: its sentences, the first who hold it, the first command. */
function selectedLines(finding: TriageFinding, columns: number): Line[] {
  const { holders, next } = finding;
  const lines = sentenceLines(finding.text + paceText(finding), columns).map((text): Line => [[text]]);
  const held = holders
    .slice(0, MOST_HOLDERS)
    .map(({ name, bytes }) => `${name}${bytes === null ? '' : ` ${formatBytes(bytes)}`}`);
  if (held.length > 0) {
    const more = holders.length > held.length ? `; ${holders.length - held.length} more` : '';
    lines.push(...sentenceLines(`held by: ${held.join('; ')}${more}`, columns, '  ').map((text): Line => [[text]]));
  }
  const [command] = next;
  if (command !== undefined) {
    lines.push([['next:', 'dim']], ...commandLines(command, columns).map((text): Line => [[text, 'key']]));
  }
  return lines;
}

/** Until when memory lasts, what is fine, and what was not read. Safe text. */
function restTexts({ hoursLeft, fine, notRead }: TriageReport, columns: number): string[] {
  const texts: string[] = [];
  if (hoursLeft !== null) texts.push(`At this pace MemAvailable is used up in ${formatAge(hoursLeft * 3600e9)}.`);
  if (fine.length > 0) texts.push(`no finding: ${fine.join(', ')}`);
  const byReason = new Map<string, string[]>();
  for (const { name, why } of notRead) byReason.set(why, [...(byReason.get(why) ?? []), name]);
  for (const [why, whats] of byReason) texts.push(`not read, ${why}: ${whats.join(', ')}`);
  return texts.flatMap((text) => sentenceLines(text, columns, '  '));
}

function closingLine({ findings, machine, notRead }: TriageReport, below: number): Line {
  const counted = findings.filter(({ severity }) => severity !== 'fine').length;
  const parts = [
    below > 0 ? `${below} more below` : '',
    findings.some(isAbnormal) ? countedText(counted, ['finding', 'findings']) : 'nothing abnormal',
    machine.looks > 1 ? `${formatCount(machine.looks)} looks in ${formatAge(machine.spanSeconds * 1e9)}` : '',
    notRead.length > 0 ? `${countedText(notRead.length, ['source', 'sources'])} not read` : '',
  ];
  return [[parts.filter((part) => part !== '').join('; '), 'dim']];
}
