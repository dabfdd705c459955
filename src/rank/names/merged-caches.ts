/**
 * The names of a merged slab cache. SLUB gives caches of like objects one cache in common, and events name only
 * the one that was created first: a leak of Unix sockets seems to be one of signal_cache. The call path often tells
 * whose object it is. A name is chosen only among those that the kernel itself lists for the cache.
 */
import type { PairingCore } from '../../pair/pairing-core.js';
import { isKmallocCache } from '../../proc/slabinfo.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';
import type { CallPathFacts } from './call-path-facts.js';
import { bareName } from './plumbing.js';

/** What MergedCaches reads. */
export interface NamedTrace {
  readonly core: PairingCore;
  readonly symbols: SymbolTable;
  readonly facts: CallPathFacts;
}

/** How many frames from the first that is not plumbing may tell: farther callers take memory of many kinds. */
const DEPTH = 6;

/**
 * The caches that a function of the kernel takes its objects from. Where a function has several, the call path
 * does not tell which, and all that share the cache are shown. Names of other kernels do no harm.
 */
const CACHES_OF_FUNCTION = new Map<string, string[]>([
  // net/unix/af_unix.c: unix_dgram_proto and unix_stream_proto, by an argument.
  ['unix_create1', ['UNIX', 'UNIX-DGRAM', 'UNIX-STREAM']],
  // kernel/fork.c: signal_cachep.
  ['copy_signal', ['signal_cache']],
  // fs/file.c: files_cachep, which kernel/fork.c creates.
  ['dup_fd', ['files_cache']],
  // kernel/cred.c: cred_jar; KMEM_CACHE() names it after the structure.
  ['prepare_creds', ['cred', 'cred_jar']],
  // fs/eventpoll.c: epi_cache.
  ['ep_insert', ['eventpoll_epi']],
  // fs/kernfs/dir.c: kernfs_node_cache.
  ['__kernfs_new_node', ['kernfs_node_cache']],
]);

export class MergedCaches {
  private readonly trace: NamedTrace;
  private readonly groups: Map<string, string[]>;

  constructor(trace: NamedTrace) {
    this.trace = trace;
    this.groups = groupsOf(trace.core.hostFacts.mergedCaches);
  }

  /** True if other names share this cache. Objects of kmalloc's caches are shown by size: their names do not matter. */
  isMerged(cacheId: number): boolean {
    if (this.groups.size === 0) return false;
    const name = this.nameOf(cacheId);
    return this.groups.has(name) && !isKmallocCache(name);
  }

  /**
   * Returns the names that objects of a cache have on a call path, which is a stack id; 0 = unknown. It is the
   * cache's own name where nothing tells.
   */
  namesOn(cacheId: number, stackId: number): string[] {
    const name = this.nameOf(cacheId);
    return (this.isMerged(cacheId) ? this.told(this.groups.get(name) ?? [], stackId) : null) ?? [name];
  }

  /** Returns 'UNIX (merged with signal_cache)', 'signal_cache (merged with UNIX, 3 more)', or the plain name. Untrusted. */
  label(cacheId: number, stackId: number): string {
    const name = this.nameOf(cacheId);
    if (!this.isMerged(cacheId)) return name;
    const shown = this.namesOn(cacheId, stackId);
    const others = (this.groups.get(name) ?? []).filter((each) => each !== name && !shown.includes(each));
    // The name that events and slabinfo give comes first.
    if (!shown.includes(name)) others.unshift(name);
    if (others.length === 0) return shown.join(' or ');
    const more = others.length > 1 ? `, ${others.length - 1} more` : '';
    return `${shown.join(' or ')} (merged with ${others[0]}${more})`;
  }

  private nameOf(cacheId: number): string {
    return this.trace.core.dictionary.caches.name(cacheId);
  }

  /** Returns those names of a group that the nearest known function takes objects from; null = none is known. */
  private told(group: readonly string[], stackId: number): string[] | null {
    const { core, symbols, facts } = this.trace;
    const { stacks } = core.dictionary;
    const depth = stacks.depth(stackId);
    if (depth === 0) return null;
    const first = facts.firstFrame(stackId);
    const end = Math.min(facts.interruptedFrom(stackId) ?? depth, first + DEPTH);
    const { hi, lo } = stacks.frames;
    for (let position = 0; position < end; position++) {
      const frameId = stacks.frameId(stackId, position);
      const found = symbols.find(hi[frameId], lo[frameId]);
      const caches = found === null ? undefined : CACHES_OF_FUNCTION.get(bareName(found.symbol));
      const told = caches?.filter((name) => group.includes(name)) ?? [];
      if (told.length > 0) return told;
    }
    return null;
  }
}

const memo = new WeakMap<readonly string[][], Map<string, string[]>>();

/** Returns the group of each name. */
function groupsOf(merged: readonly string[][]): Map<string, string[]> {
  let groups = memo.get(merged);
  if (groups === undefined) {
    groups = new Map(merged.flatMap((names) => names.map((name): [string, string[]] => [name, names])));
    memo.set(merged, groups);
  }
  return groups;
}
