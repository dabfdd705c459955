/** The size of a page of this machine. */
import { readFileSync } from 'node:fs';

const AT_PAGESZ = 6n;

/** Bytes of a page, from the auxiliary vector of this process (getauxval(3)). */
export function pageSize(): number {
  try {
    const vector = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
    }
  } catch {
    // The usual size.
  }
  return 4096;
}
