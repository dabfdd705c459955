/* SPDX-License-Identifier: MIT */
/*
 * Call paths, task names and cache names become ids; each is described once,
 * by a definition record in the ring, before the first event that names it.
 *
 * An id comes from a hash of the thing, plus a few probes on collision, and
 * the table maps the id to the thing. To insert with BPF_NOEXIST is then to
 * claim the id, atomically, on any kernel: BPF atomics that return a value
 * need 5.12. A program that claims reserves the definition's place in the ring FIRST:
 * another CPU that finds the id in the table can only reserve later places.
 * A loser discards its record and uses the winner's id, which is the same.
 */
#ifndef INTERN_BPF_H
#define INTERN_BPF_H

#include "cgroup.bpf.h"

#define PROBES 4
#define EEXIST 17
#define E2BIG 7

/*
 * SEAM: the only place that walks the stack. It fills scratch->frames and
 * ->depth, leaf first, and returns a 64-bit hash of them, 0 = no call path.
 * fast-stack.bpf.h has another one, for kernels where it can be faster. Two call paths with
 * the same hash become one: n^2 / 2^65, one in a hundred million for 65536 paths.
 */
static __noinline u64 walk_by_kernel(void *ctx, struct slot_scratch *scratch)
{
	long bytes = bpf_get_stack(ctx, scratch->frames, sizeof(scratch->frames), 0);
	u64 hash = GOLDEN;
	u32 i;

	if (bytes < 8 || bytes > (long)sizeof(scratch->frames))
		return 0;
	scratch->depth = (u32)bytes >> 3;
#pragma clang loop unroll(disable)
	for (i = 0; i < MAX_DEPTH; i++) {
		if (i >= scratch->depth)
			break;
		hash = mix(hash, scratch->frames[i]);
	}
	return hash ? hash : 1;
}

#ifndef FAST_STACKS
#define walk_stack walk_by_kernel
#endif

/* What claiming an id may return instead of the id. */
#define NO_ROOM 0u   /* none in the ring */
#define NO_ID (~0u)  /* the table is full, or another program is claiming the id */
#define TAKEN (~1u)  /* by another thing: try the next id */
#define NO_PATH (~2u) /* the call path could not be taken */

/*
 * The claims are functions of one id, and the probes over ids are unrolled: the
 * verifier before 5.13 recognises a loop only by a backward jump, and clang tends to
 * lay out these loops so that they fall through backwards.
 */
static __noinline u32 claim_stack(struct slot_scratch *scratch, u64 hash, u32 id)
{
	struct stack_definition *record;
	u64 *known = bpf_map_lookup_elem(&stacks, &id);
	long error;

	if (id == NO_ROOM || id >= NO_PATH)
		return TAKEN;
	if (!known) {
		if (stacks_full)
			return NO_ID;
		record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
		if (!record)
			return NO_ROOM;
		record->tag = DEFINES_STACK;
		record->id = id;
		record->depth = scratch->depth;
		bpf_probe_read_kernel(record->frames, sizeof(record->frames), scratch->frames);
		error = bpf_map_update_elem(&stacks, &id, &hash, BPF_NOEXIST);
		if (!error) {
			bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
			return id;
		}
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		if (error == -E2BIG)
			stacks_full = 1;
		if (error != -EEXIST)
			return NO_ID;
		known = bpf_map_lookup_elem(&stacks, &id);
	}
	return known && *known == hash ? id : TAKEN;
}

static __noinline u32 define_stack(struct slot_scratch *scratch, u64 hash)
{
	u32 i, id;

#pragma unroll
	for (i = 0; i < PROBES; i++) {
		id = claim_stack(scratch, hash, (u32)(hash >> 32) + i);
		if (id != TAKEN)
			return id;
	}
	return NO_ID;
}

/* NO_ROOM, NO_ID, or the id of the call path in scratch. */
static __always_inline u32 stack_id(struct slot_scratch *scratch, u64 hash)
{
	u32 id = hash >> 32, i = hash & (NR_KNOWN_STACKS - 1);
	u64 *known;

	if (known_stacks[i] == hash)
		return id;
	known = bpf_map_lookup_elem(&stacks, &id);
	if (!known || *known != hash)
		return define_stack(scratch, hash);
	known_stacks[i] = hash;
	return id;
}

/* NO_PATH, NO_ROOM, NO_ID, or the id of the call path. fast-stack.bpf.h has its own of both functions. */
#ifndef FAST_STACKS
static __always_inline u32 walked_path(void *ctx, struct slot_scratch *scratch)
{
	u64 hash = walk_stack(ctx, scratch);

	return hash ? stack_id(scratch, hash) : NO_PATH;
}

static __always_inline u32 path_id(void *ctx, struct slot_scratch *scratch, u32 slot)
{
	return walked_path(ctx, scratch);
}
#endif

/* The other SEAM: the current task. fast-stack.bpf.h reads it by loads instead of calls of helpers. */
static __always_inline void see_task(struct task_seen *task);
static __always_inline u64 word_of_ctx(void *ctx, u32 i);
#ifndef FAST_STACKS
static __always_inline void see_task(struct task_seen *task)
{
	bpf_get_current_comm(task->comm.word, sizeof(task->comm.word));
	task->comm.cgroup = cgroup_of(bpf_get_current_task());
	task->tgid = bpf_get_current_pid_tgid() >> 32;
}

/* An argument of the hook as a number, whatever its type. */
static __always_inline u64 word_of_ctx(void *ctx, u32 i)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (u64 *)ctx + i);
	return value;
}
#endif

static __always_inline bool same_comm(const struct comm_name *a, const struct comm_name *b)
{
	return a->word[0] == b->word[0] && a->word[1] == b->word[1] && a->cgroup == b->cgroup;
}

static __noinline u32 claim_comm(struct comm_name *comm, u32 id)
{
	struct comm_definition *record;
	struct comm_name *known;
	long error;

	if (!comm || id == NO_ROOM || id >= NO_PATH)
		return TAKEN;
	known = bpf_map_lookup_elem(&comms, &id);
	if (!known) {
		record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
		if (!record)
			return NO_ROOM;
		record->tag = DEFINES_COMM;
		record->id = id;
		record->zero = 0;
		__builtin_memcpy(record->comm, comm->word, COMM_BYTES);
		record->cgroup = comm->cgroup;
		error = bpf_map_update_elem(&comms, &id, comm, BPF_NOEXIST);
		if (!error) {
			bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
			return id;
		}
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		if (error != -EEXIST)
			return NO_ID;
		known = bpf_map_lookup_elem(&comms, &id);
	}
	return known && same_comm(known, comm) ? id : TAKEN;
}

static __noinline u32 define_comm(struct slot_scratch *scratch)
{
	struct comm_name comm = scratch->comm;
	u64 hash = mix(mix(mix(GOLDEN, comm.word[0]), comm.word[1]), comm.cgroup);
	u32 i, id;

#pragma unroll
	for (i = 0; i < PROBES; i++) {
		id = claim_comm(&comm, (u32)(hash >> 32) + i);
		if (id != TAKEN)
			return id == NO_ID ? 0 : id;
	}
	return 0;
}

/* Word 3 of an alloc: the id of the task's name has its low and its high half at either end. */
static __always_inline u64 names_word(u32 comm, u32 cache, u32 cpu)
{
	return (u64)(comm & 0xffff) | (u64)cache << 16 | (u64)cpu << 32 | (u64)(comm >> 16) << 48;
}

/* The id of a task's name and cgroup, 0 = it has none. */
static __always_inline u32 comm_id(struct slot_scratch *scratch, const struct comm_name *comm)
{
	/* Tasks allocate in bursts: mostly it is the one seen last on this CPU. */
	if (scratch->comm_id && same_comm(comm, &scratch->comm))
		return scratch->comm_id;
	scratch->comm = *comm;
	scratch->comm_id = define_comm(scratch);
	return scratch->comm_id;
}

static __always_inline bool same_cache(const struct cache_identity *a, const struct cache_identity *b)
{
	return a->cache == b->cache && a->name == b->name && a->size == b->size &&
	       a->object_size == b->object_size;
}

static __noinline u32 claim_cache(struct cache_identity *cache, u32 id)
{
	struct cache_definition *record;
	struct cache_identity *known;
	long error;

	if (!cache || id == 0)
		return TAKEN;
	known = bpf_map_lookup_elem(&caches, &id);
	if (!known) {
		if (caches_full)
			return NO_ID;
		record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
		if (!record)
			return NO_ROOM;
		record->tag = DEFINES_CACHE;
		record->id = id;
		record->bytes_alloc = cache->size;
		record->bytes_req = cache->object_size;
		record->zero = 0;
		record->name[0] = 0;
		bpf_probe_read_kernel_str(record->name, sizeof(record->name),
					  (const void *)cache->name);
		error = bpf_map_update_elem(&caches, &id, cache, BPF_NOEXIST);
		if (!error) {
			bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
			return id;
		}
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		if (error == -E2BIG)
			caches_full = 1;
		if (error != -EEXIST)
			return NO_ID;
		known = bpf_map_lookup_elem(&caches, &id);
	}
	return known && same_cache(known, cache) ? id : TAKEN;
}

static __noinline u32 define_cache(struct cache_identity *cache)
{
	u64 hash;
	u32 i, id;

	if (!cache)
		return 0;
	hash = mix(mix(mix(GOLDEN, cache->cache), cache->name), cache->size);
#pragma unroll
	for (i = 0; i < PROBES; i++) {
		id = claim_cache(cache, (u16)((hash >> 48) + i));
		if (id != TAKEN)
			return id == NO_ID ? 0 : id;
	}
	return 0;
}

/* The id of the slab cache in scratch->cache, 0 = it has none. */
static __always_inline u32 cache_id(struct slot_scratch *scratch)
{
	u32 i = (scratch->cache.cache * GOLDEN) >> (64 - KNOWN_CACHES_BITS);
	struct known_cache *known = &scratch->known_caches[i & ((1 << KNOWN_CACHES_BITS) - 1)];

	if (known->id && same_cache(&known->identity, &scratch->cache))
		return known->id;
	known->identity = scratch->cache;
	known->id = define_cache(&scratch->cache);
	return known->id;
}

#endif
