/** Sentences that a report begins with (answer/conclusions.ts). Names may be added, never renamed. */

/**
 * 'growing': a finding grows; 'process': the figures of a traced process; 'removed': removed cgroups hold memory; 'before': memory was gone before the trace; 'once': a finding was taken
 * once and stays; 'quiet': nothing grows; 'early': too early to say; 'doubt': the figures must not be
 * relied on.
 */
export const CONCLUSION_KINDS = ['doubt', 'growing', 'process', 'removed', 'before', 'once', 'quiet', 'early'] as const;
export type ConclusionKind = (typeof CONCLUSION_KINDS)[number];

export interface Conclusion {
  kind: ConclusionKind;
  /** One or two plain sentences. They contain names of processes and functions: untrusted text. */
  text: string;
  /** Where it counts, how sure it is, and what it means; null = nothing to add. Untrusted text. */
  detail: string | null;
  /** Row of the finding that it is about (ReportStack.stackId); null = none. */
  stackId: number | null;
  /** A command that tells more; null = none. */
  next: string | null;
}
