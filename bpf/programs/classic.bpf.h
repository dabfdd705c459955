/* SPDX-License-Identifier: MIT */
/*
 * Programs on classic tracepoints, where tp_btf is refused. They read the record that
 * the kernel has made for perf; layouts.c chooses the variant whose record this
 * kernel has. All BPF programs on a CPU share one recursion guard here, so an alloc in
 * an interrupt of any of our programs is missed. No record identifies the cache (new
 * ones have its name), so events carry their sizes.
 */
#ifndef CLASSIC_BPF_H
#define CLASSIC_BPF_H

SEC("tp/kmem/kmalloc")
int kmalloc_tp(struct trace_event_raw_kmalloc___new *r)
{
	return sized_alloc(r, SLOT_KMALLOC, KIND_KMALLOC, (u64)r->ptr, r->bytes_req, r->bytes_alloc);
}

SEC("tp/kmem/kmalloc")
int kmalloc_old_tp(struct trace_event_raw_kmem_alloc___old *r)
{
	return sized_alloc(r, SLOT_KMALLOC, KIND_KMALLOC, (u64)r->ptr, r->bytes_req, r->bytes_alloc);
}

SEC("tp/kmem/kmalloc_node")
int kmalloc_node_tp(struct trace_event_raw_kmem_alloc_node___old *r)
{
	return sized_alloc(r, SLOT_KMALLOC_NODE, KIND_KMALLOC, (u64)r->ptr, r->bytes_req,
			   r->bytes_alloc);
}

SEC("tp/kmem/kmem_cache_alloc")
int kmem_cache_alloc_tp(struct trace_event_raw_kmem_cache_alloc___new *r)
{
	return sized_alloc(r, SLOT_KMEM_CACHE_ALLOC, KIND_KMEM_CACHE_ALLOC | KIND_SIZED,
			   (u64)r->ptr, r->bytes_req, r->bytes_alloc);
}

SEC("tp/kmem/kmem_cache_alloc")
int kmem_cache_alloc_old_tp(struct trace_event_raw_kmem_alloc___old *r)
{
	return sized_alloc(r, SLOT_KMEM_CACHE_ALLOC, KIND_KMEM_CACHE_ALLOC | KIND_SIZED,
			   (u64)r->ptr, r->bytes_req, r->bytes_alloc);
}

SEC("tp/kmem/kmem_cache_alloc_node")
int kmem_cache_alloc_node_tp(struct trace_event_raw_kmem_alloc_node___old *r)
{
	return sized_alloc(r, SLOT_KMEM_CACHE_ALLOC_NODE, KIND_KMEM_CACHE_ALLOC | KIND_SIZED,
			   (u64)r->ptr, r->bytes_req, r->bytes_alloc);
}

SEC("tp/kmem/kfree")
int kfree_tp(struct trace_event_raw_kfree___new *r)
{
	return object_free(r, SLOT_KFREE, KIND_KFREE, (u64)r->ptr, 0, 0);
}

SEC("tp/kmem/kfree")
int kfree_old_tp(struct trace_event_raw_kmem_free___old *r)
{
	return object_free(r, SLOT_KFREE, KIND_KFREE, (u64)r->ptr, 0, 0);
}

SEC("tp/kmem/kmem_cache_free")
int kmem_cache_free_tp(struct trace_event_raw_kmem_cache_free___new *r)
{
	return object_free(r, SLOT_KMEM_CACHE_FREE, KIND_KMEM_CACHE_FREE, (u64)r->ptr, 0, 0);
}

SEC("tp/kmem/kmem_cache_free")
int kmem_cache_free_old_tp(struct trace_event_raw_kmem_free___old *r)
{
	return object_free(r, SLOT_KMEM_CACHE_FREE, KIND_KMEM_CACHE_FREE, (u64)r->ptr, 0, 0);
}

SEC("tp/kmem/mm_page_alloc")
int mm_page_alloc_tp(struct trace_event_raw_mm_page_alloc___u *r)
{
	if (!tracing)
		return 0;
	if (r->pfn == ~0UL) {
		count(SLOT_MM_PAGE_ALLOC, FAILED_ALLOC, page_size << r->order, 1);
		return 0;
	}
	return page_alloc(r, r->pfn, r->order);
}

SEC("tp/kmem/mm_page_free")
int mm_page_free_tp(struct trace_event_raw_mm_page_free___u *r)
{
	return tracing ? page_free(r, r->pfn, r->order) : 0;
}

SEC("tp/percpu/percpu_alloc_percpu")
int percpu_alloc_tp(struct trace_event_raw_percpu_alloc_percpu___u *r)
{
	return percpu_alloc(r, (u64)r->ptr, r->size);
}

SEC("tp/percpu/percpu_free_percpu")
int percpu_free_tp(struct trace_event_raw_percpu_free_percpu___u *r)
{
	return object_free(r, SLOT_PERCPU_FREE, KIND_PERCPU_FREE, (u64)r->ptr, 0, 0);
}

SEC("tp/vmalloc/alloc_vmap_area")
int vmap_area_alloc_tp(struct trace_event_raw_alloc_vmap_area___u *r)
{
	return vmap_alloc(r, r->addr, r->size, r->failed);
}

SEC("tp/vmalloc/free_vmap_area_noflush")
int vmap_area_free_tp(struct trace_event_raw_free_vmap_area_noflush___u *r)
{
	return vmap_free(r, r->va_start);
}

#endif
