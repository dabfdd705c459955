/**
 * The header: what is traced, where the machine's memory is, the answer, and the facts of the trace. On a small screen
 * the less important lines and items are left out; the first line of the answer, which a loss that matters takes, never is.
 */
import { formatBytes, formatChange, formatClock, formatCount, formatDuration, formatShare } from '../../base/format.js';
import { cutMiddle, safeText } from '../../base/safe-text.js';
import { changeOf, mostChanged, processSubject, unexplainedBytes } from '../../rank/answer/process-words.js';
import { isOfProcesses } from '../../rank/report/category.js';
import { totalMeaning } from '../../rank/report/meaning.js';
import type { Report } from '../../rank/report/report.js';
import type { GroupKey } from '../../rank/report/selection.js';
import type { SessionState, SessionStatus } from '../../session/trace-session.js';
import { coverageReasons, TOTAL_WORDS } from '../lines/meaning-words.js';
import { type Line, lineWidth, type Span, spread, type Tone } from '../lines/styled-line.js';
import {
  type MemoryPage,
  type TriagePage,
  VIEW_NAMES,
  VIEW_TITLES,
  type ViewName,
  viewDigit,
} from '../model/view-names.js';
import type { ViewState } from '../model/view-state.js';
import { answerLines } from './answer-lines.js';
import { demoLine } from './demo-line.js';
import { lastKillLine, presentEventLine } from './event-lanes.js';
import { factsLine } from './facts-line.js';
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
  let more = 0;
  const lines: HeaderLine[] = [{ rank: 0, line: demoLine(state) ?? titleLine(state) }];
  if (report !== null) {
    const [first, second, third] = answerLines(report, columns);
    // What the figures are, where they are not what is held, comes before all figures.
    const meaning = totalMeaning(report);
    lines.push({ rank: 2, line: memoryLine(state, report) }, { rank: 1, line: first });
    lines.push({ rank: 3, line: second }, { rank: 3.05, line: third });
    if (meaning !== 'outstanding' && meaning !== 'before') {
      const total: Span[] = [[`${TOTAL_WORDS[meaning]} `], [formatBytes(report.outstanding.distinct.bytes), 'strong']];
      lines.push({ rank: 1.4, line: total }, { rank: 1.5, line: [[safeText(coverageReasons(report)), 'warn']] });
    }
    const mode = modeLine(state, report);
    if (mode.length > 0) lines.push({ rank: 2.6, line: mode });
    if (rows >= 22) lines.push({ rank: 6, line: factsLine(report, status) });
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
    const { held, events, lanes, track } = timelineLines(state, mostLanes(rows));
    // Only on screens where the list keeps enough rows.
    if (held !== null && rows >= 24) lines.push({ rank: 6.5, line: held });
    if (events !== null && rows >= 30) lines.push({ rank: 6.6, line: events });
    lines.push(...lanes.map((line) => ({ rank: 6.7, line })), { rank: 3.1, line: track });
    const event = rows >= LEAST_EVENT_ROWS ? presentEventLine(state) : null;
    if (event !== null) lines.push({ rank: 3.15, line: event });
    // They come on top of what other traces show.
    more = lanes.length + (event === null ? 0 : 1);
  }
  if (state.mode === 'live' && rows >= LEAST_EVENT_ROWS) {
    const kill = lastKillLine(state);
    if (kill !== null) lines.push({ rank: 3.15, line: kill });
    more = kill === null ? 0 : 1;
  }
  if (status.message !== '') {
    lines.push({ rank: 2, line: [[safeText(status.message), status.state === 'failed' ? 'bad' : 'warn']] });
  }
  lines.push({ rank: 3.2, line: tabLine(state) });
  const most = rows < 12 ? 2 : rows < 16 ? 3 : rows < 20 ? 4 : rows < 30 ? 8 : 10;
  const room = most + more;
  const ranks = lines.map((line) => line.rank).toSorted((a, b) => a - b);
  const last = ranks[Math.min(room, ranks.length) - 1];
  return lines.filter((line) => line.rank <= last).map(({ line }) => (columns > 0 ? line : []));
}

const LEAST_EVENT_ROWS = 22;

/** Lanes of events that leave the list enough rows; below that they share the track. */
function mostLanes(rows: number): number {
  return rows < 40 ? 0 : Math.floor((rows - 30) / 2);
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

/** The size of the traced processes: of the one that changed most, where several are. */
function processLine(columns: number, { processes = [], outstanding }: Report): Line {
  const known = (processes ?? []).filter(({ last }) => last !== null);
  const [first] = mostChanged(known);
  const { last } = first ?? {};
  if (first === undefined || last === undefined || last === null) {
    return [['mapped '], [formatBytes(outstanding.map?.bytes ?? 0), 'strong']];
  }
  const rest = unexplainedBytes(first);
  const size = (key: 'vsz' | 'rss'): Span[] => [
    [`${key === 'vsz' ? 'VmSize' : 'RSS'} `, 'dim'],
    [formatBytes(last[key]), 'strong'],
    [` (${formatChange(changeOf(first, key))})`, changeOf(first, key) > 0 ? 'plain' : 'dim'],
  ];
  const items: Item[] = [
    { rank: 1, spans: [[safeText(processSubject({ ...first, cgroup: null })), 'strong']] },
    { rank: 0, spans: size('vsz') },
    { rank: 0.5, spans: size('rss') },
    { rank: 4, spans: part('anon', last.anon) },
    { rank: 5, spans: part('files', last.file) },
    { rank: 3, spans: first.heapBytes === null ? [] : part('heap', first.heapBytes) },
    { rank: 2, spans: rest === null || rest === 0 ? [] : [[`unexplained ${formatChange(rest)}`, 'warn']] },
  ];
  if (known.length > 1) items.push({ rank: 1.5, spans: [[`and ${formatCount(known.length - 1)} more`, 'dim']] });
  return fitItems(items, columns);
}

/** Where the memory of the machine is; what is held where no meminfo was sampled. */
function memoryLine({ columns }: ViewState, report: Report): Line {
  const { meminfo, outstanding } = report;
  if (isOfProcesses(report.source.allocators)) return processLine(columns, report);
  if (meminfo === null) {
    return [[`${TOTAL_WORDS[totalMeaning(report)]} `], [formatBytes(outstanding.distinct.bytes), 'strong']];
  }
  const { unaccountedBytes, unaccountedAtStartBytes, totalBytes, freeBytes, heldByReferenceBytes, terms } = meminfo;
  const change = unaccountedBytes - unaccountedAtStartBytes;
  const term = (name: string): number => terms.find((each) => each.name === name)?.bytes ?? 0;
  const items: Item[] = [
    { rank: 0, spans: part('RAM', totalBytes) },
    { rank: 2, spans: part('free', freeBytes) },
    { rank: 5, spans: part('files', term('Buffers') + term('Cached without Shmem')) },
    { rank: 4, spans: part('processes', term('AnonPages')) },
    { rank: 6, spans: part('slab', term('Slab')) },
    {
      rank: 1,
      spans: [
        ['not in meminfo '],
        [formatBytes(unaccountedBytes), 'strong'],
        [` (${formatChange(change)})`, change >= HELD_TOLD_BYTES ? 'warn' : 'dim'],
      ],
    },
  ];
  if (heldByReferenceBytes >= HELD_TOLD_BYTES) {
    items.push({ rank: 3, spans: [[`${formatBytes(heldByReferenceBytes)} of it held by a reference`, 'warn']] });
  }
  return fitItems(
    items.filter(({ rank }) => columns >= 110 || rank < 4),
    columns,
  );
}

function part(name: string, bytes: number): Span[] {
  return [[`${name} `, 'dim'], [formatBytes(bytes)]];
}

/** Less may be pages on their way to a list: every CPU keeps some dozens. */
const HELD_TOLD_BYTES = 16 * 2 ** 20;

/** Where it is recorded, and what of the memory was not traced, or not sent; empty without either. */
function modeLine({ columns, snapshot }: ViewState, { estimate, young, source }: Report): Line {
  const items: Item[] = [];
  const { recordingPath, lateRecording } = snapshot.status;
  const path = lateRecording?.path ?? recordingPath;
  if (path !== null) items.push({ rank: 2, spans: [['recording ', 'dim'], [cutMiddle(safeText(path), 40)]] });
  if (estimate !== null) {
    const { page, slab } = estimate;
    const held = `some ${formatBytes(page.bytes)} of pages, ${formatBytes(slab.bytes)} of objects`;
    const text = `sampled 1 of ${formatCount(source.sampleOneIn)} addresses: ${held}`;
    items.push({ rank: 1, spans: [[text, 'warn']] });
  }
  if (young !== null) {
    const text = `${formatCount(young.pairs)} freed within ${formatDuration(source.minAgeNs)} stayed in the kernel`;
    items.push({ rank: 1, spans: [[text, 'dim']] });
  }
  return fitItems(items, columns);
}

/** The tabs, the way back and the order of the rows: '[1 Findings] 2 Tree  3 Who ...   by bytes, one row a module'. */
export function tabLine(state: ViewState): Line {
  const { columns, report, view } = state;
  const selection = report?.selection ?? state.selection;
  const rows = rowsText(selection.group);
  const sort = selection.sort === 'suspect' ? 'likely cause first' : `by ${selection.sort}`;
  const order = rows === '' ? sort : `${sort}, ${rows}`;
  const back = view === 'triage' ? state.triageFrom : state.trail.at(-1)?.view;
  const way: Span[] = back === undefined ? [] : [[`Esc: back to ${VIEW_TITLES[back]}`, 'key']];
  const gap: Span[] = way.length === 0 ? [] : [['  ']];
  const rights: Line[] = [way];
  if (view === 'stacks') {
    const shorter: Line[] = rows === '' ? [] : [[...way, ...gap, [rows, 'dim']]];
    rights.unshift([...way, ...gap, [order, 'dim']], ...shorter);
  }
  if (view === 'memory' && !isOfProcesses(report?.source.allocators ?? []))
    rights.unshift(...PAGE_TEXTS[state.memoryPage].map((text): Line => [[text, 'dim']]));
  if (view === 'triage') {
    for (const text of FIRST_LOOK_TEXTS[state.triagePage]) rights.unshift([[text, 'dim'], ...gap, ...way]);
  }
  if (way.length > 0) rights.push([['Esc: back', 'key']]);
  // The names of the tabs stand nowhere else, so the right side is shortened first: the column heads also show the order
  // of the rows and what a row is.
  const full = tabs(view, true);
  const right = rights.find((each) => lineWidth(full) + lineWidth(each) < columns);
  return right === undefined ? spread(tabs(view, false), rights[0], columns) : spread(full, right, columns);
}

/** What the tab Memory shows and what its key shows next, the longest text that fits. */
const PAGE_TEXTS: Readonly<Record<MemoryPage, readonly string[]>> = {
  change: ['change since the start   v now, every page', 'change since the start   v now', 'v now'],
  now: ['now, and over time   v every page', 'v every page'],
  census: ['every page   v terms', 'v terms'],
  equation: ['terms at the start   v limits', 'v limits'],
  limits: ['limits   v free, swap, paging', 'limits   v paging', 'v paging'],
  paging: ['free, swap, paging   v change', 'v change'],
};

/** The same for the first look, the shortest first. */
const FIRST_LOOK_TEXTS: Readonly<Record<TriagePage, readonly string[]>> = {
  findings: ['First look', 'First look   v terms of MemTotal'],
  equation: ['First look', 'First look, terms   v findings'],
};

/** What one row is; '' for a finding, which the name of the tab says. */
function rowsText(group: GroupKey): string {
  if (group === 'finding') return '';
  return group === 'stack' ? 'every call path' : `one row a ${group}`;
}

function tabs(present: ViewName, named: boolean): Line {
  return VIEW_NAMES.map((name): Span => {
    const text = named || name === present ? `${viewDigit(name)} ${VIEW_TITLES[name]}` : viewDigit(name);
    return name === present ? [`[${text}]`, 'strong'] : [` ${text} `, 'dim'];
  });
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
