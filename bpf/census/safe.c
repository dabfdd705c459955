// SPDX-License-Identifier: MIT
/*
 * What may be read of a page's content: pages of "System RAM" that the kernel keeps its own data in, by the
 * class that the walk found, and by their struct pages once more right before. Never a page that is
 * poisoned, offline, unaccepted or a device's; nor, because nothing there is wanted, one of a process, of a file, or
 * a free one. An address that is not in the linear map is first looked up in the page tables, so that a
 * mapping of a device is known as one.
 */
#include <string.h>
#include "census.h"

#define PAGE 4096u
/* So many reads wait for the look at their struct pages. */
#define MAX_WAITING 1024
/* Struct pages behind one read. */
#define MAX_PAGES (COPY_SINGLE_BYTES / PAGE + 1)

static struct waiting {
	uint64_t address, tag, pfn;
	uint32_t bytes;
	bool ok;
} waiting[MAX_WAITING];
static uint32_t nr_waiting;

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

/* By its struct page, read right now. A tail belongs to a block, which is in use; its own flag may say that it is poisoned. */
static bool still_may_be_read(const uint8_t *page)
{
	uint64_t flags = page_word(page, F_PAGE_FLAGS);
	enum page_class class;

	if (marks.hwpoison && flags & marks.hwpoison)
		return false;
	if (page_word(page, F_PAGE_COMPOUND) & 1)
		return true;
	class = class_of_type(page_half(page, F_PAGE_TYPE));
	if (class != CLASS_NONE)
		return class_may_be_read(class);
	if (flags & (marks.slab | marks.reserved))
		return true;
	return page_half(page, F_PAGE_REFCOUNT) != 0 && page_word(page, F_PAGE_MAPPING) == 0;
}

/* ---- single reads ---- */

bool safe_read(uint64_t address, void *to, size_t bytes)
{
	uint8_t page[MAX_PAGE_BYTES];

	memset(to, 0, bytes);
	for (uint64_t at = address & ~(uint64_t)(PAGE - 1); at < address + bytes; at += PAGE) {
		uint64_t pfn = pfn_of_address(at);

		if (!page_may_be_read(pfn) || !kernel_read(page_of_pfn(pfn), page, bases.page_bytes) || !still_may_be_read(page))
			return false;
	}
	return kernel_read(address, to, bytes);
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
	if (safe_read(address, &byte, 1))
		kernel_string(address, to, size < PAGE - address % PAGE + 1 ? size : PAGE - address % PAGE + 1);
}

/* ---- many reads ---- */

static void see_pages(void *context, uint64_t tag, uint64_t offset, const uint8_t *pages, uint32_t bytes)
{
	(void)context, (void)offset;
	waiting[tag].ok = pages != NULL;
	for (uint32_t at = 0; pages && at < bytes; at += (uint32_t)bases.page_bytes)
		waiting[tag].ok &= still_may_be_read(pages + at);
}

void safe_run(const struct reader *reader)
{
	static const struct reader pages = { see_pages, NULL, false };
	uint32_t nr = nr_waiting;

	nr_waiting = 0;
	for (uint32_t i = 0; i < nr; i++) {
		uint64_t last = (waiting[i].address % PAGE + waiting[i].bytes - 1) / PAGE;

		reader_add(&pages, page_of_pfn(waiting[i].pfn), (last + 1) * bases.page_bytes, i);
	}
	reader_run(&pages);
	for (uint32_t i = 0; i < nr; i++) {
		if (waiting[i].ok)
			reader_add(reader, waiting[i].address, waiting[i].bytes, waiting[i].tag);
	}
	reader_run(reader);
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
	if (nr_waiting == MAX_WAITING)
		safe_run(reader);
	waiting[nr_waiting++] = (struct waiting){ address, tag, pfn, bytes, false };
}
