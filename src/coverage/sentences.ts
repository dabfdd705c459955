/**
 * The gaps of a trace's coverage as sentences: what is missing, what the figures are then, and the
 * command that traces what is missing. Details are untrusted text.
 */
import type { CoverageGap, HostFacts } from '../event/host-facts.js';
import { FREE_BIT, KIND_NAMED, type KindName, kindName } from '../event/kinds.js';

type Traced = Pick<HostFacts, 'collector' | 'arch' | 'pageSize'>;

/** Returns one sentence for each gap. */
export function coverageSentences(gaps: readonly CoverageGap[], traced: Traced): string[] {
  return gaps.map((gap) => gapSentence(gap, traced));
}

/**
 * 'frees of kmalloc were not traced': why figures of the held memory cannot hold; null for a gap
 * that only needs a note.
 */
export function coverageReason({ cause, kinds }: CoverageGap): string | null {
  const of = kinds.length === 0 ? '' : ` of ${listText(kinds)}`;
  switch (cause) {
    case 'frees-not-traced':
      return `frees${of} were not traced`;
    case 'no-frees-seen':
      return `no free${of} was seen`;
    case 'sampled':
      return 'the events are a sample, and frees are missing';
    case 'some-processes':
      return 'only some processes were traced, and frees by others are missing';
    case 'some-cpus':
      return 'only some CPUs were traced, and frees on others are missing';
    case 'frees-filtered':
      return 'a filter of the tracer left out frees';
    default:
      return null;
  }
}

function gapSentence(gap: CoverageGap, traced: Traced): string {
  const detail = gap.detail === '' ? '' : ` (${gap.detail})`;
  const advice = adviceFor(traced.collector);
  switch (gap.cause) {
    case 'frees-not-traced':
      return (
        `frees of ${listText(gap.kinds)} (${freesText(gap.kinds)}) were not traced, so these figures are what was allocated, ` +
        `not what is outstanding; no verdict is given; ${advice}`
      );
    case 'no-frees-seen':
      return (
        `the text has allocations by ${listText(gap.kinds)} and no ${freesText(gap.kinds)}: frees were not traced, or none ` +
        `happened; these figures are what was allocated, not what is outstanding; no verdict is given; ${advice}`
      );
    case 'sampled':
      return (
        `the events are a sample${detail}: allocations and frees are missing, so no figure is a total, what seems ` +
        `outstanding may be freed, and no verdict is given; ${everyEvent(traced.collector)}`
      );
    case 'some-processes':
      return gap.certain
        ? `only some processes were traced${detail}: allocations by call path are right for them, what is outstanding is ` +
            `an upper bound, because frees by other processes and the kernel's threads are missing; ${advice}`
        : `all events are of one process${detail}: if no other was traced, frees by others are missing and what is ` +
            'outstanding is an upper bound';
    case 'some-cpus':
      return gap.certain
        ? `only some CPUs are in the text${detail}: allocations by call path are right for them, what is outstanding is an ` +
            `upper bound, because frees on other CPUs are missing; ${advice}`
        : `all events are of one CPU${detail}: if no other was traced, frees on others are missing and what is outstanding ` +
            'is an upper bound';
    case 'frees-filtered':
      return (
        `a filter left out frees${detail}: what is outstanding is an upper bound, and growth cannot be told; filter the ` +
        `allocations only, or nothing: ${advice}`
      );
    case 'allocs-filtered':
      return `only those allocations by ${listText(gap.kinds)} were traced that pass a filter${detail}: the figures are of these`;
    default: {
      const arch = traced.arch === '' ? gap.detail : traced.arch;
      const sizes = PAGE_SIZES[arch];
      const which = sizes === undefined ? '' : `, and ${arch} has ${sizes}`;
      return (
        `the text does not say how large a page is${which}: pages are counted as ${traced.pageSize / 1024} KiB each; ` +
        '--page-size 4k, 16k or 64k says which (getconf PAGESIZE on the traced machine)'
      );
    }
  }
}

const PAGE_SIZES: Record<string, string | undefined> = {
  aarch64: 'pages of 4, 16 or 64 KiB',
  ppc64: 'pages of 4 or 64 KiB',
  ppc64le: 'pages of 4 or 64 KiB',
  loongarch64: 'pages of 4, 16 or 64 KiB',
  mips64: 'pages of 4, 16 or 64 KiB',
  ia64: 'pages of 4, 8, 16 or 64 KiB',
};

/** The command that traces all of it, by the tool that made the text. */
function adviceFor(collector: string): string {
  switch (collector) {
    case 'perf-script':
      return `trace all: perf record -a -g -e 'kmem:*' -- sleep 10`;
    case 'trace-cmd':
      return 'trace all: trace-cmd record -T -e kmem sleep 10';
    default:
      return 'trace all: echo 1 > events/kmem/enable, then the file trace, not that of one CPU';
  }
}

function everyEvent(collector: string): string {
  return collector === 'perf-script'
    ? `record every event: perf record -c 1 -a -g -e 'kmem:*' -- sleep 10`
    : adviceFor(collector);
}

/** 'kfree and kmem_cache_free': the frees that belong to these allocs. */
function freesText(kinds: readonly KindName[]): string {
  return listText(kinds.map((name) => kindName(KIND_NAMED[name] | FREE_BIT) ?? name));
}

function listText(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}
