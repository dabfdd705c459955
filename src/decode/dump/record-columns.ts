/** RecordColumns: records of page_owner until their ages are known, one typed array per field. */

import { PAGE } from '../../event/kinds.js';
import type { HeldRow } from '../../event/trace-sink.js';

const FIRST_LENGTH = 1024;

export interface PageRecord {
  pfn: number;
  /** ns since boot; -1 = not known. */
  ts: number;
  pid: number;
  commId: number;
  order: number;
  use: number;
}

export class RecordColumns {
  length = 0;
  /** log2 of the pages of a page block, as the records show it; 0 = not known. */
  blockOrder = 0;
  /** The latest time of all. */
  private latest = -1;
  private pfn = new Float64Array(FIRST_LENGTH);
  private ts = new Float64Array(FIRST_LENGTH);
  private stackId = new Uint32Array(FIRST_LENGTH);
  private pid = new Uint32Array(FIRST_LENGTH);
  private commId = new Uint16Array(FIRST_LENGTH);
  private order = new Uint8Array(FIRST_LENGTH);
  private use = new Uint8Array(FIRST_LENGTH);

  /** Takes a time that had passed when the dump was made. */
  seen(ts: number): void {
    if (ts > this.latest && ts <= Number.MAX_SAFE_INTEGER) this.latest = ts;
  }

  add(record: PageRecord, stackId: number): void {
    if (this.length === this.pfn.length) this.grow();
    const at = this.length++;
    this.pfn[at] = record.pfn;
    this.ts[at] = record.ts;
    this.stackId[at] = stackId;
    this.pid[at] = record.pid;
    this.commId[at] = record.commId;
    this.order[at] = record.order;
    this.use[at] = record.use;
  }

  eachInto(take: (row: HeldRow) => void): void {
    for (let at = 0; at < this.length; at++) {
      const ts = this.ts[at];
      const pages = 2 ** this.order[at];
      take({
        stackId: this.stackId[at],
        allocator: PAGE,
        size: pages,
        count: pages,
        pfn: this.pfn[at],
        ageNs: ts < 0 || ts > this.latest ? -1 : this.latest - ts,
        pid: this.pid[at],
        commId: this.commId[at],
        use: this.use[at],
      });
    }
  }

  private grow(): void {
    const length = this.pfn.length * 2;
    this.pfn = wider(this.pfn, new Float64Array(length));
    this.ts = wider(this.ts, new Float64Array(length));
    this.stackId = wider(this.stackId, new Uint32Array(length));
    this.pid = wider(this.pid, new Uint32Array(length));
    this.commId = wider(this.commId, new Uint16Array(length));
    this.order = wider(this.order, new Uint8Array(length));
    this.use = wider(this.use, new Uint8Array(length));
  }
}

function wider<Column extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(
  old: Column,
  wide: Column,
): Column {
  wide.set(old);
  return wide;
}
