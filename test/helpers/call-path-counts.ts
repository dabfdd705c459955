import { readFileSync } from 'node:fs';

/**
 * The ways in which call paths were taken, from the STACKS messages of a collector's stream
 * (bpf/README.md).
 */
export interface CallPathCounts {
  fast: number;
  walked: number;
  /**
   * The fast ones that were checked against the kernel's walk; `mismatches` are those that it
   * contradicted.
   */
  audited: number;
  mismatches: number;
}

const HEADER_BYTES = 16;
const MESSAGE_HEADER_BYTES = 8;
const STACKS = 11;

/** The counts of the last STACKS message in a file; null without one: the kernel walked all call paths. */
export function callPathCounts(path: string): CallPathCounts | null {
  const bytes = readFileSync(path);
  let counts: CallPathCounts | null = null;
  for (let at = HEADER_BYTES; at + MESSAGE_HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    const payload = at + MESSAGE_HEADER_BYTES;
    if (bytes.readUInt16LE(at) === STACKS) {
      // The counts come after the time.
      const word = (i: number): number => Number(bytes.readBigUInt64LE(payload + 8 + i * 8));
      counts = { fast: word(0), walked: word(1), audited: word(2), mismatches: word(3) };
    }
    at = payload + Math.ceil(length / 8) * 8;
  }
  return counts;
}
