import { readdir, readFile, readlink } from 'node:fs/promises';
import { availableParallelism, hostname, machine, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import type { HostFacts } from '../event/host-facts.js';
import { type CacheAlias, mergedCaches } from '../proc/slab-aliases.js';
import type { CollectorOptions } from './collector.js';
import type { TracepointFormats } from './tracefs.js';

/** A machine has a few hundred. */
const MAX_ALIASES = 4096;

interface BpftraceFacts {
  version: string;
  formats: TracepointFormats;
  /** True if tracefs is mounted for bpftrace alone. */
  privateMount: boolean;
  symbolsHidden: boolean;
}

/**
 * Returns the facts of this machine for a trace through bpftrace. startUnixMs is 0: the decoder
 * sets it at the start.
 */
export async function bpftraceHost(options: CollectorOptions, facts: BpftraceFacts): Promise<HostFacts> {
  const { formats } = facts;
  const hasVmalloc = formats.has('vmalloc:alloc_vmap_area') && formats.has('vmalloc:free_vmap_area_noflush');
  const notes = [
    `traced through bpftrace ${facts.version}, which slows allocations down many times; the eBPF collector does not`,
    'an event inside an interrupt that hits a running probe of the same CPU is not seen, and bpftrace does not count it',
  ];
  if (facts.privateMount) notes.push('tracefs is not mounted here: bpftrace had a mount of its own');
  if (facts.symbolsHidden) notes.push('the kernel hides its symbol addresses: those in this trace are made up');
  if (!hasVmalloc && options.allocators.includes('vmalloc')) notes.push('this kernel has no vmalloc tracepoints');
  if (formats.get('kmem:kmem_cache_alloc')?.includes(' name;') !== true && options.allocators.includes('slab')) {
    notes.push('kmem_cache_alloc does not name its cache on this kernel');
  }
  const meminfo = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const totalKib = /^MemTotal:\s+(\d+) kB/m.exec(meminfo)?.[1];
  return {
    collector: 'bpftrace',
    timesAreCounts: false,
    hostname: hostname(),
    kernel: release(),
    arch: machine(),
    pageSize: await pageSize(),
    cpus: await onlineCpus(),
    memTotalBytes: totalKib === undefined ? totalmem() : Number(totalKib) * 1024,
    // The eBPF collector alone looks these up.
    percpuFirstChunkBytes: 0,
    balloonInTotal: false,
    startUnixMs: 0,
    allocators: options.allocators.filter((name) => name !== 'vmalloc' || hasVmalloc),
    minSizeBytes: options.minSizeBytes,
    sampleOneIn: options.sampleOneIn,
    sampleSeed: 0,
    minAgeNs: 0,
    maxOverhead: 0,
    overhead: 0,
    self: options.self,
    mergedCaches: await cachesMergedHere(),
    heldBy: '',
    hooks: [],
    coverage: [],
    notes,
  };
}

/** Returns the names that share a slab cache; none where /sys/kernel/slab is absent or may not be read. */
export async function cachesMergedHere(directory = '/sys/kernel/slab'): Promise<string[][]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const aliases = entries
    .filter((entry) => entry.isSymbolicLink())
    .slice(0, MAX_ALIASES)
    .map(async ({ name }): Promise<CacheAlias> => {
      const target = await readlink(join(directory, name)).catch(() => '');
      return { name, target: basename(target) };
    });
  return mergedCaches(await Promise.all(aliases));
}

async function pageSize(): Promise<number> {
  const asked = await execa('getconf', ['PAGESIZE'], { reject: false, stdin: 'ignore', timeout: 5000 });
  const bytes = Number(asked.stdout);
  return asked.exitCode === 0 && bytes >= 4096 ? bytes : 4096;
}

/** Returns the number of CPUs that may ever be there: percpu memory is for all of them. */
export function possibleCpus(): Promise<number> {
  return cpusIn('possible');
}

/** Returns the number of all online CPUs, including those that this process may not run on. */
function onlineCpus(): Promise<number> {
  return cpusIn('online');
}

async function cpusIn(list: 'online' | 'possible'): Promise<number> {
  const ranges = await readFile(`/sys/devices/system/cpu/${list}`, 'utf8').catch(() => '');
  let count = 0;
  for (const range of ranges.trim().split(',')) {
    const [first, last = first] = range.split('-').map((text) => Number.parseInt(text, 10));
    if (last >= first) count += last - first + 1;
  }
  return count > 0 ? count : availableParallelism();
}
