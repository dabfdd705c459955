// SPDX-License-Identifier: MIT
/*
 * Reads with read.c from a kernel whose memory is made up: the word at each address is the address, and pages
 * that the second argument names (their numbers in hex, with commas) cannot be read. Arguments: --call-bytes, those
 * pages, "split" or "whole", then requests ADDRESS+BYTES in hex. Prints each piece, and how many calls there were.
 * In each piece_done a single read is made, which must not disturb the rest of the batch.
 */
#include <stdlib.h>
#include <string.h>
#include "memory.h"

static struct options given;
const struct options *const options = &given;
static struct copy_requests requests;
static uint8_t buffer[COPY_BUFFER_BYTES];
struct copy_requests *copy_requests = &requests;
const uint8_t *copy_buffer = buffer;
static const char *holes;
static unsigned calls;

static bool is_hole(uint64_t page)
{
	char text[32];

	snprintf(text, sizeof(text), ",%llx,", (unsigned long long)page);
	return strstr(holes, text) != NULL;
}

/* As programs/census.bpf.c: all or nothing, and zeros for nothing. */
void copy_call(uint32_t first, uint32_t count)
{
	calls++;
	for (struct copy_request *r = &requests.request[first]; r < &requests.request[first + count]; r++) {
		if (r >= &requests.request[COPY_REQUESTS] || r->place >= COPY_HALF_BYTES || !r->bytes || r->bytes >= COPY_HALF_BYTES)
			abort();
		r->error = 0;
		for (uint64_t page = r->address >> 12; page <= (r->address + r->bytes - 1) >> 12; page++)
			r->error |= is_hole(page) ? -14 : 0;
		memset(buffer + r->place, 0, r->bytes);
		for (uint32_t i = 0; i + 8 <= r->bytes && !r->error; i += 8)
			memcpy(buffer + r->place + i, &(uint64_t){ r->address + i }, 8);
	}
}

static void done(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	const uint64_t *addresses = context;
	bool right = true;
	uint64_t word;

	if (kernel_word(0x500000) != 0x500000)
		abort();
	for (uint32_t i = 0; piece && i + 8 <= bytes; i += 8) {
		memcpy(&word, piece + i, 8);
		right &= word == addresses[tag] + offset + i;
	}
	printf("%llu +%llx %x%s\n", (unsigned long long)tag, (unsigned long long)offset, bytes,
	       !piece ? " cannot be read" : right && (uintptr_t)piece % 8 == 0 ? "" : " WRONG");
}

int main(int argc, char **argv)
{
	uint64_t addresses[64] = { 0 };
	struct reader reader = { done, addresses, false };
	char text[64];
	bool all;

	if (argc < 5)
		return 2;
	given.census_call_bytes = (uint32_t)strtoul(argv[1], NULL, 0);
	holes = argv[2];
	reader.split = strcmp(argv[3], "split") == 0;
	for (int i = 4; i < argc && i < 68; i++) {
		char *plus;

		addresses[i - 4] = strtoull(argv[i], &plus, 16);
		reader_add(&reader, addresses[i - 4], strtoull(plus + 1, NULL, 16), (uint64_t)i - 4);
	}
	reader_run(&reader);
	/* nothing is left to do */
	reader_run(&reader);
	memset(text, 1, sizeof(text));
	all = kernel_read(0x7ff0, text, 0x20);
	printf("0x7ff0+20 %s, %s\n", all ? "read" : "cannot be read", text[0] == 0 ? "zeros" : "its bytes");
	printf("calls %u\n", calls);
	return 0;
}
