/** Facts about processes whose memory is traced. All texts are untrusted. */

/** Indexed by the number in the stream and the recording; the numbers never change meaning. 0 is none. */
export const PROCESS_REASONS = [undefined, 'first', 'fork', 'exec', 'exit'] as const;

/**
 * Why a fact about a process came: 'first' it ran when the trace began; 'fork' it has a copy of all that its parent holds,
 * with call paths and times; 'exec' its pid runs another program under a new number, and all of the old number (`parent`)
 * is released; 'exit' all of it is released, unless it stays.
 */
export type ProcessReason = NonNullable<(typeof PROCESS_REASONS)[number]>;

/** Numbers of processes in a trace are 1 to this. */
export const MOST_PROCESSES = 65_535;
/** Longest text of a process or image that is kept, bytes; a longer one is cut. */
export const MOST_TEXT_BYTES = 4096;

export interface ProcessEvent {
  /** Its number in the trace, 1..65535: the upper 16 bits of the keys of its memory. */
  number: number;
  pid: number;
  /** When the process started, ns since boot; 0 = not known. Tells restarts with the same pid apart. */
  startNs: number;
  /** Number of the parent; of an exec, of the program before. 0 = none. */
  parent: number;
  why: ProcessReason;
  /** Of an exit: it was the last one, and what it holds stays outstanding. */
  stays: boolean;
  /** Path of its program; '' = not known. */
  exe: string;
  /** Its arguments, joined by spaces; '' = not known. */
  cmdline: string;
}

/** A file of code. Frames of processes are relative to it, so they agree between runs. */
export interface TracedImage {
  /** 1 to 2^22 - 1. */
  number: number;
  /** Hex, '' = it has none. */
  buildId: string;
  path: string;
}

/** Most rows of one fact 'resident'. */
export const RESIDENT_ROWS = 65_536;

export interface ResidentRow {
  /** First page of the range, an address / 4096. */
  firstPage: number;
  pages: number;
  /** How many of them are in memory. */
  resident: number;
}
