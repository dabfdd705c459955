/** Marks as JSON: events.schema.json has its shape. Other tools rely on the names: add, never rename. */
import { safeJsonPieces } from '../../base/safe-json.js';
import { markFields } from '../../event/marks/mark-fields.js';
import type { LoggedMark } from '../../event/marks/marks.js';

export const EVENTS_FORMAT = 'unfreed-events';
export const EVENTS_VERSION = 1;

export interface EventsReport {
  machine: { hostname: string; kernel: string };
  /** Wall clock of time 0, ms since 1970; null = not known. */
  startUnixMs: number | null;
  /** How far the trace reaches, ns. */
  durationNs: number;
  marks: readonly LoggedMark[];
  /** Of each kind that there was: how many, and how many of these are not among the marks. */
  counts: readonly { kind: string; count: number; leftOut: number }[];
  /** Marks that found no room on their way from the kernel. */
  lost: number;
}

export function eventsJsonPieces({ marks, ...report }: EventsReport): Generator<string> {
  return safeJsonPieces({ format: EVENTS_FORMAT, version: EVENTS_VERSION, ...report, marks: marks.map(markJson) });
}

/** One mark, with what its kind tells by name; null = not known. */
export function markJson({ timeNs, mark }: LoggedMark): Record<string, unknown> {
  return { timeNs, kind: mark.kind, ...markFields(mark) };
}
