// SPDX-License-Identifier: MIT
/* The HOST message: the fields of HostFacts (src/event/host-facts.ts) as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "trace.h"

static void put_field(FILE *out, const char *name, const char *text)
{
	fprintf(out, "\"%s\":", name);
	json_string(out, text);
	fputc(',', out);
}

static void put_hooks(FILE *out)
{
	const char *separator = "";

	fputs("\"hooks\":[", out);
	for (int i = 0; i < NR_SLOTS; i++) {
		if (!hook_mode(i))
			continue;
		fprintf(out, "%s\"%s:%s\"", separator, hook_mode(i), hooks[i].name);
		separator = ",";
	}
	fputs("],", out);
}

static void put_allocators(FILE *out)
{
	const char *separator = "";

	fputs("\"allocators\":[", out);
	if (options_of_processes())
		fprintf(out, "%s\"map\",\"reserved\"", options->heap ? "\"heap\"," : "");
	for (int a = 0; a < NR_ALLOCATORS; a++) {
		if (!allocator_traced(a))
			continue;
		fprintf(out, "%s\"%s\"", separator, allocators[a].name);
		separator = ",";
	}
	fputs("],", out);
}

static uint64_t start_unix_ms, first_chunk_bytes;
static bool balloon_in_total_now;

void host_open(uint64_t unix_ms)
{
	start_unix_ms = unix_ms;
	first_chunk_bytes = percpu_first_chunk_bytes();
	balloon_in_total_now = balloon_in_total();
	host_send();
}

void host_refresh(void)
{
	if (notes_changed())
		host_send();
}

void host_send(void)
{
	static const char *const self_modes[] = { "mark", "drop", "keep" };
	struct utsname host;
	struct part part;
	char *json;
	FILE *out = open_memstream(&json, &part.length);

	if (!out)
		die("out of memory");
	uname(&host);
	fputs("{\"collector\":\"bpf\",", out);
	put_field(out, "hostname", host.nodename);
	put_field(out, "kernel", host.release);
	put_field(out, "arch", host.machine);
	fprintf(out, "\"pageSize\":%ld,\"cpus\":%ld,", sysconf(_SC_PAGESIZE), sysconf(_SC_NPROCESSORS_ONLN));
	fprintf(out, "\"memTotalBytes\":%llu,", (unsigned long long)meminfo_total_bytes());
	fprintf(out, "\"percpuFirstChunkBytes\":%llu,", (unsigned long long)first_chunk_bytes);
	fprintf(out, "\"balloonInTotal\":%s,", balloon_in_total_now ? "true" : "false");
	fprintf(out, "\"startUnixMs\":%llu,", (unsigned long long)start_unix_ms);
	put_allocators(out);
	fprintf(out, "\"minSizeBytes\":%llu,", (unsigned long long)options->min_bytes);
	fprintf(out, "\"sampleOneIn\":%u,\"sampleSeed\":%u,", sampling.one_in, sampling.seed);
	fprintf(out, "\"maxOverhead\":%.6f,\"overhead\":%.6f,", options->max_overhead, sampling.overhead);
	fprintf(out, "\"minAgeNs\":%llu,", (unsigned long long)options->min_age_ns);
	put_field(out, "self", self_modes[options->self]);
	put_hooks(out);
	fputs("\"notes\":[", out);
	for (size_t i = 0; notes_at(i); i++) {
		if (i)
			fputc(',', out);
		json_string(out, notes_at(i));
	}
	fputs("]}", out);
	fclose(out);
	part.bytes = json;
	stream_message(MESSAGE_HOST, &part, 1);
	free(json);
	notes_sent();
}
