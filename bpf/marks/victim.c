// SPDX-License-Identifier: MIT
/*
 * What the record of an OOM kill lacks on some kernels: what its victim held, by /proc, where a process that is being
 * killed is there for a moment more; and whose limit was met, by the call path.
 */
#include <stdio.h>
#include <string.h>
#include "marks.h"

/* Lines of /proc/PID/status, and the value of the mark that each is. All but Uid are in kB. */
static const struct {
	const char *name;
	int value;
} lines[] = {
	{ "VmSize:", 1 }, { "RssAnon:", 2 }, { "RssFile:", 3 }, { "RssShmem:", 4 }, { "VmSwap:", 5 }, { "VmPTE:", 6 }, { "Uid:", 7 },
};

static void take_line(const char *line, struct oom_record *record)
{
	unsigned long long number;

	if (sscanf(line, "Name: %15[^\n]", record->comm) == 1)
		return;
	if (sscanf(line, "Tgid: %llu", &number) == 1)
		record->mark.value[0] = (__s64)number;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t length = strlen(lines[i].name);

		if (strncmp(line, lines[i].name, length) == 0 && sscanf(line + length, "%llu", &number) == 1)
			record->mark.value[lines[i].value] = (__s64)(lines[i].value == 7 ? number : number << 10);
	}
}

void marks_ask_proc(const char *proc, struct oom_record *record)
{
	long long pid = record->mark.value[0];
	char path[256], line[256];
	FILE *file;
	int adj;

	snprintf(path, sizeof(path), "%s/%lld/oom_score_adj", proc, pid);
	file = fopen(path, "re");
	if (file) {
		if (fscanf(file, "%d", &adj) == 1)
			record->mark.value[8] = adj;
		fclose(file);
	}
	snprintf(path, sizeof(path), "%s/%lld/status", proc, pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		take_line(line, record);
	if (file)
		fclose(file);
}

/* Functions that are in the path of one kind alone; they begin like this. */
static const struct {
	const char *function;
	enum oom_scope scope;
} ways[] = {
	{ "mem_cgroup_", OOM_SCOPE_CGROUP },
	{ "try_charge", OOM_SCOPE_CGROUP },
	{ "moom_callback", OOM_SCOPE_SYSRQ },
	{ "__alloc_", OOM_SCOPE_GLOBAL },
};

enum oom_scope marks_oom_scope(const __u64 *frames)
{
	/* the first that tells: memory of a cgroup is charged before pages are asked for */
	for (int i = 0; i < MARK_FRAMES && frames[i]; i++) {
		for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
			if (kallsyms_is(frames[i], ways[way].function))
				return ways[way].scope;
		}
	}
	return OOM_SCOPE_UNKNOWN;
}
