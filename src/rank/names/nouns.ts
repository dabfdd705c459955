/**
 * Nouns: what a reader calls the memory of a call path. The function nearest to the allocator that
 * the table knows decides; a module's own function before it makes it memory of that function.
 * Memory of processes and files is called by its line of meminfo, whatever took it.
 *
 * The names cover Linux 5.4 to 7.3. Sources: the files named beside the entries.
 */
import type { AllocatorName } from '../../event/kinds.js';
import type { Category } from '../report/category.js';
import { isProcessAllocator } from '../report/category.js';
import type { ReportFrame } from '../report/report-rows.js';
import { bareName } from './plumbing.js';
import { isSyntheticAddress } from './user/user-frames.js';
import { userNoun } from './user/user-nouns.js';

/** Nouns of categories that name a thing for themselves. */
const CATEGORY_NOUNS: Partial<Record<Category, string>> = {
  anon: 'process memory',
  'page cache': 'page cache',
  'page tables': 'page tables',
  'kernel stack': 'kernel stacks',
  shmem: 'tmpfs files',
  hugetlb: 'huge pages',
  zswap: 'compressed swap',
  zram: 'zram',
  gpu: 'GPU memory',
  balloon: 'balloon',
  'held by a reference': 'process memory held by a reference',
};

const NOUN_OF_CATEGORY: ReadonlyMap<string | null, string> = new Map(Object.entries(CATEGORY_NOUNS));

const NOUNS: readonly (readonly [noun: string, functions: string])[] = [
  // fs/pipe.c, fs/splice.c
  ['pipe buffers', 'pipe_write anon_pipe_write anon_pipe_get_page splice_to_pipe iter_file_splice_write tee'],
  ['pipes', 'alloc_pipe_info get_pipe_inode create_pipe_files do_pipe2 fifo_open pipe_resize_ring'],
  // net/core/skbuff.c, sock.c
  [
    'socket buffers',
    `__alloc_skb alloc_skb_with_frags sock_alloc_send_pskb skb_page_frag_refill sk_page_frag_refill __napi_alloc_skb
     napi_alloc_skb __netdev_alloc_skb netdev_alloc_skb skb_clone skb_copy pskb_expand_head tcp_stream_alloc_skb sk_stream_alloc_skb
     page_pool_alloc_pages __page_pool_alloc_pages_slow kmalloc_reserve`,
  ],
  [
    'sockets',
    'sk_prot_alloc sk_alloc sock_alloc_inode sock_alloc __sock_create sock_alloc_file sk_clone_lock inet_csk_clone_lock unix_create1',
  ],
  ['packet rings', 'alloc_pg_vec packet_set_ring'],
  ['XDP rings', 'xdp_umem_create xskq_create'],
  ['network namespaces', 'copy_net_ns setup_net net_alloc'],
  ['network devices', 'alloc_netdev_mqs'],
  ['connection tracking entries', '__nf_conntrack_alloc nf_conntrack_alloc'],
  ['neighbour entries', 'neigh_alloc ___neigh_create'],
  ['routes', 'dst_alloc fib_create_info fib_table_insert fib6_info_alloc ip6_route_info_create'],
  ['firewall rules', 'nf_tables_newrule nf_tables_newset nft_set_elem_init ipt_register_table do_replace'],
  // fs/file_table.c, dcache.c, inode.c
  [
    'io_uring memory',
    'io_uring_setup io_uring_create io_rings_map io_sqe_buffers_register io_alloc_async_data io_pin_pages',
  ],
  ['eventfds', 'do_eventfd'],
  ['timerfds', '__do_sys_timerfd_create __x64_sys_timerfd_create'],
  ['signalfds', 'do_signalfd4'],
  ['epoll entries', 'ep_insert do_epoll_ctl ep_alloc do_epoll_create'],
  ['inotify watches', 'inotify_new_watch inotify_update_watch fsnotify_add_mark_locked inotify_new_group'],
  ['file locks', 'locks_alloc_lock locks_alloc_lease flock_make_lock'],
  ['path names', 'getname_flags do_getname'],
  ['open files', 'alloc_empty_file alloc_file alloc_file_pseudo init_file security_file_alloc'],
  ['file names', '__d_alloc d_alloc d_alloc_parallel d_alloc_pseudo d_alloc_cursor'],
  ['inodes', 'alloc_inode new_inode iget_locked iget5_locked new_inode_pseudo'],
  ['mounts', 'alloc_vfsmnt alloc_mnt_ns copy_mnt_ns vfs_create_mount'],
  ['open files of /proc and /sys', 'seq_open single_open seq_read_iter seq_buf_alloc kernfs_fop_open proc_reg_open'],
  ['extended attributes', 'simple_xattr_alloc simple_xattr_set'],
  ['journal', 'jbd2_journal_start jbd2_journal_add_journal_head jbd2__journal_start start_this_handle'],
  [
    'I/O requests',
    'bio_alloc_bioset bio_alloc mempool_alloc_slab blk_mq_alloc_rqs scsi_alloc_sgtables sg_alloc_table_chained',
  ],
  ['block devices', '__alloc_disk_node blk_alloc_queue bdev_alloc'],
  ['XFS buffers', 'xfs_buf_alloc xfs_buf_alloc_pages xfs_buf_alloc_backing_mem'],
  ['FUSE requests', 'fuse_request_alloc fuse_get_req'],
  // kernel/fork.c, mm/vma.c, kernel/cgroup
  [
    'mappings of processes',
    'vm_area_alloc vm_area_dup mas_alloc_nodes mas_alloc_node mt_alloc_bulk mt_alloc_one __mas_dup_node mas_dup_alloc __anon_vma_prepare anon_vma_fork anon_vma_clone',
  ],
  [
    'processes',
    `copy_process dup_task_struct copy_mm dup_mm mm_init mm_alloc copy_files dup_fd alloc_fdtable copy_signal copy_sighand copy_fs_struct
     alloc_pid prepare_creds copy_creds cred_alloc_blank`,
  ],
  ['programs that start', 'alloc_bprm load_elf_binary bprm_execve do_execveat_common begin_new_exec'],
  ['signals', '__send_signal_locked __send_signal sigqueue_alloc __sigqueue_alloc'],
  ['timers', 'do_timer_create alloc_posix_timer'],
  ['cgroups', 'cgroup_mkdir cgroup_create mem_cgroup_css_alloc cgroup_apply_control_enable obj_cgroup_alloc'],
  ['sysfs and cgroup entries', '__kernfs_new_node kernfs_new_node __kernfs_create_file'],
  ['kernel modules', 'load_module layout_and_allocate module_memory_alloc'],
  ['keys', 'key_alloc __key_instantiate_and_link user_preparse'],
  ['messages of queues', 'alloc_msg load_msg'],
  ['shared memory segments', 'newseg ipcget'],
  ['semaphores', 'newary find_alloc_undo'],
  [
    'BPF maps',
    'bpf_map_area_alloc __bpf_map_area_alloc bpf_map_kmalloc_node map_create bpf_map_alloc_percpu htab_map_alloc',
  ],
  ['BPF programs', 'bpf_prog_alloc bpf_prog_load bpf_jit_binary_pack_alloc bpf_check'],
  ['perf buffers', 'rb_alloc perf_event_alloc perf_mmap_alloc_page perf_buffer_alloc alloc_callchain_buffers'],
  ['trace buffers', '__rb_allocate_pages rb_allocate_cpu_buffer ring_buffer_resize tracing_open'],
  ['terminals', 'tty_init_dev tty_buffer_alloc tty_alloc_file alloc_tty_struct'],
  ['audit records', 'audit_log_start audit_alloc audit_buffer_alloc'],
  ['KVM guests', 'kvm_create_vm kvm_vm_ioctl_create_vcpu kvm_dev_ioctl_create_vm kvm_set_memslot'],
  // lib/xarray.c: the index of a file's pages, which also shadows evicted ones.
  ['index of the page cache', 'xas_alloc xas_create xas_nomem xas_split_alloc'],
];

const NOUN_OF = new Map(
  NOUNS.flatMap(([noun, functions]) =>
    functions
      .trim()
      .split(/\s+/)
      .map((name) => [name, noun]),
  ),
);

/** What of a call path names its memory, leaf first. */
export interface NamedPath {
  allocator: AllocatorName;
  /** True for memory from before the trace. */
  baseline: boolean;
  category: string | null;
  frames: readonly Pick<ReportFrame, 'symbol' | 'module' | 'address'>[];
  firstFrame: number;
  interruptedFrom: number | null;
}

/**
 * Returns what the memory is: 'pipe buffers', 'process memory'; 'memory of FUNCTION [module]' where
 * no name is known. Untrusted text.
 */
export function nounOf(path: NamedPath): string {
  const { category, frames, firstFrame, interruptedFrom } = path;
  if (isProcessAllocator(path.allocator)) {
    const isNamed = frames.length === 1 && isSyntheticAddress(frames[0].address);
    return userNoun({ category, isBefore: path.baseline, isNamed, symbol: ownFunction(path)?.symbol ?? null });
  }
  const ofCategory = NOUN_OF_CATEGORY.get(category);
  if (ofCategory !== undefined) return ofCategory;
  const own = ownFunction(path);
  if (own !== null && own.module !== null) return memoryOf(own);
  const end = interruptedFrom ?? frames.length;
  for (let i = firstFrame; i < end; i++) {
    if (frames[i].module !== null) break;
    const noun = NOUN_OF.get(bareName(frames[i].symbol));
    if (noun !== undefined) return noun;
  }
  return own === null ? 'memory without a call path' : memoryOf(own);
}

/**
 * Returns the function whose memory it is: the module's function nearest to the allocator, or else the
 * first function that is not plumbing; null without a call path. Of a process it is always the latter.
 */
export function ownFunction({
  allocator,
  frames,
  firstFrame,
  interruptedFrom,
}: Omit<NamedPath, 'category' | 'baseline'>): Pick<ReportFrame, 'symbol' | 'module'> | null {
  const end = interruptedFrom ?? frames.length;
  if (isProcessAllocator(allocator)) return frames[firstFrame] ?? null;
  for (let i = 0; i < end; i++) if (frames[i].module !== null) return frames[i];
  return firstFrame < end ? frames[firstFrame] : null;
}

function memoryOf({ symbol, module }: Pick<ReportFrame, 'symbol' | 'module'>): string {
  return `memory of ${symbol}${module === null ? '' : ` [${module}]`}`;
}
