// SPDX-License-Identifier: MIT
/* What the kernel reports of loaded programs, and what it allows them. */
#include <linux/membarrier.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "kernel.h"

uint64_t program_run_ns(int fd)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	return fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &length) == 0 ? info.run_time_ns : 0;
}

int stack_depth_limit(void)
{
	FILE *file = fopen("/proc/sys/kernel/perf_event_max_stack", "r");
	int limit = MAX_DEPTH;

	if (file && fscanf(file, "%d", &limit) != 1)
		limit = MAX_DEPTH;
	if (file)
		fclose(file);
	return limit;
}

/*
 * Programs run inside rcu_read_lock(), and this is synchronize_rcu(). It is refused
 * where CPUs run without a tick (nohz_full).
 */
void wait_for_programs(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0)
		usleep(20000);
}
