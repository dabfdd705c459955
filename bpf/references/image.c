// SPDX-License-Identifier: MIT
/*
 * The kernel's image behind its code: constants, tables of operations, variables. It is copied, as hints ask
 * for parts of it again and again; what is kept is the kernel's own and no user's.
 */
#include <string.h>
#include "kernel.h"
#include "nodes.h"

/* Past it no image goes on (KERNEL_IMAGE_SIZE). */
#define MAX_IMAGE (1ull << 30)

static uint8_t *copy;       /* from the image's first page on; its code is left out */
static uint64_t first_page, bytes_of_image, start; /* `start`: the address of its first symbol */

static void keep(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	(void)context;
	if (piece)
		memcpy(copy + ((tag - first_page) << 12) + offset, piece, bytes);
}

void image_open(void)
{
	uint64_t end = 0;

	start = kallsyms_first();
	first_page = machine.nr_image ? machine.image[0].first : 0;
	for (int i = 0; i < machine.nr_image; i++)
		end = machine.image[i].end > end ? machine.image[i].end : end;
	bytes_of_image = (end - first_page) << 12;
	if (!start || !machine.nr_image || bytes_of_image > MAX_IMAGE) {
		bytes_of_image = 0;
		missing_add("holders", "/proc/kallsyms or /proc/iomem hides the addresses of the kernel: holders have no functions' names");
		return;
	}
	copy = room_for(bytes_of_image);
}

void image_read(void)
{
	static const struct reader reader = { keep, NULL, true };

	/* the first is its code */
	for (int i = 1; copy && i < machine.nr_image; i++)
		contents_of_pages(machine.image[i].first, machine.image[i].end, CLASS_RESERVED, &reader);
}

void image_forget(void)
{
	room_forget(copy, bytes_of_image);
}

struct addresses image_addresses(void)
{
	return (struct addresses){ start, start + bytes_of_image };
}

struct addresses image_code(void)
{
	return (struct addresses){ start, bytes_of_image ? start + ((machine.image[0].end - first_page) << 12) : start };
}

const uint64_t *image_words(uint64_t address, uint32_t *nr)
{
	uint64_t offset = address - start, left = (bytes_of_image - offset) / 8;

	if (offset >= bytes_of_image || offset % 8)
		return NULL;
	*nr = *nr < left ? *nr : (uint32_t)left;
	return (const uint64_t *)(copy + offset);
}

const uint64_t *image_part(int index, uint64_t *address, uint32_t *nr)
{
	uint64_t offset;

	/* the first is its code */
	if (++index >= machine.nr_image || !bytes_of_image)
		return NULL;
	offset = (machine.image[index].first - first_page) << 12;
	*address = start + offset;
	*nr = (uint32_t)((machine.image[index].end - machine.image[index].first) << 9);
	return (const uint64_t *)(copy + offset);
}
