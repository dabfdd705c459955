// SPDX-License-Identifier: MIT
/*
 * Asks see() of a kernel that is made up, without a walk: first argument a file with BTF. Lines on stdin, each the
 * struct page of one page, from pfn 16 on (made-pages.h). Then, one after another:
 *   see PFN BYTES       from that page on, in the linear map
 *   at ADDRESS BYTES    hex
 *   now PFN PAGE        it is another page from now on
 *   ram END             "System RAM" ends there; `device` PFN END: a zone of a device
 * Prints "reads PFN..." of content, then "got it" or "no".
 */
#include <stdio.h>
#include "names.h"
#include "made-pages.h"

#define MAX_PAGES 4096
#define FIRST 16
#define VMEMMAP 0xffffea0000000000ull
#define LINEAR 0xffff888000000000ull

static struct options given = { .census_call_bytes = 256 << 10, .census_budget = 1 };
const struct options *const options = &given;
static uint8_t struct_pages[MAX_PAGES * 64], tables[4][4096];

static struct copy_requests requests;
static uint8_t buffer[COPY_BUFFER_BYTES];
struct copy_requests *copy_requests = &requests;
const uint8_t *copy_buffer = buffer;
struct copy_stats copy_stats;

void rest(void)
{
}

void together_begin(void)
{
}

void together_end(void)
{
}

void copy_call(uint32_t first, uint32_t count)
{
	for (struct copy_request *r = &requests.request[first]; r < &requests.request[first + count]; r++) {
		uint64_t page = r->address - VMEMMAP, place = r->address - LINEAR;

		r->error = 0;
		memset(buffer + r->place, 0, r->bytes);
		if (page < sizeof(struct_pages)) {
			memcpy(buffer + r->place, struct_pages + page, r->bytes);
		} else if (place + r->bytes <= sizeof(tables)) {
			memcpy(buffer + r->place, (uint8_t *)tables + place, r->bytes);
		} else {
			printf("reads %llx\n", (unsigned long long)(place < (uint64_t)MAX_PAGES << 12 ? place >> 12 : r->address));
		}
	}
}

bool copy_look_around(int cpu, struct copy_self *self)
{
	(void)cpu, (void)self;
	return false;
}

static void make(uint64_t pfn, char *line)
{
	memset(struct_pages + pfn * 64, 0, 64);
	make_page(struct_pages + pfn * 64, line);
}

int main(int argc, char **argv)
{
	static uint8_t bytes[1 << 16];
	char line[1024];

	if (argc < 3 || fields_open(argv[1]) || !marks_find())
		return 2;
	bases = (struct bases){ .vmemmap = VMEMMAP, .page_bytes = 64, .linear = LINEAR, .pgd = LINEAR, .levels = 4,
				.frame_mask = (1ull << 40) - 4096 };
	machine = (struct machine){ .end_pfn = MAX_PAGES, .nr_ram = 1, .ram = { { 0, MAX_PAGES } }, .nr_zones = 1 };
	machine.zones[0] = (struct zone){ .name = "Normal", .spanned = MAX_PAGES };
	classes_open();
	for (uint64_t i = 0; i < 4; i++) {
		char table[] = "PAGE_TYPE=0xf2000000 PAGE_REFCOUNT=1";

		make(i, table);
	}
	for (uint64_t nr = 0; nr < MAX_PAGES - FIRST && fgets(line, sizeof(line), stdin); nr++)
		make(FIRST + nr, line);
	for (char **next = argv + 2; *next; next += 3) {
		uint64_t from = strtoull(next[1], NULL, 0), to = strtoull(next[2], NULL, 0);

		if (strcmp(*next, "see") == 0)
			puts(see(LINEAR + (from << 12), bytes, to) ? "got it" : "no");
		else if (strcmp(*next, "at") == 0)
			puts(see(from, bytes, to) ? "got it" : "no");
		else if (strcmp(*next, "now") == 0)
			make(from, next[2]);
		else if (strcmp(*next, "ram") == 0)
			machine.ram[0].end = to;
		else if (strcmp(*next, "device") == 0)
			walk_spans[nr_walk_spans++] = (struct walk_span){ from, to, 0, true };
		else
			return 2;
	}
	return 0;
}
