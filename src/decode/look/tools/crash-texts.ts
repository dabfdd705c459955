/**
 * What crash prints of a dump's memory, as texts of /proc: kmem -V as vmstat, kmem -i (and -V) as
 * meminfo, kmem -v as vmallocinfo. Source: crash-utility/crash, memory.c and help.c.
 */

/** "NR_FREE_PAGES: 30085": the kernel's names of vmstat in capitals, some with another name. */
const COUNTER = /^ *(?:\(nil\)|([A-Z][A-Z0-9_]{2,40})): +(\d{1,16})$/gm;
const NAMES: Readonly<Record<string, string>> = {
  nr_anon_mapped: 'nr_anon_pages',
  nr_file_mapped: 'nr_mapped',
  nr_pagetable: 'nr_page_table_pages',
  nr_kernel_stack_kb: 'nr_kernel_stack',
  nr_free_cma_pages: 'nr_free_cma',
  nr_file_dirty: 'nr_dirty',
};

/** Returns null if the text is not kmem -V's. Zone and node counters alike are sums. */
export function vmstatOfCrash(text: string): string | null {
  const lines = [...text.slice(0, 1 << 16).matchAll(COUNTER)]
    .filter(([, name]) => name !== undefined)
    .map(([, name, value]) => `${NAMES[name.toLowerCase()] ?? name.toLowerCase()} ${value}\n`);
  return lines.length < 8 ? null : lines.join('');
}

/** "         FREE   208962     816.3 MB   10% of TOTAL MEM": pages. */
const LINE =
  /^ *(TOTAL MEM|FREE|BUFFERS|CACHED|SLAB|TOTAL HUGE|HUGE FREE|TOTAL SWAP|SWAP FREE|COMMITTED|COMMIT LIMIT) +(\d{1,14}) /gm;
const LINES: Readonly<Record<string, string>> = {
  'TOTAL MEM': 'MemTotal',
  FREE: 'MemFree',
  BUFFERS: 'Buffers',
  CACHED: 'Cached',
  SLAB: 'Slab',
  'TOTAL HUGE': 'Hugetlb',
  'TOTAL SWAP': 'SwapTotal',
  'SWAP FREE': 'SwapFree',
  'COMMIT LIMIT': 'CommitLimit',
  COMMITTED: 'Committed_AS',
};
/** Lines of meminfo by counters of vmstat, in pages; kernel stacks are KiB. */
const COUNTERS: readonly (readonly [line: string, counters: readonly string[]])[] = [
  ['Active', ['nr_active_anon', 'nr_active_file']],
  ['Inactive', ['nr_inactive_anon', 'nr_inactive_file']],
  ['Unevictable', ['nr_unevictable']],
  ['AnonPages', ['nr_anon_pages']],
  ['Mapped', ['nr_mapped']],
  ['Shmem', ['nr_shmem']],
  ['SReclaimable', ['nr_slab_reclaimable']],
  ['SUnreclaim', ['nr_slab_unreclaimable']],
  ['PageTables', ['nr_page_table_pages']],
  ['SecPageTables', ['nr_sec_page_table_pages']],
  ['VmallocUsed', ['nr_vmalloc']],
];

/**
 * Returns a meminfo with the lines that kmem -i has, and those that a vmstat adds; null if it is not
 * kmem -i's. Without a vmstat it has no AnonPages: what is in no line cannot be told from it.
 */
export function meminfoOfCrash(text: string, vmstat: string | null, pageSize: number): string | null {
  const values = new Map<string, number>();
  for (const [, name, pages] of text.matchAll(LINE)) {
    const line = LINES[name];
    if (line !== undefined && !values.has(line)) values.set(line, (Number(pages) * pageSize) / 1024);
  }
  if (!values.has('MemTotal') || !values.has('MemFree')) return null;
  const counters = new Map(
    [...(vmstat ?? '').matchAll(/^(\w+) (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
  for (const [line, names] of COUNTERS) {
    if (!names.every((name) => counters.has(name))) continue;
    const pages = names.reduce((sum, name) => sum + (counters.get(name) ?? 0), 0);
    values.set(line, (pages * pageSize) / 1024);
  }
  const stacks = counters.get('nr_kernel_stack');
  if (stacks !== undefined) values.set('KernelStack', stacks);
  return [...values].map(([name, kib]) => `${`${name}:`.padEnd(16)}${Math.round(kib)} kB\n`).join('');
}

/** "f7048e00   f7048e40   f7dfe000 - f7e00000     8192": neither caller nor kind. */
const AREA = /^ *[0-9a-f]{8,16} +[0-9a-f]{8,16} +([0-9a-f]{8,16}) - ([0-9a-f]{8,16}) +(\d{1,15})$/gm;
const AREA_LIMIT = 400_000;

/** Returns null if the text is not kmem -v's. Areas have no kind there: they are address space alone. */
export function vmallocinfoOfCrash(text: string): string | null {
  const lines: string[] = [];
  for (const [, from, to, bytes] of text.matchAll(AREA)) {
    if (lines.length >= AREA_LIMIT) break;
    lines.push(`0x${from.padStart(16, '0')}-0x${to.padStart(16, '0')} ${bytes.padStart(7)}\n`);
  }
  return lines.length === 0 ? null : lines.join('');
}
