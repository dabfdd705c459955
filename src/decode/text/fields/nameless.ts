/**
 * The kind of an event whose line has no name (perf script -F -event): its fields tell it. The events of the slab
 * allocator's two kinds, and the two names that older kernels have for one, print the same fields; pairing does not
 * need to tell them apart.
 */
import {
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
} from '../../../event/kinds.js';
import { ascii, indexOfWord } from '../text-bytes.js';

const CALL_SITE = ascii('call_site=');
const PTR = ascii('ptr=');
const BYTES_REQ = ascii(' bytes_req=');
const NAME = ascii(' name=');
const BASE_ADDR = ascii('base_addr=');
const SIZE = ascii(' size=');
const PFN = ascii('pfn=');
const ORDER = ascii(' order=');
const MIGRATETYPE = ascii(' migratetype=');
const GFP_FLAGS = ascii(' gfp_flags=');
const VA_START = ascii('va_start');
const VA_START_ALLOC = ascii('va_start: ');

/** Returns the kind of the event with the fields bytes[start .. end), 0 if it is none of ours. */
export function kindOfFields(bytes: Uint8Array, start: number, end: number): number {
  const has = (word: Uint8Array): boolean => indexOfWord(bytes, start, end, word) >= 0;
  if (has(BASE_ADDR)) return has(SIZE) ? PERCPU_ALLOC : PERCPU_FREE;
  if (has(CALL_SITE) && has(PTR)) {
    if (has(BYTES_REQ)) return has(NAME) ? KMEM_CACHE_ALLOC : KMALLOC;
    return has(NAME) ? KMEM_CACHE_FREE : KFREE;
  }
  // mm_page_alloc_zone_locked and mm_page_pcpu_drain have a migrate type without flags.
  if (has(PFN) && has(ORDER)) return has(GFP_FLAGS) ? PAGE_ALLOC : has(MIGRATETYPE) ? 0 : PAGE_FREE;
  if (has(VA_START)) return has(VA_START_ALLOC) ? VMALLOC_ALLOC : VMALLOC_FREE;
  return 0;
}
