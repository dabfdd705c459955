/**
 * A census without the names of a machine: counts, classes and the kernel's own symbols stay; cgroups have numbers,
 * processes are left out, slab caches are renamed as everywhere. What could be a name of the machine is not kept.
 */
import { PAGE_CLASSES } from '../../census/census.js';
import { CENSUS_FORMAT, CENSUS_VERSION, parseCensusReport } from '../../census/parse-report.js';
import { type CensusReport, classText } from '../../census/report.js';
import { isNameOfCode, type SlabCacheNames } from './slab-cache-names.js';

/** What may stand for a name in a chain: 'kmalloc-1k < kmalloc-2k{sock_def_readable}'. */
const SIGNS = /[^\s<>{}()]+/g;
/** A symbol, with what the compiler adds behind a dot. */
const SYMBOL = /^[A-Za-z_][A-Za-z0-9_]{0,127}(?:\.[a-z]{1,16}(?:\.\d{1,4})?)*$/;
const OTHER = '#';

/** Returns the census as text; null if the text is none. `caches` gives the new names of slab caches. */
export function anonymousCensus(text: string, caches: SlabCacheNames): string | null {
  const report = parseCensusReport(text);
  if (report === null) return null;
  return JSON.stringify({ format: CENSUS_FORMAT, version: CENSUS_VERSION, ...withoutNames(report, caches) });
}

function withoutNames(report: CensusReport, caches: SlabCacheNames): CensusReport {
  const { machine, classes, nodes, owners, areas, holders, types, orphans } = report;
  const nameOf = (name: string): string => (SYMBOL.test(name) ? name : caches.shown(name));
  const chainOf = (chain: string): string => chain.replace(SIGNS, nameOf);
  return {
    ...report,
    machine: {
      ...machine,
      source: '',
      kernel: machine.kernel.replace(/^(\d+(?:\.\d+)*).*$/s, '$1').replace(/^\D.*$/s, ''),
    },
    classes: classes.filter((row) => isClass(row.class)).map((row) => ({ ...row, text: classText(row.class) })),
    nodes: nodes.filter((row) => isClass(row.class)),
    owners: owners.map((owner, place) => ({
      ...owner,
      path: owner.path === '/' ? '/' : `/${OTHER}${place + 1}`,
      parts: owner.parts
        .filter((part) => isClass(part.class))
        .map((part) => ({ ...part, cache: caches.shown(part.cache) })),
    })),
    areas: areas.map((row) => ({
      ...row,
      caller: nameOf(row.caller),
      module: codeName(row.module),
      kind: codeName(row.kind),
    })),
    holders:
      holders === null
        ? null
        : holders
            .filter((row) => isClass(row.class))
            .map((row) => {
              const holder = chainOf(row.holder);
              return {
                ...row,
                holder,
                // The words are ours unless they are the chain.
                text: row.text === row.holder ? holder : chainOf(row.text),
                module: codeName(row.module),
                chains: row.chains.map((chain) => ({ ...chain, holder: chainOf(chain.holder) })),
                processes: [],
              };
            }),
    types:
      types === null
        ? null
        : types.map((cache) => ({
            ...cache,
            cache: caches.shown(cache.cache),
            rows: cache.rows.map((row) => ({
              ...row,
              holder: chainOf(row.holder),
              text: chainOf(row.text),
              module: codeName(row.module),
            })),
          })),
    orphans:
      orphans === null
        ? null
        : {
            ...orphans,
            rows: orphans.rows.map((row) => ({
              ...row,
              kind: codeName(row.kind),
              name: nameOf(row.name),
              addresses: [],
            })),
          },
    // Sentences of the collector.
    checks: [],
    missing: [],
  };
}

function isClass(name: string): boolean {
  return (PAGE_CLASSES as readonly string[]).includes(name);
}

function codeName(name: string): string {
  return name === '' || isNameOfCode(name) ? name : OTHER;
}
