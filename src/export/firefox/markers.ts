/**
 * Markers of the profile, and their schemas: what happened on the machine, at its time, and notes that hold for all of the trace.
 * https://github.com/firefox-devtools/profiler/blob/main/docs-developer/markers.md; in version 49 of the format, fields are `data`.
 */
import { safeText } from '../../base/safe-text.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportMark } from '../../rank/report/report-marks.js';
import { lossLine } from '../parts/summary.js';

/** Times of the format are ms; a µs is exact enough, and short. */
export function toMs(ns: number): number {
  return Math.round(ns / 1e3) / 1e3;
}

export interface Marker {
  /** Of the kind, as the viewer shows it. */
  name: string;
  startMs: number;
  /** Null: of one moment. */
  endMs: number | null;
  /** `type` is the name of its schema. */
  data: Record<string, string | number>;
}

type Format = 'string' | 'bytes' | 'duration' | 'integer' | 'hex' | 'word';

/** How the viewer shows what a mark tells. 'hex' and 'word' are numbers that it must not group by thousands: text. */
export const FIELDS: Readonly<Record<string, readonly [label: string, format: Format]>> = {
  victimPid: ['Pid of the victim', 'word'],
  victimComm: ['Victim', 'string'],
  victimCgroup: ['Cgroup of the victim', 'string'],
  limitedCgroup: ['Cgroup whose limit was met', 'string'],
  scope: ['Whose limit', 'string'],
  virtualBytes: ['Address space of the victim', 'bytes'],
  anonBytes: ['anon of the victim', 'bytes'],
  fileBytes: ['file of the victim', 'bytes'],
  shmemBytes: ['shmem of the victim', 'bytes'],
  swapBytes: ['swapped of the victim', 'bytes'],
  pageTableBytes: ['Page tables of the victim', 'bytes'],
  uid: ['Uid of the victim', 'word'],
  oomScoreAdj: ['oom_score_adj of the victim', 'word'],
  wasExiting: ['Victim was exiting', 'string'],
  order: ['Order of the request', 'word'],
  gfpFlags: ['GFP flags', 'hex'],
  durationNs: ['Waited', 'duration'],
  count: ['Stalls', 'integer'],
  longestNs: ['The longest', 'duration'],
  pages: ['Pages freed', 'integer'],
  result: ['Result', 'word'],
  key: ['Key', 'hex'],
  bytes: ['Size', 'bytes'],
  flags: ['Flags', 'hex'],
  shmId: ['Segment', 'word'],
  address: ['Address', 'hex'],
  command: ['Command', 'word'],
  cgroupId: ['Cgroup id', 'word'],
  hierarchy: ['Hierarchy', 'word'],
  path: ['Path', 'string'],
  module: ['Module', 'string'],
  text: ['Text', 'string'],
  pagecacheDrops: ['Drops of the page cache', 'integer'],
  slabDrops: ['Drops of slabs', 'integer'],
  status: ['Status', 'word'],
  signal: ['Signal', 'word'],
  mostResidentBytes: ['Most resident', 'bytes'],
};

/** The marks, and as lines over all of the trace its losses and notes. In the order of their starts. */
export function markersOf(report: Report): Marker[] {
  const { anomalies, source, marks, durationNs } = report;
  const lines = source.notes.map((note) => `note: ${note}`);
  if (anomalies.lostEvents > 0) lines.unshift(lossLine(report));
  const endMs = toMs(durationNs);
  const whole = lines.map((line) => ({
    name: 'unfreed',
    startMs: 0,
    endMs,
    data: { type: 'Text', name: safeText(line) },
  }));
  return [...whole, ...marks.map(markerOf).toSorted((a, b) => a.startMs - b.startMs)];
}

/** The schemas of the markers of a report: one for each kind of mark in it. */
export function markerSchemas({ marks }: Report): object[] {
  const display = ['marker-chart', 'marker-table', 'timeline-overview'];
  const labels = { tableLabel: '{marker.data.name}', chartLabel: '{marker.data.name}' };
  const details = { key: 'name', label: 'Details', format: 'string', searchable: true };
  const names = new Map<string, Set<string>>();
  for (const { kind, fields } of marks) {
    const known = names.get(kind) ?? new Set();
    names.set(kind, known);
    for (const name of Object.keys(fields)) if (name in FIELDS) known.add(name);
  }
  const ofKinds = [...names].map(([kind, fields]) => ({
    name: typeOf(kind),
    tooltipLabel: kind,
    ...labels,
    display,
    data: [
      details,
      { key: 'who', label: 'By', format: 'string', searchable: true },
      ...[...fields].map((key) => {
        const [label, format] = FIELDS[key];
        return { key, label, format: format === 'hex' || format === 'word' ? 'string' : format, searchable: true };
      }),
    ],
  }));
  return [{ name: 'Text', ...labels, display, data: [details] }, ...ofKinds];
}

function typeOf(kind: string): string {
  return `unfreed-${kind}`;
}

function markerOf({ timeNs, kind, what, who, howMuch, fields }: ReportMark): Marker {
  const data: Marker['data'] = {
    type: typeOf(kind),
    name: safeText(howMuch === '' ? what : `${what}; ${howMuch}`),
  };
  if (who !== '') data.who = safeText(who);
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && name in FIELDS) data[name] = shown(FIELDS[name][1], value);
  }
  // A single stall is told at its end; a sum of several is of no one time.
  const { durationNs, count } = fields;
  const isSpan = typeof durationNs === 'number' && durationNs > 0 && count === 1;
  return {
    name: kind,
    startMs: toMs(isSpan ? Math.max(0, timeNs - durationNs) : timeNs),
    endMs: isSpan ? toMs(timeNs) : null,
    data,
  };
}

function shown(format: Format, value: string | number | boolean): string | number {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return safeText(value);
  if (format === 'duration') return toMs(value);
  if (format === 'hex') return value < 0 ? String(value) : `0x${value.toString(16)}`;
  return format === 'word' || format === 'string' ? String(value) : value;
}
