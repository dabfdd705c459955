/** What happened on the machine meanwhile, as a report has it. Names may be added, never renamed. */
import { type MarkField, markFields } from '../../event/marks/mark-fields.js';
import { markHowMuch, markWhat, markWho } from '../../event/marks/mark-words.js';
import type { LoggedMark, MarkKind } from '../../event/marks/marks.js';
import { thinned } from '../../event/marks/thinned.js';

/** All texts in it are untrusted. */
export interface ReportMark {
  /** Since the start of the trace. */
  timeNs: number;
  kind: MarkKind;
  /** What happened, in words. */
  what: string;
  /** Name and pid of the process that did it, or waited; '' = none, several, or not known. */
  who: string;
  /** Memory or time that it was about, in words; '' where the kind has neither. */
  howMuch: string;
  /** pid, comm and what the kind tells by name, as `unfreed events --json` has them; null = not known. */
  fields: Record<string, MarkField>;
}

export interface ReportMarks {
  /** In the order of time. */
  marks: ReportMark[];
  /** Marks that there were, and that are not among these. */
  marksLeftOut: number;
  /** Of each kind that there was, how many, and how many of these are left out. */
  markCounts: { kind: MarkKind; count: number; leftOut: number }[];
  /** Marks that found no room on their way from the kernel, of an unknown kind. */
  marksLost: number;
}

export const NO_MARKS: ReportMarks = { marks: [], marksLeftOut: 0, markCounts: [], marksLost: 0 };

/** Marks of one report. */
export const MOST_REPORT_MARKS = 1000;

/**
 * Makes them of logged marks, in the order of time, of how many of each kind there were, and of how many were lost. Where there
 * are too many, the commonest kinds are thinned, so that no kind is missing.
 */
export function reportMarks(
  logged: readonly LoggedMark[],
  counts: readonly { kind: MarkKind; count: number }[],
  { lost = 0, most = MOST_REPORT_MARKS } = {},
): ReportMarks {
  const kept = thinned(logged, most);
  const keptOf = new Map<MarkKind, number>();
  for (const { mark } of kept) keptOf.set(mark.kind, (keptOf.get(mark.kind) ?? 0) + 1);
  const markCounts = counts.map(({ kind, count }) => ({
    kind,
    count,
    leftOut: Math.max(0, count - (keptOf.get(kind) ?? 0)),
  }));
  const marksLeftOut = markCounts.reduce((sum, { leftOut }) => sum + leftOut, 0);
  return { marks: kept.map(reportMark), marksLeftOut, markCounts, marksLost: lost };
}

/** One mark, in words and by name. */
export function reportMark({ timeNs, mark }: LoggedMark): ReportMark {
  return {
    timeNs,
    kind: mark.kind,
    what: markWhat(mark),
    who: markWho(mark),
    howMuch: markHowMuch(mark),
    fields: markFields(mark),
  };
}
