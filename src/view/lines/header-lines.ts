/**
 * The header: what is traced, the event rate, the losses, what is outstanding, and what the kernel cannot account for.
 * On a small screen the less important lines and items are left out; a loss never is.
 */
import {
  formatBytes,
  formatClock,
  formatCount,
  formatCountWithin,
  formatDuration,
  formatEventRate,
  formatShare,
  formatSignedBytes,
  sparkline,
} from '../../base/format.js';
import { cutMiddle, safeText } from '../../base/safe-text.js';
import { ALLOCATOR_NAMES, countedIn } from '../../event/kinds.js';
import { totalMeaning } from '../../rank/report/meaning.js';
import type { Report } from '../../rank/report/report.js';
import type { SessionState, SessionStatus } from '../../session/trace-session.js';
import { VIEW_NAMES, VIEW_TITLES, type ViewName, viewDigit } from '../model/view-names.js';
import type { ViewState } from '../model/view-state.js';
import { coverageReasons, TOTAL_WORDS } from './meaning-words.js';
import { type Line, lineWidth, type Span, spread, type Tone } from './styled-line.js';
import { timelineLines } from './timeline-lines.js';

/** A part of a line; items of the greatest `rank` are left out first. */
interface Item {
  rank: number;
  spans: Line;
}

/** A line of the header; lines of the greatest `rank` are left out first. */
interface HeaderLine {
  rank: number;
  line: Line;
}

/** The lines of the header, the most important ones that fit the height of the screen. */
export function headerLines(state: ViewState): Line[] {
  const { columns, rows, snapshot } = state;
  const { report, status } = snapshot;
  const lines: HeaderLine[] = [{ rank: 0, line: titleLine(state) }];
  if (report !== null) {
    lines.push({ rank: report.anomalies.lostEvents > 0 ? 1 : 4, line: eventLine(state, report) });
    lines.push({ rank: 3, line: heldLine(state, report) });
    if (totalMeaning(report) !== 'outstanding')
      lines.push({ rank: 2.5, line: [[safeText(coverageReasons(report)), 'warn']] });
    const bound = lostFreeLine(report);
    if (bound !== null) lines.push({ rank: 5, line: bound });
    const gap = gapLine(state, report);
    if (gap.length > 0) lines.push({ rank: 6, line: gap });
    if (rows >= 36 && report.source.notes.length > 0) {
      lines.push({
        rank: 9,
        line: [
          ['note ', 'dim'],
          [safeText(report.source.notes.join('; ')), 'dim'],
        ],
      });
    }
  }
  if (state.mode === 'replay') {
    const { held, events, track } = timelineLines(state);
    // Only on screens where the list keeps enough rows.
    if (held !== null && rows >= 24) lines.push({ rank: 6.5, line: held });
    if (events !== null && rows >= 30) lines.push({ rank: 6.6, line: events });
    lines.push({ rank: 3.1, line: track });
  }
  if (status.message !== '') {
    lines.push({ rank: 2, line: [[safeText(status.message), status.state === 'failed' ? 'bad' : 'warn']] });
  }
  lines.push({ rank: 3.2, line: tabLine(state) });
  const most = rows < 12 ? 2 : rows < 16 ? 3 : rows < 20 ? 4 : rows < 30 ? 8 : 10;
  const ranks = lines.map((line) => line.rank).toSorted((a, b) => a - b);
  const last = ranks[Math.min(most, ranks.length) - 1];
  return lines.filter((line) => line.rank <= last).map(({ line }) => (columns > 0 ? line : []));
}

const STATE_TONES: Readonly<Record<SessionState, Tone>> = {
  starting: 'warn',
  tracing: 'good',
  reading: 'good',
  playing: 'good',
  paused: 'warn',
  ended: 'strong',
  failed: 'bad',
};

function titleLine(state: ViewState): Line {
  const { report, status } = state.snapshot;
  const left: Span[] = [['unfreed', 'strong'], [`  ${report?.source.kind === 'import' ? 'import' : state.mode}`]];
  if (report !== null) {
    const { source } = report;
    // A trace of another tool may not name its host.
    if (source.hostname !== '') left.push([`  ${safeText(source.hostname)}`, 'strong']);
    if (source.kernel !== '') left.push([`  Linux ${safeText(source.kernel)}`]);
    left.push([`  ${safeText(`${source.arch} ${source.collector}`.trim())}`, 'dim']);
  }
  const right: Span[] = [];
  if (state.frozen) right.push([`display paused at ${formatClock(state.report?.durationNs ?? 0)}`, 'warn'], ['  ']);
  right.push(...recordingSpans(status));
  if (status.collectorCpu !== null) right.push([`cpu ${formatShare(status.collectorCpu, 1)}  `, 'dim']);
  right.push([status.state, STATE_TONES[status.state]]);
  if (state.mode === 'live') right.push([` ${formatClock(status.positionNs)}`]);
  return spread(left, right, state.columns);
}

/** The running recording; one that was started on the screen stands out. */
function recordingSpans({ lateRecording, recordingPath, recordingBytes }: SessionStatus): Line {
  if (lateRecording !== null) return [[`REC ${formatBytes(lateRecording.bytes)}  `, 'warn']];
  return recordingPath === null ? [] : [[`rec ${formatBytes(recordingBytes)}  `, 'dim']];
}

function eventLine(state: ViewState, report: Report): Line {
  const { events, anomalies } = report;
  const { eventRates } = state.snapshot.status;
  const rate = eventRates.at(-1) ?? 0;
  const width = state.columns;
  const items: Item[] = [
    { rank: 1, spans: [['events '], [formatEventRate(rate).padStart(6), 'strong']] },
    { rank: 4, spans: [[sparkline(eventRates, sparkWidth(width)), 'drawing']] },
    { rank: 7, spans: [[`total ${formatCountWithin(events.total, width < 120 ? 7 : 15)}`, 'dim']] },
    { rank: 0, spans: lossSpans(report) },
    { rank: 5, spans: [[`orphan ${formatCountWithin(anomalies.orphanFrees, 9)}`, 'dim']] },
    { rank: 6, spans: [[`missed ${formatCountWithin(anomalies.missedFrees, 9)}`, 'dim']] },
  ];
  if (anomalies.stackMisses > 0) {
    items.push({ rank: 3, spans: [[`no call path ${formatCountWithin(anomalies.stackMisses, 9)}`, 'warn']] });
  }
  if (anomalies.badEvents > 0) {
    items.push({ rank: 2, spans: [[`bad ${formatCountWithin(anomalies.badEvents, 9)}`, 'bad']] });
  }
  if (anomalies.failedAllocs > 0) {
    items.push({ rank: 8, spans: [[`failed allocs ${formatCountWithin(anomalies.failedAllocs, 9)}`, 'dim']] });
  }
  return fitItems(items, width);
}

/** 'lost 1,204 (0.02%)': the share is of all events, seen and lost. */
function lossSpans(report: Report): Line {
  const { lostEvents } = report.anomalies;
  if (lostEvents === 0) return [['lost 0', 'dim']];
  return [[`lost ${formatCount(lostEvents)} (${formatShare(lostEvents, lostEvents + report.events.total)})`, 'bad']];
}

function heldLine(state: ViewState, report: Report): Line {
  const { outstanding } = report;
  const items: Item[] = [
    {
      rank: 0,
      spans: [[`${TOTAL_WORDS[totalMeaning(report)]} `], [formatBytes(outstanding.distinct.bytes), 'strong']],
    },
  ];
  if (state.columns >= 110) {
    items.push({
      rank: 6,
      spans: [[sparkline(state.snapshot.status.outstandingHistory, sparkWidth(state.columns)), 'drawing']],
    });
  }
  for (const name of ALLOCATOR_NAMES) {
    const { bytes, count } = outstanding[name];
    const traced = report.source.allocators.includes(name);
    const unit = countedIn(name);
    const of = state.columns >= 190 && traced ? ` in ${formatCount(count)} ${unit}` : '';
    items.push({
      rank: 1,
      spans: [
        [`${name} `, 'dim'],
        [traced ? formatBytes(bytes) : 'not traced', traced ? 'plain' : 'dim'],
        [of, 'dim'],
      ],
    });
  }
  if (outstanding.backing.bytes > 0 && state.columns >= 110) {
    items.push({ rank: 5, spans: [[`backing ${formatBytes(outstanding.backing.bytes)}`, 'dim']] });
  }
  return fitItems(items, state.columns);
}

/** The bound on lost frees; null when no outstanding memory can be due to one. */
function lostFreeLine(report: Report): Line | null {
  const parts: Span[] = [];
  for (const name of ALLOCATOR_NAMES) {
    const bytes = report.outstanding[name].lostFreeBytes;
    if (bytes === 0) continue;
    parts.push([`${parts.length === 0 ? '' : ','} ${name} `, 'warn'], [formatBytes(bytes), 'strong']);
  }
  if (parts.length === 0) return null;
  return [['of which up to', 'warn'], ...parts, [' may be lost frees', 'warn']];
}

/** Less may be pages on their way to a list: every CPU keeps some dozens. */
const HELD_TOLD_BYTES = 16 * 2 ** 20;

function gapLine(state: ViewState, report: Report): Line {
  const { meminfo, self, source, selection } = report;
  const items: Item[] = [];
  if (meminfo !== null) {
    const trend = meminfo.unaccountedBytes - meminfo.unaccountedAtStartBytes;
    items.push({
      rank: 0,
      spans: [
        ['unaccounted '],
        [formatBytes(meminfo.unaccountedBytes), 'strong'],
        [` (${formatSignedBytes(trend)} since start)`, trend > 0 ? 'warn' : 'dim'],
      ],
    });
    if (meminfo.heldByReferenceBytes >= HELD_TOLD_BYTES) {
      items.push({
        rank: 1.2,
        spans: [[`${formatBytes(meminfo.heldByReferenceBytes)} of it held by a reference`, 'warn']],
      });
    }
    const rest = `free ${formatBytes(meminfo.freeBytes)} of ${formatBytes(meminfo.totalBytes)}`;
    items.push({ rank: 3, spans: [[rest, 'dim']] });
  }
  const grown = report.reconciliation?.pages ?? null;
  if (grown !== null && grown.grownBytes > 0) {
    const share = formatShare(grown.explainedBytes, grown.grownBytes);
    items.push({
      rank: 1.5,
      spans: [[`in use ${formatSignedBytes(grown.grownBytes)}, `], [share, 'strong'], [' explained', 'dim']],
    });
  }
  if (report.estimate !== null) {
    const { page, slab } = report.estimate;
    const held = `some ${formatBytes(page.bytes)} of pages, ${formatBytes(slab.bytes)} of objects`;
    const text = `sampled 1 of ${formatCount(source.sampleOneIn)} addresses: ${held}`;
    items.push({ rank: 1, spans: [[text, 'warn']] });
  }
  if (report.young !== null) {
    const text = `${formatCount(report.young.pairs)} pairs under ${formatDuration(source.minAgeNs)} stayed in the kernel`;
    items.push({ rank: 1, spans: [[text, 'dim']] });
  }
  if (self.bytes > 0) {
    const hidden = selection.includeSelf ? 'shown' : 'hidden';
    items.push({ rank: 2, spans: [[`own ${formatBytes(self.bytes)} ${hidden}`, 'dim']] });
  }
  const { recordingPath, lateRecording } = state.snapshot.status;
  const path = lateRecording?.path ?? recordingPath;
  if (path !== null) items.push({ rank: 2.5, spans: [['recording ', 'dim'], [cutMiddle(safeText(path), 40)]] });
  return fitItems(items, state.columns);
}

/** The tabs, the way back and the order of the rows: '[1 Stacks] 2 Tree  3 Processes ...   by bytes, one row a module'. */
function tabLine(state: ViewState): Line {
  const { columns, report, view } = state;
  const selection = report?.selection ?? state.selection;
  const rows = selection.group === 'stack' ? '' : `one row a ${selection.group}`;
  const sort = selection.sort === 'suspect' ? 'most suspect first' : `by ${selection.sort}`;
  const order = rows === '' ? sort : `${sort}, ${rows}`;
  const back = state.trail.at(-1);
  const way: Span[] = back === undefined ? [] : [[`Esc: back to ${VIEW_TITLES[back.view]}`, 'key']];
  const gap: Span[] = way.length === 0 ? [] : [['  ']];
  const rights: Line[] = [way];
  if (view === 'stacks') {
    const shorter: Line[] = rows === '' ? [] : [[...way, ...gap, [rows, 'dim']]];
    rights.unshift([...way, ...gap, [order, 'dim']], ...shorter);
  }
  // The names of the tabs stand nowhere else, so the right side is shortened first: the column heads also show the order
  // of the rows and what a row is.
  const full = tabs(view, true);
  const right = rights.find((each) => lineWidth(full) + lineWidth(each) < columns);
  return right === undefined ? spread(tabs(view, false), rights[0], columns) : spread(full, right, columns);
}

function tabs(present: ViewName, named: boolean): Line {
  return VIEW_NAMES.map((name): Span => {
    const text = named || name === present ? `${viewDigit(name)} ${VIEW_TITLES[name]}` : viewDigit(name);
    return name === present ? [`[${text}]`, 'strong'] : [` ${text} `, 'dim'];
  });
}

function sparkWidth(columns: number): number {
  return Math.max(8, Math.min(60, Math.floor((columns - 60) / 2)));
}

/** Items side by side in their order, two columns apart; the least important are left out until the line fits. */
function fitItems(items: readonly Item[], width: number): Line {
  const kept = items.filter((item) => lineWidth(item.spans) > 0);
  const needed = (): number => kept.reduce((sum, item) => sum + lineWidth(item.spans) + 2, -2);
  while (kept.length > 1 && needed() > width) {
    let worst = 0;
    for (let i = 1; i < kept.length; i++) if (kept[i].rank >= kept[worst].rank) worst = i;
    kept.splice(worst, 1);
  }
  return kept.flatMap((item, index) => (index === 0 ? item.spans : [['  '] as const, ...item.spans]));
}
