/**
 * Slab caches whose objects the kernel's shrinkers take back when memory is short: directory entries, inodes of file
 * systems, and what the page cache is kept in. A find over a large disk fills them, and rightly so. They are a subset of
 * what the kernel counts as SReclaimable (SLAB_RECLAIM_ACCOUNT): inodes of sockets, queues and tmpfs are counted there
 * too, but live as long as what they stand for.
 */
const RECLAIMABLE =
  /^(?:dentry|inode_cache|radix_tree_node|buffer_head|mbcache|(?:ext4_)?extent_status|xfs_ili|xfs_buf|.*_inode(?:_cache)?)$/;
const PINNED = /^(?:sock|mqueue|shmem|hugetlbfs|bdev|pipefs|configfs)_inode/;

export function isReclaimableCache(name: string): boolean {
  return RECLAIMABLE.test(name) && !PINNED.test(name);
}
