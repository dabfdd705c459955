/** The memory of the machine, and of the processes that are traced, over the trace. */

/**
 * Where the memory was at up to 64 samples of the kernel's counters: the first one, the latest one, and between them the
 * last one of each of some equal steps of time.
 */
export interface MemorySeries {
  /** Times of the samples, ns, rising. */
  timesNs: number[];
  /**
   * Bytes of each part at those times, in the order of a stacked chart from the bottom: what the kernel needs, the
   * user's memory, `not in meminfo` (the gap), `free`. They add up to MemTotal; where the gap is 0, to a little more
   * at times, because the counters are read one after the other.
   */
  parts: { name: string; bytes: number[] }[];
}

/** What the kernel counts for a process at one moment. Bytes, but for faults and the time. */
export interface ProcessFigures {
  timeNs: number;
  /** VmSize, VmRSS, and the parts of it. */
  vsz: number;
  rss: number;
  anon: number;
  file: number;
  shmem: number;
  swap: number;
  /** The greatest VmRSS of its life. */
  peakRss: number;
  /** Since it started. */
  minorFaults: number;
  majorFaults: number;
  /** What its allocator has from the kernel; null = not known. */
  heap: number | null;
  /** What was found mapped, and gone, without an event, since the trace began. */
  late: number;
  gone: number;
}

/** What a trace shows of the objects of a process. Bytes. */
export interface ProcessObjects {
  mapped: number;
  reserved: number;
  /** Blocks of its heap; null where the heap is not traced, or where too many blocks are held to add them up each second. */
  heap: number | null;
}

/** A process whose memory is traced. A pid that runs another program is another one. Names are untrusted. */
export interface TracedProcess {
  /** Its number in the trace. */
  number: number;
  pid: number;
  /** Name of its main task or program; '' = not known. */
  name: string;
  exe: string;
  cmdline: string;
  /** The cgroup of most that it holds, in short; null = not known, or the root. */
  cgroup: string | null;
  /** When the process started, ns since boot; 0 = not known. Tells restarts apart. */
  startNs: number;
  /** 'first' = it ran when the trace began; 'fork', 'exec' = since then, and from which number. */
  why: 'first' | 'fork' | 'exec';
  parent: number;
  sinceNs: number;
  /** Null while it runs. */
  endedNs: number | null;
  /** It ended, and what it held then is outstanding still. */
  stays: boolean;
  /** Null before the first sample. */
  first: ProcessFigures | null;
  last: ProcessFigures | null;
  /** At the last sample; null before it, and where mappings are not traced. */
  objects: ProcessObjects | null;
  /** Blocks of its heap that are held now and were taken since the trace began; null where the heap is not traced. */
  heapBytes: number | null;
  /** In memory, of what it mapped for anything but its heap and files; null where that was not read. */
  otherResidentBytes: number | null;
  /** Over time; null where too many processes are traced. */
  series: ProcessSeries | null;
}

/** Samples of a process, at most 241, oldest first. */
export interface ProcessSeries {
  timesNs: number[];
  /** VmSize and VmRSS, bytes. */
  vsz: number[];
  rss: number[];
  /** Faults a second since the sample before, as pidstat -r prints them; 0 at the first. */
  minorPerSecond: number[];
  majorPerSecond: number[];
}
