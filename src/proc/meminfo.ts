/**
 * /proc/meminfo as numbers by the names of its lines (fs/proc/meminfo.c). memory-account.ts has the
 * meaning of the lines: which of them overlap, and what none of them shows.
 */

/** Values of the lines by name, KiB; always with MemTotal and MemFree. */
export type MeminfoLines = ReadonlyMap<string, number>;

/** meminfo has some 60 lines of 28 characters. */
const TEXT_LIMIT = 16384;
const LINE = /^([A-Za-z][\w()]{0,40}):\s+(\d{1,13})(?: kB)?\s*$/gm;

/** Returns the values of the lines; null if the text is not a meminfo. */
export function meminfoLines(text: string): MeminfoLines | null {
  const values = new Map<string, number>();
  for (const match of text.slice(0, TEXT_LIMIT).matchAll(LINE)) values.set(match[1], Number(match[2]));
  return (values.get('MemTotal') ?? 0) === 0 || !values.has('MemFree') ? null : values;
}
