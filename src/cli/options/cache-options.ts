/** --sort of `top`, which orders the ranking or, with --caches, the list of slab caches. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../../base/errors.js';
import { SORT_KEYS } from '../../rank/report/selection.js';
import { CACHE_SORTS, type CacheSort, cacheSortOf } from '../../session/view-data.js';

const ORDERS: readonly string[] = [...new Set<string>([...SORT_KEYS, ...CACHE_SORTS])];

export function topSortOption(): Option {
  return new Option(
    '--sort <column>',
    "order of the ranking; suspect: bytes, weighed by category and verdict; with --caches: a column of its list, or slabtop's letter",
  )
    .choices(ORDERS)
    .argParser((text) => {
      if (ORDERS.includes(text) || cacheSortOf(text) !== null) return text;
      throw new InvalidArgumentError(`Allowed choices are ${ORDERS.join(', ')}.`);
    })
    .default('suspect');
}

/** Returns the order of the list of caches; null if none was given. Throws a UserError for one of the ranking. */
export function cacheOrder(command: Command): CacheSort | null {
  if (command.getOptionValueSource('sort') === 'default') return null;
  const sort = String(command.getOptionValue('sort'));
  const order = cacheSortOf(sort);
  if (order !== null) return order;
  throw new UserError(
    `--sort ${sort} orders the ranking, and --caches lists caches`,
    [`Give one of: ${CACHE_SORTS.join(', ')}`],
    {
      usage: true,
    },
  );
}

/** Throws a UserError for an order of the list of caches where the ranking is printed. */
export function refuseCacheOrder(sort: string): void {
  if ((SORT_KEYS as readonly string[]).includes(sort)) return;
  throw new UserError(`--sort ${sort} orders the list of caches`, ['Add --caches.'], { usage: true });
}
