// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * heap.bpf.c: the heap of running processes, by uprobes on the functions of their allocators (heap/). An object of its
 * own with a ring of its own.
 *
 * There is a program for each role of a function and not a cookie that tells it: cookies need 5.15. It has three
 * forms. From 6.13 on one session program sees the call and its return; from 6.6 on two programs are attached by
 * uprobe_multi; before, each of them to each function by a perf event. The helpers are those of 5.10, and in sessions
 * bpf_get_func_ip().
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "unfreed.h"
#include "heap-records.h"
#include "heap-maps.bpf.h"
#include "heap-walk.bpf.h"
#include "heap-paths.bpf.h"
#include "heap-calls.bpf.h"

/* A program of each role that allocates: `entry_ROLE` for the call alone, `session_ROLE` for both. */
#define ROLE_PROGRAMS(ROLE, name) \
SEC("kprobe") \
int entry_##name(struct pt_regs *ctx) \
{ \
	called(ctx, HEAP_##ROLE); \
	return 0; \
} \
\
SEC("kprobe") \
int session_##name(struct pt_regs *ctx) \
{ \
	/* bpf_session_is_return() has another prototype on newer kernels. The function's address is that of its probe */ \
	if (bpf_get_func_ip(ctx) != PT_REGS_IP(ctx)) { \
		returned(ctx); \
		return 0; \
	} \
	/* 1: its return is not ours */ \
	return !called(ctx, HEAP_##ROLE); \
}

ROLE_PROGRAMS(SIZE, size)
ROLE_PROGRAMS(PRODUCT, product)
ROLE_PROGRAMS(ALIGNED, aligned)
ROLE_PROGRAMS(OUT, out)
ROLE_PROGRAMS(RESIZE, resize)
ROLE_PROGRAMS(RESIZE_MANY, resize_many)

SEC("kprobe")
int entry_release(struct pt_regs *ctx)
{
	released(ctx);
	return 0;
}

/*
 * A library that is loaded may lie where another one was. The loader hears of it only when it is mapped already, and by then a
 * path may have been walked by steps of the old one.
 */
SEC("kprobe")
int entry_loads(struct pt_regs *ctx)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct heap_process *process = bpf_map_lookup_elem(&processes, &tgid);
	struct heap_head *record;

	if (!process)
		return 0;
	process->salt = heap_mix(process->salt, bpf_ktime_get_ns()) | 1;
	__sync_fetch_and_add(&heap_generation, 1);
	record = bpf_ringbuf_reserve(&heap_ring, sizeof(*record), 0);
	if (!record)
		return 0;
	record->tag = HEAP_TAG_LOADS;
	record->tgid = tgid;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return 0;
}

SEC("kprobe")
int any_return(struct pt_regs *ctx)
{
	returned(ctx);
	return 0;
}

/* A thread's state must not be taken over by another thread of the same number. */
SEC("raw_tp/sched_process_exit")
int thread_gone(void *ctx)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&threads, &tid);
	return 0;
}

/* For heap_count(): how often each role is called, nothing else. */
SEC("kprobe")
int count_alloc(struct pt_regs *ctx)
{
	__sync_fetch_and_add(&calls_counted[0], 1);
	return 0;
}

SEC("kprobe")
int count_release(struct pt_regs *ctx)
{
	__sync_fetch_and_add(&calls_counted[1], 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
