// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * unfreed.bpf.c: every alloc and free of the kernel's allocators, with the
 * call path of each alloc, into one ring buffer. CO-RE: built once, loaded on
 * any kernel with BTF from 5.10 on. The loader chooses one program
 * per hook, frames the ring's records as a stream and describes the machine.
 *
 *   # make -C bpf && bpf/build/unfreed-collect -o pipes.unf -- python3 hold-pipes.py 23
 *   1 s  41906 events  41853/s  1.2 MiB  none lost
 *   # unfreed top pipes.unf
 *
 * hold-pipes.py fills 23 pipes of 16 pages each. The recording then holds 368
 * page allocs through anon_pipe_write() without a free; when the pipes are
 * closed, none. Every pfn is the one that the classic tracepoint prints.
 * Checked so on Linux 5.10, 6.1, 6.12, 6.16, 6.18, 7.2 and 7.3 (on 7.3 a full
 * pipe keeps a 17th page: 391).
 *
 * OVERHEAD. Per event, measured on 6.18 (AMD EPYC, 57 ns of it the measurement):
 * alloc 155 to 220 ns (FAST-STACKS.md), or 3100 to 3400 where the kernel walks
 * the stack; frees 95 to 110 ns. Beside that the call of a program costs 60 ns, and
 * its twin (twin.bpf.h), where it has one, 90 ns more. A loop that does nothing but
 * allocate (pipes, sockets, files: 31 allocs a turn) takes 1.4 times the CPU time,
 * of which the calls alone are 0.16; walked 5.2 times (npm run bench:overhead).
 * Where stacks are walked, page events cost one small copy more, and up to 6.12
 * slab events, too (word_of_ctx, copy_pointers).
 *
 * README.md lists the files. Here are the tp_btf hooks; classic.bpf.h and
 * functions.bpf.h have the others.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "unfreed.h"
#include "flavours.bpf.h"
#include "maps.bpf.h"
#include "event-ring.bpf.h"
#include "sampling.bpf.h"
#include "intern.bpf.h"
#include "fast-stack.bpf.h"
#include "twin.bpf.h"
#include "free-sites.bpf.h"
#include "min-age.bpf.h"
#include "events.bpf.h"
#include "classic.bpf.h"
#include "pfn.bpf.h"
#include "family.bpf.h"
#include "functions.bpf.h"
#include "bulk-pages.bpf.h"
#include "moves.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/*
 * tp_btf: the tracepoint's own arguments. Their layout is not an interface
 * and changes; layouts.c compares it with BTF and chooses the variant that fits:
 *
 *   _sizes        (call_site, ptr, bytes_req, bytes_alloc, ...)
 *                 kmalloc, but not in 6.0; kmem_cache_alloc before 6.0
 *   _cache_sizes  (call_site, ptr, cache, bytes_req, bytes_alloc, ...)
 *                 kmalloc in 6.0 alone (b347aa7b5747); there cache may be NULL
 *   _cache        (call_site, ptr, cache, ...)
 *                 kmem_cache_alloc from 6.0, without sizes from 6.1 (2c1d697fb8ba)
 */

/* The object of a kmem event, argument 1. */
static __always_inline u64 ptr_of(u64 *ctx)
{
	u64 ptr;

	if (copy_pointers)
		ptr = word_of_ctx(ctx, 1);
	else
		/* in assembly, because clang would add 8 to ctx first, for both, and ctx must stay as it is */
		asm volatile("%0 = *(u64 *)(%1 + 8)" : "=r"(ptr) : "r"(ctx));
	return ptr;
}

SEC("tp_btf/kmalloc")
int BPF_PROG(kmalloc_sizes, unsigned long call_site, u64 ptr, u64 bytes_req, u64 bytes_alloc)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KMALLOC, ptr))
		return 0;
	return sized_alloc(ctx, SLOT_KMALLOC, KIND_KMALLOC, ptr, bytes_req, bytes_alloc);
}

SEC("tp_btf/kmalloc")
int BPF_PROG(kmalloc_cache_sizes, unsigned long call_site, u64 ptr, void *cache, u64 bytes_req,
	     u64 bytes_alloc)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KMALLOC, ptr))
		return 0;
	return sized_alloc(ctx, SLOT_KMALLOC, KIND_KMALLOC, ptr, bytes_req, bytes_alloc);
}

/* The _node variants: before 6.1 (11e9734bcb6a) */
SEC("tp_btf/kmalloc_node")
int BPF_PROG(kmalloc_node_sizes, unsigned long call_site, u64 ptr, u64 bytes_req, u64 bytes_alloc)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KMALLOC_NODE, ptr))
		return 0;
	return sized_alloc(ctx, SLOT_KMALLOC_NODE, KIND_KMALLOC, ptr, bytes_req, bytes_alloc);
}

SEC("tp_btf/kmalloc_node")
int BPF_PROG(kmalloc_node_cache_sizes, unsigned long call_site, u64 ptr, void *cache, u64 bytes_req,
	     u64 bytes_alloc)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KMALLOC_NODE, ptr))
		return 0;
	return sized_alloc(ctx, SLOT_KMALLOC_NODE, KIND_KMALLOC, ptr, bytes_req, bytes_alloc);
}

SEC("tp_btf/kmem_cache_alloc")
int BPF_PROG(kmem_cache_alloc_cache, unsigned long call_site, u64 ptr, struct kmem_cache___u *cache)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KMEM_CACHE_ALLOC, ptr))
		return 0;
	return cache_alloc(ctx, SLOT_KMEM_CACHE_ALLOC, ptr, cache);
}

SEC("tp_btf/kmem_cache_alloc_node")
int BPF_PROG(kmem_cache_alloc_node_cache, unsigned long call_site, u64 ptr,
	     struct kmem_cache___u *cache)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KMEM_CACHE_ALLOC_NODE, ptr))
		return 0;
	return cache_alloc(ctx, SLOT_KMEM_CACHE_ALLOC_NODE, ptr, cache);
}

SEC("tp_btf/kmem_cache_alloc")
int BPF_PROG(kmem_cache_alloc_sizes, unsigned long call_site, u64 ptr, u64 bytes_req, u64 bytes_alloc)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KMEM_CACHE_ALLOC, ptr))
		return 0;
	return sized_alloc(ctx, SLOT_KMEM_CACHE_ALLOC, KIND_KMEM_CACHE_ALLOC | KIND_SIZED, ptr,
			   bytes_req, bytes_alloc);
}

SEC("tp_btf/kmem_cache_alloc_node")
int BPF_PROG(kmem_cache_alloc_node_sizes, unsigned long call_site, u64 ptr, u64 bytes_req,
	     u64 bytes_alloc)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KMEM_CACHE_ALLOC_NODE, ptr))
		return 0;
	return sized_alloc(ctx, SLOT_KMEM_CACHE_ALLOC_NODE, KIND_KMEM_CACHE_ALLOC | KIND_SIZED, ptr,
			   bytes_req, bytes_alloc);
}

SEC("tp_btf/kfree")
int BPF_PROG(kfree_ptr, unsigned long call_site, u64 ptr)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KFREE, ptr))
		return 0;
	return object_free(ctx, SLOT_KFREE, KIND_KFREE, ptr, 0, 0);
}

/* before 6.1 it names no cache, or only the cache's name */
SEC("tp_btf/kmem_cache_free")
int BPF_PROG(kmem_cache_free_ptr, unsigned long call_site, u64 ptr)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KMEM_CACHE_FREE, ptr))
		return 0;
	return object_free(ctx, SLOT_KMEM_CACHE_FREE, KIND_KMEM_CACHE_FREE, ptr, 0, 0);
}

SEC("tp_btf/kmem_cache_free")
int BPF_PROG(kmem_cache_free_cache, unsigned long call_site, u64 ptr, struct kmem_cache___u *cache)
{
	ptr = ptr_of(ctx);
	if (skips_object(ptr) || !is_ours(ctx, SLOT_KMEM_CACHE_FREE, ptr))
		return 0;
	return object_free(ctx, SLOT_KMEM_CACHE_FREE, KIND_KMEM_CACHE_FREE, ptr, cache ? cache->size : 0, 1);
}

SEC("tp_btf/mm_page_alloc")
int BPF_PROG(mm_page_alloc_page, void *page, unsigned int order)
{
	u64 address;

	if (!tracing)
		return 0;
	address = word_of_ctx(ctx, 0);
	if ((address && skips_page(pfn_of(address))) || !is_ours(ctx, SLOT_MM_PAGE_ALLOC, (u64)page))
		return 0;
	if (!address) {
		count(SLOT_MM_PAGE_ALLOC, FAILED_ALLOC, page_size << order, 1);
		return 0;
	}
	maybe_bulk(pfn_of(address), order);
	return page_alloc(ctx, pfn_of(address), order);
}

SEC("tp_btf/mm_page_free")
int BPF_PROG(mm_page_free_page, void *page, unsigned int order)
{
	u64 address;

	if (!tracing)
		return 0;
	address = word_of_ctx(ctx, 0);
	if (skips_page(pfn_of(address)) || !is_ours(ctx, SLOT_MM_PAGE_FREE, (u64)page))
		return 0;
	return page_free(ctx, pfn_of(address), order);
}

/* before 5.19 (f67bed134a05): no call_site */
SEC("tp_btf/percpu_alloc_percpu")
int BPF_PROG(percpu_alloc_old, bool reserved, bool is_atomic, u64 size, u64 align, void *base_addr,
	     int off, u64 ptr)
{
	return percpu_alloc(ctx, ptr, size);
}

SEC("tp_btf/percpu_alloc_percpu")
int BPF_PROG(percpu_alloc_new, unsigned long call_site, bool reserved, bool is_atomic, u64 size,
	     u64 align, void *base_addr, int off, u64 ptr)
{
	return percpu_alloc(ctx, ptr, size);
}

SEC("tp_btf/percpu_free_percpu")
int BPF_PROG(percpu_free, void *base_addr, int off, u64 ptr)
{
	return object_free(ctx, SLOT_PERCPU_FREE, KIND_PERCPU_FREE, ptr, 0, 0);
}

/* vmalloc events: from 6.2 */
SEC("tp_btf/alloc_vmap_area")
int BPF_PROG(vmap_area_alloc, u64 address, u64 size, u64 align, u64 vstart, u64 vend, int failed)
{
	return vmap_alloc(ctx, address, size, failed);
}

SEC("tp_btf/free_vmap_area_noflush")
int BPF_PROG(vmap_area_free, u64 va_start)
{
	return vmap_free(ctx, va_start);
}

/* Attached for a moment before tracing, to find which struct page has which pfn (pfn.c). */
SEC("tp_btf/mm_page_alloc")
int BPF_PROG(calibrate_pages, void *page, unsigned int order)
{
	struct page_seen seen = { .order = order };
	u32 i = nr_pages_seen & (PAGES_SEEN - 1);
	char comm[COMM_BYTES] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	if (((u64 *)comm)[0] != ((u64 *)calibrate_comm)[0] ||
	    ((u64 *)comm)[1] != ((u64 *)calibrate_comm)[1])
		return 0;
	if (vmemmap_base_at)
		bpf_probe_read_kernel(&vmemmap_base_seen, sizeof(vmemmap_base_seen), (void *)vmemmap_base_at);
	vmalloc_seen = (u64)pages_seen; /* maps that can be mapped are made by vmalloc */
	bpf_probe_read_kernel(&seen.page, sizeof(seen.page), ctx);
	seen.tgid = bpf_get_current_pid_tgid() >> 32;
	pages_seen[i] = seen;
	nr_pages_seen++;
	return 0;
}
