/* SPDX-License-Identifier: MIT */
/*
 * The bodies of all programs: what happens to one alloc and to one free,
 * whichever hook it came from. Events go into the ring as they go on the wire.
 */
#ifndef EVENTS_BPF_H
#define EVENTS_BPF_H

static __always_inline bool is_self(u32 tgid)
{
	return tgid && (tgid == self_tgids[0] || tgid == self_tgids[1] || tgid == self_tgids[2] ||
			tgid == self_tgids[3] || tgid == self_tgids[4]);
}

struct alloc_seen {
	u32 slot;
	u32 kind;
	u64 word1;
	u64 bytes;                    /* the bytes that it takes: for filters and losses */
	u64 word4;                    /* not for pages, nor with a cache */
	struct kmem_cache___u *cache; /* NULL: none */
};

static __always_inline u64 sizes(u64 bytes_alloc, u64 bytes_req)
{
	/* 32 bits each on the wire; no slab object is larger, this is only to be sure */
	if (bytes_alloc > 0xffffffffULL)
		bytes_alloc = 0xffffffffULL;
	if (bytes_req > 0xffffffffULL)
		bytes_req = 0xffffffffULL;
	return bytes_alloc | bytes_req << 32;
}

/*
 * The verifier sees the cache and its name as typed pointers, and allows no
 * arithmetic on them (7.2: rdonly_untrusted_mem). Through map memory they become
 * numbers; the barrier makes clang really go through memory.
 */
static __always_inline void identify(struct cache_identity *identity, struct kmem_cache___u *cache)
{
	identity->cache = (u64)cache;
	identity->name = (u64)cache->name;
	identity->size = cache->size;
	identity->object_size = cache->object_size;
	asm volatile("" ::: "memory");
}

/* scratch->busy is held */
static __always_inline int send_alloc(void *ctx, struct slot_scratch *scratch, const struct alloc_seen *a,
				      const struct task_seen *task, u64 self)
{
	u32 stack = path_id(ctx, scratch, a->slot);
	u32 cpu = bpf_get_smp_processor_id();
	u64 kind = a->kind | self;
	u32 comm, cache = 0;
	u64 word4 = a->word4, *word;

	if (stack == NO_ROOM) {
		count(a->slot, LOSS_RING_FULL, a->bytes, 1);
		return 0;
	}
	if (stack >= NO_PATH) {
		count(a->slot, stack == NO_PATH ? LOSS_NO_STACK : LOSS_STACK_TABLE_FULL, a->bytes, 1);
		stack = 0;
	}
	comm = comm_id(scratch, &task->comm);
	if (!comm)
		count(a->slot, LOSS_NAME_TABLE_FULL, a->bytes, 1);

	if (a->cache) {
		identify(&scratch->cache, a->cache);
		cache = cache_id(scratch);
		if (!cache) {
			/* without a cache id the sizes must be in the event */
			count(a->slot, LOSS_NAME_TABLE_FULL, a->bytes, 1);
			word4 = sizes(scratch->cache.size, scratch->cache.object_size);
			kind |= KIND_SIZED;
		}
	}
	if (waits(a->kind, a->word1)) {
		struct young_alloc young = {
			.word = { (bpf_ktime_get_ns() - start_ns) << 8 | kind, a->word1,
				  stack | (u64)task->tgid << 32,
				  names_word(comm, cache, cpu),
				  kind & KIND_SIZED || a->kind == KIND_KMALLOC ? word4 : a->bytes },
		};

		if (keep_young(&young, a->slot))
			return 0;
	}
	/*
	 * With a cache id the last word does not go on the wire; the loader cuts it
	 * off. Two sizes of reservation are more than the verifier of 6.1 can follow.
	 */
	if (a->kind == KIND_PAGE_ALLOC)
		word = event_reserve(4);
	else
		word = event_reserve(5);
	if (!word) {
		count(a->slot, LOSS_RING_FULL, a->bytes, 1);
		return 0;
	}
	word[1] = a->word1;
	word[2] = stack | (u64)task->tgid << 32;
	word[3] = names_word(comm, cache, cpu);
	if (a->kind != KIND_PAGE_ALLOC)
		word[4] = word4;
	event_submit(word, (bpf_ktime_get_ns() - start_ns) << 8 | kind);
	return 0;
}

/*
 * An interrupt may come here while the program that it interrupted uses the scratch
 * memory: as that program's twin (twin.bpf.h), or, before 6.1, as that program itself.
 * It takes a scratch of its own. If a second interrupt finds both in use, its event is
 * counted and not sent.
 */
static __always_inline struct slot_scratch *take_scratch(u32 slot, u64 bytes)
{
	struct slot_scratch *scratch = bpf_map_lookup_elem(&scratches, &slot);
	u32 index = slot;

	if (scratch && scratch->busy) {
		index += NR_ALLOC_SLOTS;
		scratch = bpf_map_lookup_elem(&scratches, &index);
	}
	if (!scratch)
		return NULL;
	if (scratch->busy) {
		count(slot, LOSS_RECURSION, bytes, 1);
		return NULL;
	}
	scratch->busy = 1;
	scratch->index = index;
	return scratch;
}

static __always_inline int alloc(void *ctx, const struct alloc_seen *a, u64 sample_key)
{
	struct slot_scratch *scratch;
	struct task_seen task;
	u64 self = 0;

	if (!sampled(sample_key))
		return 0;
	if (min_bytes && a->bytes < min_bytes) {
		count(a->slot, FILTERED, a->bytes, 1);
		return 0;
	}
	see_task(&task);
	if ((self_mark || self_drop) && is_self(task.tgid)) {
		if (self_drop) {
			count(a->slot, FILTERED, a->bytes, 1);
			return 0;
		}
		self = KIND_SELF;
	}
	scratch = take_scratch(a->slot, a->bytes);
	if (!scratch)
		return 0;
	send_alloc(ctx, scratch, a, &task, self);
	scratch->busy = 0;
	return 0;
}

/* kmalloc, kmem_cache_alloc without its cache; percpu through percpu_alloc() */
static __always_inline int sized_alloc(void *ctx, u32 slot, u32 kind, u64 ptr, u64 bytes_req,
				       u64 bytes_alloc)
{
	struct alloc_seen a = {
		.slot = slot,
		.kind = kind,
		.word1 = ptr,
		.bytes = bytes_alloc,
		.word4 = sizes(bytes_alloc, bytes_req),
	};

	if (!tracing)
		return 0;
	if (ptr <= 16) { /* NULL or ZERO_SIZE_PTR */
		count(slot, FAILED_ALLOC, bytes_alloc, 1);
		return 0;
	}
	return alloc(ctx, &a, OBJECT_SAMPLE_KEY(ptr));
}

/*
 * What an alloc takes of the percpu chunks: its size once for each possible CPU. The tracepoint's
 * bytes_alloc (from 5.19) is what a cgroup is charged: from 5.19 to 7.x it includes a pointer, later
 * 16 bytes, for each 4 bytes (pcpu_obj_full_size(), f67bed134a05). Those lie in a table of the whole
 * chunk, which has an event of its own, in vmalloc or slab.
 */
static __always_inline int percpu_alloc(void *ctx, u64 ptr, u64 size)
{
	return sized_alloc(ctx, SLOT_PERCPU_ALLOC, KIND_PERCPU_ALLOC, ptr, size, size * possible_cpus);
}

static __always_inline int cache_alloc(void *ctx, u32 slot, u64 ptr, struct kmem_cache___u *cache)
{
	struct alloc_seen a = {
		.slot = slot,
		.kind = KIND_KMEM_CACHE_ALLOC,
		.word1 = ptr,
		.cache = cache,
	};

	if (!tracing || !cache)
		return 0;
	a.bytes = cache->size;
	if (ptr <= 16) {
		count(slot, FAILED_ALLOC, a.bytes, 1);
		return 0;
	}
	return alloc(ctx, &a, OBJECT_SAMPLE_KEY(ptr));
}

static __always_inline int page_alloc(void *ctx, u64 pfn, u32 order)
{
	struct alloc_seen a = {
		.slot = SLOT_MM_PAGE_ALLOC,
		.kind = KIND_PAGE_ALLOC,
		.word1 = pfn | (u64)order << 56,
		.bytes = page_size << order,
	};

	return alloc(ctx, &a, PAGE_SAMPLE_KEY(pfn));
}

static __always_inline int vmap_alloc(void *ctx, u64 address, u64 bytes, int failed)
{
	struct alloc_seen a = {
		.slot = SLOT_ALLOC_VMAP_AREA,
		.kind = KIND_VMALLOC_ALLOC,
		.word1 = address,
		.bytes = bytes,
		.word4 = bytes,
	};

	if (!tracing)
		return 0;
	if (failed) {
		count(a.slot, FAILED_ALLOC, bytes, 1);
		return 0;
	}
	return alloc(ctx, &a, VMAP_SAMPLE_KEY(address));
}

/*
 * Frees need no scratch, so any interrupt may run them again. Below `limit` (site_limit, or 0 where there is no
 * ctx) the call path is taken as well.
 */
static __always_inline int send_free(void *ctx, u32 slot, u32 kind, u64 word1, u64 bytes, u32 bytes_known, u64 limit)
{
	u64 *word = NULL;
#ifdef FAST_STACKS
	struct event_ring *events;
	u64 head;
#endif

	if (waits(kind, word1) && free_young(ctx, word1, slot, limit))
		return 0;
#ifdef FAST_STACKS
	events = event_room(&head);
	if (events) {
		if (ctx && head * GOLDEN < limit && send_sited_free(ctx, kind, word1))
			return 0;
		word = event_claim(events, 2);
	}
#else
	if (ctx && limit && (limit == EVERY_SITE || bpf_get_prandom_u32() < limit >> 32) &&
	    send_sited_free(ctx, kind, word1))
		return 0;
	word = event_reserve(2);
#endif
	if (!word) {
		count(slot, LOSS_RING_FULL, bytes, bytes_known);
		return 0;
	}
	word[1] = word1;
	event_submit(word, (bpf_ktime_get_ns() - start_ns) << 8 | kind);
	return 0;
}

static __always_inline int object_free(void *ctx, u32 slot, u32 kind, u64 ptr, u64 bytes, u32 bytes_known)
{
	if (!tracing)
		return 0;
	if (ptr <= 16) {
		count(slot, NULL_FREE, 0, 0);
		return 0;
	}
	if (skips_object(ptr))
		return 0;
	if (min_bytes && bytes_known && bytes < min_bytes) {
		count(slot, FILTERED, bytes, 1);
		return 0;
	}
	return send_free(ctx, slot, kind, ptr, bytes, bytes_known, site_limit);
}

/* A page free is never filtered by size: it may be a piece of a large block. */
static __always_inline int page_free(void *ctx, u64 pfn, u32 order)
{
	if (skips_page(pfn))
		return 0;
	return send_free(ctx, SLOT_MM_PAGE_FREE, KIND_PAGE_FREE, pfn | (u64)order << 56,
			 page_size << order, 1, site_limit);
}

static __always_inline int vmap_free(void *ctx, u64 address)
{
	if (!tracing || !sampled(VMAP_SAMPLE_KEY(address)))
		return 0;
	return send_free(ctx, SLOT_FREE_VMAP_AREA, KIND_VMALLOC_FREE, address, 0, 0, site_limit);
}

#endif
