/** The shape of a text that is known by name and holds no events, and the steps that lead to one that does. */
export interface ForeignText {
  /** Completes the sentence "FILE is ...". */
  name: string;
  /** A line that matches one of these shows it. Each is tried from the start of the line. */
  signs: RegExp[];
  /** What the user can do instead, a sentence each. */
  nextSteps: string[];
  /** Reads a line of a table of caches; null = it is none. The largest takes the place of NAME in the steps. */
  cacheOf?: (line: string) => CacheSize | null;
}

export interface CacheSize {
  name: string;
  /** In any unit, the same for all lines of a text. */
  size: number;
}

/** For tables of slab caches. */
export const TRACE_CACHE =
  'trace who fills the largest cache: unfreed live --cache NAME, or unfreed record -o FILE --duration 1m, then unfreed top FILE --cache NAME';

/** For texts that say how much memory is held, and not by whom. */
export const TRACE_IT =
  'trace the machine while it loses memory: unfreed record -o FILE --duration 1m, then unfreed top FILE';

/** For tools that sum up the events: the events themselves can be read. */
export const PERF_EVENTS =
  "record the events and print them: perf record -a -g -e 'kmem:*' -o perf.data sleep 60, then perf script -i perf.data > FILE.txt, then unfreed top FILE.txt";

/** For outputs of tracefs and trace-cmd that are not a trace. */
export const TRACE_CMD_EVENTS =
  'record the events and print them: trace-cmd record -e kmem -T sleep 60, then trace-cmd report > FILE.txt, then unfreed top FILE.txt';

/** For snapshots with a sum per call path or line of code. */
export const SNAPSHOT_TWICE = 'take it twice, and look in the trace for what has grown between the two';
