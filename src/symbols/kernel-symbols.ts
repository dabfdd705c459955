/**
 * KernelSymbols: the text symbols of a kernel, from the text of its /proc/kallsyms. One row per
 * symbol, sorted by address; symbols at one address keep the order of the file, because the kernel
 * prints the first of them.
 *
 * Names stay in the bytes of the file and become strings on request: 200,000 strings would cost
 * more than the parsing, and a report shows some hundreds. Names are untrusted (a module may have
 * any name).
 */
export interface ResolvedSymbol {
  symbol: string;
  /** Bytes past the start of the symbol. */
  offset: number;
  /** Module name; null for the core kernel. */
  module: string | null;
}

/**
 * Longer than any function: an address this far past a symbol is in none. The kernel's largest
 * functions have some 50 KiB.
 */
const LONGEST_FUNCTION_BYTES = 1 << 20;
/** KSYM_NAME_LEN of Linux 6.1 and later. */
const LONGEST_NAME_BYTES = 512;

export class KernelSymbols {
  readonly size: number;
  /** Lines that are no symbol, or whose name has an impossible length. */
  readonly malformedLines: number;
  /** True if the kernel hid all addresses (kernel.kptr_restrict, or the reader was not root). */
  readonly hidden: boolean;
  private readonly text: Uint8Array;
  private readonly columns: Columns;
  /**
   * Hash table of names: the head of each chain of rows with one hash, and the next row of each
   * row; row + 1, 0 = none. Null until a name is first looked up.
   */
  private heads: Uint32Array | null = null;
  private nexts = new Uint32Array(0);

  constructor(text: Uint8Array, columns: Columns, counts: { size: number; malformedLines: number; hidden: boolean }) {
    this.text = text;
    this.columns = columns;
    this.size = counts.size;
    this.malformedLines = counts.malformedLines;
    this.hidden = counts.hidden;
  }

  /** Returns the name of a row. */
  name(row: number): string {
    const { nameStart, nameLength } = this.columns;
    return decodeName(this.text, nameStart[row], nameLength[row]);
  }

  /** Returns the name of a row's module, null for the core kernel. */
  module(row: number): string | null {
    const { moduleStart, moduleLength } = this.columns;
    return moduleLength[row] === 0 ? null : decodeName(this.text, moduleStart[row], moduleLength[row]);
  }

  /** Returns the symbol that contains an address, null if none does. */
  resolve(addressHi: number, addressLo: number): ResolvedSymbol | null {
    const row = this.rowAt(addressHi >>> 0, addressLo >>> 0);
    if (row < 0) return null;
    const offset = this.distance(row, addressHi >>> 0, addressLo >>> 0);
    return offset < LONGEST_FUNCTION_BYTES ? { symbol: this.name(row), offset, module: this.module(row) } : null;
  }

  /**
   * Returns the address of symbol+offset, null if no symbol has that name. Of several, the first by
   * address that is longer than `offset` counts, else the first of all. `module` null accepts any
   * module, because bpftrace does not always print it.
   */
  locate(symbol: string, offset: number, module: string | null): { addressHi: number; addressLo: number } | null {
    const rows = this.rowsNamed(symbol);
    let chosen = -1;
    for (const row of rows) {
      if (module !== null && this.module(row) !== module) continue;
      if (chosen < 0) chosen = row;
      if (offset < this.length(row)) {
        chosen = row;
        break;
      }
    }
    if (chosen < 0) return null;
    const sum = this.columns.lo[chosen] + offset;
    return { addressHi: (this.columns.hi[chosen] + Math.floor(sum / 2 ** 32)) >>> 0, addressLo: sum >>> 0 };
  }

  /** Returns the start address of a row. */
  address(row: number): { addressHi: number; addressLo: number } {
    return { addressHi: this.columns.hi[row], addressLo: this.columns.lo[row] };
  }

  /** Returns the rows with a name, in order of address. */
  private rowsNamed(symbol: string): number[] {
    const heads = this.heads ?? this.indexNames();
    const wanted = new TextEncoder().encode(symbol);
    const rows: number[] = [];
    const { nameStart, nameLength } = this.columns;
    for (
      let link = heads[hashName(wanted, 0, wanted.length) & (heads.length - 1)];
      link !== 0;
      link = this.nexts[link - 1]
    ) {
      const row = link - 1;
      if (nameLength[row] === wanted.length && sameBytes(this.text, nameStart[row], wanted)) rows.push(row);
    }
    return rows;
  }

  private indexNames(): Uint32Array {
    const { nameStart, nameLength } = this.columns;
    const heads = new Uint32Array(2 ** Math.ceil(Math.log2(this.size + 2)));
    this.nexts = new Uint32Array(this.size);
    // From the last row on, so that each chain runs from low addresses to high.
    for (let row = this.size - 1; row >= 0; row--) {
      const slot = hashName(this.text, nameStart[row], nameLength[row]) & (heads.length - 1);
      this.nexts[row] = heads[slot];
      heads[slot] = row + 1;
    }
    this.heads = heads;
    return heads;
  }

  /**
   * Returns the last row that starts at or below an address, the first of those at one address; -1
   * = none.
   */
  private rowAt(addressHi: number, addressLo: number): number {
    const { hi, lo } = this.columns;
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (hi[middle] < addressHi || (hi[middle] === addressHi && lo[middle] <= addressLo)) low = middle + 1;
      else high = middle;
    }
    let row = low - 1;
    while (row > 0 && hi[row - 1] === hi[row] && lo[row - 1] === lo[row]) row--;
    return row;
  }

  /**
   * Returns the bytes from a row's start to an address after it, exact below 2^53; only such values
   * matter.
   */
  private distance(row: number, addressHi: number, addressLo: number): number {
    return (addressHi - this.columns.hi[row]) * 2 ** 32 + (addressLo - this.columns.lo[row]);
  }

  /**
   * Returns the bytes up to the next symbol at another address; LONGEST_FUNCTION_BYTES after the
   * last.
   */
  private length(row: number): number {
    const { hi, lo } = this.columns;
    let next = row + 1;
    while (next < this.size && hi[next] === hi[row] && lo[next] === lo[row]) next++;
    return next < this.size ? this.distance(row, hi[next], lo[next]) : LONGEST_FUNCTION_BYTES;
  }
}

interface Columns {
  hi: Uint32Array;
  lo: Uint32Array;
  nameStart: Uint32Array;
  nameLength: Uint16Array;
  moduleStart: Uint32Array;
  moduleLength: Uint16Array;
}

const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

/** Value of a hex digit by its character code, 255 = not a digit. */
const HEX = new Uint8Array(256).fill(255);
for (let i = 0; i < 16; i++) {
  HEX['0123456789abcdef'.charCodeAt(i)] = i;
  HEX['0123456789ABCDEF'.charCodeAt(i)] = i;
}

/**
 * Types of text symbols, strong and weak, local and global: a return address can only be in one of
 * these.
 */
const IS_TEXT = new Uint8Array(256);
for (const letter of 'tTwW') IS_TEXT[letter.charCodeAt(0)] = 1;

/**
 * Parses `address type name[\t[module]]` lines. The table keeps `text`: the caller must not change
 * it afterwards.
 */
export function parseKallsyms(text: Uint8Array): KernelSymbols {
  // Columns double when they are full; the sort cuts them to size.
  let capacity = 1024;
  let columns = emptyColumns(capacity);
  let size = 0;
  let malformedLines = 0;
  let zeros = 0;
  for (let at = 0; at < text.length; ) {
    let end = text.indexOf(NEWLINE, at);
    if (end < 0) end = text.length;
    if (size === capacity) {
      capacity *= 2;
      columns = grown(columns, capacity);
    }
    const verdict = parseLine(text, at, end, columns, size);
    if (verdict === KEPT) size++;
    else if (verdict === ZERO) zeros++;
    else if (verdict === MALFORMED && end > at) malformedLines++;
    at = end + 1;
  }
  return new KernelSymbols(text, sorted(columns, size), { size, malformedLines, hidden: size === 0 && zeros > 0 });
}

const KEPT = 0;
const NOT_TEXT = 1;
const ZERO = 2;
const MALFORMED = 3;

/**
 * Reads the line text[start..end) into a row of the columns. Returns KEPT if it is a text symbol
 * with an address.
 */
function parseLine(text: Uint8Array, start: number, end: number, columns: Columns, row: number): number {
  let at = start;
  let hi = 0;
  let lo = 0;
  for (; at < end && HEX[text[at]] !== 255; at++) {
    hi = ((hi << 4) | (lo >>> 28)) >>> 0;
    lo = ((lo << 4) | HEX[text[at]]) >>> 0;
  }
  const digits = at - start;
  if (digits === 0 || digits > 16 || text[at] !== SPACE || text[at + 2] !== SPACE || at + 3 >= end) return MALFORMED;
  const type = text[at + 1];
  const nameStart = at + 3;
  let nameEnd = nameStart;
  while (nameEnd < end && text[nameEnd] !== TAB) nameEnd++;
  let moduleStart = 0;
  let moduleLength = 0;
  if (nameEnd < end) {
    if (text[nameEnd + 1] !== OPEN_BRACKET || text[end - 1] !== CLOSE_BRACKET) return MALFORMED;
    moduleStart = nameEnd + 2;
    moduleLength = end - 1 - moduleStart;
  }
  const nameLength = nameEnd - nameStart;
  if (nameLength === 0 || nameLength > LONGEST_NAME_BYTES || moduleLength > LONGEST_NAME_BYTES) return MALFORMED;
  if (IS_TEXT[type] === 0) return NOT_TEXT;
  if (hi === 0 && lo === 0) return ZERO;
  columns.hi[row] = hi;
  columns.lo[row] = lo;
  columns.nameStart[row] = nameStart;
  columns.nameLength[row] = nameLength;
  columns.moduleStart[row] = moduleStart;
  columns.moduleLength[row] = moduleLength;
  return KEPT;
}

function emptyColumns(capacity: number): Columns {
  return {
    hi: new Uint32Array(capacity),
    lo: new Uint32Array(capacity),
    nameStart: new Uint32Array(capacity),
    nameLength: new Uint16Array(capacity),
    moduleStart: new Uint32Array(capacity),
    moduleLength: new Uint16Array(capacity),
  };
}

function grown(columns: Columns, capacity: number): Columns {
  const larger = emptyColumns(capacity);
  larger.hi.set(columns.hi);
  larger.lo.set(columns.lo);
  larger.nameStart.set(columns.nameStart);
  larger.nameLength.set(columns.nameLength);
  larger.moduleStart.set(columns.moduleStart);
  larger.moduleLength.set(columns.moduleLength);
  return larger;
}

/** Returns the first `size` rows sorted by address; the sort is stable. */
function sorted(columns: Columns, size: number): Columns {
  const order = rowsByAddress(columns, size);
  const result = emptyColumns(size);
  for (let to = 0; to < size; to++) {
    const from = order[to];
    result.hi[to] = columns.hi[from];
    result.lo[to] = columns.lo[from];
    result.nameStart[to] = columns.nameStart[from];
    result.nameLength[to] = columns.nameLength[from];
    result.moduleStart[to] = columns.moduleStart[from];
    result.moduleLength[to] = columns.moduleLength[from];
  }
  return result;
}

/**
 * Radix sort of the row numbers, 16 bits at a time from the lowest: stable, and without 64-bit
 * numbers.
 */
function rowsByAddress(columns: Columns, size: number): Uint32Array {
  let order = new Uint32Array(size);
  let next = new Uint32Array(size);
  for (let row = 0; row < size; row++) order[row] = row;
  const starts = new Uint32Array(65537);
  for (let pass = 0; pass < 4; pass++) {
    const words = pass < 2 ? columns.lo : columns.hi;
    const shift = (pass & 1) * 16;
    starts.fill(0);
    for (let i = 0; i < size; i++) starts[((words[i] >>> shift) & 0xffff) + 1]++;
    for (let i = 1; i < 65537; i++) starts[i] += starts[i - 1];
    for (let i = 0; i < size; i++) next[starts[(words[order[i]] >>> shift) & 0xffff]++] = order[i];
    [order, next] = [next, order];
  }
  return order;
}

/** FNV-1a, with the high bits folded in. */
function hashName(bytes: Uint8Array, start: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < start + length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function sameBytes(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false;
  return true;
}

const decoder = new TextDecoder();

function decodeName(text: Uint8Array, start: number, length: number): string {
  // All names in the kernel itself are ASCII. These skip the decoder, which takes four times as
  // long on short texts.
  let name = '';
  for (let i = start; i < start + length; i++) {
    if (text[i] > 0x7e) return decoder.decode(text.subarray(start, start + length));
    name += String.fromCharCode(text[i]);
  }
  return name;
}
