/**
 * A look without the names of a machine: the kernel's counters stay, with slab caches renamed as
 * everywhere; tables and logs that name processes, files, cgroups, mounts or devices are left out.
 */
import { CENSUS_TEXT } from '../../census/report.js';
import type { CarriedLook } from '../../event/trace-sink.js';
import { LOOK_TABLES, tableRows, tableText } from '../../proc/look-tables.js';
import { anonymousCensus } from './anonymous-census.js';
import type { SlabCacheNames } from './slab-cache-names.js';

/** Texts with numbers and names of the kernel's own source alone. What is not known to be one is left out. */
const COUNTERS: readonly RegExp[] = [
  /^proc\/(?:meminfo|zoneinfo|vmstat|slabinfo|uptime)(?:#\d{1,2})?$/,
  /^proc\/(?:buddyinfo|pagetypeinfo|cgroups|pressure\/memory|vmallocinfo)$/,
  /^proc\/net\/(?:netstat|sockstat6?)$/,
  /^proc\/sys\/(?:fs|vm|net)\/[\w/]+$/,
  /^proc\/sys\/kernel\/(?:pid_max|threads-max)$/,
  /^sys\/devices\/system\/cpu\/possible$/,
  /^sys\/kernel\/(?:kexec_crash_size|mm\/(?:ksm|hugepages)\/[\w/-]+)$/,
  /^sys\/kernel\/debug\/(?:percpu_stats|ttm\/page_pool|vmmemctl|hv-balloon|zswap\/pool_total_size)$/,
  /^sys\/block\/zram\d{1,4}\/mm_stat$/,
  /^table\/(?:sockstat|limits|census)$/,
];
/** What else a look may have, by names that tell nothing. */
const OTHERS: readonly string[] = ['log/kernel', 'report/census', 'report/page_owner'];
const LEFT_OUT = 'left out by anonymize';

/** `caches` gives the new names of slab caches. */
export function anonymousLook({ unixMs, texts, notRead }: CarriedLook, caches: SlabCacheNames): CarriedLook {
  const kept = new Map<string, string>();
  const missing = notRead.filter(({ what }) => isCounter(what) || what in LOOK_TABLES);
  for (const [name, text] of texts) {
    if (name === 'table/machine') kept.set(name, anonymousMachine(text));
    else if (name === 'table/limits') kept.set(name, anonymousLimits(text));
    else if (name === CENSUS_TEXT) keepOr(kept, missing, name, anonymousCensus(text, caches));
    else if (isCounter(name)) kept.set(name, name.startsWith('proc/slabinfo') ? caches.inSlabinfo(text) : text);
    else if (name in LOOK_TABLES || OTHERS.includes(name)) missing.push({ what: name, why: LEFT_OUT });
  }
  return { unixMs, texts: kept, notRead: missing };
}

function keepOr(
  kept: Map<string, string>,
  missing: { what: string; why: string }[],
  name: string,
  text: string | null,
): void {
  if (text === null) missing.push({ what: name, why: LEFT_OUT });
  else kept.set(name, text);
}

function isCounter(name: string): boolean {
  return COUNTERS.some((pattern) => pattern.test(name));
}

/** The part after the version of a kernel is the builder's own. */
function anonymousMachine(text: string): string {
  const rows = tableRows('table/machine', text).map((row) => ({
    ...row,
    hostname: row.hostname === '' ? '' : 'host',
    kernel: row.kernel.replace(/^(\d+(?:\.\d+)*).*$/s, '$1'),
    distribution: '',
  }));
  return tableText(
    'table/machine',
    rows.map((row) => LOOK_TABLES['table/machine'].map((column) => row[column])),
  );
}

/** Who uses most of a limit is a process. */
function anonymousLimits(text: string): string {
  const rows = tableRows('table/limits', text).map((row) => ({ ...row, holder: '' }));
  return tableText(
    'table/limits',
    rows.map((row) => LOOK_TABLES['table/limits'].map((column) => row[column])),
  );
}
