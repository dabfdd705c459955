/** The fields of each kind of event that matter: their names, and which an event must have. */
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
import { ascii } from '../text-bytes.js';

/** Fields that were seen, as bits. */
export const PTR = 1;
export const PFN = 2;
export const ORDER = 4;
export const BYTES_REQ = 8;
export const BYTES_ALLOC = 16;
export const SIZE = 32;
export const PAGE_POINTER = 64;
export const VA_START = 128;
export const FAILED = 256;
export const CALL_SITE = 512;
export const OFFSET = 1024;

/** The fields that an event of a kind must have. */
export const NEEDED = new Uint16Array(32);
/** The fields after which the walk ends early: all that may matter. */
export const ENOUGH = new Uint16Array(32).fill(0xffff);
for (const kind of [KMALLOC, KMEM_CACHE_ALLOC]) {
  NEEDED[kind] = PTR | BYTES_REQ | BYTES_ALLOC;
  ENOUGH[kind] = NEEDED[kind] | CALL_SITE;
}
for (const kind of [KFREE, KMEM_CACHE_FREE, PERCPU_FREE]) NEEDED[kind] = ENOUGH[kind] = PTR;
NEEDED[PAGE_ALLOC] = PFN | ORDER;
ENOUGH[PAGE_ALLOC] = PFN | ORDER | PAGE_POINTER;
NEEDED[PAGE_FREE] = ENOUGH[PAGE_FREE] = PFN | ORDER;
NEEDED[PERCPU_ALLOC] = PTR | SIZE;
NEEDED[VMALLOC_ALLOC] = ENOUGH[VMALLOC_ALLOC] = VA_START | SIZE | FAILED;
NEEDED[VMALLOC_FREE] = ENOUGH[VMALLOC_FREE] = VA_START;

export const KEY_CALL_SITE = ascii('call_site');
export const KEY_GFP_FLAGS = ascii('gfp_flags');
export const KEY_BYTES_REQ = ascii('bytes_req');
export const KEY_BYTES_ALLOC = ascii('bytes_alloc');
export const KEY_VA_START = ascii('va_start');
export const KEY_VA_START_COLON = ascii('va_start:');
export const KEY_FAILED = ascii('failed');
export const KEY_ORDER = ascii('order');
export const KEY_NAME = ascii('name');
export const KEY_SIZE = ascii('size');
export const KEY_PAGE = ascii('page');
export const KEY_ADDR = ascii('addr');
export const KEY_PTR = ascii('ptr');
export const KEY_PFN = ascii('pfn');
export const KEY_OFF = ascii('off');
export const KEY_BASE_ADDR = ascii('base_addr');
