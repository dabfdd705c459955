// SPDX-License-Identifier: MIT
/*
 * Reads kernel memory with the program of programs/census.bpf.c: requests go into one map, what they
 * name comes out in another, and both are mapped here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "memory.h"
#include "census.skel.h"

#define LOCKDOWN "/sys/kernel/security/lockdown"

_Static_assert((COPY_HALF_BYTES & (COPY_HALF_BYTES - 1)) == 0 && MOST_CALL_BYTES <= COPY_BATCH_BYTES, "the program masks both");

struct copy_stats copy_stats;
struct copy_requests *copy_requests;
const uint8_t *copy_buffer;

static struct census *skel;
static bool one_by_one; /* the kernel has no syscall programs, or no bpf_loop() */

/* ---- loading ---- */

static struct census *load(bool with_many)
{
	struct census *loaded = census__open();
	int error;

	if (!loaded)
		return NULL;
	bpf_program__set_autoload(loaded->progs.copy_many, with_many);
	bpf_program__set_autoload(loaded->progs.copy_blocks, with_many);
	bpf_program__set_autoload(loaded->progs.name_address, with_many);
	bpf_program__set_autoload(loaded->progs.copy_one, !with_many);
	error = census__load(loaded);
	if (!error)
		return loaded;
	census__destroy(loaded);
	errno = -error;
	return NULL;
}

static void *map_value(struct bpf_map *map, size_t bytes, int protection)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *value = mmap(NULL, (bytes + page - 1) / page * page, protection, MAP_SHARED, bpf_map__fd(map), 0);

	if (value == MAP_FAILED)
		die("the copying program's memory cannot be mapped: %s", strerror(errno));
	return value;
}

/* The kernel would refuse each read, not the program: so it is asked first. */
static bool reads_are_refused(void)
{
	FILE *file = fopen(LOCKDOWN, "re");
	char line[128] = "";
	bool refused = file && fgets(line, sizeof(line), file) && strstr(line, "[confidentiality]");

	if (file)
		fclose(file);
	return refused;
}

void copy_open(void)
{
	if (reads_are_refused())
		die("the kernel is locked down (lockdown=confidentiality) and lets nobody read its memory: there is no census on this machine");
	libbpf_listen();
	if (!may_load_programs())
		die_unloaded(EPERM);
	skel = load(true);
	one_by_one = !skel;
	if (!skel)
		skel = load(false);
	if (!skel)
		die_unloaded(errno);
	copy_requests = map_value(skel->maps.requests, sizeof(*copy_requests), PROT_READ | PROT_WRITE);
	copy_buffer = map_value(skel->maps.buffer, COPY_BUFFER_BYTES, PROT_READ);
}

bool copy_look_around(int cpu, struct copy_self *self)
{
	uint64_t nothing[1] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = nothing, .ctx_size_in = sizeof(nothing));

	if (cpu >= 0) {
		opts.cpu = (__u32)cpu;
		opts.flags = BPF_F_TEST_RUN_ON_CPU;
	}
	if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.look_around), &opts) != 0)
		return false;
	*self = skel->bss->self;
	return true;
}

bool copy_can_name(void)
{
	return !one_by_one;
}

const char *copy_name(uint64_t address)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &address, .ctx_size_in = sizeof(address));

	if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.name_address), &opts) != 0 || (int32_t)opts.retval <= 0)
		return "";
	return (const char *)copy_buffer + COPY_BATCH_BYTES;
}

/* ---- calls ---- */

static void run(const struct bpf_program *program, struct bpf_test_run_opts *opts)
{
	int error = bpf_prog_test_run_opts(bpf_program__fd(program), opts);

	if (error)
		die("the copying program could not be run: %s", strerror(-error));
}

static void call_one(struct copy_request *request)
{
	uint64_t words[3] = { request->address, request->place, request->bytes };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = words, .ctx_size_in = sizeof(words));

	run(skel->progs.copy_one, &opts);
	request->error = (int32_t)opts.retval;
}

static void call_many(uint32_t first, uint32_t count)
{
	struct copy_call call = { first, count };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &call, .ctx_size_in = sizeof(call));

	run(skel->progs.copy_many, &opts);
}

static void account(uint64_t start, uint64_t bytes)
{
	uint64_t took = monotonic_ns() - start;

	copy_stats.calls++;
	copy_stats.bytes += bytes;
	if (took > copy_stats.longest_call_ns)
		copy_stats.longest_call_ns = took;
	rest();
}

void copy_call(uint32_t first, uint32_t count)
{
	uint64_t start = monotonic_ns(), bytes = 0;

	if (one_by_one) {
		for (uint32_t i = first; i < first + count; i++)
			call_one(&copy_requests->request[i]);
	} else {
		call_many(first, count);
	}
	for (uint32_t i = first; i < first + count; i++)
		bytes += copy_requests->request[i].bytes;
	account(start, bytes);
}

uint32_t copy_blocks_most(void)
{
	uint32_t fit = options->census_call_bytes / COPY_BLOCK_BYTES;

	return one_by_one ? 0 : fit < COPY_BLOCKS ? fit : COPY_BLOCKS;
}

void copy_blocks(void)
{
	uint64_t start = monotonic_ns(), nothing = 0, bytes = 0;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &nothing, .ctx_size_in = sizeof(nothing));

	run(skel->progs.copy_blocks, &opts);
	for (int i = 0; i < COPY_BLOCKS; i++)
		bytes += (uint64_t)__builtin_popcount(copy_requests->block[i].copied) * COPY_STEP_BYTES;
	account(start, bytes);
}
