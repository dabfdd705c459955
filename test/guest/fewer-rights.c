// SPDX-License-Identifier: MIT
/* fewer-rights CMD...: runs CMD as uid 0 with BPF, PERFMON and SYSLOG alone and no limit of locked memory, as a container may. */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* include/uapi/linux/capability.h; the headers that this is built with may be older */
#define CAP_SYSLOG 34
#define CAP_PERFMON 38
#define CAP_BPF 39

int main(int argc, char **argv)
{
	const struct rlimit no_limit = { RLIM_INFINITY, RLIM_INFINITY };

	/* before 5.11 BPF maps count as locked memory, and raising the limit takes SYS_RESOURCE */
	if (setrlimit(RLIMIT_MEMLOCK, &no_limit) != 0)
		perror("fewer-rights");
	/* what root's programs get is what is left in the bounding set */
	for (int i = 0; prctl(PR_CAPBSET_READ, i) >= 0; i++) {
		if (i != CAP_SYSLOG && i != CAP_PERFMON && i != CAP_BPF && prctl(PR_CAPBSET_DROP, i) != 0)
			perror("fewer-rights");
	}
	if (argc > 1)
		execvp(argv[1], argv + 1);
	perror("fewer-rights");
	return 127;
}
