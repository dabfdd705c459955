// SPDX-License-Identifier: MIT
/* The files that are loaded, as the dynamic linker knows them; and which of them the collector knows. */
#include <link.h>
#include <string.h>
#include "library.h"

/* glibc 2.35 and later; without locks, and allowed in signal handlers. */
struct dl_find_object_result {
	unsigned long long flags;
	void *map_start, *map_end;
	struct link_map *link_map;
	void *eh_frame;
	unsigned long long reserved[8];
};

extern int find_object(void *, struct dl_find_object_result *) __asm__("_dl_find_object") __attribute__((weak));
#pragma weak dl_iterate_phdr

static void look_at(struct found_image *image, uint64_t base, const Elf64_Phdr *headers, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		uint64_t start = base + headers[i].p_vaddr, end = start + headers[i].p_memsz;

		if (headers[i].p_type == PT_GNU_EH_FRAME)
			image->header = (const uint8_t *)(uintptr_t)start;
		if (headers[i].p_type != PT_LOAD)
			continue;
		if (!image->start || start < image->start)
			image->start = start;
		if (end > image->end)
			image->end = end;
		if (image->pc >= start && image->pc < end && headers[i].p_flags & PF_X)
			image->executable = true;
	}
}

static int look(struct dl_phdr_info *info, size_t bytes, void *context)
{
	struct found_image *image = context;
	struct found_image here = { .pc = image->pc };

	(void)bytes;
	look_at(&here, info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum);
	if (here.pc < here.start || here.pc >= here.end)
		return 0;
	*image = here;
	return 1;
}

bool find_image(uint64_t pc, struct found_image *image)
{
	struct dl_find_object_result found;
	const Elf64_Ehdr *elf;

	*image = (struct found_image){ .pc = pc };
	if (!find_object)
		return dl_iterate_phdr && dl_iterate_phdr(look, image) != 0;
	if (find_object((void *)(uintptr_t)pc, &found) != 0)
		return false;
	elf = found.map_start;
	/* of an image with gaps this is one segment, and its headers lie elsewhere */
	if (memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 || elf->e_phoff >= 4096 || elf->e_phnum >= MOST_SEGMENTS)
		return dl_iterate_phdr && dl_iterate_phdr(look, image) != 0;
	look_at(image, found.link_map->l_addr, (const Elf64_Phdr *)((const uint8_t *)elf + elf->e_phoff), elf->e_phnum);
	return true;
}

bool is_image(uint64_t pc)
{
	struct found_image image;

	return find_image(pc, &image);
}

bool same_image(uint64_t pc, uint64_t other)
{
	struct found_image image, second;

	return find_image(pc, &image) && find_image(other, &second) && image.start == second.start;
}

/* ---- images that the collector knows ---- */

#define MOST_KNOWN 4096

static uint64_t known[MOST_KNOWN];
static uint32_t nr_known;

static bool is_known(uint64_t start)
{
	uint32_t nr = __atomic_load_n(&nr_known, __ATOMIC_RELAXED);

	for (uint32_t i = 0; i < nr && i < MOST_KNOWN; i++) {
		if (known[i] == start)
			return true;
	}
	return false;
}

static void know(uint64_t start)
{
	uint32_t at = __atomic_fetch_add(&nr_known, 1, __ATOMIC_RELAXED);

	if (at < MOST_KNOWN)
		known[at] = start;
}

static int know_one(struct dl_phdr_info *info, size_t bytes, void *context)
{
	struct found_image image = { .pc = 0 };

	(void)bytes;
	(void)context;
	look_at(&image, info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum);
	know(image.start & ~4095ull);
	return 0;
}

void images_begin(void)
{
	if (dl_iterate_phdr)
		dl_iterate_phdr(know_one, NULL);
}

void announce(uint64_t start)
{
	struct heap_ask images = { .kind = ASK_IMAGES };

	start &= ~4095ull;
	if (is_known(start))
		return;
	know(start);
	ask(&images, NULL);
}

void images_before_unload(void)
{
	struct heap_ask sync = { .kind = ASK_SYNC };

	ask(&sync, NULL);
}

void images_after_unload(void)
{
	uint32_t kept = 0, nr = nr_known < MOST_KNOWN ? nr_known : MOST_KNOWN;
	struct found_image image;

	for (uint32_t i = 0; i < nr; i++) {
		if (find_image(known[i], &image) || !find_object)
			known[kept++] = known[i];
	}
	if (kept == nr)
		return;
	nr_known = kept;
	steps_purge();
	paths_renew();
}
