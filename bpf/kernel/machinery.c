// SPDX-License-Identifier: MIT
/* Which functions belong to the tracing itself. */
#include <string.h>
#include "kernel.h"

static bool is_machinery(const char *name)
{
	static const char *const prefixes[] = {
		"bpf_trace_run", "__traceiter_", "bpf_prog_", "__bpf_trace_", "perf_trace_",
		"trace_call_bpf", "bpf_get_stack", "__bpf_get_stack", "bpf_trampoline_",
		"trace_event_raw_event_", "__bpf_prog_", "bpf_dispatcher_",
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

bool kallsyms_is(uint64_t return_address, const char *prefix)
{
	struct name name;

	return kallsyms_name(return_address, &name) && strncmp(name.symbol, prefix, strlen(prefix)) == 0;
}

bool kallsyms_is_machinery(uint64_t return_address)
{
	struct name name;

	return kallsyms_name(return_address, &name) && is_machinery(name.symbol);
}

uint32_t kallsyms_machinery(const __u64 *frames, uint32_t depth)
{
	uint32_t cut = 0;

	for (uint32_t i = 0; i < depth && i < 8; i++) {
		struct name name;

		/* a frame without a name is machinery if machinery called it: our own program's image */
		if (!kallsyms_name(frames[i], &name))
			continue;
		if (!is_machinery(name.symbol))
			break;
		cut = i + 1;
	}
	return cut < depth ? cut : 0;
}
