/**
 * Allocator plumbing: functions that only stand between the code that wanted memory and the
 * tracepoint. The names cover Linux 5.4 to 7.2, SLUB and the old SLAB. Suffixes of the compiler and
 * of allocation profiling are removed before the lookup. Each name is listed under its part of the
 * memory manager, because the part decides for which allocator it takes pages (backing.ts).
 */
import { isImage } from './tracing-frames.js';

export type PlumbingPart = 'page' | 'slab' | 'percpu' | 'vmalloc' | 'helper' | 'tracing';

/** 'vmalloc' for '__vmalloc_node_range_noprof.constprop.0'; null for a function that is not plumbing. */
export function plumbingPart(symbol: string): PlumbingPart | null {
  const part = PART_OF_NAME.get(bareName(symbol));
  if (part !== undefined) return part;
  if (LARGE_KMALLOC.test(symbol)) return 'slab';
  return TRACING.test(symbol) || isImage({ symbol, offset: 0, module: null }) ? 'tracing' : null;
}

/**
 * A symbol without the compiler's suffixes (.isra.0, .constprop.0, .part.0, .cold, .llvm.123),
 * without _noprof, and without the dot that ppc64 (ELF v1) puts before a function's code.
 */
export function bareName(symbol: string): string {
  return symbol
    .replace(/^\./, '')
    .replace(/\.(?:isra|constprop|part|cold|llvm|lto_priv)\b.*$/, '')
    .replace(/_noprof$/, '');
}

const LARGE_KMALLOC = /^_*kmalloc_(?:large|order)/;
/**
 * Functions of the tracing itself, which some kernels leave above the tracepoint or put in the middle
 * of a path; and its images, where a text has no module for them (tracing-frames.ts). From
 * kernel/trace/{bpf_trace,ftrace,fprobe,rethook,trace_kprobe}.c, kernel/bpf/trampoline.c, and
 * arch's ftrace and kprobes.
 */
const TRACING =
  /^(?:__traceiter_|__probestub_|__bpf_trace_|bpf_trace_run\d|trace_event_raw_event_|perf_trace_|trace_call_bpf(?:_faultable)?$|__bpf_prog_(?:enter|exit)|__bpf_tramp_(?:enter|exit)|(?:arch_)?ftrace_(?:ops_)?(?:list|assist)_func$|arch_ftrace_ops_list_func$|ftrace_(?:regs_)?(?:caller|call)$|(?:ftrace_)?return_to_handler$|function_graph_enter|kprobe_(?:ftrace_handler|dispatcher|perf_func|trace_func|multi_link_)|kretprobe_(?:dispatcher|perf_func|trampoline|rethook_handler)|__kretprobe_trampoline|(?:arch_)?rethook_(?:trampoline|hook)|fprobe_(?:handler|kprobe_handler|entry|exit_handler|return|ftrace_entry|fgraph_entry|perf_handler)|optimized_callback$)/;

const NAMES: Record<Exclude<PlumbingPart, 'tracing'>, string> = {
  page: `
    __alloc_pages_nodemask __alloc_pages __alloc_pages_node alloc_pages alloc_pages_node alloc_pages_current
    alloc_pages_vma alloc_pages_mpol alloc_page_interleave alloc_pages_preferred_many alloc_pages_nolock
    __alloc_frozen_pages alloc_frozen_pages alloc_frozen_pages_nolock alloc_pages_bulk __alloc_pages_bulk
    alloc_pages_bulk_array_mempolicy alloc_pages_bulk_mempolicy alloc_pages_bulk_weighted_interleave
    alloc_pages_exact alloc_pages_exact_nid make_alloc_exact __get_free_pages get_free_pages get_zeroed_page
    folio_alloc __folio_alloc __folio_alloc_node folio_alloc_mpol vma_alloc_folio filemap_alloc_folio
    __page_cache_alloc get_page_from_freelist __alloc_pages_slowpath __alloc_pages_direct_compact
    __alloc_pages_may_oom __alloc_pages_cpuset_fallback rmqueue prep_new_page split_page post_alloc_hook
    set_page_owner __set_page_owner __set_page_owner_handle save_stack register_early_stack
    page_frag_alloc page_frag_alloc_align __page_frag_alloc_align __page_frag_cache_refill`,
  slab: `
    kmalloc __kmalloc kmalloc_node __kmalloc_node __kmalloc_track_caller __kmalloc_node_track_caller kmalloc_trace
    kmalloc_node_trace __kmalloc_cache __kmalloc_cache_node __do_kmalloc __do_kmalloc_node kmalloc_nolock
    kmalloc_array kzalloc kcalloc krealloc __do_krealloc krealloc_array krealloc_node_align kmem_cache_alloc
    kmem_cache_zalloc kmem_cache_alloc_trace kmem_cache_alloc_node kmem_cache_alloc_node_trace kmem_cache_alloc_lru
    __kmem_cache_alloc_lru __kmem_cache_alloc_node kmem_cache_alloc_bulk __kmem_cache_alloc_bulk
    kmem_cache_alloc_from_sheaf kmem_cache_prefill_sheaf kmem_cache_refill_sheaf refill_sheaf alloc_full_sheaf
    alloc_empty_sheaf __alloc_empty_sheaf refill_objects __refill_objects __pcs_replace_empty_main slab_alloc
    slab_alloc_node __slab_alloc_node __slab_alloc ___slab_alloc new_slab new_slab_objects allocate_slab
    alloc_slab_page alloc_slab_obj_exts memcg_alloc_page_obj_cgroups memcg_alloc_slab_cgroups
    kmem_getpages cache_grow_begin cache_alloc_refill ____cache_alloc ____cache_alloc_node fallback_alloc`,
  percpu: `
    __alloc_percpu __alloc_percpu_gfp __alloc_reserved_percpu __devm_alloc_percpu pcpu_alloc pcpu_alloc_pages
    pcpu_populate_chunk pcpu_create_chunk pcpu_alloc_chunk pcpu_mem_zalloc pcpu_balance_populated
    pcpu_balance_workfn`,
  vmalloc: `
    vmalloc vzalloc vmalloc_node vzalloc_node vmalloc_user vmalloc_32 vmalloc_32_user vmalloc_huge vmalloc_huge_node
    vmalloc_exec vmalloc_array __vmalloc_array vcalloc __vcalloc vrealloc __vmalloc __vmalloc_node
    __vmalloc_node_range __vmalloc_node_flags_caller __vmalloc_area_node vm_area_alloc_pages alloc_vmap_area
    get_vm_area get_vm_area_caller __get_vm_area __get_vm_area_node __get_vm_area_caller`,
  helper: `
    kvmalloc kvzalloc kvmalloc_node __kvmalloc_node kvmalloc_array kvcalloc kvrealloc kvrealloc_node_align kmemdup
    kmemdup_nul kmemdup_array kvmemdup kstrdup kstrndup kstrdup_const kvasprintf kvasprintf_const kasprintf
    memdup_user memdup_user_nul vmemdup_user devm_kmalloc devm_krealloc devm_kmemdup devm_kstrdup devm_kasprintf
    devm_kvasprintf devm_get_free_pages mempool_alloc mempool_alloc_slab mempool_alloc_pages mempool_kmalloc
    mempool_kvmalloc`,
};

const PART_OF_NAME = new Map<string, PlumbingPart>();
for (const [part, names] of Object.entries(NAMES)) {
  for (const name of names.trim().split(/\s+/)) PART_OF_NAME.set(name, part as PlumbingPart);
}
