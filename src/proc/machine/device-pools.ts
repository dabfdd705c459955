/** Memory that drivers keep: areas of the contiguous memory allocator (CMA), and pools of TTM. */
import { oneNumber } from './counters.js';

const AREA_LIMIT = 64;

/**
 * Returns what was allocated from each area (mm/cma_sysfs.c): total_pages less available_pages where the kernel
 * has them, else pages allocated less pages released (6.9). Null if no area tells it. `texts` are those of a look.
 */
export function cmaAreas(
  texts: ReadonlyMap<string, string>,
  pageSize: number,
): { name: string; allocatedBytes: number }[] | null {
  const areas: { name: string; allocatedBytes: number }[] = [];
  for (const key of texts.keys()) {
    const match = /^sys\/kernel\/mm\/cma\/([^/]{1,64})\/alloc_pages_success$/.exec(key);
    if (match === null || areas.length === AREA_LIMIT) continue;
    const of = (file: string): number | null => oneNumber(texts.get(`sys/kernel/mm/cma/${match[1]}/${file}`));
    const pages =
      difference(of('total_pages'), of('available_pages')) ??
      difference(of('alloc_pages_success'), of('release_pages_success'));
    if (pages !== null) areas.push({ name: match[1], allocatedBytes: pages * pageSize });
  }
  return areas.length === 0 ? null : areas;
}

function difference(more: number | null, less: number | null): number | null {
  return more === null || less === null ? null : Math.max(0, more - less);
}

/**
 * Returns the free pages that TTM keeps, from the last lines of debugfs ttm/page_pool
 * (drivers/gpu/drm/ttm/ttm_pool.c), one for all nodes or one for each; null if the text has none:
 *
 *    total\t:    12345 of  1544186
 */
export function ttmPoolBytes(texts: ReadonlyMap<string, string>, pageSize: number): number | null {
  const text = texts.get('sys/kernel/debug/ttm/page_pool');
  const totals = [...(text ?? '').slice(-4096).matchAll(/^total(?: node\d{1,4})?\t: {1,16}(\d{1,12}) of /gm)];
  return totals.length === 0 ? null : totals.reduce((sum, [, pages]) => sum + Number(pages), 0) * pageSize;
}
