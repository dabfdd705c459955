// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * spaces.bpf.c: the calls by which the processes that are traced change their address spaces, with the top of the user's
 * stack where a call path is wanted, and the lives of these processes. An object of its own with a ring of its own.
 *
 * A system call is hooked at its function. Where functions cannot be hooked, its tracepoint is, which puts some 40 ns on every
 * system call of the machine. Both have the user's registers, and with them the arguments: nothing is kept between the
 * beginning and the end of a call. An unmapping is sent before it is done, everything else after it: so two threads that
 * unmap and map the same addresses are told of in their true order.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "space-records.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct signal_struct___s {
	atomic_t live;
};

struct mm_struct___s {
	unsigned long arg_start, arg_end;
};

struct linux_binprm___s {
	const char *filename;
};

struct task_struct___s {
	pid_t pid, tgid;
	void *stack;
	struct mm_struct___s *mm;
	struct signal_struct___s *signal;
};

/* The types of older kernels have no such name: the loader finds it in those of the kernel that runs. */
enum bpf_func_id___s { BPF_FUNC_task_pt_regs___s = 175 };

struct trace_event_raw_sys_exit___s {
	long ret;
};

#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, SPACE_RING_BYTES);
} ring SEC(".maps");

/* Process ids. A child of one that is traced is traced too. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MOST_TRACED);
	__type(key, u32);
	__type(value, u32);
} traced SEC(".maps");

struct scratch {
	struct space_record record;
	u8 stack[STACK_COPY_BYTES];
};

/* Programs of one CPU may run one inside the other (5.10 to 6.x migrate, do not preempt): each has its own place. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SPACE_EXITS + 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* Records that found no room. */
__u64 lost = 0;
/* Threads whose size of the kernel's stack is not that of most kernels. */
const volatile __u32 thread_bytes = 16384;

static __always_inline u32 traced_as(u32 tgid)
{
	u32 *as = bpf_map_lookup_elem(&traced, &tgid);

	return as ? *as : 0;
}

static __always_inline bool is_traced(u32 tgid)
{
	return traced_as(tgid) == TRACED;
}

static __always_inline struct scratch *begin(u32 call)
{
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &call);
	u64 ids = bpf_get_current_pid_tgid();

	if (!scratch)
		return NULL;
	scratch->record.time = bpf_ktime_get_ns();
	scratch->record.call = call;
	scratch->record.tgid = ids >> 32;
	scratch->record.tid = (u32)ids;
	scratch->record.cpu = bpf_get_smp_processor_id();
	scratch->record.stack_bytes = 0;
	scratch->record.zero = 0;
	bpf_get_current_comm(scratch->record.comm, sizeof(scratch->record.comm));
	return scratch;
}

static __always_inline int finish(struct scratch *scratch)
{
	u32 bytes = scratch->record.stack_bytes;

	if (bytes > STACK_COPY_BYTES)
		bytes = STACK_COPY_BYTES;
	if (bpf_ringbuf_output(&ring, scratch, sizeof(scratch->record) + bytes, BPF_RB_NO_WAKEUP) != 0)
		__sync_fetch_and_add(&lost, 1);
	return 0;
}

/* Up to where the stack ends: what lies behind cannot be read. */
static __always_inline void copy_stack(struct scratch *scratch)
{
	u64 sp = scratch->record.sp;
	u32 bytes = 0;

#pragma clang loop unroll(full)
	for (u32 i = 0; i < STACK_COPY_BYTES / STACK_STEP; i++) {
		if (bpf_probe_read_user(scratch->stack + i * STACK_STEP, STACK_STEP, (void *)(sp + i * STACK_STEP)) != 0)
			break;
		bytes = (i + 1) * STACK_STEP;
	}
	for (u32 i = 0; i < STACK_STEP / STACK_SMALL_STEP; i++) {
		if (bytes > STACK_COPY_BYTES - STACK_SMALL_STEP)
			break;
		if (bpf_probe_read_user(scratch->stack + bytes, STACK_SMALL_STEP, (void *)(sp + bytes)) != 0)
			break;
		bytes += STACK_SMALL_STEP;
	}
	scratch->record.stack_bytes = bytes;
}

static __always_inline int call_made(u32 call, struct pt_regs *regs, long result, bool with_stack)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct scratch *scratch;

	if (!is_traced(tgid))
		return 0;
	/* what failed has changed nothing */
	if (result < 0 && result > -4096)
		return 0;
	scratch = begin(call);
	if (!scratch)
		return 0;
	scratch->record.args[0] = PT_REGS_PARM1_CORE_SYSCALL(regs);
	scratch->record.args[1] = PT_REGS_PARM2_CORE_SYSCALL(regs);
	scratch->record.args[2] = PT_REGS_PARM3_CORE_SYSCALL(regs);
	scratch->record.args[3] = PT_REGS_PARM4_CORE_SYSCALL(regs);
	scratch->record.args[4] = PT_REGS_PARM5_CORE_SYSCALL(regs);
	scratch->record.result = result;
	scratch->record.ip = PT_REGS_IP_CORE(regs);
	scratch->record.sp = PT_REGS_SP_CORE(regs);
	scratch->record.bp = PT_REGS_FP_CORE(regs);
	if (with_stack)
		copy_stack(scratch);
	return finish(scratch);
}

/*
 * Copied out of the context: a kernel whose types have struct pt_regs by its name alone (5.10) lets nobody read a
 * pointer to one there.
 */
static __always_inline u64 word_of(void *ctx, u32 i)
{
	u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), (u64 *)ctx + i);
	return word;
}

/* The user's registers, at the end of the kernel's stack. */
static __always_inline struct pt_regs *registers(void)
{
	struct task_struct___s *task;

	if (bpf_core_enum_value_exists(enum bpf_func_id___s, BPF_FUNC_task_pt_regs___s))
		return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	task = (struct task_struct___s *)bpf_get_current_task();
	return (struct pt_regs *)((u64)BPF_CORE_READ(task, stack) + thread_bytes - bpf_core_type_size(struct pt_regs));
}

#define AFTER(name, call, with_stack) \
	SEC("fexit/__x64_sys_" #name) \
	int name##_after(void *ctx) \
	{ \
		return call_made(call, (struct pt_regs *)word_of(ctx, 0), (long)word_of(ctx, 1), with_stack); \
	} \
	SEC("tp/syscalls/sys_exit_" #name) \
	int name##_after_slow(struct trace_event_raw_sys_exit___s *ctx) \
	{ \
		return call_made(call, registers(), ctx->ret, with_stack); \
	}

#define BEFORE(name, call) \
	SEC("fentry/__x64_sys_" #name) \
	int name##_before(void *ctx) \
	{ \
		return call_made(call, (struct pt_regs *)word_of(ctx, 0), 0, false); \
	} \
	SEC("tp/syscalls/sys_enter_" #name) \
	int name##_before_slow(void *ctx) \
	{ \
		return call_made(call, registers(), 0, false); \
	}

AFTER(mmap, CALL_MMAP, true)
BEFORE(munmap, CALL_MUNMAP)
AFTER(mremap, CALL_MREMAP, true)
AFTER(brk, CALL_BRK, true)
AFTER(shmat, CALL_SHMAT, true)
BEFORE(shmdt, CALL_SHMDT)
AFTER(mprotect, CALL_MPROTECT, false)
AFTER(pkey_mprotect, CALL_MPROTECT, false)

SEC("raw_tp/sched_process_fork")
int space_forks(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct___s *parent = (void *)ctx->args[0], *child = (void *)ctx->args[1];
	u32 pid = BPF_CORE_READ(child, tgid), as = traced_as(BPF_CORE_READ(parent, tgid)), one = TRACED;
	struct scratch *scratch;

	/* a thread */
	if ((u32)BPF_CORE_READ(child, pid) != pid || !as)
		return 0;
	bpf_map_update_elem(&traced, &pid, &one, BPF_ANY);
	if (as == CHILDREN_TRACED)
		return 0;
	scratch = begin(SPACE_FORKS);
	if (!scratch)
		return 0;
	scratch->record.args[0] = pid;
	scratch->record.args[1] = BPF_CORE_READ(child, mm) == BPF_CORE_READ(parent, mm);
	return finish(scratch);
}

/* The file and the arguments, in the place of the stack: by the time they are read the process may run another program. */
SEC("raw_tp/sched_process_exec")
int space_execs(struct bpf_raw_tracepoint_args *ctx)
{
	struct linux_binprm___s *program = (void *)ctx->args[2];
	struct task_struct___s *task = (void *)ctx->args[0];
	struct scratch *scratch;
	u64 start, end;

	if (!is_traced(bpf_get_current_pid_tgid() >> 32))
		return 0;
	scratch = begin(SPACE_EXECS);
	if (!scratch)
		return 0;
	scratch->stack[0] = 0;
	bpf_probe_read_kernel_str(scratch->stack, EXEC_FILE_BYTES, BPF_CORE_READ(program, filename));
	scratch->record.stack_bytes = EXEC_FILE_BYTES;
	start = BPF_CORE_READ(task, mm, arg_start);
	end = BPF_CORE_READ(task, mm, arg_end);
#pragma clang loop unroll(full)
	for (u32 i = 0; i < EXEC_ARGUMENT_BYTES / STACK_SMALL_STEP; i++) {
		u8 *to = scratch->stack + EXEC_FILE_BYTES + i * STACK_SMALL_STEP;
		u64 from = start + i * STACK_SMALL_STEP;

		if (from >= end || bpf_probe_read_user(to, STACK_SMALL_STEP, (void *)from) != 0)
			break;
		scratch->record.stack_bytes = EXEC_FILE_BYTES + (i + 1) * STACK_SMALL_STEP;
		if (from + STACK_SMALL_STEP > end)
			scratch->record.stack_bytes = EXEC_FILE_BYTES + (u32)(end - start);
	}
	return finish(scratch);
}

/* Of the last thread. Two that end at once may both find none left: an exit may be told twice. */
SEC("raw_tp/sched_process_exit")
int space_exits(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct___s *task = (void *)ctx->args[0];
	u32 pid = BPF_CORE_READ(task, tgid);
	struct scratch *scratch;

	if (!is_traced(pid) || BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0;
	bpf_map_delete_elem(&traced, &pid);
	scratch = begin(SPACE_EXITS);
	return scratch ? finish(scratch) : 0;
}
