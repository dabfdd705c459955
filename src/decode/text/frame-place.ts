/**
 * Where a frame of a perf stack belongs whose address alone does not show it: to the kernel, to the
 * process, to neither.
 */
import { isKernelDso } from './frame-name.js';
import { ascii, type ByteScan, CLOSE_PAREN, matches } from './text-bytes.js';

export const KERNEL = 0;
export const USER = 1;
/** Nothing is known of it. */
export const NOWHERE = 2;

export const UNKNOWN = ascii('[unknown]');
const UNKNOWN_DSO = ascii('([unknown])');
/** The lowest address of a 32-bit kernel, unless it was built with another split. */
const KERNEL_BASE_32 = 0xc0000000;
/** PERF_CONTEXT_MAX is -4095. */
const LAST_CONTEXT = 0xfffff000;

/**
 * Returns where the frame with the text bytes[start .. end) belongs; `address` is null if the line has none. 32-bit
 * kernels and ppc64, whose addresses begin with c, are told by their addresses where perf printed no dso.
 */
export function placeOfFrame(bytes: Uint8Array, start: number, end: number, address: ByteScan | null): number {
  // isKernelDso() uses no ByteScan: the address stays as it is.
  if (isKernelDso(bytes, start, end)) return KERNEL;
  if (bytes[end - 1] === CLOSE_PAREN) {
    return matches(bytes, end - UNKNOWN_DSO.length, end, UNKNOWN_DSO) ? NOWHERE : USER;
  }
  // From a name alone it is unknown whether the frame is a user's.
  if (address === null) return KERNEL;
  const { hi, lo } = address;
  if (hi >>> 31 === 1 || (hi === 0 && lo >= KERNEL_BASE_32)) return KERNEL;
  return hi === 0 && lo === 0 ? NOWHERE : USER;
}

/** Returns true for one of the marks (PERF_CONTEXT_*) that old versions of perf print as a frame without a name. */
export function isContext({ hi, lo }: ByteScan, isUnknown: boolean): boolean {
  return isUnknown && hi === 0xffffffff && lo > LAST_CONTEXT;
}
