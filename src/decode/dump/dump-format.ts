/**
 * Which dump of the kernel's accounting a text is, by its lines. Shapes: mm/page_owner.c (4.2 to 7.x),
 * tools/mm/page_owner_sort.c, lib/alloc_tag.c, mm/show_mem.c, mm/slab_common.c, mm/vmalloc.c.
 */

/** In texts for users, and as HostFacts.collector. */
export const DUMP_FORMATS = [
  'page_owner',
  'page_owner_sort',
  'page_owner_stacks',
  'allocinfo',
  'slabinfo',
  'vmallocinfo',
] as const;
export type DumpFormat = (typeof DUMP_FORMATS)[number];

export function isDumpFormat(name: string): name is DumpFormat {
  return (DUMP_FORMATS as readonly string[]).includes(name);
}

/** Those with the lines of another in their midst come first. */
const SIGNS: readonly (readonly [DumpFormat, readonly RegExp[]])[] = [
  ['page_owner_sort', [/^\s*\d+ times(?:, \d+ pages)?(?:,|:)/]],
  ['page_owner_stacks', [/^\s*nr_base_pages: \d+$/, /^\s*stack_count: \d+$/]],
  ['page_owner', [/^Page allocated via order \d+,/]],
  [
    'allocinfo',
    [
      /^allocinfo - version: \d/,
      /^Memory allocations(?: \(profiling is currently turned (?:on|off)\))?:$/,
      /^\s*[\d.]+[KMGT]?\s+\d+ \S+:\d+ (?:\[\S+\] )?func:\S+/,
      /^\s*[\d.]+ (?:B|[KMGT]iB)\s+\d+ \S+:\d+ (?:\[\S+\] )?func:\S+/,
    ],
  ],
  ['slabinfo', [/^slabinfo - version: 2\./, /^# name\s+<active_objs>/, /^\S+(?:\s+\d+){5} : (?:tunables|slabdata)/]],
  ['vmallocinfo', [/^0x[0-9a-f]+-0x[0-9a-f]+\s+\d+ (?:\S+\+0x|unpurged|\(null\))/]],
];

/** A longer line shows no more. */
const MAX_LINE = 400;

/** Returns the dump that a text is, null for none. `lines`: its first ones, without prefixes. */
export function dumpFormatOf(lines: readonly string[]): DumpFormat | null {
  const shown = lines.map((line) => line.slice(0, MAX_LINE).trimEnd());
  return SIGNS.find(([, signs]) => shown.some((line) => signs.some((sign) => sign.test(line))))?.[0] ?? null;
}
