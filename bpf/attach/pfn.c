// SPDX-License-Identifier: MIT
/*
 * Where struct page number 0 lies. tp_btf gives us `struct page *`; the stream needs
 * page frame numbers. It changes with every boot (RANDOMIZE_MEMORY). So it is
 * measured, on any machine whose struct pages form one array:
 *
 *   a program on mm_page_alloc notes each page that this process gets;
 *   this process touches fresh pages, and asks /proc/self/pagemap for their pfns;
 *   start = page - pfn * sizeof(struct page) is then the same for all of them.
 *
 * Where pagemap hides the pfns, because CAP_SYS_ADMIN is missing, the kernel's own figure
 * or its alignment decides, if the pages that were seen agree (kernel/vmemmap.c). Else the
 * classic tracepoint is used for pages: its record has the pfn itself.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "attach.h"
#include "unfreed.skel.h"

#define PAGES_TOUCHED 64

static int touched_pfns(uint64_t *pfns)
{
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE), bytes = PAGES_TOUCHED * page_size;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), nr = 0;
	char *memory;

	if (fd < 0)
		return 0;
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		close(fd);
		return 0;
	}
	/* huge pages would give one event for many pages: less evidence */
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < PAGES_TOUCHED; i++)
		memory[i * page_size] = 1;
	for (size_t i = 0; i < PAGES_TOUCHED; i++) {
		uint64_t entry, page = ((uintptr_t)memory + i * page_size) / page_size;

		if (pread(fd, &entry, sizeof(entry), (off_t)(page * sizeof(entry))) != sizeof(entry))
			continue;
		/* bit 63: present; bits 0-54: pfn, 0 without CAP_SYS_ADMIN */
		if (entry >> 63 && (entry & ((1ull << 55) - 1)))
			pfns[nr++] = entry & ((1ull << 55) - 1);
	}
	munmap(memory, bytes);
	close(fd);
	return nr;
}

/* Of one round: the pages that this process touched, and those that the program saw. */
struct round {
	uint64_t pfns[PAGES_TOUCHED];
	int nr_pfns;
	const struct page_seen *seen;
	uint32_t nr_seen;
	uint64_t page_bytes; /* sizeof(struct page) */
};

/* The number of touched pages that were seen, if struct page 0 lies at `start`. */
static int votes_for(const struct round *round, uint64_t start)
{
	int votes = 0;

	for (int i = 0; i < round->nr_pfns; i++) {
		uint64_t page = start + round->pfns[i] * round->page_bytes;

		for (uint32_t j = 0; j < round->nr_seen; j++) {
			if (round->seen[j].order == 0 && round->seen[j].page == page) {
				votes++;
				break;
			}
		}
	}
	return votes;
}

/*
 * Each page seen proposes a start. Pages mostly come in runs of neighbours, so a
 * start that is off by one fits nearly all of them: only the best is taken, and
 * only if no other is as good. 0: undecided.
 */
static uint64_t elect(const struct round *round, uint32_t *tgid)
{
	const struct page_seen *seen = round->seen;
	uint64_t best = 0;
	int best_votes = 0;
	bool tie = false;

	for (uint32_t j = 0; j < round->nr_seen; j++) {
		uint64_t start = seen[j].page - round->pfns[round->nr_pfns / 2] * round->page_bytes;
		int votes;

		if (seen[j].order != 0 || start == best)
			continue;
		votes = votes_for(round, start);
		if (votes == best_votes)
			tie = true;
		if (votes <= best_votes)
			continue;
		tie = false;
		best = start;
		best_votes = votes;
		*tgid = seen[j].tgid;
	}
	return tie || best_votes < round->nr_pfns * 7 / 8 ? 0 : best;
}

/* Touches pages while the program looks. False: it could not be attached. */
static bool take_round(struct unfreed *skel, struct round *round)
{
	struct bpf_link *link;

	skel->bss->nr_pages_seen = 0;
	link = bpf_program__attach(skel->progs.calibrate_pages);
	if (!link)
		return false;
	round->nr_pfns = touched_pfns(round->pfns);
	bpf_link__destroy(link);
	round->seen = skel->bss->pages_seen;
	round->nr_seen = skel->bss->nr_pages_seen < PAGES_SEEN ? skel->bss->nr_pages_seen : PAGES_SEEN;
	round->page_bytes = skel->rodata->page_struct_bytes;
	return true;
}

static const char *found_by; /* for --verbose */

static uint64_t address_of_own_figure(void)
{
	static const char *const name[] = { "vmemmap_base", NULL };
	uint64_t address;

	kallsyms_addresses(KALLSYMS, name, &address);
	return address;
}

/* The start without a measurement, 0: not known. */
static uint64_t start_by_rule(struct unfreed *skel, const struct round *round)
{
	struct vmemmap_evidence evidence = { .page_bytes = round->page_bytes, .vmalloc = skel->bss->vmalloc_seen };
	uint64_t pages[PAGES_SEEN], own_figure = skel->bss->vmemmap_base_seen;
	static uint64_t address;
	static bool asked;

	/* asked for only here, because this reads all of kallsyms */
	if (!asked)
		address = address_of_own_figure();
	asked = true;
	/* the next round has the figure */
	if (address && !skel->bss->vmemmap_base_at) {
		skel->bss->vmemmap_base_at = address;
		return 0;
	}
	for (uint32_t i = 0; i < round->nr_seen; i++)
		pages[evidence.nr_pages++] = round->seen[i].page;
	evidence.pages = pages;
	evidence.nr_zones = zones_read("/proc/zoneinfo", evidence.zones, MAX_ZONES);
	if (evidence.nr_pages < PAGES_TOUCHED / 2)
		return 0;
	found_by = "the kernel's own figure";
	if (own_figure && vmemmap_fits(&evidence, own_figure))
		return own_figure;
	found_by = "its alignment";
#ifdef __x86_64__
	return vmemmap_by_alignment(&evidence);
#else
	return 0;
#endif
}

/* One round: touch, see, decide. 0: undecided, and *why is the reason. */
static uint64_t measure(struct unfreed *skel, uint32_t *tgid, const char **why)
{
	struct round round;
	uint64_t start;

	*why = "the calibrating program could not be attached";
	if (!take_round(skel, &round))
		return 0;
	if (round.nr_pfns >= PAGES_TOUCHED / 2) {
		*why = "the kernel's struct pages are not one array";
		found_by = "measured";
		return elect(&round, tgid);
	}
	*why = "/proc/self/pagemap shows no page frame numbers, which needs CAP_SYS_ADMIN";
	start = start_by_rule(skel, &round);
	if (start)
		*tgid = round.seen[0].tgid;
	return start;
}

static const char *absence;

const char *pfn_absence(void)
{
	return absence;
}

const char *pfn_calibrate(struct unfreed *skel)
{
	uint64_t before = 0;
	const char *why;
	uint32_t tgid;

	prctl(PR_SET_NAME, "unfreed-collect");
	prctl(PR_GET_NAME, skel->bss->calibrate_comm);
	/* two rounds in a row must agree, on different pages */
	for (int round = 0; round < 6; round++) {
		uint64_t start = measure(skel, &tgid, &why);

		if (start && start == before) {
			skel->bss->vmemmap_start = start;
			if (options->verbose)
				say("struct page 0 lies at %#llx (%s)", (unsigned long long)start, found_by);
			/* in a pid namespace getpid() is not the number that the kernel shows */
			skel->bss->self_tgids[0] = tgid;
			absence = NULL;
			return NULL;
		}
		before = start;
	}
	absence = why;
	return why;
}
