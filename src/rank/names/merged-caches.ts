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
 * Functions of the kernel and the caches that they take objects from, a file of its source a paragraph. Where a
 * function takes from several, the call path does not tell which, and all that share the cache are shown. Names of
 * other kernels do no harm: only those count that the kernel lists for the cache.
 */
const FUNCTIONS = cachesByName(`
  unix_create1 -> UNIX UNIX-DGRAM UNIX-STREAM
  inet_create -> TCP UDP UDP-Lite PING RAW MPTCP
  inet6_create -> TCPv6 UDPv6 UDPLITEv6 PINGv6 RAWv6 MPTCPv6
  inet_bind_bucket_create -> tcp_bind_bucket
  inet_bind2_bucket_create -> tcp_bind2_bucket

  copy_signal -> signal_cache
  dup_fd -> files_cache
  copy_fs_struct -> fs_cache
  prepare_creds -> cred cred_jar
  cred_alloc_blank -> cred cred_jar
  alloc_pid -> pid pid_2 pid_3 pid_4
  create_pid_namespace -> pid_namespace
  create_new_namespaces -> nsproxy
  create_user_ns -> user_namespace
  alloc_uid -> uid_cache
  __delayacct_tsk_init -> task_delay_info
  sched_create_group -> task_group
  alloc_unbound_pwq -> pool_workqueue
  alloc_posix_timer -> posix_timers_cache
  __sigqueue_alloc -> sigqueue
  sigqueue_alloc -> sigqueue

  __anon_vma_prepare -> anon_vma anon_vma_chain
  anon_vma_clone -> anon_vma_chain
  anon_vma_fork -> anon_vma anon_vma_chain
  alloc_vmap_area -> vmap_area
  mpol_new -> numa_policy
  damon_new_region -> damon_region
  damon_split_region_at -> damon_region

  ep_insert -> eventpoll_epi
  ep_ptable_queue_proc -> eventpoll_pwq
  attach_epitem -> ep_head
  inotify_new_watch -> inotify_inode_mark
  fanotify_add_new_mark -> fanotify_mark
  fcntl_dirnotify -> dnotify_struct dnotify_mark
  fsnotify_add_mark_locked -> fsnotify_mark_connector
  fsnotify_attach_connector_to_object -> fsnotify_mark_connector
  fasync_alloc -> fasync_cache
  fasync_insert_entry -> fasync_cache
  locks_alloc_lock -> file_lock_cache
  locks_get_lock_context -> file_lock_ctx
  alloc_vfsmnt -> mnt_cache
  seq_open -> seq_file
  alloc_buffer_head -> buffer_head
  __kernfs_new_node -> kernfs_node_cache
  __kernfs_iattrs -> kernfs_iattrs_cache
  security_file_alloc -> lsm_file_cache
  security_inode_alloc -> lsm_inode_cache`);

/**
 * Functions that the compiler puts such a function into: epi_cache is taken from by ep_insert(), which is a part of
 * do_epoll_ctl() in most kernels. They call much else, so they tell only of objects that they take themselves.
 */
const CALLERS = cachesByName(`
  copy_process -> signal_cache sighand_cache
  copy_creds -> cred cred_jar
  copy_namespaces -> nsproxy
  do_timer_create -> posix_timers_cache
  send_signal_locked -> sigqueue
  __send_signal_locked -> sigqueue
  __send_signal -> sigqueue

  do_epoll_ctl -> eventpoll_epi ep_head
  inotify_update_watch -> inotify_inode_mark
  fcntl_setlease -> fasync_cache file_lease_cache
  fasync_helper -> fasync_cache
  proc_reg_open -> pde_opener`);

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

  /**
   * True if one of the names passes that objects of a cache may have on a call path: the one in events and
   * slabinfo, and those that the call path tells, or all that share the cache where it tells none.
   */
  someName(cacheId: number, stackId: number, test: (name: string) => boolean): boolean {
    const name = this.nameOf(cacheId);
    if (test(name)) return true;
    if (!this.isMerged(cacheId)) return false;
    const group = this.groups.get(name) ?? [];
    // The call path is looked at only where it matters.
    return group.some(test) && (this.told(group, stackId) ?? group).some(test);
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
      if (found === null) continue;
      const name = bareName(found.symbol);
      const caches = FUNCTIONS.get(name) ?? (position === first ? CALLERS.get(name) : undefined);
      const told = group.filter((each) => caches?.includes(each));
      if (told.length > 0) return told;
    }
    return null;
  }
}

/** Reads lines 'function -> cache cache'. */
function cachesByName(table: string): Map<string, string[]> {
  const lines = table.split('\n').filter((line) => line.includes(' -> '));
  return new Map(
    lines.map((line): [string, string[]] => {
      const [name, caches] = line.trim().split(' -> ');
      return [name, caches.split(' ')];
    }),
  );
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
