/**
 * PointerHashes: finds out whether the slab pointers of a text are the hashes of 32 bits that the kernel prints for %p
 * since 4.15. No single pointer shows it:
 *
 * - A 64-bit kernel pads a hash to 16 digits. Such pointers are real only on machines whose kernel lies below 4 GiB
 *   (s390x), and then every one is aligned.
 * - A 32-bit kernel prints 8 digits for hashes and for real pointers alike; only real ones are all aligned.
 */

/** Slab objects are aligned to a pointer of 4 or 8 bytes: of hashes, three quarters are not. */
const ALIGN_MASK = 3;
const PADDED_DIGITS = 16;
/** ZERO_SIZE_PTR; NULL is below it. */
const ZERO_SIZE_PTR = 16;
/** Of so many hashes, all are aligned with a chance below 1 in 16,000. */
const ENOUGH_POINTERS = 7;

export class PointerHashes {
  private pointers = 0;
  /** Pointers below 4 GiB. */
  private low = 0;
  /** Of those, padded to 16 digits. */
  private padded = 0;
  private unaligned = 0;

  /** Notes a slab pointer, and how many hex digits it was printed with. */
  note(hi: number, lo: number, digits: number): void {
    if (hi === 0 && lo <= ZERO_SIZE_PTR) return;
    this.pointers++;
    if (hi !== 0) return;
    this.low++;
    if (digits === PADDED_DIGITS) this.padded++;
    if ((lo & ALIGN_MASK) !== 0) this.unaligned++;
  }

  /** True if the text shows it; false if it shows the contrary, or too little. */
  get areHashed(): boolean {
    const { pointers, low, padded, unaligned } = this;
    // In a text of real pointers, a few low ones are damage.
    if (low * 2 <= pointers) return false;
    if (unaligned * 2 >= low) return true;
    return padded === low && low < ENOUGH_POINTERS;
  }
}
