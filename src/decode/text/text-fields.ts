/**
 * TextFields: the "name=value" fields of an event, by the event's kind. One walk over the line,
 * which stops once it has all fields that the kind needs (gfp_flags, the longest field, comes
 * later).
 *
 * Print formats: include/trace/events/{kmem,percpu,vmalloc}.h. Differences over 5.10 .. 7.2: pfn is
 * decimal in 5.10 and hex in 6.1; kmem_cache_alloc names its cache from some version after 6.12;
 * percpu_alloc_percpu has bytes_alloc from 5.19 on; alloc_vmap_area prints "va_start: 123", with a
 * colon and in decimal.
 */
import {
  FREE_BIT,
  KFREE,
  KMALLOC,
  KMEM_CACHE_ALLOC,
  KMEM_CACHE_FREE,
  PAGE_ALLOC,
  PAGE_FREE,
  PERCPU_ALLOC,
  PERCPU_FREE,
  VMALLOC_ALLOC,
  VMALLOC_FREE,
} from '../../event/kinds.js';
import { ascii, ByteScan, EQUALS, indexOfWord, matches, skipSpaces, wordEnd } from './text-bytes.js';

/** Fields that were seen, as bits. */
const PTR = 1;
const PFN = 2;
const ORDER = 4;
const BYTES_REQ = 8;
const BYTES_ALLOC = 16;
const SIZE = 32;
const PAGE_POINTER = 64;
const VA_START = 128;
const FAILED = 256;

/** The fields that an event of a kind must have. */
const NEEDED = new Uint16Array(32);
/** The fields after which the walk ends early: all that may matter. */
const ENOUGH = new Uint16Array(32).fill(0xffff);
for (const kind of [KMALLOC, KMEM_CACHE_ALLOC]) NEEDED[kind] = ENOUGH[kind] = PTR | BYTES_REQ | BYTES_ALLOC;
for (const kind of [KFREE, KMEM_CACHE_FREE, PERCPU_FREE]) NEEDED[kind] = ENOUGH[kind] = PTR;
NEEDED[PAGE_ALLOC] = PFN | ORDER;
ENOUGH[PAGE_ALLOC] = PFN | ORDER | PAGE_POINTER;
NEEDED[PAGE_FREE] = ENOUGH[PAGE_FREE] = PFN | ORDER;
NEEDED[PERCPU_ALLOC] = PTR | SIZE;
NEEDED[VMALLOC_ALLOC] = VA_START | SIZE;
ENOUGH[VMALLOC_ALLOC] = VA_START | SIZE | FAILED;
NEEDED[VMALLOC_FREE] = ENOUGH[VMALLOC_FREE] = VA_START;

/** pages = 2^order must fit a u32 column; kernels stop at order 13 or so. */
const MAX_ORDER = 31;
const MAX_U32 = 0xffffffff;

const KEY_CALL_SITE = ascii('call_site');
const KEY_BYTES_REQ = ascii('bytes_req');
const KEY_BYTES_ALLOC = ascii('bytes_alloc');
const KEY_VA_START = ascii('va_start');
const KEY_VA_START_COLON = ascii('va_start:');
const KEY_FAILED = ascii('failed');
const KEY_ORDER = ascii('order');
const KEY_NAME = ascii('name');
const KEY_SIZE = ascii('size');
const KEY_PAGE = ascii('page');
const KEY_PTR = ascii('ptr');
const KEY_PFN = ascii('pfn');

export class TextFields {
  /** Page size of the traced machine: converts vmalloc bytes to pages. */
  pageSize = 4096;
  /** Online CPUs of the traced machine, 0 = unknown. */
  cpus = 0;
  /** The values for the columns of EventBatch. */
  addrHi = 0;
  addrLo = 0;
  size = 0;
  bytesReq = 0;
  /**
   * The cache's name is bytes[cacheStart .. cacheEnd), the call site's text likewise; empty = the
   * line has none.
   */
  cacheStart = 0;
  cacheEnd = 0;
  callSiteStart = 0;
  callSiteEnd = 0;

  private readonly scan = new ByteScan();
  private seen = 0;
  private bytesAlloc = 0;
  private order = 0;
  private pageIsNull = false;
  private hasFailed = false;

  /**
   * Reads the fields of an event in bytes[start .. end). Returns false if a needed field is missing
   * or wrong.
   */
  parse(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    this.seen = this.size = this.bytesReq = this.bytesAlloc = this.order = 0;
    this.cacheStart = this.cacheEnd = this.callSiteStart = this.callSiteEnd = 0;
    this.pageIsNull = this.hasFailed = false;
    const enough = ENOUGH[kind];
    let i = start;
    while (i < end) {
      const key = skipSpaces(bytes, i, end);
      i = key;
      while (i < end && bytes[i] !== EQUALS && bytes[i] !== 0x20) i++;
      let value = i + 1;
      if (i >= end || bytes[i] !== EQUALS) {
        if (!matches(bytes, key, i, KEY_VA_START_COLON)) continue;
        value = skipSpaces(bytes, i, end);
        i--;
      }
      const valueEnd = wordEnd(bytes, value, end);
      if (!this.field(kind, bytes, key, i, value, valueEnd)) return false;
      if ((this.seen & enough) === enough) break;
      i = valueEnd;
    }
    return (this.seen & NEEDED[kind]) === NEEDED[kind] && this.settle(kind);
  }

  /**
   * Reads the field bytes[key .. keyEnd)=bytes[value .. valueEnd). Returns false if a field that
   * matters cannot be read.
   */
  private field(
    kind: number,
    bytes: Uint8Array,
    key: number,
    keyEnd: number,
    value: number,
    valueEnd: number,
  ): boolean {
    const { scan } = this;
    switch (keyEnd - key) {
      case 3:
        if (matches(bytes, key, keyEnd, KEY_PTR))
          return this.address(PTR, scan.pointer(bytes, value, valueEnd), valueEnd);
        if (matches(bytes, key, keyEnd, KEY_PFN)) {
          return this.address(PFN, scan.frameNumber(bytes, value, valueEnd), valueEnd);
        }
        return true;
      case 4:
        if (matches(bytes, key, keyEnd, KEY_PAGE)) {
          // It only matters whether the pointer is NULL: a hashed or a missing one does no harm.
          this.pageIsNull = scan.pointer(bytes, value, valueEnd) && scan.hi === 0 && scan.lo === 0;
          this.seen |= PAGE_POINTER;
        } else if (matches(bytes, key, keyEnd, KEY_SIZE)) {
          this.size = this.number(SIZE, bytes, value, valueEnd);
        } else if (kind === KMEM_CACHE_ALLOC && matches(bytes, key, keyEnd, KEY_NAME)) {
          this.cacheStart = value;
          this.cacheEnd = valueEnd;
        }
        return true;
      case 5:
        if (matches(bytes, key, keyEnd, KEY_ORDER)) this.order = this.number(ORDER, bytes, value, valueEnd);
        return true;
      case 6:
        if (matches(bytes, key, keyEnd, KEY_FAILED)) this.hasFailed = this.number(FAILED, bytes, value, valueEnd) !== 0;
        return true;
      case 8:
        if (!matches(bytes, key, keyEnd, KEY_VA_START)) return true;
        return this.address(VA_START, scan.frameNumber(bytes, value, valueEnd), valueEnd);
      case 9:
        if (matches(bytes, key, keyEnd, KEY_BYTES_REQ)) {
          this.bytesReq = this.number(BYTES_REQ, bytes, value, valueEnd);
        } else if (matches(bytes, key, keyEnd, KEY_CALL_SITE)) {
          this.callSiteStart = value;
          this.callSiteEnd = valueEnd;
        }
        return true;
      case 11:
        if (matches(bytes, key, keyEnd, KEY_BYTES_ALLOC))
          this.bytesAlloc = this.number(BYTES_ALLOC, bytes, value, valueEnd);
        return true;
      default:
        return true;
    }
  }

  private address(field: number, isRead: boolean, valueEnd: number): boolean {
    if (!isRead || this.scan.position !== valueEnd) return false;
    this.seen |= field;
    this.addrHi = this.scan.hi;
    this.addrLo = this.scan.lo;
    return true;
  }

  /** Reads a decimal number; a field that is not one counts as missing. */
  private number(field: number, bytes: Uint8Array, value: number, valueEnd: number): number {
    if (!this.scan.decimal(bytes, value, valueEnd) || this.scan.position !== valueEnd) return 0;
    this.seen |= field;
    return this.scan.value;
  }

  /** Converts the fields to EventBatch's columns. Returns false if a value does not fit its column. */
  private settle(kind: number): boolean {
    if (kind === PAGE_ALLOC || kind === PAGE_FREE) {
      if (this.order > MAX_ORDER) return false;
      this.size = 2 ** this.order;
      // For a failed alloc (pfn -1) all kernels print page NULL, pfn 0.
      if (kind === PAGE_ALLOC && this.pageIsNull && this.addrHi === 0 && this.addrLo === 0) {
        this.addrHi = this.addrLo = MAX_U32;
      }
    } else if (kind === VMALLOC_ALLOC) {
      this.size = Math.ceil(this.size / this.pageSize);
      if (this.hasFailed) this.addrHi = this.addrLo = 0;
    } else if (kind === PERCPU_ALLOC) {
      this.bytesReq = this.size;
      this.size *= percpuCopies(this.size, (this.seen & BYTES_ALLOC) !== 0 ? this.bytesAlloc : 0, this.cpus);
    } else if ((kind & FREE_BIT) === 0) {
      this.size = this.bytesAlloc;
    } else {
      this.size = 0;
    }
    return this.size <= MAX_U32 && this.bytesReq <= MAX_U32;
  }
}

const MOVE_COUNTS = [ascii('nr_succeeded='), ascii('nr_migrated=')];

/**
 * Returns the pages that an event in bytes[start .. end) says were moved, huge pages counted by
 * their pages; null if it does not say (include/trace/events/{migrate,compaction}.h):
 * "mm_migrate_pages: nr_succeeded=4 nr_failed=0 ...", "mm_compaction_migratepages: nr_migrated=4 nr_failed=0".
 */
export function movedPagesIn(bytes: Uint8Array, start: number, end: number): number | null {
  for (const count of MOVE_COUNTS) {
    const place = indexOfWord(bytes, start, end, count);
    const scan = new ByteScan();
    if (place < 0 || !scan.decimal(bytes, place + count.length, end)) continue;
    return scan.value <= Number.MAX_SAFE_INTEGER ? scan.value : null;
  }
  return null;
}

/**
 * Returns for how many CPUs a percpu alloc has memory. `bytesAlloc` is what a cgroup is charged, 0
 * before 5.19: the size for each possible CPU and, unless cgroups do not count kernel memory, a
 * pointer for each 4 bytes, which make two copies more (pcpu_obj_full_size(), mm/percpu-internal.h).
 * Those pointers lie in a table that has an event of its own. As many copies as there are online
 * CPUs contain no pointers.
 */
function percpuCopies(size: number, bytesAlloc: number, cpus: number): number {
  const copies = size === 0 ? 0 : Math.floor(bytesAlloc / size);
  if (copies === 0) return Math.max(1, cpus);
  return copies === cpus || copies - POINTER_COPIES < Math.max(1, cpus) ? copies : copies - POINTER_COPIES;
}

const POINTER_COPIES = 2;
