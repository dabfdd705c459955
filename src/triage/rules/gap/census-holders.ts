/** What a census says of a finding: who holds the pages, exactly, where counters only bound it. */
import { formatBytes, formatCount, formatShare } from '../../../base/format.js';
import { shortHolderText } from '../../../census/holder-text.js';
import type { CensusHolder, CensusReport } from '../../../census/report.js';
import type { Facts } from '../../facts.js';
import type { Holder } from '../../report.js';
import { largest } from '../../scene.js';

/** Classes of pages behind R3, and behind R4. */
export const NOT_IN_MEMINFO: readonly string[] = ['unaccounted', 'page-pool'];
export const HELD_BY_REFERENCE: readonly string[] = ['anon-held', 'lru-no-mapping'];

/** Holders of these classes of pages; null without a census, or if nobody was found. */
export function pageHolders({ pages }: Pick<Facts, 'pages'>, classes: readonly string[]): Holder[] | null {
  const rows = (pages?.holders ?? []).filter((row) => classes.includes(row.class) && row.holder !== '');
  if (rows.length === 0) return null;
  return largest(
    rows.map((row) => ({
      kind: row.processes.some((task) => task.pages !== null) ? 'process' : row.module === '' ? 'cache' : 'module',
      ...(row.kind === null ? {} : { what: row.kind }),
      name: `${shortHolderText(row)}${row.module === '' ? '' : ` [${row.module}]`}${behindText(row)}`,
      bytes: row.bytes,
    })),
  );
}

/** Pages that only lie behind one that is held are inferred to belong to it. */
function behindText({ pages, behindPages }: CensusHolder): string {
  return behindPages > MUCH_BEHIND * pages ? `, ${formatShare(behindPages, pages)} of it behind what is held` : '';
}

const MUCH_BEHIND = 0.1;

/** Removed cgroups by what is still charged to them; empty without a census. */
export function removedCgroups({ pages }: Pick<Facts, 'pages'>): Holder[] {
  return largest(
    (pages?.owners ?? [])
      .filter(({ dying }) => dying)
      .map(({ path, bytes, parts }) => ({
        kind: 'cgroup',
        name: `${path}, removed${parts[0] === undefined ? '' : `: most is ${parts[0].cache === '' ? parts[0].class : parts[0].cache}`}`,
        bytes,
      })),
  );
}

/** One line for each cache whose objects were told apart: what most of them are. */
export function typeLines(pages: CensusReport | null): string[] {
  return (pages?.types ?? []).flatMap(({ cache, live, rows }) => {
    const [most] = rows;
    if (most === undefined || live === 0) return [];
    const module = most.module === '' ? '' : ` [${most.module}]`;
    return [
      `of the ${formatCount(live)} objects of ${cache}, ${formatCount(most.objects)} (${formatBytes(most.bytes)}) are ${most.text}${module}`,
    ];
  });
}
