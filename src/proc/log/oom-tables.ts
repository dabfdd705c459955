/** Tables of an OOM report (mm/oom_kill.c, mm/slab_common.c, mm/show_mem.c). */

export interface OomTask {
  pid: number;
  name: string;
  rssBytes: number;
  anonBytes: number;
  swapBytes: number;
  pageTables: number;
}

export interface OomSlab {
  name: string;
  usedBytes: number;
  totalBytes: number;
}

export interface OomAllocation {
  bytes: number;
  count: number;
  /** As the kernel writes it: 'mm/memory.c:1052 [module] func:folio_prealloc'. */
  site: string;
}

/**
 * Returns the names of a table's columns from its head; null if the line is not one. The columns
 * differ: nr_ptes until 4.14, then pgtables_bytes; rss_anon, rss_file and rss_shmem since 6.7.
 *
 *    [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
 */
export function taskColumns(text: string): string[] | null {
  if (!/^\[ {0,8}pid {0,8}\] +uid +tgid +total_vm +rss /.test(text)) return null;
  return text
    .slice(text.indexOf(']') + 1, 512)
    .trim()
    .split(/ +/);
}

/** Returns the task of a row "[ 1234]   0  1234  5678 ...", null if the line is not one. */
export function parseTask(text: string, columns: readonly string[], pageSize: number): OomTask | null {
  const row = /^\[ {0,10}(\d{1,10})\] +(\S.*)$/.exec(text);
  if (row === null) return null;
  const cells = row[2].split(/ +/);
  const at = (name: string): number | null => {
    const cell = cells[columns.indexOf(name)] ?? '';
    return /^\d{1,15}$/.test(cell) ? Number(cell) : null;
  };
  const rss = at('rss');
  if (rss === null) return null;
  return {
    pid: Number(row[1]),
    // A name may have blanks; it is the last column.
    name: cells.slice(columns.length - 1).join(' '),
    rssBytes: rss * pageSize,
    anonBytes: (at('rss_anon') ?? 0) * pageSize,
    swapBytes: (at('swapents') ?? 0) * pageSize,
    pageTables: at('pgtables_bytes') ?? (at('nr_ptes') ?? 0) * pageSize,
  };
}

/** Returns the cache of a row of "Unreclaimable slab info", null if the line is not one. */
export function parseSlab(text: string): OomSlab | null {
  const row = /^(\S{1,64}) +(\d{1,12})KB +(\d{1,12})KB$/.exec(text.trim());
  return row === null ? null : { name: row[1], usedBytes: Number(row[2]) * 1024, totalBytes: Number(row[3]) * 1024 };
}

const UNITS: Record<string, number> = { B: 1, KiB: 1 << 10, MiB: 1 << 20, GiB: 1 << 30, TiB: 2 ** 40 };

/** Returns the site of a row of "Memory allocations:" (6.10), null if the line is not one: " 48.2 MiB 12345 mm/slub.c:1 func:f". */
export function parseAllocation(text: string): OomAllocation | null {
  const row = /^ {0,16}(\d{1,9}(?:\.\d{1,3})?) (B|[KMGT]iB) +(\d{1,15}) (\S.{0,400})$/.exec(text);
  return row === null
    ? null
    : { bytes: Math.round(Number(row[1]) * UNITS[row[2]]), count: Number(row[3]), site: row[4] };
}
