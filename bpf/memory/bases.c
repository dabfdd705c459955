// SPDX-License-Identifier: MIT
/*
 * Where the kernel keeps its memory, without symbols of its data, which many kernels do not show
 * (CONFIG_KALLSYMS_ALL). All of it is measured on this process:
 *
 *   struct page 0      pages of this process lie in a pipe; the pipe's buffers have their struct pages,
 *                      and /proc/self/pagemap their numbers
 *   linear map         it begins some GiB below our task_struct: where that page is slab of the cache
 *                      task_struct, and our page tables lead to pages that pagemap names
 *   per-CPU memory     the value of a per-CPU array on each CPU, less its place in every CPU's part
 *
 * The first and the last need no rule about alignment; the second holds on x86-64.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "memory.h"

#define PAGE 4096u
#define GIB (1ull << 30)
/* The lowest address of a kernel with page tables of four levels. */
#define FOUR_LEVELS_FROM 0xffff800000000000ull

struct bases bases;

/* Pages of this process, which it keeps: page i has own_pfns[i]. */
static char *own_pages;

uint64_t pfn_of_page(uint64_t page)
{
	uint64_t offset = page - bases.vmemmap;

	return page < bases.vmemmap || offset % bases.page_bytes || offset / bases.page_bytes >= machine.end_pfn ?
		       UINT64_MAX : offset / bases.page_bytes;
}

uint64_t pfn_of_linear(uint64_t address)
{
	uint64_t pfn = (address - bases.linear) >> 12;

	return address < bases.linear || pfn >= machine.end_pfn ? UINT64_MAX : pfn;
}

/* ---- pages of this process ---- */

static void touch_pages(void)
{
	enum { NR = sizeof(bases.own_pfns) / sizeof(bases.own_pfns[0]) };
	int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry;

	own_pages = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (own_pages == MAP_FAILED)
		die("out of memory");
	madvise(own_pages, NR * PAGE, MADV_NOHUGEPAGE);
	for (int i = 0; i < NR; i++) {
		own_pages[(size_t)i * PAGE] = 1;
		if (pread(file, &entry, 8, (off_t)((uintptr_t)own_pages / PAGE + (size_t)i) * 8) != 8)
			break;
		/* bit 63: present; bits 0 to 54: the number, 0 without CAP_SYS_ADMIN */
		if (!(entry >> 63) || !(entry & ((1ull << 55) - 1)))
			break;
		bases.own_pfns[bases.nr_own_pfns++] = entry & ((1ull << 55) - 1);
	}
	if (file >= 0)
		close(file);
	if (!bases.nr_own_pfns)
		die("/proc/self/pagemap shows no page frame numbers: a census needs CAP_SYS_ADMIN as well (run it with sudo)");
}

/* ---- struct page 0 ---- */

/* The address of the pipe_inode_info behind a descriptor of this process. */
static uint64_t pipe_of(uint64_t task, int descriptor)
{
	uint64_t table = kernel_field(kernel_field(task, F_TASK_FILES), F_FILES_FDT);
	uint64_t file = kernel_word(kernel_field(table, F_FDT_FD) + (uint64_t)descriptor * 8);

	return kernel_field(file, F_FILE_PRIVATE);
}

/* The start that all pages in the pipe agree on; 0: they do not. */
static uint64_t start_by_pipe(uint64_t pipe, int nr)
{
	uint64_t buffers = kernel_field(pipe, F_PIPE_BUFS), start = 0;

	for (int i = 0; i < nr; i++) {
		uint64_t page = kernel_field(buffers + (uint64_t)i * struct_bytes("pipe_buffer"), F_PIPE_BUFFER_PAGE);
		uint64_t here = page - bases.own_pfns[i] * bases.page_bytes;

		if (!page || (start && here != start))
			return 0;
		start = here;
	}
	return start;
}

static void find_vmemmap(uint64_t task)
{
	struct iovec pages = { own_pages, (size_t)bases.nr_own_pfns * PAGE };
	ssize_t bytes;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		die("no pipe can be opened");
	bytes = vmsplice(ends[1], &pages, 1, 0);
	if (bytes > 0)
		bases.vmemmap = start_by_pipe(pipe_of(task, ends[0]), (int)(bytes / PAGE));
	close(ends[0]);
	close(ends[1]);
	if (!bases.vmemmap)
		die("where the kernel keeps its struct pages was not found: there is no census on this kernel");
}

/* ---- the linear map ---- */

struct walked walk_tables(uint64_t address, bool (*may_read)(uint64_t pfn))
{
	struct walked at = { bases.pgd, 0, 12 + 9 * (bases.levels - 1) };
	uint64_t table = bases.pgd, pfn;

	for (;; at.shift -= 9) {
		at.table = table;
		at.entry = kernel_word(table + (address >> at.shift & 511) * 8);
		pfn = (at.entry & bases.frame_mask) >> 12;
		if (!(at.entry & TABLE_PRESENT) || at.shift == 12 || at.entry & TABLE_LEAF)
			return at;
		if (pfn >= machine.end_pfn || (may_read && !may_read(pfn)))
			return (struct walked){ table, 0, at.shift };
		table = linear_of_pfn(pfn);
	}
}

uint64_t walked_pfn(const struct walked *at, uint64_t address)
{
	uint64_t behind = (1ull << (at->shift - 12)) - 1;

	if (!(at->entry & TABLE_PRESENT))
		return UINT64_MAX;
	return ((at->entry & bases.frame_mask) >> 12 & ~behind) + (address >> 12 & behind);
}

/* The head's struct page, by the address of any page of the block. */
static uint64_t head_of(uint64_t page)
{
	uint64_t word = kernel_field(page, F_PAGE_COMPOUND);

	if (!(word & 1))
		return page;
	/* a pointer, or the mask that gives the head */
	return word - 1 >= bases.vmemmap && word - 1 < page_of_pfn(machine.end_pfn) ? word - 1 : page & (word - 1);
}

/* Up to 6.10 a flag, in 6.11 a bit of the type that is 0, since then the type's top byte. */
static bool is_slab(uint64_t page)
{
	uint64_t type = kernel_field(page, F_PAGE_TYPE);

	if (values[V_PGTY_slab] >= 0)
		return type >> 24 == (uint64_t)values[V_PGTY_slab];
	if (values[V_PG_slab] >= 64)
		return type >> 31 && !(type & (uint64_t)values[V_PG_slab]);
	return values[V_PG_slab] >= 0 && kernel_field(page, F_PAGE_FLAGS) >> values[V_PG_slab] & 1;
}

/* True if the page of our task_struct is slab of the cache of that name, if the linear map begins here. */
static bool task_fits(uint64_t task)
{
	uint64_t pfn = pfn_of_linear(task), head, cache;
	char name[16];

	if (pfn == UINT64_MAX)
		return false;
	head = head_of(page_of_pfn(pfn));
	cache = is_slab(head) ? kernel_field(head, F_SLAB_CACHE) : 0;
	if (!is_kernel_address(cache))
		return false;
	kernel_string(kernel_field(cache, F_CACHE_NAME), name, sizeof(name));
	return strcmp(name, "task_struct") == 0;
}

static bool tables_fit(void)
{
	for (int i = 0; i < bases.nr_own_pfns; i++) {
		uint64_t address = (uintptr_t)own_pages + (uint64_t)i * PAGE;
		struct walked at = walk_tables(address, NULL);

		bases.table_pfn = pfn_of_linear(at.table);
		if (walked_pfn(&at, address) != bases.own_pfns[i])
			return false;
	}
	return true;
}

static void find_linear(uint64_t task)
{
	uint64_t steps = machine.end_pfn / (GIB / PAGE) + 2;

	/* what lies above the last page's address is no part of it: flags, and the mark of encrypted memory */
	bases.frame_mask = (2ull << (63 - __builtin_clzll(machine.end_pfn << 12))) - PAGE;
	for (uint64_t i = 0; i < steps; i++) {
		bases.linear = (task & ~(GIB - 1)) - i * GIB;
		bases.levels = bases.linear < FOUR_LEVELS_FROM ? 5 : 4;
		if (task_fits(task) && tables_fit())
			return;
	}
	die("where the kernel maps all memory was not found: there is no census on this kernel");
}

/* ---- per-CPU memory ---- */

static void find_percpu(void)
{
	struct copy_self self;
	uint64_t place;

	bases.nr_cpus = libbpf_num_possible_cpus() > 0 ? libbpf_num_possible_cpus() : 1;
	bases.percpu = calloc((size_t)bases.nr_cpus, sizeof(*bases.percpu));
	if (!bases.percpu)
		die("out of memory");
	for (int cpu = 0; cpu < bases.nr_cpus; cpu++) {
		if (!copy_look_around(cpu, &self))
			continue;
		place = kernel_field(self.percpu_map, F_ARRAY_PPTRS);
		if (place)
			bases.percpu[cpu] = self.percpu_here - place;
	}
}

static void note_own(const struct copy_self *self)
{
	bases.own[bases.nr_own].address = self->requests;
	bases.own[bases.nr_own++].bytes = sizeof(struct copy_requests);
	bases.own[bases.nr_own].address = self->buffer;
	bases.own[bases.nr_own++].bytes = sizeof(struct copy_buffer);
	bases.own[bases.nr_own].address = self->self;
	bases.own[bases.nr_own++].bytes = sizeof(struct copy_self);
}

void bases_find(void)
{
	static const enum field_id needed[] = { F_TASK_FILES, F_TASK_MM, F_FILES_FDT, F_FDT_FD, F_FILE_PRIVATE, F_PIPE_BUFS,
						F_PIPE_BUFFER_PAGE, F_MM_PGD, F_PAGE_COMPOUND, F_PAGE_FLAGS, F_PAGE_TYPE, F_SLAB_CACHE, F_CACHE_NAME,
						F_ARRAY_PPTRS, NR_FIELDS };
	struct copy_self self;

#ifndef __x86_64__
	die("a census is made for x86-64: how this processor maps the kernel's memory is not known to it");
#endif
	bases.page_bytes = struct_bytes("page");
	if (!fields_there("bases", needed) || !bases.page_bytes)
		die("%s: there is no census on this kernel", missing_at(0) ? missing_at(0)->what : "struct page is not in this kernel's BTF");
	touch_pages();
	if (!copy_look_around(-1, &self))
		die("the copying program could not be run: there is no census on this kernel");
	note_own(&self);
	bases.task = self.task;
	bases.pgd = kernel_field(kernel_field(self.task, F_TASK_MM), F_MM_PGD);
	find_vmemmap(self.task);
	find_linear(self.task);
	find_percpu();
	if (options->verbose)
		say("struct page 0 lies at %#llx, physical address 0 at %#llx, per-CPU memory of CPU 0 at %#llx, %d levels of page tables",
		    (unsigned long long)bases.vmemmap, (unsigned long long)bases.linear, (unsigned long long)bases.percpu[0],
		    bases.levels);
}
