// SPDX-License-Identifier: MIT
/*
 * --probe: each requirement of tracing and whether it is met, one JSON object a line:
 *   {"name":"btf","ok":true,"detail":"..."}
 * Hooks have "hook":true too; "marks:KIND" is a kind of events. It loads and attaches the programs, idle, and detaches
 * them again: only this shows for certain that the kernel allows it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include "trace.h"

static void put_line(const char *name, bool ok, const char *more)
{
	fputs("{\"name\":", stdout);
	json_string(stdout, name);
	printf(",\"ok\":%s%s,\"detail\":", ok ? "true" : "false", more);
}

static void end_line(const char *detail)
{
	json_string(stdout, detail);
	puts("}");
}

/* Returns `ok`. */
static bool line(const char *name, bool ok, const char *detail)
{
	put_line(name, ok, "");
	end_line(detail);
	return ok;
}

static void hook_line(const char *name, const char *mode, const char *why)
{
	put_line(name, mode != NULL, ",\"hook\":true");
	end_line(mode ? mode : why ? why : "");
}

/* A line for each kind of events of the time line. */
static void lines_of_marks(void)
{
	const char *kind, *subject, *why;

	if (options->no_marks)
		return;
	marks_open(NULL);
	for (size_t i = 0; (kind = mark_ability(i, &subject, &why)) != NULL; i++) {
		char name[32], detail[128] = "can be told";

		snprintf(name, sizeof(name), "marks:%s", kind);
		if (why)
			snprintf(detail, sizeof(detail), "%s: %s", subject, why);
		line(name, !why, detail);
	}
}

static void lines_of_hooks(void)
{
	for (int i = 0; i < NR_SLOTS; i++)
		hook_line(hooks[i].name, hook_mode(i), hook_absence(i));
	for (int a = 0; a < NR_ALLOCATORS; a++) {
		char name[32];

		snprintf(name, sizeof(name), "allocator:%s", allocators[a].name);
		line(name, allocator_traced(a), allocator_traced(a) ? "can be traced" : "cannot be traced");
	}
	lines_of_marks();
	for (size_t i = 0; notes_at(i); i++)
		line("note", true, notes_at(i));
}

#define UNMET 3

/* In a child, because loading either succeeds or ends the process with a sentence. */
static bool try_load(configure_programs *configure)
{
	char said[1024] = "";
	size_t length = 0;
	int ends[2], status = -1;
	const char *unmet;
	ssize_t n;
	pid_t child;

	fflush(stdout);
	if (pipe(ends) != 0)
		die("cannot make a pipe");
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		hooks_load(configure);
		line("load", true, "the kernel takes the programs");
		lines_of_hooks();
		unmet = demand_unmet();
		line("demand", !unmet, unmet ? unmet : "all that was asked for can be traced");
		exit(unmet ? UNMET : 0);
	}
	close(ends[1]);
	while ((n = read(ends[0], said + length, sizeof(said) - 1 - length)) > 0)
		length += (size_t)n;
	said[strcspn(said, "\n")] = 0;
	if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == UNMET)
		return false;
	if (child < 0 || status != 0)
		return line("load", false,
			    strncmp(said, "unfreed-collect: ", 17) == 0 ? said + 17 : said);
	return true;
}

static bool kallsyms_shown(void)
{
	/* not the first symbol, which lies at 0 where per-CPU variables come first */
	static const char *const symbol[] = { "_stext", NULL };
	uint64_t address;

	kallsyms_addresses(KALLSYMS, symbol, &address);
	return address != 0;
}

int probe_print(configure_programs *configure)
{
	struct utsname host;
	struct stat btf;
	bool ok, has_btf;

	uname(&host);
	line("kernel", true, host.release);
	ok = line("root", geteuid() == 0 || may_load_programs(),
		  geteuid() == 0 ? "uid 0" :
		  may_load_programs() ? "not root, but it has the capabilities" : "not root: run with sudo");
	has_btf = stat("/sys/kernel/btf/vmlinux", &btf) == 0;
	ok &= line("btf", has_btf, has_btf ? "/sys/kernel/btf/vmlinux" :
			"no /sys/kernel/btf/vmlinux: the kernel was built without CONFIG_DEBUG_INFO_BTF");
	line("kallsyms", kallsyms_shown(), kallsyms_shown() ? "addresses are shown" :
			"addresses are hidden: it needs CAP_SYSLOG, and kernel.kptr_restrict below 2");
	ok &= try_load(configure);
	return ok ? 0 : 1;
}
