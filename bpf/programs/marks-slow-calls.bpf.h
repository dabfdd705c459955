/* SPDX-License-Identifier: MIT */
/*
 * The same system calls by their tracepoints, for kernels where functions cannot be hooked. They slow down every
 * system call of the machine by some 0.1 us (6.18), so they are attached with --system-calls alone. They do not see 32-bit programs.
 */
#ifndef MARKS_SLOW_CALLS_BPF_H
#define MARKS_SLOW_CALLS_BPF_H

struct trace_event_raw_sys_enter___m {
	unsigned long args[6];
} __attribute__((preserve_access_index));

struct trace_event_raw_sys_exit___m {
	long ret;
} __attribute__((preserve_access_index));

struct call {
	u64 argument[3];
};

/* By thread: a call that has begun. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, struct call);
} calls SEC(".maps");

/* A record has as many arguments as the call has, and a program that reads more is refused. */
static __always_inline int call_begins(struct trace_event_raw_sys_enter___m *ctx, u32 nr)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct call call = { { ctx->args[0], nr > 1 ? ctx->args[1] : 0, nr > 2 ? ctx->args[2] : 0 } };

	bpf_map_update_elem(&calls, &tid, &call, BPF_ANY);
	return 0;
}

static __always_inline bool call_ends(struct call *call)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct call *begun = bpf_map_lookup_elem(&calls, &tid);

	if (!begun)
		return false;
	*call = *begun;
	bpf_map_delete_elem(&calls, &tid);
	return true;
}

#define SLOW_CALL(name, nr, how) \
	SEC("tp/syscalls/sys_enter_" #name) \
	int name##_begin_slow(struct trace_event_raw_sys_enter___m *ctx) { return call_begins(ctx, nr); } \
	SEC("tp/syscalls/sys_exit_" #name) \
	int name##_end_slow(struct trace_event_raw_sys_exit___m *ctx) \
	{ \
		long result = ctx->ret; \
		struct call call; \
		u64 *a = call.argument; \
		return call_ends(&call) ? how : 0; \
	}

SLOW_CALL(shmget, 3, shm_call(MARK_SHMGET, 4, (s32)a[0], (s64)a[1], (s32)a[2], result))
SLOW_CALL(shmat, 3, shm_call(MARK_SHMAT, 4, (s32)a[0], (s64)a[1], (s32)a[2], result))
SLOW_CALL(shmdt, 1, shm_call(MARK_SHMDT, 2, (s64)a[0], result, 0, 0))
SLOW_CALL(shmctl, 3, shm_call(MARK_SHMCTL, 3, (s32)a[0], (s32)a[1], result, 0))
SLOW_CALL(swapon, 2, swap_call(MARK_SWAP_ON, a[0], result))
SLOW_CALL(swapoff, 1, swap_call(MARK_SWAP_OFF, a[0], result))

#endif
