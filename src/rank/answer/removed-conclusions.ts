/** Sentences on removed cgroups of which something is held still. */
import { formatBytes, formatCount } from '../../base/format.js';
import type { Conclusion } from '../report/conclusion.js';
import type { Report } from '../report/report.js';
import type { RemovedCgroupGroup } from '../report/report-cgroups.js';
import { capital } from './words.js';

/** Less of fewer is what any exit leaves for a moment. */
const LEAST_BYTES = 2 ** 20;
const LEAST_CGROUPS = 16;
/** Sentences; the others are in the JSON. */
const SENTENCES = 2;
/** Lines of meminfo that a sentence names, and the least share of each. */
const NAMED = 3;
const LEAST_SHARE = 0.02;

export function removedConclusions({ removedCgroups }: Pick<Report, 'removedCgroups'>): Conclusion[] {
  const groups = removedCgroups?.groups ?? [];
  return groups
    .filter(({ bytes, cgroups }) => bytes >= LEAST_BYTES || cgroups >= LEAST_CGROUPS)
    .slice(0, SENTENCES)
    .map(conclusionOf);
}

function conclusionOf(group: RemovedCgroupGroup): Conclusion {
  const { cgroups, parent, name, example, bytes } = group;
  const what =
    cgroups === 1
      ? `The removed cgroup ${example} holds`
      : `${formatCount(cgroups)} removed cgroups of ${parent === '/' ? 'the root' : name} hold`;
  return {
    kind: 'removed',
    text: `${what} ${formatBytes(bytes)}: ${makerText(group)}pinned by ${pinText(group)}.`,
    detail: `${kernelText(group)}A removed cgroup stays until the last page that is charged to it is freed.`,
    stackId: null,
    // Names of cgroups are put into a command only if a shell takes them as they are.
    next: /^[\w./-]+$/.test(parent) ? `unfreed top --cgroup ${parent} --group cgroup` : null,
  };
}

function makerText({ maker, comms, cgroups }: RemovedCgroupGroup): string {
  if (maker !== null) {
    const some = maker.cgroups < cgroups ? ` (${formatCount(maker.cgroups)} of them)` : '';
    return `made by ${maker.comm === '' ? 'a process without a name' : maker.comm}${some}, `;
  }
  const [first] = comms;
  return first === undefined || first.comm === '' ? '' : `taken by ${first.comm}${more(comms.length - 1)}, `;
}

function more(count: number): string {
  return count === 0 ? '' : ` and ${formatCount(count)} ${count === 1 ? 'other' : 'others'}`;
}

const PINS: Readonly<Record<string, string>> = {
  shmem: 'tmpfs or shared memory (shmem)',
  'page cache': 'files (page cache)',
  'held by a reference': 'references to user pages',
  unaccounted: 'pages in no line of meminfo',
};

/** 'tmpfs or shared memory (shmem) 11.0 MiB, slab 1.00 MiB'. */
function pinText({ categories, bytes }: RemovedCgroupGroup): string {
  const named = categories.filter((each, place) => place === 0 || each.bytes >= bytes * LEAST_SHARE).slice(0, NAMED);
  return named
    .map(({ category, bytes: of }) => {
      const word = category === null ? 'memory of no known line' : category;
      return `${Object.hasOwn(PINS, word) ? PINS[word] : word} ${formatBytes(of)}`;
    })
    .join(', ');
}

/** What cgroup.stat and memory.stat of the parent say; '' where they were not read. */
function kernelText({ kernel, parent }: RemovedCgroupGroup): string {
  if (kernel === null) return '';
  const { dying, dyingAtStart, shmemBytes, fileBytes, slabBytes } = kernel;
  const since = dyingAtStart === null ? '' : `, ${formatCount(dyingAtStart)} at the first look`;
  const counted =
    dying === null ? '' : `the kernel counts ${formatCount(dying)} dying cgroups below ${parent}${since}. `;
  const stats = [
    ['shmem', shmemBytes],
    ['file', fileBytes],
    ['slab', slabBytes],
  ].flatMap(([line, bytes]) => (typeof bytes === 'number' && bytes > 0 ? [`${line} ${formatBytes(bytes)}`] : []));
  const stat = stats.length === 0 ? '' : `in memory.stat of ${parent}, with all that is below: ${stats.join(', ')}. `;
  return capital(`${counted}${stat === '' || counted === '' ? stat : capital(stat)}`);
}
