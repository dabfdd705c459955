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

export function isReclaimableCache(name: string): boolean {
  return RECLAIMABLE.test(name) && !PINNED.test(name);
}
