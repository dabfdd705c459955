/* SPDX-License-Identifier: MIT */
/* What the programs of spaces.bpf.c send to the loader: calls that change an address space, and lives of processes. */
#ifndef SPACE_RECORDS_H
#define SPACE_RECORDS_H

enum space_call {
	CALL_MMAP = 1,
	CALL_MUNMAP,
	CALL_MREMAP,
	CALL_BRK,
	CALL_SHMAT,
	CALL_SHMDT,
	CALL_MPROTECT,
	SPACE_FORKS,
	SPACE_EXECS,
	SPACE_EXITS,
};

#define SPACE_COMM_BYTES 16
/* Of the stack, from its top on, in steps of the one, at its end of the other. */
#define STACK_COPY_BYTES 16384
#define STACK_STEP 2048
#define STACK_SMALL_STEP 256
#define SPACE_RING_BYTES (64 << 20) /* --buffer sets it */
#define MOST_TRACED 65536
/* What `traced` says of a process. */
#define TRACED 1
#define CHILDREN_TRACED 2 /* of the children that it has from now on, each from its exec on; not it itself */

/* Of an exec, where others have the stack: the file in so many bytes, then the arguments. */
#define EXEC_FILE_BYTES 256
#define EXEC_ARGUMENT_BYTES 4096

/* Of a fork: args[0] = the child, args[1] = 1 if it shares the memory of its parent. */
struct space_record {
	__u64 time; /* CLOCK_MONOTONIC, ns */
	__u32 call;
	__u32 tgid;
	__u32 tid;
	__u32 cpu;
	__u64 args[5];
	__s64 result;
	__u64 ip, sp, bp;
	char comm[SPACE_COMM_BYTES];
	__u32 stack_bytes; /* that follow */
	__u32 zero;
};

#endif
