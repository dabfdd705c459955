/**
 * page_owner in its three forms: the file of debugfs, a record for each allocation; the output of
 * page_owner_sort, a block for each call path with its number of records and pages; and
 * page_owner_stacks/show_stacks (6.9 and later), a path and then its pages.
 *
 * A record has its time and not its age. The latest time in the file is nearly that of the dump, so
 * records are kept in columns (28 bytes each) until the end, and get their ages then.
 */

import { PAGE } from '../../event/kinds.js';
import { PAGE_USES } from '../../event/trace-sink.js';
import { ascii, decodeText, matches, SPACE, TAB } from '../text/text-bytes.js';
import type { DumpGrammar } from './dump-grammar.js';
import type { HeldOutput } from './held-output.js';
import { RecordColumns } from './record-columns.js';

const [, USE_SLAB, USE_ANON, USE_FILE] = PAGE_USES.keys();

const HEADER = ascii('Page allocated via order ');
const PFN = ascii('PFN ');
const TIMES = /^\s*(\d+) times(?:, (\d+) pages)?((?:,|:|$).*)$/;
const CULLED_COMM = /, task_comm_name: (.*?)(?:, allocated by [A-Z ]*)?:?$/;
/** The name of a process may have anything in it, also a line end. */
const RECORD =
  /^Page allocated via order (\d+), (?:migratetype \S+, )?(?:gfp_)?mask 0x[0-9a-f]+(?:\([^)]*\))?(?:, pid (\d+))?(?:, tgid (\d+) \((.*)\))?(?:, ts (\d+) ns)?(?:, free_ts (\d+) ns)?\s*$/;
const OPEN_RECORD =
  /^Page allocated via order (\d+), (?:migratetype \S+, )?(?:gfp_)?mask 0x[0-9a-f]+(?:\([^)]*\))?, pid (\d+), tgid (\d+) \((.*)$/;
const REST_OF_RECORD = /\), ts (\d+) ns(?:, free_ts (\d+) ns)?\s*$/;
/** In hex since 6.0. */
const PLACE = /^PFN (0x[0-9a-f]+|\d+) (?:type \S+ )?Block (\d+) type \S+(?:\s+Fallback)?\s*(?:Flags (.*))?$/;
const SUM = /^\s*(?:nr_base_pages|stack_count): (\d+)\s*$/;
const OTHER = /^(?:Page has been migrated|Charged |Slab cache page|handle: \d+|-{2,}|loaded \d+)/;

/** log2 of the most pages of an allocation; the kernel's own limit is 10 to 13. */
const MAX_ORDER = 20;
const PFN_LIMIT = 2 ** 36;
const MOST_PAGES = 2 ** 40;
const MOST_PID = 2 ** 22;
/** A record's lines are below 4 KiB. */
const MAX_LINE = 1024;
/**
 * log2 of the pages of a page block, by which a PFN shows the size of a page: 9 on x86_64 and on arm64 with
 * 4 KiB, 10 without huge pages; 11 on arm64 with 16 KiB; 13 on arm64, 5 and 8 on POWER with 64 KiB.
 */
const PAGE_SIZES: Record<number, number | undefined> = {
  9: 4096,
  10: 4096,
  11: 16384,
  13: 65536,
  5: 65536,
  8: 65536,
};
/** From this block on the quotient of PFN and block is exact. */
const SHOWING_BLOCK = 64;

/** What is read of a block or a record so far. */
interface Block {
  order: number;
  pid: number;
  commId: number;
  ts: number;
  pfn: number;
  use: number;
  /** Records that a sorted block stands for, and their pages; -1 = not said. */
  times: number;
  pages: number;
  hasFrames: boolean;
}

const UNKNOWN: Readonly<Block> = {
  order: -1,
  pid: 0,
  commId: 0,
  ts: -1,
  pfn: -1,
  use: 0,
  times: -1,
  pages: -1,
  hasFrames: false,
};

export class PageOwnerDump implements DumpGrammar {
  private readonly output: HeldOutput;
  private readonly records = new RecordColumns();
  private block: Block = { ...UNKNOWN };
  private isOpen = false;
  private cutRecords = 0;
  private impossible = 0;

  constructor(output: HeldOutput) {
    this.output = output;
    output.path.reset();
  }

  line(bytes: Uint8Array, start: number, end: number): boolean {
    if (start === end) {
      this.blank();
      return true;
    }
    if (bytes[start] === SPACE || bytes[start] === TAB || bytes[start] === 0x5b) {
      if (bytes[start] !== 0x5b && this.sum(bytes, start, end)) return true;
      this.output.path.dumpLine(bytes, start, end);
      this.block.hasFrames = true;
      return true;
    }
    if (matches(bytes, start, end, HEADER)) return this.header(bytes, start, end);
    if (matches(bytes, start, end, PFN) && !this.isOpen) return this.place(bytes, start, end);
    if (this.sum(bytes, start, end)) return true;
    const text = decodeText(bytes, start, Math.min(end, start + MAX_LINE));
    const times = TIMES.exec(text);
    if (times !== null) return this.begin(times);
    if (this.isOpen) {
      this.isOpen = false;
      const rest = REST_OF_RECORD.exec(text);
      if (rest !== null) return this.time(rest[1], rest[2]);
      if (matches(bytes, start, end, PFN)) return this.place(bytes, start, end);
    }
    return OTHER.test(text);
  }

  finish(isCut: boolean): string[] {
    // The call path of a record that ends in the middle of a line is not whole.
    if (isCut && this.block.hasFrames) this.cut();
    this.close();
    this.output.isPageSizeKnown ||= this.records.blockOrder > 0;
    const { facts } = this.output;
    if (this.records.blockOrder > 0) facts.pageSize = PAGE_SIZES[this.records.blockOrder] ?? facts.pageSize;
    this.records.eachInto((row) => this.output.add(row));
    const notes: string[] = [];
    if (this.cutRecords > 0) notes.push(`records that are cut, left out: ${this.cutRecords}`);
    if (this.impossible > 0) notes.push(`records with figures that cannot be, left out: ${this.impossible}`);
    return notes;
  }

  /** '450000 times, 450000 pages:' */
  private begin([, times, pages, rest]: RegExpExecArray): boolean {
    this.close();
    this.block.times = Number(times);
    if (pages !== undefined) this.block.pages = Number(pages);
    this.block.pid = pidOf(/, TGID (\d+)/.exec(rest)?.[1] ?? /, PID (\d+)/.exec(rest)?.[1]);
    this.block.commId = this.output.comm(CULLED_COMM.exec(rest)?.[1] ?? '');
    if (/, allocated by (?:CMA )?SLAB /.test(rest)) this.block.use = USE_SLAB;
    return true;
  }

  private header(bytes: Uint8Array, start: number, end: number): boolean {
    // A sorted block has a line of its own above its header.
    if (this.block.times < 0 || this.block.order >= 0 || this.block.hasFrames) this.close();
    const text = decodeText(bytes, start, Math.min(end, start + MAX_LINE));
    const whole = RECORD.exec(text);
    const found = whole ?? OPEN_RECORD.exec(text);
    if (found === null) {
      this.cut();
      return false;
    }
    const [, order, pid, tgid, comm] = found;
    this.isOpen = whole === null;
    this.block.order = Number(order);
    this.block.pid = pidOf(tgid ?? pid);
    this.block.commId = this.output.comm(comm ?? '');
    return this.time(whole?.[5], whole?.[6]);
  }

  private time(ts: string | undefined, freed: string | undefined): boolean {
    if (ts !== undefined) this.block.ts = Number(ts);
    this.records.seen(Number(ts ?? -1));
    this.records.seen(Number(freed ?? -1));
    return true;
  }

  private place(bytes: Uint8Array, start: number, end: number): boolean {
    const found = PLACE.exec(decodeText(bytes, start, Math.min(end, start + MAX_LINE)));
    if (found === null) {
      this.cut();
      return false;
    }
    this.block.pfn = Number(found[1]);
    this.block.use = useOf(found[3] ?? '');
    const block = Number(found[2]);
    if (block >= SHOWING_BLOCK && this.block.pfn < PFN_LIMIT && !this.output.isPageSizeKnown) {
      const order = Math.floor(Math.log2(this.block.pfn / block));
      if (Math.floor(this.block.pfn / 2 ** order) === block && PAGE_SIZES[order] !== undefined) {
        this.records.blockOrder = order;
      }
    }
    return true;
  }

  /** 'nr_base_pages: 16', below its call path. */
  private sum(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    // n(r_base_pages) and s(tack_count); frames begin with them too.
    if ((bytes[at] !== 0x6e && bytes[at] !== 0x73) || bytes[end - 1] === 0x5d) return false;
    const found = SUM.exec(decodeText(bytes, start, Math.min(end, start + MAX_LINE)));
    if (found === null) return false;
    this.block.pages = Number(found[1]);
    this.block.times = 1;
    this.close();
    return true;
  }

  /** Ends a record. Between a path and its sum, and between a sorted block's line and its record, it ends nothing. */
  private blank(): void {
    this.isOpen = false;
    if (this.block.order >= 0 || (this.block.times >= 0 && this.block.hasFrames)) this.close();
  }

  private cut(): void {
    this.cutRecords++;
    this.reset();
  }

  private reset(): void {
    this.block = { ...UNKNOWN };
    this.output.path.reset();
  }

  /** Takes the record or block that was read. */
  private close(): void {
    const { block } = this;
    const { order, times, pfn } = block;
    if (order < 0 && times < 0) {
      // Frames that belong to nothing.
      if (block.hasFrames) this.cut();
      return;
    }
    const isSum = times >= 0;
    if (!isSum && pfn < 0) return this.cut();
    const pages = !isSum ? 2 ** order : block.pages >= 0 ? block.pages : times * 2 ** Math.max(0, order);
    if (order > MAX_ORDER || pages > MOST_PAGES || pfn + pages > PFN_LIMIT) {
      this.impossible++;
      return this.reset();
    }
    const stackId = this.output.path.intern();
    if (pages > 0 && isSum) this.addSum(stackId, pages);
    else if (pages > 0) this.records.add(block, stackId);
    this.reset();
  }

  private addSum(stackId: number, pages: number): void {
    const { pid, commId, use } = this.block;
    this.output.add({ stackId, allocator: PAGE, size: pages, count: pages, pfn: -1, ageNs: -1, pid, commId, use });
  }
}

function pidOf(text: string | undefined): number {
  const pid = Number(text ?? 0);
  return pid < MOST_PID ? pid : 0;
}

/** 'uptodate|lru|swapbacked' in the parentheses of %pGp. Slab pages have no flag since 6.10: their call path shows it. */
function useOf(flags: string): number {
  if (/[(|]slab[|)]/.test(flags)) return USE_SLAB;
  if (/[(|]swapbacked[|)]/.test(flags)) return USE_ANON;
  return /[(|]lru[|)]/.test(flags) ? USE_FILE : 0;
}
