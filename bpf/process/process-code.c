// SPDX-License-Identifier: MIT
/* The code of one process: what it may execute, and the step from each address of it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "process.h"

/*
 * An unknown address may be new code; a process that jumps to nowhere must not have its mappings read each time. If it
 * has many, reading them takes no more than a twentieth of the time.
 */
#define REREAD_NS 100000000u
#define REREAD_SHARE 20

static const struct unwind_step no_row;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct reading {
	struct code *codes;
	uint32_t nr, room, left;
};

static bool add(void *context, const struct mapping *mapping)
{
	struct reading *reading = context;
	struct code *codes;
	char *path;

	if (!mapping->executable)
		return true;
	if (reading->nr == reading->room) {
		uint32_t room = reading->room ? reading->room * 2 : 64;

		codes = room <= MOST_CODE_MAPPINGS ? realloc(reading->codes, room * sizeof(*codes)) : NULL;
		reading->codes = codes ? codes : reading->codes;
		reading->room = codes ? room : reading->room;
	}
	path = reading->nr < reading->room ? strdup(mapping->path) : NULL;
	if (!path) {
		reading->left++;
		return true;
	}
	reading->codes[reading->nr] = (struct code){ .mapping = *mapping, .path = path };
	reading->codes[reading->nr++].mapping.path = path;
	return true;
}

static bool same(const struct mapping *a, const struct mapping *b)
{
	return a->start == b->start && a->end == b->end && a->offset == b->offset && a->inode == b->inode && a->major == b->major &&
	       a->minor == b->minor && strcmp(a->path, b->path) == 0;
}

/* What was known of a mapping that is still there: it holds its file, so no other one has its inode. */
static void keep_known(const struct process_code *before, struct reading *now)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < now->nr; i++) {
		while (at < before->nr && before->codes[at].mapping.start < now->codes[i].mapping.start)
			at++;
		if (at == before->nr || !same(&before->codes[at].mapping, &now->codes[i].mapping))
			continue;
		now->codes[i].image = before->codes[at].image;
		now->codes[i].looked = before->codes[at].looked;
		now->codes[i].no_image = before->codes[at].no_image;
	}
}

void code_free(struct process_code *code)
{
	perf_map_free(&code->jit);
	for (uint32_t i = 0; i < code->nr; i++)
		free(code->codes[i].path);
	free(code->codes);
	memset(code, 0, sizeof(*code));
}

const char *code_read(struct process_code *code, pid_t pid)
{
	struct reading reading = { 0 };
	uint64_t began = now_ns();
	const char *why = mappings_each(pid, add, &reading);
	struct perf_map jit = code->jit;

	/* it is gone: what was known of it still holds for what it did */
	if (why && !reading.nr && code->pid == pid) {
		code->read_ns = now_ns();
		return why;
	}
	keep_known(code, &reading);
	code->jit = (struct perf_map){ 0 };
	code_free(code);
	*code = (struct process_code){ pid, reading.codes, reading.nr, reading.left, now_ns(), now_ns() - began, jit };
	return why;
}

void code_copy(struct process_code *code, const struct process_code *from, pid_t pid)
{
	code_free(code);
	code->pid = pid;
	code->codes = calloc(from->nr ? from->nr : 1, sizeof(*code->codes));
	for (uint32_t i = 0; code->codes && i < from->nr; i++) {
		code->codes[i] = from->codes[i];
		code->codes[i].path = strdup(from->codes[i].path);
		if (!code->codes[i].path)
			break;
		code->codes[code->nr++].mapping.path = code->codes[i].path;
	}
	code->left = from->left + from->nr - code->nr;
	code->read_ns = now_ns();
}

static struct code *find(const struct process_code *code, uint64_t address)
{
	uint32_t low = 0, high = code->nr;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (code->codes[middle].mapping.start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < code->codes[low - 1].mapping.end ? &code->codes[low - 1] : NULL;
}

struct code *code_find(struct process_code *code, uint64_t address)
{
	struct code *found = find(code, address);
	uint64_t pause = REREAD_SHARE * code->reading_ns;

	if (found || now_ns() - code->read_ns < (pause > REREAD_NS ? pause : REREAD_NS))
		return found;
	code_read(code, code->pid);
	return find(code, address);
}

struct image *code_image(struct process_code *code, struct code *at)
{
	if (at->looked)
		return at->image;
	at->looked = true;
	if (strcmp(at->path, "[vdso]") == 0)
		at->image = image_vdso();
	else
		at->image = image_of(code->pid, &at->mapping, &at->no_image);
	return at->image;
}

#define FRAME_OF_IMAGE (1ull << 62)
#define FRAME_BITS 40
#define FRAME_ADDRESS ((1ull << FRAME_BITS) - 1)

uint64_t code_frame(struct process_code *code, uint64_t address, bool called)
{
	uint64_t virtual, instruction = address - called;
	struct code *at = code_find(code, instruction);
	struct image *image = at ? code_image(code, at) : NULL;

	if (!image || !image_address(image, &at->mapping, instruction, &virtual) || virtual + called > FRAME_ADDRESS)
		return address;
	return FRAME_OF_IMAGE | (uint64_t)image->number << FRAME_BITS | (virtual + called);
}

struct image *image_of_frame(uint64_t frame, uint64_t *virtual)
{
	*virtual = frame & FRAME_ADDRESS;
	return frame >> 62 == 1 ? image_numbered((uint32_t)((frame ^ FRAME_OF_IMAGE) >> FRAME_BITS)) : NULL;
}

const struct unwind_step *code_step(void *context, uint64_t address)
{
	struct process_code *code = context;
	struct code *at = code_find(code, address);
	struct image *image = at ? code_image(code, at) : NULL;
	uint64_t virtual;

	if (!at)
		return NULL;
	if (!image || !image_address(image, &at->mapping, address, &virtual))
		return &no_row;
	return rows_step(image_rows(image, code->pid, &at->mapping), virtual);
}
