/**
 * A look at a machine: texts that were read in one moment, by name. Looks are read live, taken from
 * a support bundle, or kept in a recording; nobody after that knows which, apart from `origin`.
 *
 * Names of the kernel's own files are their paths without the leading slash ('proc/meminfo',
 * 'sys/kernel/mm/ksm/run'); their content is the kernel's text, whole or cut at a line. What stands
 * in thousands of files is a table of our own (see look-tables.ts), named 'table/...'.
 * 'log/kernel' is the kernel's log, as dmesg prints it, or the part of it that is about memory;
 * 'report/...' are texts of other tools that have no file in /proc; 'report/census' is our own, a
 * census of the pages (public JSON).
 *
 * 'proc/meminfo#1', 'proc/zoneinfo#1' (whole, or in short) and 'proc/uptime#1' are a quick reading
 * before those of the look itself, '#2' the next, ...: their spread is the noise of a counter. A live
 * run takes two looks; the second has the readings from the time between, and counters alone.
 *
 * All texts are untrusted.
 */

export type LookOrigin = 'live' | 'bundle' | 'file' | 'recording';

/** A source that could not be read. */
export interface NotRead {
  /** The name of the text, e.g. 'proc/slabinfo', or of a table. */
  what: string;
  /** A few words: 'root only', 'not in this kernel', 'not in the bundle', 'took too long'. */
  why: string;
}

export interface Look {
  /** Wall-clock time, ms since 1970; null = unknown. */
  timeMs: number | null;
  origin: LookOrigin;
  /** What was read, for the head line: 'this machine', or the name of a file, as the user gave it. */
  source: string;
  texts: ReadonlyMap<string, string>;
  notRead: readonly NotRead[];
}
