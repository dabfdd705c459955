/** What a live trace is of, and where its recording goes. */
import type { CollectorOptions } from '../../collect/collector.js';

export interface LiveOptions {
  collector: CollectorOptions;
  /** File to record to, null = none. */
  recordPath: string | null;
  /** Overwrite the file if it exists. */
  force: boolean;
  /** Stop recording (not tracing) when the file has this size; absent = no limit. */
  recordLimitBytes?: number;
  /** End the run when the file has this size; absent = no limit. */
  stopAtBytes?: number;
  /** The user has not asked for the recording: when it cannot be written, tracing goes on without it. */
  recordOptional?: boolean;
  /** Look at this machine as the trace begins, for triage, and at the end of a recording, which carries both looks. */
  look?: boolean;
  /** What rows belong to is looked at as the trace ends, while their memory is held. */
  names?: boolean;
  /** Each of these looks carries a census of the pages; the first is taken before anything is attached. */
  census?: boolean;
  /** Where the files of the kernel's own accounts are looked for; absent = '/'. */
  heldRoot?: string;
  /** Take the marks of `unfreed mark` while tracing. */
  takesMarks?: boolean;
  /** Record to a ring of files instead of one file. */
  ring?: { maxBytes: number; keep: number };
}
