/**
 * How long a test waits for something that must happen. The bound only ends a hang and never
 * measures speed: code that works is faster, also on a machine that does ten other things.
 */
export const HANG_MS = 60_000;

/** Waits for a condition; rejects with `what` after HANG_MS. */
export async function until(what: string, holds: () => boolean, everyMs = 20): Promise<void> {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > HANG_MS) throw new Error(`waited ${HANG_MS / 1000} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
