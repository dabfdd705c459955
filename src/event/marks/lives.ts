/** Lives: when processes started, changed their program and ended, as rows of a fact. */

/** Indexed by the number in the stream and the recording; the numbers never change meaning. 0 is none. */
export const LIFE_EVENTS = [undefined, 'start', 'exec', 'exit'] as const;

export type LifeEvent = Exclude<(typeof LIFE_EVENTS)[number], undefined>;

export interface LifeRow {
  /** How long before the fact's time it was, ns: so a fact that is moved moves its rows. */
  agoNs: number;
  what: LifeEvent;
  /** Process (tgid). An exit may be told twice. */
  pid: number;
  /** Of a start: the process that forked it; else 0. */
  parent: number;
}

export interface Lives {
  rows: readonly LifeRow[];
  /** Starts, execs and exits that found no room since the fact before. */
  lostRows: number;
  /** Marks likewise. */
  lostMarks: number;
}

/** Rows of one fact at most; more follow in another one. */
export const MOST_LIFE_ROWS = 65_536;
