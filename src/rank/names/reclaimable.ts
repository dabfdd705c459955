import { CACHE_INDEX, PSEUDO_FILE } from './path-traits.js';

/**
 * Slab caches whose objects the kernel's shrinkers take back when memory is short: directory
 * entries, inodes of file systems, and the index of the page cache. A find over a large disk
 * rightly fills them. They are a subset of the caches that the kernel counts as SReclaimable
 * (SLAB_RECLAIM_ACCOUNT): that count includes inodes of sockets, queues and tmpfs, which live as
 * long as the socket, queue or file itself.
 */
const RECLAIMABLE =
  /^(?:dentry|inode_cache|radix_tree_node|buffer_head|mbcache|(?:ext4_)?extent_status|xfs_ili|xfs_buf|.*_inode(?:_cache)?)$/;
const PINNED = /^(?:sock|mqueue|shmem|hugetlbfs|bdev|pipefs|configfs)_inode/;

/** Of every radix tree and xarray: of the page cache, and of IDRs and drivers' tables, which nothing shrinks. */
const INDEX = /^(?:radix_tree_node|xa_node)$/;

/**
 * True if the kernel takes back objects of this cache when memory is short. `traits` (path-traits.ts)
 * are those of the call path: an open file pins its dentry and inode, whatever their cache is called,
 * and an index goes with the pages of the page cache, but not with the ids of a driver.
 */
export function isReclaimableCache(name: string, traits: number): boolean {
  if (!RECLAIMABLE.test(name) || PINNED.test(name) || (traits & PSEUDO_FILE) !== 0) return false;
  return !INDEX.test(name) || (traits & CACHE_INDEX) !== 0;
}
