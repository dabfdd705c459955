/**
 * Sizes and durations as people type them. Both functions return null for any other text, and for a
 * result of 2^53 or more; the caller names the option in its message.
 */

const SIZE_UNITS: Record<string, number> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Parses a size, always in binary units, to bytes: '512', '4k', '1.5M', '64KiB', '2 GB'. */
export function parseSize(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?|b)?\s*$/i.exec(text);
  if (match === null) return null;
  const bytes = Math.round(Number(match[1]) * SIZE_UNITS[(match[2] ?? '').toLowerCase()]);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

const DURATION_UNITS: Record<string, number> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
  d: 86400e9,
};

/** Parses a duration to ns: '30s', '1.5m', '500ms', '2h', '1h30m', '30' (seconds). */
export function parseDuration(text: string): number | null {
  const bare = /^\s*(\d+(?:\.\d+)?)\s*$/.exec(text);
  if (bare !== null) return safeNs(Number(bare[1]) * 1e9);
  const whole = /^\s*(?:\d+(?:\.\d+)?\s*(?:ns|us|ms|s|min|m|h|d)\s*)+$/i;
  if (!whole.test(text)) return null;
  let ns = 0;
  for (const part of text.matchAll(/(\d+(?:\.\d+)?)\s*(ns|us|ms|s|min|m|h|d)/gi)) {
    ns += Number(part[1]) * DURATION_UNITS[part[2].toLowerCase()];
  }
  return safeNs(ns);
}

function safeNs(ns: number): number | null {
  const rounded = Math.round(ns);
  return Number.isSafeInteger(rounded) ? rounded : null;
}
