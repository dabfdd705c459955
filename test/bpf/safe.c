// SPDX-License-Identifier: MIT
/*
 * Asks what is read of a kernel that is made up, and in which order. First argument: a file with BTF. Lines on stdin,
 * each one page, from pfn 16 on: the class that the walk gave it, then its struct page as it is now (made-pages.h).
 * The kernel's page tables are pages 0 to 3, which no line has, and map what `map` names at 0xffffc90000000000, page after page.
 * Then, one after another:
 *   map PFN,PFN,...     0: nothing there
 *   poison PFN          that page is poisoned since the walk; `poisoned` PFN: the walk knew it
 *   read PFN BYTES      safe_read() from that page on
 *   add PFN BYTES       safe_add(); `run` is safe_run()
 *   blocks PFN,ORDER... contents_of_blocks() of blocks of the class that the walk gave their first page
 *   pages PFN END       contents_of_pages() of that class
 *   slabs PFN,ORDER...  objects_scan(), one object a slab
 *   area FROM BYTES     mapped_read(), FROM is bytes from its start on
 * Prints "looks at PFN..." of struct pages, "reads PFN..." of content, "rests" where a pause may be, and what came
 * of it: "got PLACE BYTES", "no".
 */
#include <stdio.h>
#include "references.h"
#include "made-pages.h"

#define MAX_PAGES 4096
#define FIRST 16
#define VMEMMAP 0xffffea0000000000ull
#define LINEAR 0xffff888000000000ull
#define AREA 0xffffc90000000000ull

static struct options given = { .census_call_bytes = 256 << 10, .census_budget = 0.5 };
const struct options *const options = &given;
static uint8_t struct_pages[MAX_PAGES * 64], tables[4][4096];
static uint8_t was[MAX_PAGES];
uint8_t *class_of_pfn = was;

/* ---- the kernel, and the copying program ---- */

static struct copy_requests requests;
static uint8_t buffer[COPY_BUFFER_BYTES];
struct copy_requests *copy_requests = &requests;
const uint8_t *copy_buffer = buffer;
struct copy_stats copy_stats;
static unsigned together;

void rest(void)
{
	if (!together)
		puts("rests");
}

void together_begin(void)
{
	together++;
}

void together_end(void)
{
	if (!--together)
		rest();
}

static void print_range(const char *what, uint64_t first, uint64_t last)
{
	if (first == last)
		printf("%s %llu\n", what, (unsigned long long)first);
	else
		printf("%s %llu-%llu\n", what, (unsigned long long)first, (unsigned long long)last);
}

void copy_call(uint32_t first, uint32_t count)
{
	for (struct copy_request *r = &requests.request[first]; r < &requests.request[first + count]; r++) {
		uint64_t page = r->address - VMEMMAP, place = r->address - LINEAR;

		r->error = 0;
		memset(buffer + r->place, 0, r->bytes);
		if (page < sizeof(struct_pages)) {
			print_range("looks at", page / 64, (page + r->bytes - 1) / 64);
			memcpy(buffer + r->place, struct_pages + page, r->bytes);
		} else if (place + r->bytes <= sizeof(tables)) {
			memcpy(buffer + r->place, (uint8_t *)tables + place, r->bytes);
		} else if (place < (uint64_t)MAX_PAGES << 12) {
			print_range("reads", place >> 12, (place + r->bytes - 1) >> 12);
		} else {
			printf("reads %llx\n", (unsigned long long)r->address);
			r->error = -14;
		}
	}
	rest();
}

bool copy_look_around(int cpu, struct copy_self *self)
{
	(void)cpu, (void)self;
	return false;
}

static void map(char *list)
{
	uint64_t entry;
	int nr = 0;

	for (int level = 0; level < 3; level++) {
		entry = ((uint64_t)level + 1) << 12 | TABLE_PRESENT;
		memcpy(tables[level] + (AREA >> (39 - 9 * level) & 511) * 8, &entry, 8);
	}
	for (char *word = strtok(list, ","); word; word = strtok(NULL, ","), nr++) {
		entry = strtoull(word, NULL, 0) << 12 | TABLE_PRESENT;
		entry = entry >> 12 ? entry : 0;
		memcpy(tables[3] + nr * 8, &entry, 8);
	}
}

/* ---- what objects.c asks of other files ---- */

struct block *blocks;
uint32_t nr_blocks, nr_nodes;
struct shape *shapes;
uint64_t *live, *free_bits_of_sheaves;
struct cache_seen *caches;
size_t nr_caches;

void *room_for(uint64_t bytes)
{
	return calloc(1, bytes);
}

uint64_t cpu_list_of(uint32_t block)
{
	(void)block;
	return 0;
}

bool free_list_walk(const struct block *block, uint64_t list, const uint8_t *content, uint64_t *free_bits)
{
	(void)block, (void)list, (void)content, (void)free_bits;
	return true;
}

void words_fetch(const uint64_t *words, uint32_t nr)
{
	(void)words, (void)nr;
}

/* ---- the questions ---- */

static void got(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	(void)context;
	if (piece)
		printf("got %llx %u\n", (unsigned long long)(tag + offset), bytes);
}

static void got_object(uint32_t node, const struct block *block, const uint64_t *words, uint32_t nr)
{
	(void)words, (void)nr;
	printf("got object %u of %llu\n", node, (unsigned long long)block->pfn);
}

static const struct reader whole = { got, NULL, false }, split = { got, NULL, true };

static char **add_blocks(char **argument, enum block_kind kind)
{
	blocks = calloc(64, sizeof(*blocks));
	for (nr_blocks = 0; *argument && strchr(*argument, ','); argument++, nr_blocks++) {
		uint64_t pfn = strtoull(*argument, NULL, 0);

		blocks[nr_blocks] = (struct block){ .pfn = pfn, .order = strtoull(strchr(*argument, ',') + 1, NULL, 0),
						    .class = was[pfn], .kind = kind, .objects = 1, .cache = 1, .first = nr_blocks };
	}
	nr_nodes = nr_blocks;
	return argument;
}

static void scan_slabs(void)
{
	caches = calloc(2, sizeof(*caches));
	caches[1] = (struct cache_seen){ .address = LINEAR + 64, .size = 4096, .object_size = 64 };
	nr_caches = 2;
	shapes = calloc(2, sizeof(*shapes));
	shapes[1] = (struct shape){ .size = 4096 };
	live = calloc(2, 8);
	free_bits_of_sheaves = calloc(2, 8);
	objects_scan(NULL, got_object);
}

static void add_page(uint64_t nr, char *line)
{
	char *space = strchr(line, ' '), *rest_of_line = space ? space + 1 : line + strlen(line);
	uint8_t class = 0;

	line[strcspn(line, " \n")] = 0;
	while (class < NR_CLASSES && strcmp(class_names[class], line) != 0)
		class++;
	if (class == NR_CLASSES)
		die("no class %s", line);
	was[FIRST + nr] = class;
	make_page(struct_pages + (FIRST + nr) * 64, rest_of_line);
}

int main(int argc, char **argv)
{
	static uint8_t bytes[1 << 16];
	char line[1024];
	char **next = argv + 2;

	if (argc < 3 || fields_open(argv[1]) || !marks_find())
		return 2;
	bases = (struct bases){ .vmemmap = VMEMMAP, .page_bytes = 64, .linear = LINEAR, .pgd = LINEAR, .levels = 4,
				.frame_mask = (1ull << 40) - 4096 };
	machine = (struct machine){ .end_pfn = MAX_PAGES, .nr_ram = 1, .ram = { { 0, MAX_PAGES } } };
	memset(was, CLASS_PAGETABLE, 4);
	for (uint64_t i = 0; i < 4; i++) {
		char table[] = "PAGE_TYPE=0xf2000000 PAGE_REFCOUNT=1";

		make_page(struct_pages + i * 64, table);
	}
	for (uint64_t nr = 0; nr < MAX_PAGES - FIRST && fgets(line, sizeof(line), stdin); nr++)
		add_page(nr, line);
	while (*next) {
		const char *what = *next++;
		uint64_t from = *next ? strtoull(*next, NULL, 0) : 0, to = *next && next[1] ? strtoull(next[1], NULL, 0) : 0;

		if (strcmp(what, "map") == 0) {
			map(*next++);
		} else if (strncmp(what, "poison", 6) == 0) {
			struct_pages[from * 64 + 2] |= 1 << (values[V_PG_hwpoison] - 16);
			was[from] = what[6] ? CLASS_HWPOISON : was[from];
			next++;
		} else if (strcmp(what, "read") == 0) {
			puts(safe_read(LINEAR + (from << 12), bytes, to) ? "got it" : "no");
			next += 2;
		} else if (strcmp(what, "add") == 0) {
			safe_add(&whole, LINEAR + (from << 12), (uint32_t)to, from);
			next += 2;
		} else if (strcmp(what, "run") == 0) {
			safe_run(&whole);
		} else if (strcmp(what, "blocks") == 0) {
			next = add_blocks(next, BLOCK_LARGE);
			contents_of_blocks(0, nr_blocks, &split);
		} else if (strcmp(what, "pages") == 0) {
			contents_of_pages(from, to, was[from], &split);
			next += 2;
		} else if (strcmp(what, "slabs") == 0) {
			next = add_blocks(next, BLOCK_SLAB);
			scan_slabs();
		} else if (strcmp(what, "area") == 0) {
			mapped_read(&split, AREA + from, AREA + from + to, 0);
			next += 2;
		} else {
			return 2;
		}
	}
	return 0;
}
