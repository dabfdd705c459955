// SPDX-License-Identifier: MIT
/*
 * Capabilities: which of them this process has, and the end of all that a running trace
 * does not need. libcap would be one more library in a static binary, for two system calls.
 */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base.h"

/* Kernels before 5.8 have no CAP_BPF and no CAP_PERFMON; their headers may lack the names. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF 39
#endif
#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40
#endif
#define BIT(capability) (1ull << (capability))

static const int number_of[] = {
	[RIGHT_BPF] = CAP_BPF,
	[RIGHT_PERFMON] = CAP_PERFMON,
	[RIGHT_SYSLOG] = CAP_SYSLOG,
	[RIGHT_SYS_ADMIN] = CAP_SYS_ADMIN,
};

static uint64_t permitted(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data) != 0)
		return 0;
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

bool has_right(enum right right)
{
	return permitted() & BIT(number_of[right]);
}

/* Exactly these, and none to inherit. */
static int keep(uint64_t capabilities)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	uint32_t low = (uint32_t)capabilities, high = (uint32_t)(capabilities >> 32);
	struct __user_cap_data_struct data[2] = {
		{ .effective = low, .permitted = low },
		{ .effective = high, .permitted = high },
	};

	return syscall(SYS_capset, &header, data) == 0 ? 0 : errno;
}

void drop_rights(bool keep_sys_admin, bool keep_processes)
{
	uint64_t have = permitted(), wanted = have & (BIT(CAP_BPF) | BIT(CAP_PERFMON));
	int error;

	/* where SYS_ADMIN stands for one of the two, it must stay */
	if (keep_sys_admin || wanted != (BIT(CAP_BPF) | BIT(CAP_PERFMON)))
		wanted |= have & BIT(CAP_SYS_ADMIN);
	if (keep_processes)
		wanted |= have & (BIT(CAP_SYS_PTRACE) | BIT(CAP_CHECKPOINT_RESTORE) | BIT(CAP_DAC_READ_SEARCH));
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* ends at the first number that this kernel does not have; refused without SETPCAP, and then NO_NEW_PRIVS is what holds */
	for (int i = 0; prctl(PR_CAPBSET_READ, i) >= 0; i++) {
		if (!(wanted & BIT(i)))
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	}
	error = keep(wanted);
	if (error || permitted() != wanted)
		note("the rights that a running trace does not need could not be given up: %s",
		     error ? strerror(error) : "the kernel keeps them");
}
