/**
 * LineEnds: decides whether a number that ends a line is whole. A pager, `cut -c` or a full disk cuts lines at any
 * place, and a cut number looks like a whole one of a smaller value.
 *
 * - A size or an order is whole only if more of the line follows: every kernel prints further fields behind it. The
 *   order of a page free is the exception, because it is the last field of its event.
 * - A pointer that is regularly last (in frees) is whole if it has as many digits as other pointers of the text.
 * - A line is suspect if it is as long as the longest line of the text, and another line of that length was cut.
 */

/** Digits of a pointer that %p pads with zeros, by the width of the machine; no pointer has more than 16. */
const DIGITS_64 = 16;
const DIGITS_32 = 8;
/** The high half-word of every kernel pointer on x86-64 and arm64. No slab object of a 32-bit kernel lies that high. */
const KERNEL_HIGH_BITS = 0xffff;
/** The pointer that kmalloc(0) returns; kfree() reports it. */
export const ZERO_SIZE_PTR = 16;

export class LineEnds {
  /** True if the line has no newline: it is the last of the text, and may be cut anywhere. */
  isUnterminated = false;
  private longest = 0;
  /** Length in bytes of the last line that was surely cut, 0 = none. */
  private column = 0;
  /** Bit n is set if a slab pointer of n digits was whole. */
  private slabWidths = 0;

  /** Notes the length of an event line, in bytes. */
  lineOf(length: number): void {
    if (length > this.longest) this.longest = length;
  }

  /** Notes that a line of this length was cut. */
  cutAt(length: number): void {
    if (!this.isUnterminated) this.column = length;
  }

  /** Notes a slab pointer of this many hex digits (without 0x), behind which the line goes on. */
  slabPointer(hi: number, lo: number, digits: number): void {
    if (hi !== 0 || lo > ZERO_SIZE_PTR) this.slabWidths |= 1 << digits;
  }

  /** Returns true if a slab pointer at the end of a line is whole. */
  isWholeSlabPointer(hi: number, lo: number, digits: number): boolean {
    if (digits === DIGITS_64) {
      this.slabWidths |= 1 << DIGITS_64;
      return true;
    }
    if (this.slabWidths !== 0) return ((this.slabWidths >>> digits) & 1) !== 0;
    // Eight zeros are the beginning of a hash that was padded.
    return digits === DIGITS_32 && hi === 0 && lo !== 0 && lo >>> 16 !== KERNEL_HIGH_BITS;
  }

  /** Returns true if the order of a page free, which ends a line of this length, is whole. */
  isWholeOrder(order: number, length: number): boolean {
    // No kernel has an order of 20 or more, and none prints a zero in front.
    if (order !== 1) return true;
    return !this.isUnterminated && !(length === this.column && length >= this.longest);
  }
}

/** A percpu chunk begins on a page. */
const PAGE_MASK = 0xfff;
/** No percpu pointer lies on the first page. */
const LEAST_PERCPU = 0x1000;
/** More digits than a percpu pointer has before its zeros. */
const SURE_DIGITS = 8;

/**
 * Returns true if a percpu pointer of so many digits has the low bits that its offset in a chunk, in bytes, demands;
 * -1 = the offset is unknown.
 */
export function isWholeByOffset(lo: number, digits: number, offset: number): boolean {
  if (offset < 0 || lo < LEAST_PERCPU || ((lo - offset) & PAGE_MASK) !== 0) return false;
  // Zeros show nothing: a pointer of 12 digits may have them in its middle too.
  return (offset & PAGE_MASK) !== 0 || digits > SURE_DIGITS;
}
