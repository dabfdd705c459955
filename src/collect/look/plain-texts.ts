/** Files that a look keeps as the kernel writes them. */
import { release } from 'node:os';
import { kernelNumber } from '../../proc/kernel-release.js';
import { meminfoLines } from '../../proc/meminfo.js';
import { namesIn } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';

/** What every Linux has, or should have: a look says so if one is missing. */
const EXPECTED = [
  '/proc/zoneinfo',
  '/proc/vmstat',
  '/proc/slabinfo',
  '/proc/vmallocinfo',
  '/proc/buddyinfo',
  '/proc/swaps',
  '/proc/pressure/memory',
  '/proc/sys/fs/dentry-state',
];

/** What depends on how the kernel was built, or on a module. */
const OPTIONAL = [
  '/proc/uptime',
  '/proc/version',
  '/proc/cmdline',
  '/proc/modules',
  '/proc/cgroups',
  '/proc/sysvipc/shm',
  '/proc/sys/fs/inode-state',
  '/proc/sys/fs/file-nr',
  '/proc/sys/fs/inotify/max_user_instances',
  '/proc/sys/fs/inotify/max_user_watches',
  '/proc/sys/kernel/pid_max',
  '/proc/sys/kernel/threads-max',
  '/proc/sys/vm/max_map_count',
  '/proc/sys/vm/mem_profiling',
  '/proc/sys/vm/overcommit_memory',
  '/proc/sys/vm/percpu_pagelist_high_fraction',
  '/proc/sys/net/core/bpf_jit_limit',
  '/proc/sys/net/ipv4/tcp_mem',
  '/proc/sys/net/ipv4/tcp_max_orphans',
  '/proc/sys/net/ipv4/udp_mem',
  '/proc/sys/net/netfilter/nf_conntrack_count',
  '/proc/sys/net/netfilter/nf_conntrack_max',
  '/proc/net/netstat',
  '/sys/devices/system/cpu/possible',
  '/sys/kernel/kexec_crash_size',
  '/sys/kernel/mm/ksm/run',
  '/sys/kernel/mm/ksm/pages_shared',
  '/sys/kernel/mm/ksm/pages_sharing',
];

/** Files of debugfs: only root may look for them. */
const DEBUGFS = ['percpu_stats', 'dma_buf/bufinfo', 'ttm/page_pool', 'vmmemctl', 'hv-balloon', 'zswap/pool_total_size'];
const DEBUGFS_LIMIT = 1 << 20;

const CMA_FILES = ['alloc_pages_success', 'release_pages_success', 'total_pages', 'available_pages'];

export async function keepPlainTexts(look: LookBuilder): Promise<void> {
  for (const path of EXPECTED) {
    look.keep(path);
    await look.pause();
  }
  for (const path of OPTIONAL) look.keepIfThere(path, 1 << 20);
  await look.pause();
  keepPagetypeinfo(look);
  for (const device of namesIn('/sys/block') ?? []) {
    if (/^zram\d/.test(device)) look.keepIfThere(`/sys/block/${device}/mm_stat`);
  }
  for (const pool of namesIn('/sys/kernel/mm/hugepages') ?? []) {
    for (const file of ['nr_hugepages', 'free_hugepages', 'resv_hugepages', 'surplus_hugepages']) {
      look.keepIfThere(`/sys/kernel/mm/hugepages/${pool}/${file}`);
    }
  }
  for (const area of namesIn('/sys/kernel/mm/cma') ?? []) {
    for (const file of CMA_FILES) look.keepIfThere(`/sys/kernel/mm/cma/${area}/${file}`);
  }
  if (!look.root) return;
  for (const file of DEBUGFS) look.keepIfThere(`/sys/kernel/debug/${file}`, DEBUGFS_LIMIT);
  await look.pause();
}

const PLENTY = 0.2;
const PAGETYPEINFO_LIMIT_KIB = 256 << 20;

/**
 * /proc/pagetypeinfo walks all blocks of pages: 1.5 ms of CPU for each GB. Before 5.4 it counted the
 * free lists to their end with interrupts off. It is read only where it can decide something: when
 * memory is short.
 */
function keepPagetypeinfo(look: LookBuilder): void {
  const meminfo = meminfoLines(look.texts.get('proc/meminfo') ?? '');
  const total = meminfo?.get('MemTotal') ?? 0;
  if ((meminfo?.get('MemAvailable') ?? 0) > total * PLENTY) return;
  if (total > PAGETYPEINFO_LIMIT_KIB) look.miss('proc/pagetypeinfo', 'takes too long on a machine of this size');
  else if (kernelNumber(release()) < 5004) look.miss('proc/pagetypeinfo', 'stops interrupts for long on this kernel');
  else look.keep('/proc/pagetypeinfo');
}
