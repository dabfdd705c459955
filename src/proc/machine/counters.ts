/** Small files of numbers. Each parser returns null if the text is not such a file. */

/** vmstat has some 200 lines. */
const TEXT_LIMIT = 65536;

/** Returns the lines of /proc/vmstat by name, in their own units (mostly pages, or events since boot). */
export function vmstatLines(text: string): ReadonlyMap<string, number> | null {
  const lines = new Map<string, number>();
  for (const [, name, value] of text.slice(0, TEXT_LIMIT).matchAll(/^(\w{1,64}) (\d{1,20})$/gm)) {
    lines.set(name, Number(value));
  }
  return lines.has('nr_free_pages') || lines.has('pgfree') ? lines : null;
}

/** Pressure stall information of memory (4.20), per cent of the time; total in microseconds. */
export interface PressureFacts {
  some10: number;
  some300: number;
  full10: number;
  full300: number;
}

/**
 * Returns /proc/pressure/memory, or memory.pressure of a cgroup:
 *
 *    some avg10=0.00 avg60=0.00 avg300=0.00 total=0
 *    full avg10=0.00 avg60=0.00 avg300=0.00 total=0
 */
export function parsePressure(text: string): PressureFacts | null {
  const line = (name: string): [number, number] | null => {
    const match = new RegExp(`^${name} avg10=(\\d{1,3}\\.\\d\\d) avg60=\\S{1,8} avg300=(\\d{1,3}\\.\\d\\d) `, 'm').exec(
      text.slice(0, 512),
    );
    return match === null ? null : [Number(match[1]), Number(match[2])];
  };
  const some = line('some');
  if (some === null) return null;
  // Each kernel that has the file prints both; a text that lost a line says 0 of it.
  const full = line('full') ?? [0, 0];
  return { some10: some[0], some300: some[1], full10: full[0], full300: full[1] };
}

/** Returns dentry-state: dentries, unused ones, and negative ones (5th field since 5.0, before that 0: null). */
export function parseDentryState(
  text: string,
  countsNegative: boolean,
): { all: number; unused: number; negative: number | null } | null {
  const fields = numbers(text);
  if (fields.length < 6) return null;
  return { all: fields[0], unused: fields[1], negative: countsNegative ? fields[4] : null };
}

/** Returns num_cgroups of the memory controller in /proc/cgroups; null if there is none, or the text is not one. */
export function memoryCgroups(text: string): number | null {
  const match = /^memory\t\d{1,9}\t(\d{1,12})\t/m.exec(text.slice(0, 4096));
  return match === null ? null : Number(match[1]);
}

/** Returns the last line of debugfs's dma_buf/bufinfo, "Total 3 objects, 12345 bytes"; null if the text is not one. */
export function dmabufTotal(text: string): { objects: number; bytes: number } | null {
  const match = /^Total (\d{1,9}) objects, (\d{1,15}) bytes$/m.exec(text.slice(-256));
  return match === null ? null : { objects: Number(match[1]), bytes: Number(match[2]) };
}

/** Returns the number that is the whole text; null if there is none, or 'max'. */
export function oneNumber(text: string | undefined): number | null {
  return text === undefined ? null : (numbers(text)[0] ?? null);
}

/** Returns the whole numbers at the start of the text, at most 32: tcp_mem, file-nr, dentry-state, mm_stat. */
export function numbers(text: string): number[] {
  const values: number[] = [];
  for (const word of text.slice(0, 1024).trim().split(/\s+/, 32)) {
    if (!/^\d{1,16}$/.test(word)) break;
    values.push(Number(word));
  }
  return values;
}
