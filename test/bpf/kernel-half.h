/* SPDX-License-Identifier: MIT */
/*
 * The programs' side of call paths without a walk (fast-walk.bpf.h, path-tree.bpf.h), compiled for
 * the host: the same source, on a stack that is an array. Maps are variables here; a load outside the
 * array gives 0, like a load that faults in the kernel.
 */
#ifndef KERNEL_HALF_H
#define KERNEL_HALF_H

#include <stddef.h>
#include <string.h>
#include <linux/bpf.h>
#include "stacks.h"

#pragma GCC diagnostic ignored "-Wint-in-bool-context"

typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;

#define SEC(name)
#define __ksym
#define __noinline __attribute__((noinline, unused))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) __typeof__(value) *name
#define bpf_core_type_id_kernel(type) 0
#define bpf_core_field_offset(type, field) offsetof(type, field)
#define bpf_probe_read_kernel(to, bytes, from) memcpy(to, from, bytes)
#define bpf_get_current_task() 0
#define BPF_RB_NO_WAKEUP 0

struct timespec64 {
	long long tv_sec, tv_nsec;
};

#define STACK_BYTES 4096

static u8 stack[STACK_BYTES] __attribute__((aligned(16)));

void *bpf_rdonly_cast(const void *object, __u32 btf_id)
{
	static const struct timespec64 nothing;
	const u8 *at = object;

	(void)btf_id;
	return at >= stack && at + sizeof(nothing) <= stack + STACK_BYTES ? (void *)at : (void *)&nothing;
}

static void *lookup(const void *map, const void *key);
static void *bpf_map_lookup_elem(const void *map, const void *key)
{
	return lookup(map, key);
}

/* Holds one record, which the loader takes at once. */
static union {
	u64 tag;
	u8 bytes[8192];
} record;

static void *bpf_ringbuf_reserve(const void *map, u64 bytes, u64 flags)
{
	(void)map;
	(void)flags;
	return bytes <= sizeof(record) ? &record : NULL;
}

static void taken(void);
static void bpf_ringbuf_submit(void *submitted, u64 flags)
{
	(void)submitted;
	(void)flags;
	taken();
}

#define __sync_fetch_and_add(to, value) (*(to) += (value))
#include "maps.bpf.h"

/* As in fast-stack.bpf.h. */
struct pc_table {
	u64 word[NR_PCS];
};
static int pc_table; /* stands for the map */
static u32 paths_wanted = PATHS_WANTED;
static u64 paths_sent[NR_PATHS_SENT];
static struct fast_start fast_starts[NR_ALLOC_SLOTS];
#define HOT_BITS 11
static u64 hot_pcs[1 << HOT_BITS];
static u64 pcs_asked[NR_PCS_ASKED];

/* The cgroup of a task is read from the kernel alone. */
#define cgroup_of(task) 0
#include "fast-walk.bpf.h"
#include "path-tree.bpf.h"

#endif
