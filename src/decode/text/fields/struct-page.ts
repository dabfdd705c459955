/** The number of a page whose event has no pfn, only the pointer to its struct page. */

/** sizeof(struct page) of 64-bit kernels with memory cgroups, as distributions build them. */
const STRUCT_PAGE_BYTES = 64;

/**
 * Returns the place of a struct page in their array (vmemmap), which numbers pages as the pfn does,
 * from another start; -1 for a hashed pointer, or one that is no place. Kernels whose event holds
 * the pointer print so where a tool cannot parse the format: "[FAILED TO PARSE] page=0xffffea00013b7b40
 * order=0".
 */
export function placeOfStructPage(hi: number, lo: number): number {
  if (hi < 0x80000000 || lo % STRUCT_PAGE_BYTES !== 0) return -1;
  // 2^40 bytes of the array stand for 64 TiB of pages of 4 KiB; the bits above are those of its base.
  return ((hi & 0xff) * 0x100000000 + lo) / STRUCT_PAGE_BYTES;
}
