// SPDX-License-Identifier: MIT
/*
 * The tracer's own processes, by the numbers that events carry. In a PID namespace
 * getpid() and --self-pid are numbers of that namespace. So a program that runs in this
 * process writes down the kernel's numbers of it and of its ancestors, beside those of the
 * namespace (family.bpf.h): the processes that --self-pid names are among them.
 */
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "attach.h"
#include "unfreed.skel.h"

static bool run(struct unfreed *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	memset(skel->bss->family, 0, sizeof(skel->bss->family));
	return bpf_prog_test_run_opts(bpf_program__fd(skel->progs.find_family), &opts) == 0 &&
	       skel->bss->family[0].tgid && skel->bss->family[0].ns_tgid == (uint32_t)getpid();
}

/* The kernel's number of a process, 0: it is not in the family. */
static uint32_t kernel_tgid(const struct unfreed *skel, uint32_t ns_tgid)
{
	for (int i = 0; i < MAX_FAMILY; i++) {
		if (skel->bss->family[i].ns_tgid == ns_tgid)
			return skel->bss->family[i].tgid;
	}
	return 0;
}

/* Without the program, the numbers of the machine's own PID namespace are all that is known. */
static void take_numbers_as_given(struct unfreed *skel)
{
	if (!skel->bss->self_tgids[0])
		skel->bss->self_tgids[0] = (uint32_t)getpid();
	for (uint32_t i = 0; i < options->nr_self_pids; i++)
		skel->bss->self_tgids[i + 1] = options->self_pids[i];
	if (skel->bss->self_tgids[0] != (uint32_t)getpid() && options->nr_self_pids)
		note("inside a pid namespace --self-pid names no process: only the collector itself is told apart");
}

void family_find(struct unfreed *skel)
{
	if (!run(skel)) {
		take_numbers_as_given(skel);
		return;
	}
	skel->bss->self_tgids[0] = skel->bss->family[0].tgid;
	for (uint32_t i = 0; i < options->nr_self_pids; i++) {
		uint32_t tgid = kernel_tgid(skel, options->self_pids[i]);

		/* in the machine's own namespace the numbers are the kernel's */
		if (!tgid && skel->bss->pid_level == 0)
			tgid = options->self_pids[i];
		if (!tgid)
			note("--self-pid %u is no process that started the collector, and its number in this pid namespace is not the kernel's: its memory is not told apart",
			     options->self_pids[i]);
		skel->bss->self_tgids[i + 1] = tgid;
	}
	if (options->verbose)
		say("own processes: %u, %u (pid namespace of level %u)", skel->bss->self_tgids[0],
		    skel->bss->self_tgids[1], skel->bss->pid_level);
}
