import type { CacheSize, ForeignText } from './foreign-text.js';
import { KERNEL_FILES } from './kernel-files.js';
import { EXPORTS, LOGS } from './logs-and-exports.js';
import { TOOL_OUTPUTS } from './tool-outputs.js';

/** A longer line cannot show more. */
const MAX_LINE = 400;
/** Lines that are looked at. */
const MAX_LINES = 2000;

/** Returns what a text without events is, null if it is not known. `lines` are its first ones, without prefixes. */
export function nameForeign(lines: readonly string[]): ForeignText | null {
  const shown = lines.slice(0, MAX_LINES).map((line) => line.slice(0, MAX_LINE).trimEnd());
  const first = shown.find((line) => line !== '');
  if (first === undefined) return null;
  const byStart = EXPORTS.find(({ signs }) => signs.some((sign) => sign.test(first)));
  if (byStart !== undefined) return byStart;
  for (const table of [TOOL_OUTPUTS, KERNEL_FILES, LOGS]) {
    const found = table.find(({ signs }) => shown.some((line) => signs.some((sign) => sign.test(line))));
    if (found !== undefined) return withCache(found, shown);
  }
  return null;
}

/** A name that a shell takes as it is. */
const PLAIN_NAME = /^[\w.:-]+$/;

/** Puts the name of the largest cache into the steps. */
function withCache(foreign: ForeignText, lines: readonly string[]): ForeignText {
  const { cacheOf } = foreign;
  if (cacheOf === undefined) return foreign;
  let largest: CacheSize | null = null;
  for (const line of lines) {
    const cache = cacheOf(line);
    if (cache !== null && PLAIN_NAME.test(cache.name) && cache.size > (largest?.size ?? 0)) largest = cache;
  }
  if (largest === null) return foreign;
  const { name } = largest;
  return { ...foreign, nextSteps: foreign.nextSteps.map((step) => step.replaceAll('NAME', name)) };
}
