/**
 * A profile for https://profiler.firefox.com, in version 49 of its processed format:
 * https://github.com/firefox-devtools/profiler/blob/main/docs-developer/processed-profile-format.md
 * The viewer upgrades older versions, and its own changes several times a year: this one is stable.
 *
 * One thread a category, unaccounted memory first, with a track of what it holds. A selected range
 * shows, as tree and as flame graph, what was taken in it and is still held.
 */
import { joined, separated } from '../../base/pieces.js';
import { safeJson } from '../../base/safe-json.js';
import { safeText } from '../../base/safe-text.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import { meaningTitle } from '../parts/meaning-text.js';
import { lossLine, summaryLines, titleLine } from '../parts/summary.js';
import { markerSchemas, markersOf, toMs } from './markers.js';
import { type Change, threadOf } from './thread.js';

const VERSION = 49;
/** Version of the Gecko profile that a processed profile of VERSION comes from. */
const GECKO_VERSION = 29;

/** Colours of the viewer, which knows few: of a category in its graphs, and of a track. */
const COLOURS: Readonly<Record<string, readonly [category: string, track: string]>> = {
  unaccounted: ['red', 'red'],
  slab: ['blue', 'blue'],
  shmem: ['green', 'green'],
  anon: ['lightblue', 'teal'],
  'page cache': ['yellow', 'yellow'],
  'page tables': ['orange', 'orange'],
  'held by a reference': ['magenta', 'magenta'],
};
const OTHER = ['purple', 'purple'] as const;
const BACKING = 'backing';

/** The rows of one category. */
interface Group {
  name: string;
  stacks: ReportStack[];
}

/** Returns one JSON object, for a file `x.firefox.json`. */
export function encodeFirefox(report: Report): string {
  return joined(firefoxPieces(report));
}

/** The same in pieces: a thread is one. */
export function* firefoxPieces(report: Report): Generator<string> {
  const groups = groupsOf(report.stacks);
  const changes: Change[][] = [];
  yield `{"meta":${safeJson(metaOf(report, groups), '')},"libs":[],"pages":[],"threads":[`;
  function* threads(): Generator<string> {
    for (const [index, { name, stacks }] of groups.entries()) {
      const meaning = meaningTitle(report);
      const title = meaning === 'outstanding' ? threadName(name) : `${threadName(name)}, ${meaning}`;
      const markers = index === 0 ? markersOf(report) : [];
      const made = threadOf(stacks, report, { index, category: index + 1, name: title }, markers);
      changes.push(made.changes);
      yield safeJson(made.thread, '');
    }
  }
  yield* separated(threads(), ',');
  yield '],"counters":[';
  const counters = groups.map(({ name }, index) => safeJson(counterOf(name, index, changes[index]), ''));
  yield* separated(counters, ',');
  yield ']}\n';
}

/** Unaccounted memory first, then by bytes; backing pages last, because others count them too. */
function groupsOf(stacks: readonly ReportStack[]): Group[] {
  const byName = new Map<string, ReportStack[]>();
  for (const stack of stacks) {
    const name = safeText(stack.category ?? stack.allocator);
    const group = byName.get(name);
    if (group === undefined) byName.set(name, [stack]);
    else group.push(stack);
  }
  const groups = [...byName].map(([name, rows]) => ({ name, stacks: rows }));
  // A profile without a thread cannot be opened.
  if (groups.length === 0) groups.push({ name: 'nothing', stacks: [] });
  const bytes = (group: Group): number => group.stacks.reduce((sum, stack) => sum + stack.bytes, 0);
  const place = ({ name }: Group): number => (name === 'unaccounted' ? 0 : name === BACKING ? 2 : 1);
  return groups.toSorted((a, b) => place(a) - place(b) || bytes(b) - bytes(a) || (a.name < b.name ? -1 : 1));
}

function threadName(category: string): string {
  return category === BACKING ? 'backing (counted already)' : category;
}

function metaOf(report: Report, groups: readonly Group[]): object {
  const { source, curve } = report;
  const lines = summaryLines(report);
  return {
    interval: curve === null ? 1 : toMs(curve.stepNs),
    // Times are relative to it; a trace without a date begins at 0.
    startTime: Number.isFinite(source.startUnixMs) ? Math.max(0, source.startUnixMs) : 0,
    profilingStartTime: 0,
    profilingEndTime: toMs(report.durationNs),
    processType: 0,
    product: `${titleLine(report)}, ${safeText(lossLine(report))}`,
    importedFrom: 'unfreed',
    stackwalk: 1,
    debug: false,
    version: GECKO_VERSION,
    preprocessedProfileVersion: VERSION,
    initialSelectedThreads: [0],
    symbolicated: true,
    symbolicationNotSupported: true,
    usesOnlyOneStackType: true,
    doesNotUseFrameImplementation: true,
    sourceCodeIsNotOnSearchfox: true,
    categories: [
      { name: 'Other', color: 'grey', subcategories: ['Other'] },
      ...groups.map(({ name }) => ({
        name: threadName(name),
        color: name === BACKING ? 'grey' : (COLOURS[name] ?? OTHER)[0],
        subcategories: ['Other'],
      })),
    ],
    markerSchema: markerSchemas(report),
    extra: [
      {
        label: 'unfreed',
        entries: lines.map((line, i) => ({ label: `fact ${i + 1}`, format: 'string', value: line })),
      },
    ],
  };
}

/** A track of what a thread holds. The viewer calls each of category Memory "Memory": it gets another. */
function counterOf(name: string, index: number, changes: readonly Change[]): object {
  const color = name === BACKING ? 'grey' : (COLOURS[name] ?? OTHER)[1];
  const label = threadName(name);
  return {
    name: label,
    category: 'unfreed',
    description: `Bytes held: ${label}`,
    color,
    pid: String(index + 1),
    mainThreadIndex: index,
    display: {
      graphType: 'line-accumulated',
      unit: 'bytes',
      color,
      markerSchemaLocation: null,
      sortWeight: 20,
      label,
      tooltipRows: [
        { type: 'value', source: 'accumulated', format: { unit: 'bytes' }, label: 'held at this time' },
        { type: 'value', source: 'count-range', format: { unit: 'bytes' }, label: 'range of the track' },
      ],
    },
    // Nothing is held at the start: without that point the track would begin at its first change.
    samples: {
      length: changes.length + 1,
      time: [0, ...changes.map(({ timeNs }) => toMs(timeNs))],
      count: [0, ...changes.map(({ bytes }) => bytes)],
    },
  };
}
