/**
 * The counters of the traced processes: the collector's own text, once a second. Its first line names the columns
 * (`# number pid vm_size_kb ...`); then a line a process. Columns that this build does not know are passed over. The text may
 * come from a damaged or hostile stream: what is no number is left out, and so are processes beyond the first 65,535.
 */

/** Columns, as they are named in the text, in the order of SpaceCounters. */
export const SPACE_COLUMNS = [
  'vm_size_kb',
  'rss_kb',
  'anon_kb',
  'file_kb',
  'shmem_kb',
  'swap_kb',
  'hwm_kb',
  'minflt',
  'majflt',
  'heap_kb',
  'late_kb',
  'gone_kb',
] as const;
export type SpaceColumn = (typeof SPACE_COLUMNS)[number];

/**
 * What the kernel counts of one process. KiB are those of /proc/PID/status and smaps; faults are since its start.
 * `heap_kb`: what its allocator has from the kernel, 0 = not known. `late_kb` and `gone_kb`: what was found mapped or gone
 * without an event, since its start. -1 = the text does not say.
 */
export interface SpaceCounters extends Record<SpaceColumn, number> {
  /** Its number in the trace. */
  number: number;
  pid: number;
}

const MOST_PROCESSES = 65_535;

export function parseSpaces(text: string): SpaceCounters[] {
  const lines = text.split('\n');
  const names = lines[0].startsWith('#') ? lines[0].slice(1).trim().split(/\s+/) : [];
  const [numberAt, pidAt] = [names.indexOf('number'), names.indexOf('pid')];
  const places = SPACE_COLUMNS.map((name) => names.indexOf(name));
  const found: SpaceCounters[] = [];
  for (const line of lines.slice(1)) {
    if (found.length >= MOST_PROCESSES) break;
    const words = line.trim().split(/\s+/);
    const number = amount(words[numberAt]);
    const pid = amount(words[pidAt]);
    if (number < 1 || number > MOST_PROCESSES || pid < 0) continue;
    const counters = { number, pid } as SpaceCounters;
    for (const [i, name] of SPACE_COLUMNS.entries()) counters[name] = amount(words[places[i]]);
    found.push(counters);
  }
  return found;
}

/** A whole number that stays one when others are added, -1 for anything else. */
function amount(word: string | undefined): number {
  if (word === undefined || !/^\d{1,15}$/.test(word)) return -1;
  return Number(word);
}
