// SPDX-License-Identifier: MIT
/*
 * Walks struct pages that are made up. Arguments: a file with BTF, --call-bytes, HardwareCorrupted of meminfo in bytes,
 * how many blocks the kernel copies side by side (0: it cannot).
 * Lines on stdin, each one struct page (made-pages.h), from pfn 512 on; a zone has as many pages as there are lines.
 * A line "?" is one that cannot be read. Prints each class and its pages, as ranges, "reads ADDRESS" of what is no struct
 * page, and how many steps of blocks were copied.
 */
#include <stdio.h>
#include "census.h"
#include "made-pages.h"

#define MAX_PAGES 4096
#define FIRST 512
#define VMEMMAP 0xffffea0000000000ull

static struct options given = { .census_budget = 1 };
const struct options *const options = &given;
struct bases bases = { .vmemmap = VMEMMAP };
struct machine machine;
static uint8_t memory[(FIRST + MAX_PAGES) * 64];
static uint64_t corrupted;

static struct copy_requests requests;
static uint8_t buffer[COPY_BUFFER_BYTES];
struct copy_requests *copy_requests = &requests;
const uint8_t *copy_buffer = buffer;

static bool is_hole[MAX_PAGES];
static uint32_t most_blocks, steps;

static bool can_read(uint64_t at, uint64_t bytes)
{
	if (at < FIRST * 64 || at + bytes > machine.end_pfn * 64)
		return false;
	for (uint64_t pfn = at / 64; pfn <= (at + bytes - 1) / 64; pfn++) {
		if (is_hole[pfn - FIRST])
			return false;
	}
	return true;
}

void copy_call(uint32_t first, uint32_t count)
{
	for (struct copy_request *r = &requests.request[first]; r < &requests.request[first + count]; r++) {
		uint64_t at = r->address - VMEMMAP;

		r->error = can_read(at, r->bytes) ? 0 : -14;
		memset(buffer + r->place, 0, r->bytes);
		if (!r->error)
			memcpy(buffer + r->place, memory + at, r->bytes);
		else if (at > sizeof(memory))
			printf("reads %llx\n", (unsigned long long)r->address);
	}
}

/* The program's half, as the kernel runs it. */
typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define MASKED(value, mask) ((value) & (mask))

static __s64 copy(struct copy_buffer *to, u64 address, u64 place, u64 bytes)
{
	if (place + bytes > COPY_HALF_BYTES)
		abort();
	/* what is left out must not be looked at: it says that it is free */
	if (place % COPY_BLOCK_BYTES == 0)
		memset(to->bytes + place, 0xf0, COPY_BLOCK_BYTES);
	if (!can_read(address - VMEMMAP, bytes))
		return -14;
	memcpy(to->bytes + place, memory + (address - VMEMMAP), bytes);
	return 0;
}

#include "copy-blocks.bpf.h"

uint32_t copy_blocks_most(void)
{
	return most_blocks;
}

void copy_blocks(void)
{
	for (uint32_t i = 0; i < COPY_BLOCKS * COPY_STEPS; i++)
		copy_step(&requests, (struct copy_buffer *)buffer, i);
	for (int i = 0; i < COPY_BLOCKS; i++)
		steps += (uint32_t)__builtin_popcount(requests.block[i].copied);
}

uint64_t meminfo_bytes(const char *name)
{
	return strcmp(name, "HardwareCorrupted") == 0 ? corrupted : 0;
}

uint64_t pfn_of_page(uint64_t page)
{
	return page < VMEMMAP || (page - VMEMMAP) / 64 >= machine.end_pfn ? UINT64_MAX : (page - VMEMMAP) / 64;
}

void slab_saw(uint64_t pfn, uint64_t nr, const uint8_t *page)
{
	(void)pfn, (void)nr, (void)page;
}

void charge_saw(uint64_t pfn, uint64_t nr, enum page_class class, uint64_t word, uint32_t type)
{
	(void)pfn, (void)nr, (void)class, (void)word, (void)type;
}

int main(int argc, char **argv)
{
	char line[1024];
	uint64_t nr = 0, end;

	if (argc != 5 || fields_open(argv[1]))
		return 2;
	given.census_call_bytes = (uint32_t)strtoul(argv[2], NULL, 0);
	corrupted = strtoull(argv[3], NULL, 0);
	most_blocks = (uint32_t)strtoul(argv[4], NULL, 0);
	bases.page_bytes = struct_bytes("page");
	for (; nr < MAX_PAGES && fgets(line, sizeof(line), stdin); nr++) {
		is_hole[nr] = line[0] == '?';
		if (!is_hole[nr])
			make_page(memory + (FIRST + nr) * 64, line);
	}
	machine = (struct machine){ .end_pfn = FIRST + nr, .nr_zones = 1, .zones = { { .name = "Normal", .first = FIRST, .spanned = nr } } };
	if (!pages_open())
		return 2;
	for (uint64_t pfn = 0; pfn != UINT64_MAX;)
		pfn = pages_walk(pfn, 1 << 20);
	for (uint64_t pfn = FIRST; pfn < FIRST + nr; pfn = end) {
		for (end = pfn + 1; end < FIRST + nr && class_of_pfn[end] == class_of_pfn[pfn]; end++)
			;
		printf("%s %llu-%llu\n", class_names[class_of_pfn[pfn]], (unsigned long long)pfn, (unsigned long long)end - 1);
	}
	printf("hwpoison: %llu, steps %u\n", (unsigned long long)pages_of_class(CLASS_HWPOISON), steps);
	return 0;
}
