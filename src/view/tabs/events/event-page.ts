/** The page over one event: its words, when it was, and all that its kind tells, by name. */
import { formatBytes, formatCount, formatDuration } from '../../../base/format.js';
import { padText, safeText } from '../../../base/safe-text.js';
import { type MarkField, markFields } from '../../../event/marks/mark-fields.js';
import { groupOf } from '../../../event/marks/mark-groups.js';
import type { PageText } from '../../head/list-body.js';
import { sentenceLines } from '../../lines/holder-lines.js';
import { formatPosition } from '../../lines/position-text.js';
import type { Line } from '../../lines/styled-line.js';
import { allEvents, type EventRow, eventSentence, lengthOf } from '../../model/events.js';
import type { ViewState } from '../../model/view-state.js';

/** Width of the names; on a narrow screen the longest are cut. */
function nameWidth(columns: number): number {
  return columns < 60 ? 16 : 22;
}

/** Returns null if the event is not there any more: of very many some are left out. */
export function eventPage(state: ViewState): PageText | null {
  const { page, columns } = state;
  const row = page?.kind === 'event' ? allEvents(state).find(({ key }) => key === page.key) : undefined;
  if (row === undefined) return null;
  const title: Line = [
    ['Events › ', 'dim'],
    [`${groupOf(row.mark.kind).sign} ${row.mark.kind}`, 'strong'],
    [` at ${formatPosition(row.timeNs, lengthOf(state)).trim()}`],
  ];
  return {
    title,
    lines: [
      ...sentenceLines(eventSentence(row), columns, '  ').map((text): Line => [[text, 'strong']]),
      [],
      ...timeLines(state, row),
      ...Object.entries(markFields(row.mark)).flatMap(([name, value]) => fieldLines(name, value, columns)),
    ],
  };
}

function timeLines({ report, columns }: ViewState, { timeNs }: EventRow): Line[] {
  const lines = fieldLines('time', `${(timeNs / 1e9).toFixed(6)} s since the start of the trace`, columns);
  const startMs = report?.source.startUnixMs ?? 0;
  if (startMs > 0) lines.push(...fieldLines('date', new Date(startMs + timeNs / 1e6).toISOString(), columns));
  return lines;
}

/** A field that is long goes on below its name. */
function fieldLines(name: string, value: MarkField, columns: number): Line[] {
  const width = nameWidth(columns);
  const text = value === null ? 'not known' : valueText(name, value);
  const [first = '', ...rest] = sentenceLines(text, columns - width);
  const tone = value === null ? 'dim' : 'plain';
  return [
    [
      [padText(wordsOf(name), width), 'dim'],
      [first, tone],
    ],
    ...rest.map((line): Line => [[' '.repeat(width)], [line, tone]]),
  ];
}

/** 'victim page table' of 'victimPageTableBytes'. */
function wordsOf(name: string): string {
  return safeText(name.replace(/(?:Bytes|Ns)$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
}

function valueText(name: string, value: Exclude<MarkField, null>): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (/bytes$/i.test(name)) return value < 0 ? String(value) : `${formatBytes(value)} (${formatCount(value)} bytes)`;
  if (name.endsWith('Ns')) return formatDuration(value);
  if (HEXADECIMAL.has(name)) return value < 0 ? String(value) : `0x${value.toString(16)}`;
  return PLAIN.test(name) ? String(value) : formatCount(value);
}

const HEXADECIMAL: ReadonlySet<string> = new Set(['address', 'key', 'gfpFlags', 'flags']);
/** Numbers that are names. */
const PLAIN = /pid$|id$|^cgroupId$|^result$|^command$|^status$|^signal$|Adj$/i;
