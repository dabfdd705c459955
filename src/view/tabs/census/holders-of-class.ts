/** Who holds the pages of one class, as far as a census found it, in one line. Names are untrusted: all texts here are. */
import { formatBytes, formatCount } from '../../../base/format.js';
import { callerText } from '../../../census/area-text.js';
import type { CensusHolder, CensusReport } from '../../../census/report.js';

/** Parts of a line that name somebody. */
const MOST_NAMED = 3;
const MOST_CALLERS = 2;
/** Kinds of areas whose pages are a class. */
const AREA_KINDS: Readonly<Record<string, readonly string[]>> = {
  vmalloc: ['vmalloc'],
  vmap: ['vmap'],
  stack: ['stack'],
  percpu: ['percpu'],
  module: ['module'],
};

/**
 * '40,000 in full pipes of leak.py 4711; 3,000 unknown'; '' where the census says nothing of them. On a narrow screen
 * the number of the first leaves, and its name comes first.
 */
export function holdersText(census: CensusReport, name: string, isNarrow: boolean): string {
  const found = [...foundHolders(census, name, isNarrow), ...ofSlab(census, name), ...removedCgroups(census, name)];
  const parts = found.length > 0 ? found : [...callers(census, name), ...cgroups(census, name)].slice(0, MOST_NAMED);
  return parts.join('; ');
}

function foundHolders({ holders, classes }: CensusReport, name: string, isNarrow: boolean): string[] {
  const rows = (holders ?? []).filter((row) => row.class === name && row.pages > 0);
  if (rows.length === 0) return [];
  const all = classes.find((row) => row.class === name)?.pages ?? 0;
  const known = rows.filter(({ holder }) => holder !== '');
  const named = known.slice(0, MOST_NAMED);
  const others = known.slice(MOST_NAMED);
  const othersPages = sum(others);
  const unknown = Math.max(0, all - sum(known));
  const [first] = named;
  if (first !== undefined && known.length === 1 && unknown === 0) return [heldBy(first, isNarrow)];
  return [
    ...named.map((row, place) => {
      const pages = isNarrow && place === 0 ? '' : `${formatCount(row.pages)} ${isChain(row) ? 'by' : 'in'} `;
      return `${pages}${heldBy(row, isNarrow && place === 0)}`;
    }),
    ...(others.length === 0 ? [] : [`${formatCount(othersPages)} by ${formatCount(others.length)} more`]),
    ...(unknown === 0 ? [] : [`${formatCount(unknown)} unknown`]),
  ];
}

/** 'full pipes of leak.py 4711 +2', on a narrow screen 'leak.py 4711 +2: full pipes'; a chain where no rule knows it. */
export function heldBy({ text, module, processes }: CensusHolder, isNarrow: boolean): string {
  // One that has such things open need not be the one whose hold the pages.
  const known = processes.filter(({ pages }) => pages !== null);
  const [first] = known;
  // What stands in parentheses is on the page of the class.
  const what = `${text.replace(/ \([^()]*\)$/, '')}${module === '' ? '' : ` [${module}]`}`;
  if (first === undefined) return what;
  const more = known.length > 1 ? ` +${formatCount(known.length - 1)}` : '';
  const who = `${first.comm} ${first.pid}${more}`;
  return isNarrow ? `${who}: ${what}` : `${what} of ${who}`;
}

/** True where no rule knows what the chain of pointers means. */
export function isChain({ text, holder }: CensusHolder): boolean {
  return text === holder;
}

function ofSlab({ types, orphans }: CensusReport, name: string): string[] {
  if (name !== 'slab') return [];
  const parts: string[] = [];
  const lost = (orphans?.rows ?? []).filter(({ kind, bpf }) => kind === 'slab' && !bpf);
  if (orphans !== null && lost.length > 0) {
    const objects = lost.reduce((all, row) => all + row.objects, 0);
    parts.push(`${formatCount(objects)} objects that nothing found refers to (in ${formatCount(orphans.scans)} looks)`);
  }
  for (const { cache, live, rows } of (types ?? []).slice(0, MOST_CALLERS)) {
    const [most] = rows;
    if (most === undefined || most.objects === 0) continue;
    parts.push(`${formatCount(most.objects)} of the ${formatCount(live)} objects of ${cache} are ${most.text}`);
  }
  return parts;
}

function removedCgroups(census: CensusReport, name: string): string[] {
  const rows = owned(census, name, true);
  const [first] = rows;
  if (first === undefined) return [];
  const bytes = formatBytes(rows.reduce((all, row) => all + row.bytes, 0));
  return rows.length === 1
    ? [`${first.path}, removed: ${bytes} still charged to it`]
    : [`${formatCount(rows.length)} removed cgroups: ${bytes} still charged to them`];
}

function cgroups(census: CensusReport, name: string): string[] {
  return owned(census, name, false)
    .slice(0, MOST_CALLERS)
    .map(({ path, bytes }) => `${path} ${formatBytes(bytes)}`);
}

/** Cgroups by what they are charged for of a class, most first. */
export function owned(
  { owners }: CensusReport,
  name: string,
  removed: boolean,
): { path: string; bytes: number; objects: number; what: string }[] {
  return owners
    .filter(({ dying }) => dying === removed)
    .map(({ path, parts }) => {
      const of = parts.filter((part) => part.class === name);
      const [most] = of;
      return {
        path,
        bytes: of.reduce((all, part) => all + part.bytes, 0),
        objects: of.reduce((all, part) => all + part.objects, 0),
        what: most?.cache ?? '',
      };
    })
    .filter(({ bytes }) => bytes > 0)
    .toSorted((a, b) => b.bytes - a.bytes);
}

function callers(census: CensusReport, name: string): string[] {
  return areasOf(census, name)
    .slice(0, MOST_CALLERS)
    .map((row) => `${callerText(row, census)} ${formatBytes(row.bytes)}`);
}

/** Areas whose pages are of this class, largest first. */
export function areasOf({ areas }: CensusReport, name: string): CensusReport['areas'] {
  const kinds = Object.hasOwn(AREA_KINDS, name) ? AREA_KINDS[name] : [];
  return areas.filter(({ kind, pages }) => kinds.includes(kind) && pages > 0);
}

function sum(rows: readonly CensusHolder[]): number {
  return rows.reduce((all, { pages }) => all + pages, 0);
}
