/**
 * How long a test waits for what must come. This bounds a hang alone, never how fast something is: whatever works comes
 * sooner, also on a machine that does ten other things.
 */
export const HANG_MS = 60_000;

/** Waits for a condition; after HANG_MS it throws and says `what` it waited for. */
export async function until(what: string, holds: () => boolean, everyMs = 20): Promise<void> {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > HANG_MS) throw new Error(`waited ${HANG_MS / 1000} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
