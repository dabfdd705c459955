/**
 * TextFields: the "name=value" fields of an event, by the event's kind. One walk over the line,
 * which stops once it has all fields that the kind needs (gfp_flags, the longest field, comes
 * later).
 *
 * Print formats: include/trace/events/{kmem,percpu,vmalloc}.h. Differences over 2.6.32 .. 7.2: pfn is
 * decimal in 5.10 and hex in 6.1; kmem_cache_alloc names its cache from some version after 6.12;
 * percpu_alloc_percpu has bytes_alloc from 5.19 on; alloc_vmap_area prints "va_start: 123", with a
 * colon and in decimal; kernels before 4.20 print NULL as "(null)" behind spaces. With options/fields
 * (6.4 on; print_fields in kernel/trace/trace_output.c) a number is "0x1000 (4096)", 6.4 has the
 * fields in reverse, and an area's start is "addr". `trace-cmd report -R` prints the same names.
 *
 * One class of more than 300 lines, because all of it is one loop over the same fields: values that
 * passed between two objects would cost each event.
 */
import {
  ALLOCATOR_OF_KIND,
  FREE_BIT,
  KMEM_CACHE_ALLOC,
  PAGE_ALLOC,
  PAGE_FREE,
  PERCPU_ALLOC,
  SLAB,
  VMALLOC_ALLOC,
} from '../../../event/kinds.js';
import {
  ByteScan,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  EQUALS,
  hasHexPrefix,
  matches,
  OPEN_BRACKET,
  OPEN_PAREN,
  SPACE,
  skipSpaces,
  wordEnd,
} from '../text-bytes.js';
import {
  BYTES_ALLOC,
  BYTES_REQ,
  CALL_SITE,
  ENOUGH,
  FAILED,
  KEY_ADDR,
  KEY_BASE_ADDR,
  KEY_BYTES_ALLOC,
  KEY_BYTES_REQ,
  KEY_CALL_SITE,
  KEY_FAILED,
  KEY_GFP_FLAGS,
  KEY_NAME,
  KEY_OFF,
  KEY_ORDER,
  KEY_PAGE,
  KEY_PFN,
  KEY_PTR,
  KEY_SIZE,
  KEY_VA_START,
  KEY_VA_START_COLON,
  NEEDED,
  OFFSET,
  ORDER,
  PAGE_POINTER,
  PFN,
  PTR,
  SIZE,
  VA_START,
} from './field-table.js';
import { isWholeByOffset, LineEnds, ZERO_SIZE_PTR } from './line-ends.js';
import { percpuCopies } from './percpu-copies.js';
import { placeOfStructPage } from './struct-page.js';

/** pages = 2^order must fit a u32 column; kernels stop at order 13 or so. */
const MAX_ORDER = 31;
const MAX_U32 = 0xffffffff;

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
  /** Hex digits of the pointer as printed, without 0x; 0 = "(nil)" or no pointer. */
  pointerDigits = 0;
  /** True if parse() returned false because the line ends too early. */
  wasCut = false;
  /**
   * The cache's name is bytes[cacheStart .. cacheEnd), the call site's text likewise; empty = the
   * line has none. The call name is the function that libtraceevent's plugin found for the call site.
   */
  cacheStart = 0;
  cacheEnd = 0;
  callSiteStart = 0;
  callSiteEnd = 0;
  callNameStart = 0;
  callNameEnd = 0;

  /** True if the page has no pfn in the text, and `addrHi`, `addrLo` number it by its struct page. */
  byPointer = false;
  /** Page events so far that have neither a pfn nor a pointer that could stand for it. */
  pagesWithoutPlace = 0;

  readonly ends = new LineEnds();
  /** Index of the line's first byte. */
  lineStart = 0;
  private readonly scan = new ByteScan();
  private lineEnd = 0;
  private seen = 0;
  /** The field whose number ends the line, 0 = none does. */
  private last = 0;
  /** True if a value that matters is no number, and does not end the line. */
  private isWrong = false;
  private sawFlags = false;
  /** True if a number stands twice, as in options/fields: "0x10 (16)". */
  private isDoubled = false;
  private bytesAlloc = 0;
  private order = 0;
  private offset = 0;
  /** Digits of the address of a percpu chunk, 0 = unknown. */
  private baseDigits = 0;
  private pageIsNull = false;
  /** The pointer to the struct page; 0 = not read. */
  private pageHi = 0;
  private pageLo = 0;
  private hasFailed = false;

  /**
   * Reads the fields of an event in bytes[start .. end). The caller has set `lineStart`. Returns false if a needed
   * field is missing or wrong.
   */
  parse(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - this.lineStart;
    this.lineEnd = end;
    this.seen = this.last = this.size = this.bytesReq = this.bytesAlloc = this.order = this.pointerDigits = 0;
    this.cacheStart = this.cacheEnd = this.callSiteStart = this.callSiteEnd = 0;
    this.callNameStart = this.callNameEnd = 0;
    this.offset = -1;
    this.baseDigits = 0;
    this.pageIsNull =
      this.hasFailed =
      this.isWrong =
      this.isDoubled =
      this.wasCut =
      this.byPointer =
      this.sawFlags =
        false;
    this.ends.lineOf(length);
    if (this.walk(kind, bytes, start, end) && this.isWhole(kind, length)) return this.settle(kind);
    // Flags stand behind all fields that matter: where they are, the line was not cut before them.
    this.wasCut = !this.isWrong && !this.sawFlags && end > start;
    if (this.wasCut) this.ends.cutAt(length);
    return false;
  }

  /** Returns false if an address cannot be read. */
  private walk(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    const enough = ENOUGH[kind];
    let i = start;
    while (i < end) {
      const key = skipSpaces(bytes, i, end);
      if (key < end && bytes[key] === OPEN_PAREN) {
        i = this.parenthesis(bytes, key, end);
        continue;
      }
      i = key;
      while (i < end && bytes[i] !== EQUALS && bytes[i] !== SPACE) i++;
      let value = i + 1;
      if (i >= end || bytes[i] !== EQUALS) {
        if (!matches(bytes, key, i, KEY_VA_START_COLON)) continue;
        value = skipSpaces(bytes, i, end);
        i--;
      } else if (value < end && bytes[value] === SPACE) {
        // "ptr=          (null)": kernels before 4.20 pad NULL to the width of a pointer.
        const padded = skipSpaces(bytes, value, end);
        if (padded < end && bytes[padded] === OPEN_PAREN) value = padded;
      }
      const valueEnd = wordEnd(bytes, value, end);
      if (!this.field(kind, bytes, key, i, value, valueEnd)) {
        this.isWrong = valueEnd < end;
        return false;
      }
      if ((this.seen & enough) === enough) break;
      i = Math.min(valueEnd, end);
    }
    return true;
  }

  /** Reads "(function+0x1b)", which libtraceevent's plugin prints before the fields. Returns the index behind it. */
  private parenthesis(bytes: Uint8Array, open: number, end: number): number {
    const wordStop = wordEnd(bytes, open, end);
    if (this.seen !== 0) this.isDoubled = true;
    if (this.callSiteEnd === 0 && this.callNameEnd === 0 && bytes[wordStop - 1] === CLOSE_PAREN) {
      this.callNameStart = open + 1;
      this.callNameEnd = wordStop - 1;
    }
    return wordStop;
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
        if (matches(bytes, key, keyEnd, KEY_PTR)) return this.pointer(kind, bytes, value, valueEnd);
        if (matches(bytes, key, keyEnd, KEY_PFN)) {
          return this.address(PFN, scan.frameNumber(bytes, value, valueEnd), valueEnd);
        }
        if (matches(bytes, key, keyEnd, KEY_OFF)) this.offset = this.number(OFFSET, bytes, value, valueEnd);
        return true;
      case 4:
        if (matches(bytes, key, keyEnd, KEY_PAGE)) {
          // It only matters whether the pointer is NULL: a hashed or a missing one does no harm.
          const isRead = scan.pointer(bytes, value, valueEnd);
          this.pageIsNull = isRead && scan.hi === 0 && scan.lo === 0;
          this.pageHi = isRead ? scan.hi : 0;
          this.pageLo = scan.lo;
          this.seen |= PAGE_POINTER;
        } else if (matches(bytes, key, keyEnd, KEY_SIZE)) {
          this.size = this.number(SIZE, bytes, value, valueEnd);
        } else if (kind === KMEM_CACHE_ALLOC && matches(bytes, key, keyEnd, KEY_NAME)) {
          this.cacheStart = value;
          this.cacheEnd = valueEnd;
        } else if (kind === VMALLOC_ALLOC && matches(bytes, key, keyEnd, KEY_ADDR)) {
          return this.address(VA_START, scan.frameNumber(bytes, value, valueEnd), valueEnd);
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
        } else if (matches(bytes, key, keyEnd, KEY_GFP_FLAGS)) {
          this.sawFlags = true;
        } else if (matches(bytes, key, keyEnd, KEY_CALL_SITE)) {
          this.callSite(bytes, value, valueEnd);
        } else if (matches(bytes, key, keyEnd, KEY_BASE_ADDR)) {
          this.baseDigits = valueEnd - value - (hasHexPrefix(bytes, value, valueEnd) ? 2 : 0);
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

  /** Takes "function+0x1b/0x40 [module]" for the call site: %pS prints the module behind a space. */
  private callSite(bytes: Uint8Array, value: number, valueEnd: number): void {
    this.seen |= CALL_SITE;
    this.callSiteStart = value;
    this.callSiteEnd = valueEnd;
    if (valueEnd + 1 >= this.lineEnd || bytes[valueEnd + 1] !== OPEN_BRACKET) return;
    const moduleEnd = wordEnd(bytes, valueEnd + 1, this.lineEnd);
    if (bytes[moduleEnd - 1] === CLOSE_BRACKET) this.callSiteEnd = moduleEnd;
  }

  private pointer(kind: number, bytes: Uint8Array, value: number, valueEnd: number): boolean {
    const { scan, ends } = this;
    if (!this.address(PTR, scan.pointer(bytes, value, valueEnd), valueEnd)) return false;
    if (value < valueEnd && bytes[value] === OPEN_PAREN) {
      this.last = 0;
      return true;
    }
    const isShort = hasHexPrefix(bytes, value, valueEnd);
    const digits = valueEnd - value - (isShort ? 2 : 0);
    this.pointerDigits = digits;
    // perf prints no more digits than a pointer has.
    if (isShort && scan.hi === 0 && (scan.lo === 0 || scan.lo === ZERO_SIZE_PTR)) this.last = 0;
    if (valueEnd < this.lineEnd && ALLOCATOR_OF_KIND[kind] === SLAB) ends.slabPointer(scan.hi, scan.lo, digits);
    return true;
  }

  private address(field: number, isRead: boolean, valueEnd: number): boolean {
    if (!isRead || this.scan.position !== valueEnd) return false;
    this.seen |= field;
    if (valueEnd === this.lineEnd) this.last = field;
    this.addrHi = this.scan.hi;
    this.addrLo = this.scan.lo;
    return true;
  }

  /** Reads a number, decimal or 0x and hex; a field that is not one counts as missing. */
  private number(field: number, bytes: Uint8Array, value: number, valueEnd: number): number {
    const { scan } = this;
    const isRead = hasHexPrefix(bytes, value, valueEnd)
      ? scan.hex(bytes, value + 2, valueEnd)
      : scan.decimal(bytes, value, valueEnd);
    if (!isRead || scan.position !== valueEnd) {
      if (valueEnd < this.lineEnd) this.isWrong = true;
      return 0;
    }
    this.seen |= field;
    if (valueEnd === this.lineEnd) this.last = field;
    return scan.value;
  }

  /** Returns false if the line ends before a needed field, or inside of one. */
  private isWhole(kind: number, length: number): boolean {
    if ((kind === PAGE_ALLOC || kind === PAGE_FREE) && (this.seen & (PFN | ORDER)) === ORDER) this.numberByPointer();
    if ((this.seen & NEEDED[kind]) !== NEEDED[kind]) return false;
    // Since 5.19 the event has a call site in front and the bytes behind.
    if (kind === PERCPU_ALLOC && (this.seen & (CALL_SITE | BYTES_ALLOC)) === CALL_SITE) return false;
    const { ends, addrHi, addrLo, pointerDigits } = this;
    switch (this.last) {
      case 0:
      case FAILED:
        return true;
      case PTR:
        if (ALLOCATOR_OF_KIND[kind] === SLAB) return ends.isWholeSlabPointer(addrHi, addrLo, pointerDigits);
        return pointerDigits === this.baseDigits || isWholeByOffset(addrLo, pointerDigits, this.offset);
      case ORDER:
        return kind === PAGE_FREE && !this.isDoubled && ends.isWholeOrder(this.order, length);
      default:
        return false;
    }
  }

  /** Without a pfn, numbers a page by its struct page. */
  private numberByPointer(): void {
    const place = this.pageIsNull ? 0 : placeOfStructPage(this.pageHi, this.pageLo);
    this.byPointer = (this.seen & PAGE_POINTER) !== 0 && place >= 0;
    if (!this.byPointer) {
      this.pagesWithoutPlace++;
      return;
    }
    this.seen |= PFN;
    this.addrHi = Math.floor(place / 0x100000000);
    this.addrLo = place % 0x100000000;
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
