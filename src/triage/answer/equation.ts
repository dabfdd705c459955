/** E1 as a list: each term with its value and where it comes from. The terms add up to MemTotal. */
import { ACCOUNT_TERMS, type AccountTerm, type MemoryAccount } from '../../proc/memory-account.js';
import type { EquationTerm } from '../report.js';

/** Sources that are not the line of the term's name; # stands for /proc/meminfo, or the tool whose output stands for it. */
const SOURCES: Readonly<Partial<Record<AccountTerm, string>>> = {
  'per-CPU free lists': '"count:" of /proc/zoneinfo, times the page size',
  'Cached without Shmem': `Cached - Shmem of #`,
  'swap cache not mapped': `Active + Inactive + Unevictable - Buffers - Cached - AnonPages of #, at most SwapCached`,
  'KReclaimable beyond slab': `KReclaimable - SReclaimable of #`,
  'vmalloc without stacks': `VmallocUsed of #, less KernelStack where stacks are vmalloc areas`,
  KernelStack: `KernelStack + ShadowCallStack of #`,
  'Percpu without first chunk': `Percpu of #, less the first chunk, which MemTotal lacks`,
  zram: 'nr_zspages of /proc/zoneinfo, less Zswap',
  balloon: `Balloon of #, or balloon_inflate - balloon_deflate of /proc/vmstat`,
};

export function equationOf(account: MemoryAccount, meminfo: string): EquationTerm[] {
  const terms: EquationTerm[] = ACCOUNT_TERMS.map((term, index) => ({
    term,
    bytes: account.terms[index],
    source: (SOURCES[term] ?? `${term} of #`).replace('#', meminfo),
  }));
  const held = account.heldByReferenceBytes;
  return [
    ...terms,
    {
      term: 'held by a reference',
      bytes: held,
      source: 'pages of the LRU lists that are neither mapped nor of a file',
    },
    {
      term: 'not in meminfo',
      bytes: account.unaccountedBytes - held,
      source: 'MemTotal less all terms above',
    },
  ];
}
