/**
 * The cgroup tree of a bundle, sys/fs/cgroup, as a table: version 2 (memory.current, Linux 4.5) or
 * version 1 (memory.usage_in_bytes, below the controller's folder).
 */
import { LOOK_TABLES, tableText } from '../../proc/look-tables.js';
import type { NamedTexts } from './members.js';

const ROOT = 'sys/fs/cgroup/';
/** The folder of a memory.stat that somebody pasted: which cgroup it is of is not said. */
export const PASTED = '(not named)';
type Files = Map<string, string>;

/** Returns the text of table/cgroups; null if the bundle has no cgroup. */
export function cgroupTable(texts: NamedTexts): string | null {
  const groups = new Map<string, Files>();
  for (const { name, text } of texts.startingWith(ROOT)) {
    const slash = name.lastIndexOf('/');
    const path = name.slice(ROOT.length, Math.max(slash, ROOT.length));
    const files = groups.get(path) ?? new Map<string, string>();
    files.set(name.slice(slash + 1), text);
    groups.set(path, files);
  }
  const rows = [...groups].flatMap(([path, files]) => rowOf(path.replace(/\/$/, ''), files));
  return rows.length === 0 ? null : tableText('table/cgroups', rows);
}

function rowOf(path: string, files: Files): (string | number | null)[][] {
  // The root of version 2 has no memory.current, but says how many cgroups below it are dying.
  const second = files.has('memory.current') || (path === '' && files.has('cgroup.stat'));
  if (second) return [secondVersion(`/${path}`, files)];
  if (path === PASTED) return pastedRow(files);
  return files.has('memory.usage_in_bytes') ? [firstVersion(`/${path.replace(/^[^/]+\/?/, '')}`, files)] : [];
}

/** A memory.stat alone: the cgroup has what its parts add up to. Its limit is not known. */
function pastedRow(files: Files): (string | number | null)[][] {
  const stat = lines(files.get('memory.stat'));
  const isSecond = stat.has('anon');
  const row = isSecond ? secondVersion(`/${PASTED}`, files) : firstVersion(`/${PASTED}`, files);
  const of = (name: string): number => stat.get(`total_${name}`) ?? stat.get(name) ?? 0;
  const kernel = row[LOOK_TABLES['table/cgroups'].indexOf('kernel')];
  row[LOOK_TABLES['table/cgroups'].indexOf('current')] = isSecond
    ? of('anon') + of('file') + Number(kernel ?? 0) + of('sock')
    : of('rss') + of('cache');
  return [row];
}

function secondVersion(path: string, files: Files): (string | number | null)[] {
  const stat = lines(files.get('memory.stat'));
  const events = lines(files.get('memory.events'));
  const of = (name: string): number | null => stat.get(name) ?? null;
  // Lines before 5.18 lack the sum of kernel memory.
  const parts = ['slab', 'kernel_stack', 'pagetables', 'sec_pagetables', 'percpu', 'vmalloc'];
  const kernel = of('kernel') ?? sum(parts.map((name) => stat.get(name)));
  return [
    path,
    2,
    bytes(files.get('memory.current')),
    bytes(files.get('memory.max')),
    bytes(files.get('memory.swap.current')),
    of('anon'),
    of('file'),
    of('shmem'),
    of('inactive_file'),
    kernel,
    of('slab_reclaimable'),
    of('slab_unreclaimable'),
    of('percpu'),
    of('sock'),
    of('kernel_stack'),
    of('pagetables'),
    of('vmalloc'),
    lines(files.get('cgroup.stat')).get('nr_dying_descendants') ?? null,
    events.get('oom_kill') ?? null,
    events.get('max') ?? null,
    sum([of('workingset_refault_anon'), of('workingset_refault_file')]) ?? of('workingset_refault'),
    processesOf(files),
    bytes(files.get('memory.peak')),
  ];
}

/** Lines total_* hold the cgroups below it too, as usage_in_bytes does with use_hierarchy. */
function firstVersion(path: string, files: Files): (string | number | null)[] {
  const stat = lines(files.get('memory.stat'));
  const of = (name: string): number | null => stat.get(`total_${name}`) ?? stat.get(name) ?? null;
  const usage = bytes(files.get('memory.usage_in_bytes'));
  const memsw = bytes(files.get('memory.memsw.usage_in_bytes'));
  const limit = bytes(files.get('memory.limit_in_bytes'));
  return [
    path,
    1,
    usage,
    // "No limit" is the greatest number of pages that fits: 2^63 rounded down.
    limit === null || limit > Number.MAX_SAFE_INTEGER ? null : limit,
    usage === null || memsw === null ? of('swap') : Math.max(0, memsw - usage),
    of('rss'),
    of('cache'),
    of('shmem'),
    of('inactive_file'),
    bytes(files.get('memory.kmem.usage_in_bytes')),
    ...Array<null>(7).fill(null),
    null,
    lines(files.get('memory.oom_control')).get('oom_kill') ?? null,
    null,
    null,
    processesOf(files),
    bytes(files.get('memory.max_usage_in_bytes')),
  ];
}

function bytes(text: string | undefined): number | null {
  const value = (text ?? '').trim();
  return /^\d{1,20}$/.test(value) ? Number(value) : null;
}

/** Lines "name value". */
function lines(text: string | undefined): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [, name, value] of (text ?? '').matchAll(/^(\w{1,64}) (\d{1,15})$/gm)) found.set(name, Number(value));
  return found;
}

function sum(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

function processesOf(files: Files): number | null {
  return files.get('cgroup.procs')?.match(/^\d+$/gm)?.length ?? null;
}
