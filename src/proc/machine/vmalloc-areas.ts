/**
 * /proc/vmallocinfo (mm/vmalloc.c, vmalloc_info_show), summed by caller and kind:
 *
 *    0x00000000610d83a6-0x000000005c954a87   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4
 *    0x00000000b55b9742-0x0000000055a635c3    8192 acpi_os_map_iomem+0x1bc/0x1e0 phys=0xa0000 ioremap
 *    0x0000000019f4c8d7-0x00000000efd1d9ea 2101248 nv_alloc+0x12/0x90 [nvidia] vmap
 *    0x00000000ade57c9b-0x00000000b55b9742  131072 unpurged vm_area
 *
 * Only areas with "vmalloc" own the pages that "pages=" counts and that VmallocUsed is the sum of (5.3).
 * Areas of the percpu allocator have "vmalloc" but no pages: they are in Percpu.
 */

/** Areas of one caller and kind. */
export interface AreaFacts {
  /** Symbol, and ' [module]' if it is in one. */
  caller: string;
  /** 'vmalloc', 'vmap', 'ioremap', 'user', 'dma-coherent', 'sparse', 'vm_area' or ''. */
  kind: string;
  count: number;
  /** Address space. */
  bytes: number;
  /** Memory that the areas own; 0 for vmap and ioremap. */
  pagesBytes: number;
}

/** 300,000 threads have as many areas, of 110 characters. */
const TEXT_LIMIT = 64 << 20;
const LINE_LIMIT = 1024;
/** Callers are functions: a kernel has some hundred that allocate areas. */
const CALLER_LIMIT = 4096;
const HEAD = /^0x[\da-f]{1,16}-0x[\da-f]{1,16} +(\d{1,16}) /;
const KINDS = ['vmalloc', 'vmap', 'ioremap', 'dma-coherent', 'sparse', 'user'];

/** Returns the sums, largest memory and then largest address space first; null if the text is not a vmallocinfo. */
export function parseVmallocinfo(text: string, pageSize: number): AreaFacts[] | null {
  const sums = new Map<string, AreaFacts>();
  const end = Math.min(text.length, TEXT_LIMIT);
  for (let at = 0; at < end; ) {
    let next = text.indexOf('\n', at);
    if (next < 0) next = text.length;
    if (next - at <= LINE_LIMIT) addArea(sums, text.slice(at, next), pageSize);
    at = next + 1;
  }
  if (sums.size === 0) return null;
  return [...sums.values()].toSorted((a, b) => b.pagesBytes - a.pagesBytes || b.bytes - a.bytes);
}

function addArea(sums: Map<string, AreaFacts>, line: string, pageSize: number): void {
  const head = HEAD.exec(line);
  if (head === null) return;
  const words = line.slice(head[0].length).split(' ');
  const { caller, kind } = nameArea(words);
  const key = `${kind}\t${caller}`;
  let sum = sums.get(key);
  if (sum === undefined) {
    const full = sums.size >= CALLER_LIMIT;
    sum = { caller: full ? 'other callers' : caller, kind, count: 0, bytes: 0, pagesBytes: 0 };
    const place = full ? `${kind}\t` : key;
    sum = sums.get(place) ?? sum;
    sums.set(place, sum);
  }
  const pages = words.find((word) => word.startsWith('pages='))?.slice(6) ?? '';
  // A recording has one line for all areas of a caller (proc/short-vmallocinfo.ts).
  const areas = words.find((word) => word.startsWith('count='))?.slice(6) ?? '';
  sum.count += /^\d{1,12}$/.test(areas) ? Number(areas) : 1;
  sum.bytes += Number(head[1]);
  if (kind === 'vmalloc' && /^\d{1,12}$/.test(pages)) sum.pagesBytes += Number(pages) * pageSize;
}

function nameArea(words: string[]): { caller: string; kind: string } {
  // No function made these: areas that are free but not unmapped yet, and areas of vm_map_ram().
  if (words[0] === 'unpurged' || words[0] === 'vm_map_ram') return { caller: words[0], kind: 'vm_area' };
  const module = /^\[[^\]]{1,64}\]$/.test(words[1] ?? '') ? ` ${words[1]}` : '';
  const caller = `${(words[0] ?? '').replace(/\+0x[\da-f]+\/0x[\da-f]+$/, '')}${module}`;
  return { caller, kind: KINDS.find((kind) => words.includes(kind)) ?? '' };
}

/** Returns the memory of all areas: VmallocUsed of a kernel that counts it, kernel stacks included. */
export function vmallocBytes(areas: readonly AreaFacts[]): number {
  return areas.reduce((sum, area) => sum + area.pagesBytes, 0);
}
