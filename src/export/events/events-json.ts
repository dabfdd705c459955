/** Marks as JSON: events.schema.json has its shape. Other tools rely on the names: add, never rename. */
import { safeJsonPieces } from '../../base/safe-json.js';
import {
  COMPACTION_RESULTS,
  MARK_SHAPES,
  type Mark,
  markText,
  markValue,
  OOM_SCOPES,
} from '../../event/marks/marks.js';
import type { TimedMark } from './events-text.js';

export const EVENTS_FORMAT = 'unfreed-events';
export const EVENTS_VERSION = 1;

export interface EventsReport {
  machine: { hostname: string; kernel: string };
  /** Wall clock of time 0, ms since 1970; null = not known. */
  startUnixMs: number | null;
  /** How far the trace reaches, ns. */
  durationNs: number;
  marks: readonly TimedMark[];
  /** Of each kind that there was: how many, and how many of these are not among the marks. */
  counts: readonly { kind: string; count: number; leftOut: number }[];
  /** Marks that found no room on their way from the kernel. */
  lost: number;
}

export function eventsJsonPieces({ marks, ...report }: EventsReport): Generator<string> {
  return safeJsonPieces({ format: EVENTS_FORMAT, version: EVENTS_VERSION, ...report, marks: marks.map(markJson) });
}

/** One mark, with what its kind tells by name; null = not known. */
export function markJson({ timeNs, mark }: TimedMark): Record<string, unknown> {
  const { values, texts } = MARK_SHAPES[mark.kind];
  return {
    timeNs,
    kind: mark.kind,
    pid: mark.pid === 0 ? null : mark.pid,
    comm: mark.comm === '' ? null : mark.comm,
    ...Object.fromEntries(values.map((name) => [name, valueJson(mark, name)])),
    ...Object.fromEntries(texts.map((name) => [name, markText(mark, name) === '' ? null : markText(mark, name)])),
  };
}

function valueJson(mark: Mark, name: string): number | string | boolean | null {
  const value = markValue(mark, name);
  if (name === 'scope') return OOM_SCOPES[value ?? 0] ?? 'unknown';
  if (name === 'wasExiting') return value === null ? null : value === 1;
  if (name === 'result' && mark.kind === 'compaction') return COMPACTION_RESULTS[value ?? -1] ?? null;
  // Order and flags of a stall that stands for several are not one number.
  return (name === 'order' || name === 'gfpFlags') && value !== null && value < 0 ? null : value;
}
