/** Pools of huge pages: /sys/kernel/mm/hugepages/hugepages-NkB/, or the lines of meminfo for the default size. */
import type { MeminfoLines } from '../meminfo.js';
import { oneNumber } from './counters.js';

/** Pages of one size. `reserved` ones are free, but promised to a mapping. */
export interface HugepagesFacts {
  sizeBytes: number;
  total: number;
  free: number;
  reserved: number;
  surplus: number;
}

const FOLDER = 'sys/kernel/mm/hugepages/';
const SIZE_LIMIT = 16;

/** Returns the pools, largest pages first; null if neither source is there. `texts` are those of a look. */
export function hugepagesOf(texts: ReadonlyMap<string, string>, meminfo: MeminfoLines | null): HugepagesFacts[] | null {
  const pools: HugepagesFacts[] = [];
  for (const name of texts.keys()) {
    const match = /^sys\/kernel\/mm\/hugepages\/hugepages-(\d{1,9})kB\/nr_hugepages$/.exec(name);
    if (match === null || pools.length === SIZE_LIMIT) continue;
    const folder = `${FOLDER}hugepages-${match[1]}kB`;
    const of = (file: string): number => oneNumber(texts.get(`${folder}/${file}`)) ?? 0;
    pools.push({
      sizeBytes: Number(match[1]) * 1024,
      total: of('nr_hugepages'),
      free: of('free_hugepages'),
      reserved: of('resv_hugepages'),
      surplus: of('surplus_hugepages'),
    });
  }
  if (pools.length > 0) return pools.toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  const size = meminfo?.get('Hugepagesize') ?? 0;
  if (meminfo === null || size === 0) return null;
  const of = (name: string): number => meminfo.get(`HugePages_${name}`) ?? 0;
  return [{ sizeBytes: size * 1024, total: of('Total'), free: of('Free'), reserved: of('Rsvd'), surplus: of('Surp') }];
}
