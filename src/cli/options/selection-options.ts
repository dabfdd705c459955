import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration, parseSize } from '../../base/quantity.js';
import { ALLOCATOR_NAMES, type AllocatorName, KERNEL_ALLOCATORS } from '../../event/kinds.js';
import { CATEGORIES, type Category } from '../../rank/report/category.js';
import { defaultSelection, GROUP_KEYS, type GroupKey, type Selection, SORT_KEYS } from '../../rank/report/selection.js';
import type { SelectionFlags } from './flags.js';
import { BUILT_IN, suppressArgument, watchArgument } from './rule-files.js';

/** Adds the options of all commands that rank call paths: order, grouping (`group` unless told), and filters. */
export function addSelectionOptions(command: Command, group: GroupKey = 'stack', sort = sortOption()): Command {
  command
    .addOption(sort)
    .addOption(new Option('--group <by>', 'what makes one row').choices(GROUP_KEYS).default(group));
  return addFilterOptions(command);
}

function sortOption(): Option {
  return new Option('--sort <column>', 'order of the ranking; suspect: bytes, weighed by category and verdict')
    .choices(SORT_KEYS)
    .default('suspect');
}

/** Adds the filters alone, without order and grouping. */
export function addFilterOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--allocator <names>', `only these, comma separated: ${ALLOCATOR_NAMES.join('|')}`)
        .argParser(anyAllocatorList)
        .default([], 'all'),
    )
    .addOption(
      new Option('--min-size <size>', 'only allocations of at least this size each, e.g. 4k')
        .argParser(sizeArgument)
        .default(0, '0'),
    )
    .addOption(
      new Option('--older <age>', 'only allocations outstanding for at least this long, e.g. 10s')
        .argParser(durationArgument)
        .default(0, '0'),
    )
    .option('--comm <name>', 'only allocations made while this process name was running')
    .option(
      '--cgroup <path>',
      'only allocations of this cgroup and those below it: a path, a name on it, the name or id of a container or pod, or a pattern with *',
    )
    .option('--gone', 'only allocations of processes that have ended since', false)
    .addOption(
      new Option(
        '--pid <tgid>',
        'only allocations made while this process was running (-p traces the memory of a process)',
      ).argParser(pidArgument),
    )
    .option('--cache <name>', 'only objects of this slab cache (kmalloc-64: all of kmalloc of that size)')
    .option('--module <name>', 'only call paths with a frame in this kernel module')
    .addOption(
      new Option('--grep <regex>', 'only call paths with a matching frame, process or cache').argParser(regexArgument),
    )
    .addOption(
      new Option(
        '--hide <regex>',
        "leave out call paths with a matching frame; the word 'accounted': what meminfo shows; may be given again",
      )
        .argParser(hideArguments)
        .default([], 'none'),
    )
    .addOption(
      new Option('--category <names>', `only these, comma separated: ${CATEGORIES.join('|')}`)
        .argParser(categoryList)
        .default([], 'all'),
    )
    .addOption(
      new Option(
        '--suppress <file>',
        `hide call paths by the rules in this file, and say how much that hides; '${BUILT_IN}': by a list that is built in; may be given again`,
      )
        .argParser(suppressArgument)
        .default([], 'none'),
    )
    .addOption(
      new Option('--watch <file>', 'only call paths under the rules in this file; may be given again')
        .argParser(watchArgument)
        .default([], 'all'),
    )
    .option('--include-self', "rank the tracer's own memory too (it is counted either way)", false);
}

/** The Selection of these flags, with at most `limit` call paths. */
export function selectionFrom(flags: SelectionFlags, limit: number): Selection {
  return {
    ...defaultSelection(limit),
    sort: flags.sort,
    group: flags.group ?? 'stack',
    allocators: flags.allocator,
    minSizeBytes: flags.minSize,
    olderNs: flags.older,
    comm: flags.comm ?? null,
    cgroup: flags.cgroup ?? null,
    gone: flags.gone,
    pid: flags.pid ?? null,
    cache: flags.cache ?? null,
    module: flags.module ?? null,
    grep: flags.grep ?? null,
    hide: hideSource(flags.hide),
    categories: flags.category,
    hideAccounted: flags.hide.includes(HIDE_ACCOUNTED),
    includeSelf: flags.includeSelf,
    suppress: flags.suppress,
    watch: flags.watch,
  };
}

/** '64k' -> bytes. This and the parsers below throw an InvalidArgumentError for anything else. */
export function sizeArgument(text: string): number {
  const bytes = parseSize(text);
  if (bytes === null) throw new InvalidArgumentError('Give a size such as 4096, 64k or 1.5G.');
  return bytes;
}

/** '12,redis-server' -> what stands between the commas, behind those given before. */
export function processArgument(text: string, before: string[]): string[] {
  const names = text.split(',').map((each) => each.trim());
  if (names.includes('')) throw new InvalidArgumentError('Give numbers, names or cgroups of processes, with commas.');
  return [...new Set([...before, ...names])];
}

/** A limit for the size of a recording: under 64 KiB it would hold hardly a chunk. */
export function fileSizeArgument(text: string): number {
  const bytes = sizeArgument(text);
  if (bytes < 65536) throw new InvalidArgumentError('Give a size from 64k up, e.g. 1G.');
  return bytes;
}

/** Number of files in a ring: at least the one being written and an older one; each takes a descriptor to read. */
export function keepArgument(text: string): number {
  const count = countArgument(text);
  if (count < 2 || count > 1000) throw new InvalidArgumentError('Give a number from 2 to 1000.');
  return count;
}

/** '1m30s' -> ns. */
export function durationArgument(text: string): number {
  const ns = parseDuration(text);
  if (ns === null) throw new InvalidArgumentError('Give a duration such as 500ms, 30s, 5m or 1h30m.');
  return ns;
}

/** The same, of a run: in no time nothing is traced. */
export function runTimeArgument(text: string): number {
  const ns = durationArgument(text);
  if (ns === 0) throw new InvalidArgumentError('Nothing is traced in no time. Give a duration such as 30s.');
  return ns;
}

/** '5s' -> ns: 100ms or more. */
export function intervalArgument(text: string): number {
  const ns = parseDuration(text);
  if (ns === null || ns < 1e8) throw new InvalidArgumentError('Give a duration of 100ms or more, such as 5s.');
  return ns;
}

/** Bounds of the ring buffer: with less, everything is lost; the kernel does not map more. */
const LEAST_BUFFER_BYTES = 64 * 2 ** 10;
const MOST_BUFFER_BYTES = 2 ** 30;

export function bufferArgument(text: string): number {
  const bytes = parseSize(text);
  if (bytes === null || bytes < LEAST_BUFFER_BYTES || bytes > MOST_BUFFER_BYTES) {
    throw new InvalidArgumentError('Give a size from 64k to 1G.');
  }
  return bytes;
}

/** A whole number from 1 up. */
export function countArgument(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < 1) {
    throw new InvalidArgumentError('Give a whole number from 1 up.');
  }
  return count;
}

/** '16' or '1/16', a power of two up to 65536 -> 16. */
export function sampleArgument(text: string): number {
  const match = /^(?:1\/)?(\d{1,5})$/.exec(text);
  const oneIn = match === null ? 0 : Number(match[1]);
  if (oneIn < 1 || oneIn > 65536 || (oneIn & (oneIn - 1)) !== 0) {
    throw new InvalidArgumentError('Give 1/N with N a power of two, such as 1/16.');
  }
  return oneIn;
}

/** '1s' -> ns: 0, or 100ms to 1h as the collector allows. */
export function minAgeArgument(text: string): number {
  const ns = parseDuration(text);
  if (ns === null || (ns !== 0 && (ns < 1e8 || ns > 3.6e12))) {
    throw new InvalidArgumentError('Give a duration from 100ms to 1h.');
  }
  return ns;
}

/** '3%' or '3' -> 0.03 */
export function overheadArgument(text: string): number {
  const percent = /^\d{1,2}(?:\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : 0;
  if (percent < 0.1 || percent > 50) throw new InvalidArgumentError('Give a share of all CPU time, 0.1% to 50%.');
  return percent / 100;
}

/** '20%' or '20' -> 0.2 */
export function cpuShareArgument(text: string): number {
  const percent = /^\d{1,3}(?:\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : 0;
  if (percent < 1 || percent > 100) throw new InvalidArgumentError('Give a share of one CPU, 1% to 100%.');
  return percent / 100;
}

export function auditArgument(text: string): number {
  const count = countArgument(text);
  if (count > 2 ** 30) throw new InvalidArgumentError('Give a number up to 1,073,741,824.');
  return count;
}

export function pidArgument(text: string): number {
  const pid = Number(text);
  if (!/^\d+$/.test(text) || pid > 2 ** 32 - 1)
    throw new InvalidArgumentError('Give the number of a process, such as 4711.');
  return pid;
}

function regexArgument(text: string): string {
  try {
    return new RegExp(text, 'iu').source;
  } catch (error) {
    throw new InvalidArgumentError(`Not a regular expression: ${(error as Error).message}`);
  }
}

/** A word of --hide that is no regular expression: the categories that a line of /proc/meminfo shows, and backing pages. */
const HIDE_ACCOUNTED = 'accounted';

function hideArguments(text: string, before: string[]): string[] {
  return [...before, text === HIDE_ACCOUNTED ? text : regexArgument(text)];
}

/** One regular expression for all that must be hidden; null for none. */
function hideSource(texts: string[]): string | null {
  const sources = texts.filter((text) => text !== HIDE_ACCOUNTED);
  return sources.length <= 1 ? (sources[0] ?? null) : sources.map((source) => `(?:${source})`).join('|');
}

/** "anon,page tables" -> names. */
export function categoryList(text: string): Category[] {
  const names = text.split(',').map((name) => name.trim().replaceAll(/[-_]/g, ' '));
  for (const name of names) {
    if (!(CATEGORIES as readonly string[]).includes(name)) {
      throw new InvalidArgumentError(`Give one or more of ${CATEGORIES.join(', ')}.`);
    }
  }
  return [...new Set(names)] as Category[];
}

/** "page,slab" -> names of what the kernel has. */
export function allocatorList(text: string): AllocatorName[] {
  return namesIn(text, KERNEL_ALLOCATORS);
}

/** "heap,map" -> names, also of the memory of processes. */
export function anyAllocatorList(text: string): AllocatorName[] {
  return namesIn(text, ALLOCATOR_NAMES);
}

function namesIn(text: string, known: readonly AllocatorName[]): AllocatorName[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!(known as readonly string[]).includes(name)) {
      throw new InvalidArgumentError(`Give one or more of ${known.join(', ')}, with commas.`);
    }
  }
  return [...new Set(names)] as AllocatorName[];
}
