/**
 * TimeOrder: takes rows of events that come out of order and releases them in order of time.
 *
 * bpftrace has a buffer per CPU and empties one after the other, so rows of one CPU are in order
 * and rows of two are not: the rows of a CPU wait while another's buffer is emptied, which on a
 * busy machine keeps filling meanwhile. When the reader is known to be up to date (caughtUp), no
 * buffer has waited for long, and all rows MARGIN_NS older may be released. Until then a row waits
 * until the newest time seen is MAX_WINDOW_NS ahead of it, and at most MAX_ROWS rows wait: beyond
 * that the older half is released early. A machine that is busy enough breaks both bounds. A row
 * that comes after its time was released is released with the next rows, at the time reached, and
 * counted in `late`.
 *
 * Ids in a row are those of the text; the code that takes a row out translates them. So a
 * definition may come after its first use by as much as a row waits.
 */
export class TimeOrder {
  /** Number of rows that wait. */
  length = 0;
  /** Newest time seen. */
  newestNs = 0;
  /** All rows up to this time have been released. */
  releasedNs = 0;
  /** Number of rows that came after their time was released. */
  late = 0;
  timeNs = new Float64Array(FIRST_ROWS);
  kind = new Uint8Array(FIRST_ROWS);
  addrHi = new Uint32Array(FIRST_ROWS);
  addrLo = new Uint32Array(FIRST_ROWS);
  size = new Uint32Array(FIRST_ROWS);
  bytesReq = new Uint32Array(FIRST_ROWS);
  stackId = new Uint32Array(FIRST_ROWS);
  pid = new Uint32Array(FIRST_ROWS);
  commId = new Uint32Array(FIRST_ROWS);
  cacheId = new Uint32Array(FIRST_ROWS);
  private caughtUpNs = 0;

  /** Adds a row at this time, for the caller to fill. Its number is valid until the next call. */
  add(timeNs: number): number {
    if (this.length === this.timeNs.length) this.grow();
    const row = this.length++;
    this.timeNs[row] = timeNs;
    if (timeNs < this.releasedNs) this.late++;
    this.see(timeNs);
    return row;
  }

  /** Advances the newest time seen. */
  see(timeNs: number): void {
    if (timeNs > this.newestNs) this.newestNs = timeNs;
  }

  /** An event of this time was read at once: no much older row is still in a buffer. */
  caughtUp(timeNs: number): void {
    this.caughtUpNs = Math.max(this.caughtUpNs, timeNs);
  }

  /** The time up to which rows may be released now. */
  get limitNs(): number {
    return Math.max(this.caughtUpNs - MARGIN_NS, this.newestNs - MAX_WINDOW_NS, this.releasedNs);
  }

  /** True if rows must be released because too many wait. */
  get full(): boolean {
    return this.length >= MAX_ROWS;
  }

  /** Returns the time up to which half of the waiting rows lie. */
  medianNs(): number {
    return this.timeNs.subarray(0, this.length).toSorted()[this.length >>> 1] ?? this.releasedNs;
  }

  /**
   * Calls take(row) for each row up to a time, in order of time and, at one time, of arrival; then
   * removes them. Time never goes back: a late row's timeNs becomes the time reached.
   */
  release(limitNs: number, take: (row: number) => void): void {
    const { timeNs } = this;
    const due: number[] = [];
    for (let row = 0; row < this.length; row++) if (timeNs[row] <= limitNs) due.push(row);
    // Long runs of one CPU are already in order, which makes this sort fast.
    due.sort((a, b) => timeNs[a] - timeNs[b] || a - b);
    for (const row of due) {
      if (timeNs[row] < this.releasedNs) timeNs[row] = this.releasedNs;
      take(row);
    }
    this.releasedNs = Math.max(this.releasedNs, limitNs);
    if (due.length > 0) this.keepAfter(limitNs);
  }

  private keepAfter(limitNs: number): void {
    let kept = 0;
    for (let row = 0; row < this.length; row++) {
      // A late row was raised to releasedNs, which was at most limitNs.
      if (this.timeNs[row] <= limitNs) continue;
      if (kept !== row) this.copyRow(row, kept);
      kept++;
    }
    this.length = kept;
  }

  private copyRow(from: number, to: number): void {
    this.timeNs[to] = this.timeNs[from];
    this.kind[to] = this.kind[from];
    this.addrHi[to] = this.addrHi[from];
    this.addrLo[to] = this.addrLo[from];
    this.size[to] = this.size[from];
    this.bytesReq[to] = this.bytesReq[from];
    this.stackId[to] = this.stackId[from];
    this.pid[to] = this.pid[from];
    this.commId[to] = this.commId[from];
    this.cacheId[to] = this.cacheId[from];
  }

  private grow(): void {
    const timeNs = new Float64Array(this.length * 2);
    const kind = new Uint8Array(this.length * 2);
    timeNs.set(this.timeNs);
    kind.set(this.kind);
    this.timeNs = timeNs;
    this.kind = kind;
    this.addrHi = doubled(this.addrHi);
    this.addrLo = doubled(this.addrLo);
    this.size = doubled(this.size);
    this.bytesReq = doubled(this.bytesReq);
    this.stackId = doubled(this.stackId);
    this.pid = doubled(this.pid);
    this.commId = doubled(this.commId);
    this.cacheId = doubled(this.cacheId);
  }
}

const FIRST_ROWS = 4096;
/** 45 bytes each: 47 MB. Ten seconds of the most that bpftrace can print. */
const MAX_ROWS = 1 << 20;
const MARGIN_NS = 1e9;
const MAX_WINDOW_NS = 10e9;

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(column.length * 2);
  grown.set(column);
  return grown;
}
