// SPDX-License-Identifier: MIT
/*
 * The step of one instruction, from the unwind data of the image that it lies in, as the image is mapped: by the table
 * of .eh_frame_hdr to the FDE, and by process/cfa.c to the row. Nothing is built or kept but the step.
 */
#include <string.h>
#include "library.h"
#include "eh-frame.h"

/* Tables of .eh_frame_hdr as linkers write them (LSB Core, "Exception Frame Header"). */
enum { ENCODED_TABLE = 0x3b, ENCODED_COUNT = 0x03, ENCODED_POINTER = 0x1b };

/* A row without a step is kept too: a step that is 0 is none. */
#define NO_ROW (UNWIND_NO_ROW | 1 << 11)

struct wanted {
	uint64_t pc;
	struct unwind_step step;
	bool found;
};

static void take_row(void *context, uint64_t pc, const struct unwind_step *step)
{
	struct wanted *wanted = context;

	if (pc > wanted->pc)
		return;
	wanted->step = *step;
	wanted->found = true;
}

static int32_t signed_at(const uint8_t *at)
{
	int32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* A record's content behind its length; false: it is none of this image. */
static bool take_record(const struct found_image *image, const uint8_t *at, struct cursor *record)
{
	uint64_t place = (uint64_t)(uintptr_t)at;
	uint32_t length;

	if (place < image->start || place > image->end - 8)
		return false;
	memcpy(&length, at, sizeof(length));
	if (length < 4 || length > image->end - place - 4)
		return false;
	*record = (struct cursor){ at + 4, at + 4 + length, false };
	return true;
}

/* The row of an FDE; false: it is not of this function. */
static bool try_fde(const struct found_image *image, const uint8_t *fde, struct wanted *wanted)
{
	struct cursor record, first;
	struct cie cie = { .offset = 0 };
	const uint8_t *id_at, *cie_at;
	uint64_t id, start = 0, bytes = 0;

	if (!take_record(image, fde, &record))
		return false;
	id_at = record.at;
	id = take_unsigned(&record, 4);
	cie_at = id_at - id;
	if (!id || !take_record(image, cie_at, &first) || take_unsigned(&first, 4) != 0)
		return false;
	cie_read(&cie, &(struct place){ cie_at, (uint64_t)(uintptr_t)cie_at }, &first);
	if (!cie.usable || !take_address(&record, cie.encoding, &(struct place){ fde, (uint64_t)(uintptr_t)fde }, &start) ||
	    !take_address(&record, cie.encoding & 0x0f, &(struct place){ fde, 0 }, &bytes))
		return false;
	if (cie.augmented)
		take_bytes(&record, take_uleb(&record));
	if (record.bad || wanted->pc < start || wanted->pc - start >= bytes)
		return false;

	struct frame_program program = { &cie, { fde, (uint64_t)(uintptr_t)fde }, start, start + bytes, take_row, wanted };

	cfa_run(&program, &record);
	return true;
}

/* Where the linker has made no table, from one record to the next. */
static void try_all(const struct found_image *image, const uint8_t *at, struct wanted *wanted)
{
	struct cursor record;

	while (take_record(image, at, &record) && !try_fde(image, at, wanted))
		at = record.end;
}

static void find_row(const struct found_image *image, struct wanted *wanted)
{
	const uint8_t *header = image->header, *table = header + 12;
	int64_t relative = (int64_t)(wanted->pc - (uint64_t)(uintptr_t)header);
	uint32_t low = 0, high;

	if (header[0] != 1 || header[1] != ENCODED_POINTER)
		return;
	if (header[2] != ENCODED_COUNT || header[3] != ENCODED_TABLE) {
		try_all(image, header + 4 + signed_at(header + 4), wanted);
		return;
	}
	memcpy(&high, header + 8, sizeof(high));
	if (high > (image->end - image->start) / 8)
		return;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (signed_at(table + middle * 8ull) <= relative)
			low = middle + 1;
		else
			high = middle;
	}
	if (low)
		try_fde(image, header + signed_at(table + (low - 1) * 8ull + 4), wanted);
}

/* ---- code of no image: a JIT's ---- */

/* Pages that held no code when they were looked at last: garbage on a stack is met again and again. */
static struct {
	uint64_t page, until;
} nowhere[64];
static struct region jits[16];

static uint64_t of_no_image(uint64_t pc)
{
	uint64_t page = pc >> 12, at = page % 64, now = __builtin_ia32_rdtsc();
	static uint32_t next;
	struct found_map map;

	for (unsigned i = 0; i < 16; i++) {
		if (pc >= jits[i].start && pc < jits[i].end)
			return NO_ROW;
	}
	if (nowhere[at].page == page && now < nowhere[at].until)
		return STEP_NO_CODE;
	if (maps_find(pc, &map) && map.executable) {
		jits[__atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % 16] = (struct region){ map.start, map.end };
		return NO_ROW;
	}
	nowhere[at].page = page;
	/* some tenths of a second */
	nowhere[at].until = now + (1u << 29);
	return STEP_NO_CODE;
}

uint64_t step_at(uint64_t pc)
{
	struct wanted wanted = { .pc = pc };
	struct found_image image;

	if (!find_image(pc, &image))
		return of_no_image(pc);
	if (image.header)
		find_row(&image, &wanted);
	if (!wanted.found && !image.executable)
		return STEP_NO_CODE;
	announce(image.start);
	if (!wanted.found || wanted.step.kind == UNWIND_NO_ROW)
		return NO_ROW;
	return step_pack(&wanted.step);
}
