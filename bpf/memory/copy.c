// SPDX-License-Identifier: MIT
/*
 * Reads kernel memory with the program of programs/census.bpf.c: requests go into one map, what they
 * name comes out in another, and both are mapped here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "memory.h"
#include "census.skel.h"

#define LOCKDOWN "/sys/kernel/security/lockdown"
#define MOST_CALL_BYTES (1u << 20) /* of --call-bytes */
#define RETRY_BYTES 4096u
/* With --budget: the CPU time after which a pause is due. */
#define BUSY_NS 1000000ull

_Static_assert((COPY_HALF_BYTES & (COPY_HALF_BYTES - 1)) == 0 && MOST_CALL_BYTES < COPY_HALF_BYTES, "the program masks both");

struct copy_stats copy_stats;

static struct census *skel;
static struct copy_requests *requests;
static uint8_t *buffer;
static bool one_by_one; /* the kernel has no syscall programs, or no bpf_loop() */

/* The batch that is being gathered. */
static struct slot {
	uint64_t tag, offset;
} slots[COPY_BATCH_REQUESTS];
static uint32_t nr_slots, filled;

/* ---- loading ---- */

static struct census *load(bool with_many)
{
	struct census *loaded = census__open();
	int error;

	if (!loaded)
		return NULL;
	bpf_program__set_autoload(loaded->progs.copy_many, with_many);
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
	requests = map_value(skel->maps.requests, sizeof(*requests), PROT_READ | PROT_WRITE);
	buffer = map_value(skel->maps.buffer, COPY_BUFFER_BYTES, PROT_READ);
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

/* ---- calls ---- */

uint64_t process_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

/* Keeps to --budget: after each millisecond of work a rest in proportion. */
static void rest(void)
{
	static uint64_t rested_at;
	uint64_t busy, ns;
	struct timespec pause;

	if (options->census_budget >= 1)
		return;
	busy = process_cpu_ns() - rested_at;
	if (busy < BUSY_NS)
		return;
	ns = (uint64_t)((double)busy * (1 / options->census_budget - 1));
	pause = (struct timespec){ .tv_sec = (time_t)(ns / SECOND_NS), .tv_nsec = (long)(ns % SECOND_NS) };
	nanosleep(&pause, NULL);
	rested_at = process_cpu_ns();
}

static void call_one(struct copy_request *request)
{
	uint64_t words[3] = { request->address, request->place, request->bytes };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = words, .ctx_size_in = sizeof(words));
	int error = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.copy_one), &opts);

	if (error)
		die("the copying program could not be run: %s", strerror(-error));
	request->error = (int32_t)opts.retval;
}

static void call_many(uint32_t first, uint32_t count)
{
	struct copy_call call = { first, count };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &call, .ctx_size_in = sizeof(call));
	int error = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.copy_many), &opts);

	if (error)
		die("the copying program could not be run: %s", strerror(-error));
}

static void call(uint32_t first, uint32_t count)
{
	uint64_t start = monotonic_ns(), took;

	if (one_by_one) {
		for (uint32_t i = first; i < first + count; i++)
			call_one(&requests->request[i]);
	} else {
		call_many(first, count);
	}
	took = monotonic_ns() - start;
	copy_stats.calls++;
	if (took > copy_stats.longest_call_ns)
		copy_stats.longest_call_ns = took;
	for (uint32_t i = first; i < first + count; i++)
		copy_stats.bytes += requests->request[i].bytes;
	rest();
}

/* ---- single reads ---- */

/* False if a byte of it cannot be read. */
static bool read_piece(uint64_t address, uint32_t bytes)
{
	struct copy_request *request = &requests->request[COPY_BATCH_REQUESTS];

	*request = (struct copy_request){ address, bytes, COPY_BATCH_BYTES, 0 };
	call(COPY_BATCH_REQUESTS, 1);
	return request->error == 0;
}

bool kernel_read(uint64_t address, void *to, size_t bytes)
{
	for (size_t done = 0; done < bytes;) {
		size_t part = bytes - done < COPY_SINGLE_BYTES ? bytes - done : COPY_SINGLE_BYTES;

		if (!read_piece(address + done, (uint32_t)part)) {
			memset(to, 0, bytes);
			return false;
		}
		memcpy((char *)to + done, buffer + COPY_BATCH_BYTES, part);
		done += part;
	}
	return true;
}

uint64_t kernel_word(uint64_t address)
{
	uint64_t word;

	return kernel_read(address, &word, sizeof(word)) ? word : 0;
}

/* Not past the string's page: the next may not be there. */
void kernel_string(uint64_t address, char *to, size_t size)
{
	size_t got = 0;

	memset(to, 0, size);
	while (got + 1 < size) {
		size_t part = RETRY_BYTES - (address + got) % RETRY_BYTES;

		if (part > size - 1 - got)
			part = size - 1 - got;
		if (!kernel_read(address + got, to + got, part) || memchr(to + got, 0, part))
			return;
		got += part;
	}
}

/* ---- batches ---- */

/*
 * What could not be read whole, again by pieces that end with a page, to the same place. They take the
 * requests behind the batch, as many as there are.
 */
static void read_again(const struct reader *reader, uint32_t slot, uint32_t nr)
{
	struct copy_request whole = requests->request[slot];
	uint32_t room = COPY_BATCH_REQUESTS - nr;

	for (uint32_t done = 0; done < whole.bytes;) {
		struct copy_request *pieces = &requests->request[room ? nr : COPY_BATCH_REQUESTS];
		uint32_t nr_pieces = 0;

		while (done < whole.bytes && nr_pieces < (room ? room : 1)) {
			uint64_t address = whole.address + done;
			uint32_t part = RETRY_BYTES - (uint32_t)(address % RETRY_BYTES);

			if (part > whole.bytes - done)
				part = whole.bytes - done;
			pieces[nr_pieces++] = (struct copy_request){ address, part, whole.place + done, 0 };
			done += part;
		}
		call((uint32_t)(pieces - requests->request), nr_pieces);
		for (uint32_t i = 0; i < nr_pieces; i++)
			reader->done(reader->context, slots[slot].tag, slots[slot].offset + pieces[i].address - whole.address,
				     pieces[i].error ? NULL : buffer + pieces[i].place, pieces[i].bytes);
	}
}

void reader_run(const struct reader *reader)
{
	uint32_t nr = nr_slots;

	nr_slots = 0;
	filled = 0;
	if (!nr)
		return;
	call(0, nr);
	for (uint32_t i = 0; i < nr; i++) {
		const struct copy_request *request = &requests->request[i];

		if (request->error && reader->split && request->bytes > 8)
			read_again(reader, i, nr);
		else
			reader->done(reader->context, slots[i].tag, slots[i].offset,
				     request->error ? NULL : buffer + request->place, request->bytes);
	}
}

static void add_piece(const struct reader *reader, uint64_t address, uint32_t bytes, struct slot slot)
{
	uint32_t limit = options->census_call_bytes;

	if (nr_slots == COPY_BATCH_REQUESTS || (nr_slots && filled + bytes > limit))
		reader_run(reader);
	slots[nr_slots] = slot;
	requests->request[nr_slots++] = (struct copy_request){ address, bytes, filled, 0 };
	filled += (bytes + 7) & ~7u;
}

void reader_add(const struct reader *reader, uint64_t address, uint64_t bytes, uint64_t tag)
{
	uint32_t most = reader->split ? options->census_call_bytes : COPY_SINGLE_BYTES;

	for (uint64_t done = 0; done < bytes;) {
		uint32_t part = bytes - done < most ? (uint32_t)(bytes - done) : most;

		add_piece(reader, address + done, part, (struct slot){ tag, done });
		done += part;
	}
}
