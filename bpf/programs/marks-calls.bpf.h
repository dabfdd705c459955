/* SPDX-License-Identifier: MIT */
/*
 * System calls, at the end of their functions: System V shared memory with arguments and result, swapon and
 * swapoff. marks-slow-calls.bpf.h is for kernels where functions cannot be hooked. The loader finds the functions' names, which differ by architecture. On x86 32-bit programs have functions of their own,
 * with arguments in other registers, and one call for all of System V.
 */
#ifndef MARKS_CALLS_BPF_H
#define MARKS_CALLS_BPF_H

/*
 * Copied out of the context: a kernel whose types have struct pt_regs by its name alone (5.10) lets nobody read a
 * pointer to one there.
 */
static __always_inline struct pt_regs *registers_of(u64 *ctx)
{
	struct pt_regs *regs = NULL;

	bpf_probe_read_kernel(&regs, sizeof(regs), &ctx[0]);
	return regs;
}

static __always_inline long result_of(u64 *ctx)
{
	long result = 0;

	bpf_probe_read_kernel(&result, sizeof(result), &ctx[1]);
	return result;
}

static __always_inline int shm_call(u32 kind, u32 nr_values, s64 first, s64 second, s64 third, s64 fourth)
{
	struct mark_record *mark = take_mark(kind, nr_values);

	if (!mark)
		return 0;
	mark->value[0] = first;
	mark->value[1] = second;
	mark->value[2] = third;
	mark->value[3] = fourth;
	send(mark);
	return 0;
}

#define ARGUMENT1(regs) ((s64)PT_REGS_PARM1_CORE_SYSCALL(regs))
#define ARGUMENT2(regs) ((s64)PT_REGS_PARM2_CORE_SYSCALL(regs))
#define ARGUMENT3(regs) ((s64)PT_REGS_PARM3_CORE_SYSCALL(regs))

/* key, size, flags -> id */
SEC("fexit/__x64_sys_shmget")
int shmget_end(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);

	return shm_call(MARK_SHMGET, 4, (s32)ARGUMENT1(regs), ARGUMENT2(regs), (s32)ARGUMENT3(regs), result);
}

/* id, address, flags -> address */
SEC("fexit/__x64_sys_shmat")
int shmat_end(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);

	return shm_call(MARK_SHMAT, 4, (s32)ARGUMENT1(regs), ARGUMENT2(regs), (s32)ARGUMENT3(regs), result);
}

/* address -> 0 */
SEC("fexit/__x64_sys_shmdt")
int shmdt_end(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);

	return shm_call(MARK_SHMDT, 2, ARGUMENT1(regs), result, 0, 0);
}

/* id, command -> by the command */
SEC("fexit/__x64_sys_shmctl")
int shmctl_end(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);

	return shm_call(MARK_SHMCTL, 3, (s32)ARGUMENT1(regs), (s32)ARGUMENT2(regs), result, 0);
}

static __always_inline int swap_call(u32 kind, u64 path, long result)
{
	struct path_record *record = take_path(kind, 1);

	if (!record)
		return 0;
	record->mark.value[0] = result;
	bpf_probe_read_user_str(record->path, sizeof(record->path), (void *)path);
	send(record);
	return 0;
}

SEC("fexit/__x64_sys_swapon")
int swapon_end(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);

	return swap_call(MARK_SWAP_ON, (u64)ARGUMENT1(regs), result);
}

SEC("fexit/__x64_sys_swapoff")
int swapoff_end(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);

	return swap_call(MARK_SWAP_OFF, (u64)ARGUMENT1(regs), result);
}

#ifdef __TARGET_ARCH_x86

#define IPC_SHMAT 21
#define IPC_SHMDT 22
#define IPC_SHMGET 23
#define IPC_SHMCTL 24

#define OLD_ARGUMENT1(regs) ((u32)BPF_CORE_READ(regs, bx))
#define OLD_ARGUMENT2(regs) ((u32)BPF_CORE_READ(regs, cx))
#define OLD_ARGUMENT3(regs) ((u32)BPF_CORE_READ(regs, dx))

SEC("fexit/__ia32_sys_shmget")
int shmget_end_32(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);

	return shm_call(MARK_SHMGET, 4, (s32)OLD_ARGUMENT1(regs), OLD_ARGUMENT2(regs), (s32)OLD_ARGUMENT3(regs), result);
}

SEC("fexit/__ia32_compat_sys_shmat")
int shmat_end_32(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);

	return shm_call(MARK_SHMAT, 4, (s32)OLD_ARGUMENT1(regs), OLD_ARGUMENT2(regs), (s32)OLD_ARGUMENT3(regs), result);
}

SEC("fexit/__ia32_sys_shmdt")
int shmdt_end_32(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);

	return shm_call(MARK_SHMDT, 2, OLD_ARGUMENT1(regs), result, 0, 0);
}

SEC("fexit/__ia32_compat_sys_shmctl")
int shmctl_end_32(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);

	return shm_call(MARK_SHMCTL, 3, (s32)OLD_ARGUMENT1(regs), (s32)OLD_ARGUMENT2(regs), result, 0);
}

/* call, first, second, third, pointer */
SEC("fexit/__ia32_compat_sys_ipc")
int ipc_end_32(u64 *ctx)
{
	struct pt_regs *regs = registers_of(ctx);
	long result = result_of(ctx);
	u32 call = OLD_ARGUMENT1(regs) & 0xffff;
	s32 first = (s32)OLD_ARGUMENT2(regs), second = (s32)OLD_ARGUMENT3(regs);
	u32 third = (u32)BPF_CORE_READ(regs, si), pointer = (u32)BPF_CORE_READ(regs, di);
	u32 address = 0;

	switch (call) {
	case IPC_SHMGET:
		return shm_call(MARK_SHMGET, 4, first, (u32)second, (s32)third, result);
	case IPC_SHMAT:
		/* the address comes back through a pointer */
		if (result == 0 && bpf_probe_read_user(&address, sizeof(address), (void *)(u64)third) == 0)
			result = address;
		return shm_call(MARK_SHMAT, 4, first, pointer, second, result);
	case IPC_SHMDT:
		return shm_call(MARK_SHMDT, 2, pointer, result, 0, 0);
	case IPC_SHMCTL:
		return shm_call(MARK_SHMCTL, 3, first, second, result, 0);
	}
	return 0;
}

#endif

#endif
