/** Classes of pages as the screen calls them, and the term of /proc/meminfo that counts each. */
import { classText, type PageClass } from '../../../census/report.js';

/** At most 17 columns. */
const NAMES: Readonly<Partial<Record<PageClass, string>>> = {
  'percpu-free': 'free, per CPU',
  'anon-held': 'anon, unmapped',
  file: 'page cache',
  'lru-no-mapping': 'file, truncated',
  'large-kmalloc': 'large kmalloc',
  pagetable: 'page tables',
  'kernel-pagetable': 'kernel tables',
  stack: 'kernel stacks',
  module: 'modules, BPF',
  zsmalloc: 'zram, zswap',
  movable: 'balloon, movable',
  'page-pool': 'page pools',
  hwpoison: 'broken',
  device: 'device memory',
  memmap: 'struct pages',
  'kernel-image': 'kernel image',
  'tail-unknown': 'unmarked',
  unaccounted: 'not in meminfo',
};

/** The name of a class in a column; a class that is not known, as it is named. Untrusted. */
export function className(name: string): string {
  return (Object.hasOwn(NAMES, name) ? NAMES[name as PageClass] : undefined) ?? name;
}

/** What the class is, where its name does not say it; '' = it does. */
export function classMeaning(name: string): string {
  const text = classText(name);
  return text === className(name) || text === name || name === 'unaccounted' ? '' : text;
}

/** Terms of the equation of triage. */
const TERMS: Readonly<Partial<Record<PageClass, string>>> = {
  unaccounted: 'not in meminfo',
  'page-pool': 'not in meminfo',
  'anon-held': 'held by a reference',
  'lru-no-mapping': 'held by a reference',
  slab: 'Slab',
  shmem: 'Shmem',
  anon: 'AnonPages',
  file: 'Cached without Shmem',
  pagetable: 'PageTables',
  stack: 'KernelStack',
  vmalloc: 'vmalloc without stacks',
  percpu: 'Percpu without first chunk',
  hugetlb: 'Hugetlb',
  zsmalloc: 'zram',
};

/** The term that counts these pages; null = none of those that findings are about. */
export function termOf(name: string): string | null {
  return (Object.hasOwn(TERMS, name) ? TERMS[name as PageClass] : undefined) ?? null;
}
