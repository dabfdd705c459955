// SPDX-License-Identifier: MIT
/*
 * What may be read of a page's content: pages of "System RAM" that the kernel keeps its own data in, by the
 * class that the walk found, and by their struct pages once more right before: of a tail by its own, which may say
 * that it is poisoned, and by its head's. Never a page that is poisoned, offline, unaccepted or a device's; nor,
 * because nothing there is wanted, one of a process, of a file, or a free one. An address that is not in the
 * linear map is first looked up in the page tables, so that a mapping of a device is known as one.
 */
#include <string.h>
#include "census.h"

#define PAGE 4096u
/* So many reads wait for the look at their struct pages. */
#define MAX_WAITING 1024
/* Struct pages behind one read. */
#define MAX_PAGES (COPY_SINGLE_BYTES / PAGE + 1)

#define NO_HEAD UINT64_MAX

static struct waiting {
	uint64_t address, tag, pfn;
	uint64_t head; /* of the block that its first pages are tails of, if that begins before them */
	uint32_t bytes;
	bool ok, head_ok;
} waiting[MAX_WAITING];
static uint32_t nr_waiting;
static uint64_t waiting_pages;

static bool class_may_be_read(enum page_class class)
{
	switch (class) {
	case CLASS_SLAB:
	case CLASS_LARGE_KMALLOC:
	case CLASS_PAGETABLE:
	case CLASS_KERNEL_PAGETABLE:
	case CLASS_RESERVED:
	case CLASS_MEMMAP:
	case CLASS_KERNEL_IMAGE:
	case CLASS_VMALLOC:
	case CLASS_VMAP:
	case CLASS_STACK:
	case CLASS_PERCPU:
	case CLASS_MODULE:
	case CLASS_UNACCOUNTED:
		return true;
	default:
		return false;
	}
}

bool page_may_be_read(uint64_t pfn)
{
	return pfn < machine.end_pfn && in_ram(pfn) && class_may_be_read(class_of_pfn[pfn]);
}

/* Of a page that is no tail, by its struct page, read right now. */
static bool still_may_be_read(uint64_t pfn, const uint8_t *page)
{
	enum page_class class = class_of_type(page_half(page, F_PAGE_TYPE));
	uint64_t nr;

	if (page_is_poisoned(page))
		return false;
	if (class != CLASS_NONE)
		return class_may_be_read(class);
	return page_word(page, F_PAGE_FLAGS) & (marks.slab | marks.reserved) || class_may_be_read(page_decide(pfn, page, 1, &nr));
}

bool area_page_may_be_read(const uint8_t *page)
{
	enum page_class class = page_is_tail(page) ? CLASS_NONE : class_of_type(page_half(page, F_PAGE_TYPE));

	return !page_is_poisoned(page) && (class == CLASS_NONE || class_may_be_read(class));
}

/* ---- single reads ---- */

/* UINT64_MAX: nothing is mapped there, or its page tables may not be read. */
static uint64_t pfn_of_address(uint64_t address)
{
	struct walked at;

	if (!is_kernel_address(address))
		return UINT64_MAX;
	at = walk_tables(address, page_may_be_read);
	return walked_pfn(&at, address);
}

static bool pages_may_be_read_now(uint64_t address, size_t bytes)
{
	for (uint64_t at = address & ~(uint64_t)(PAGE - 1); at < address + bytes; at += PAGE) {
		uint64_t pfn = pfn_of_linear(at);

		if (pfn == UINT64_MAX)
			pfn = pfn_of_address(at);
		if (!page_may_be_read(pfn) || !class_may_be_read(class_now(pfn)))
			return false;
	}
	return true;
}

bool safe_read(uint64_t address, void *to, size_t bytes)
{
	bool all;

	memset(to, 0, bytes);
	together_begin();
	all = pages_may_be_read_now(address, bytes) && kernel_read(address, to, bytes);
	together_end();
	return all;
}

uint64_t safe_field(uint64_t object, enum field_id id)
{
	const struct field *field = &fields[id];
	uint8_t bytes[8] = { 0 };

	if (!object || !has_field(id) ||
	    !safe_read(object + (uint64_t)field->offset, bytes, field->bytes < 8 ? field->bytes : 8))
		return 0;
	return field_at(bytes, field);
}

void safe_string(uint64_t address, char *to, size_t size)
{
	uint8_t byte;

	/* of its first page all is known then, and a string that goes on in the next page is cut there */
	memset(to, 0, size);
	together_begin();
	if (safe_read(address, &byte, 1))
		kernel_string(address, to, size < PAGE - address % PAGE + 1 ? size : PAGE - address % PAGE + 1);
	together_end();
}

/* ---- many reads ---- */

/*
 * A tail's block is in use as its head says, which is either among the pages that are looked at, or is looked at
 * next. Of a block without a head, or if a page is of another, nothing is read.
 */
static void see_pages(void *context, uint64_t tag, uint64_t offset, const uint8_t *pages, uint32_t bytes)
{
	struct waiting *one = &waiting[tag];
	uint64_t pfn = one->pfn, head = NO_HEAD, here;

	(void)context, (void)offset;
	one->ok = pages != NULL;
	for (uint32_t at = 0; pages && at < bytes; at += (uint32_t)bases.page_bytes, pfn++) {
		if (!page_is_tail(pages + at)) {
			head = pfn;
			one->ok &= still_may_be_read(pfn, pages + at);
			continue;
		}
		here = head_of_tail(pfn, pages + at);
		if (head == NO_HEAD)
			head = one->head = here;
		one->ok &= here != NO_HEAD && here == head && !page_is_poisoned(pages + at);
	}
}

static void see_head(void *context, uint64_t tag, uint64_t offset, const uint8_t *page, uint32_t bytes)
{
	struct waiting *one = &waiting[tag];

	(void)context, (void)offset, (void)bytes;
	one->head_ok = page && !page_is_tail(page) && still_may_be_read(one->head, page);
}

/* True if the head of this one was asked for with the one before. */
static bool has_head_of_last(uint32_t i)
{
	return i && waiting[i - 1].head == waiting[i].head;
}

static void look_at_heads(uint32_t nr)
{
	static const struct reader heads = { see_head, NULL, false };

	for (uint32_t i = 0; i < nr; i++) {
		if (waiting[i].head != NO_HEAD && !has_head_of_last(i) && page_may_be_read(waiting[i].head))
			reader_add(&heads, page_of_pfn(waiting[i].head), bases.page_bytes, i);
	}
	reader_run(&heads);
	for (uint32_t i = 0; i < nr; i++) {
		if (has_head_of_last(i))
			waiting[i].head_ok = waiting[i - 1].head_ok;
		waiting[i].ok &= waiting[i].head == NO_HEAD || waiting[i].head_ok;
	}
}

void safe_run(const struct reader *reader)
{
	static const struct reader pages = { see_pages, NULL, false };
	uint32_t nr = nr_waiting;

	nr_waiting = 0;
	waiting_pages = 0;
	together_begin();
	for (uint32_t i = 0; i < nr; i++) {
		uint64_t last = (waiting[i].address % PAGE + waiting[i].bytes - 1) / PAGE;

		reader_add(&pages, page_of_pfn(waiting[i].pfn), (last + 1) * bases.page_bytes, i);
	}
	reader_run(&pages);
	look_at_heads(nr);
	for (uint32_t i = 0; i < nr; i++) {
		if (waiting[i].ok)
			reader_add(reader, waiting[i].address, waiting[i].bytes, waiting[i].tag);
	}
	reader_run(reader);
	together_end();
}

void safe_add(const struct reader *reader, uint64_t address, uint32_t bytes, uint64_t tag)
{
	uint64_t pfn = pfn_of_linear(address), nr = (address % PAGE + bytes + PAGE - 1) / PAGE;

	if (pfn == UINT64_MAX || !bytes || nr > MAX_PAGES)
		return;
	for (uint64_t i = 0; i < nr; i++) {
		if (!page_may_be_read(pfn + i))
			return;
	}
	if (nr_waiting == MAX_WAITING || waiting_pages + nr > PAGES_TOGETHER)
		safe_run(reader);
	waiting[nr_waiting++] = (struct waiting){ address, tag, pfn, NO_HEAD, bytes, false, false };
	waiting_pages += nr;
}
