// SPDX-License-Identifier: MIT
/*
 * Which processes have which files open: by the tasks that were seen, their tables of descriptors, and the
 * files that these lead to. A file that several processes have (fork) counts for the one with the lowest
 * pid; for pid 1 only where nobody else has it, as it keeps files for others.
 */
#include <stdlib.h>
#include <string.h>
#include "holders.h"

/* Descriptors that are looked at; the smallest tables come first. */
#define MOST_DESCRIPTORS (4u << 20)
/* Files with data of their own, 16 bytes each. */
#define MOST_FILES (2u << 20)
/* A read that is checked takes no more. */
#define PIECE (32u << 10)

struct opener *openers;
static uint32_t nr_openers, openers_room;

static struct open_file *files;
static uint32_t nr_files, files_room;

/* Of each opener: its array of files. */
static struct table {
	uint64_t fdt, fd;
	uint32_t nr, opener;
} *tables;

static bool is_possible(void)
{
	static const enum field_id needed[] = { F_TASK_FILES, F_TASK_PID, F_TASK_TGID, F_TASK_COMM, F_FILES_FDT,
						F_FDT_FD, F_FDT_MAX_FDS, F_FILE_PRIVATE, NR_FIELDS };
	static int possible = -1;

	if (possible < 0)
		possible = options->census_stages[CENSUS_HOLDERS] && fields_there("processes", needed);
	return possible;
}

/* ---- what the scan sees ---- */

void task_note(const uint8_t *task)
{
	struct opener *opener;

	if (!is_possible() || !field_of(task, F_TASK_FILES))
		return;
	if (nr_openers == openers_room) {
		openers_room = openers_room ? openers_room * 2 : 1024;
		openers = realloc(openers, openers_room * sizeof(*openers));
		if (!openers)
			die("out of memory");
	}
	opener = &openers[nr_openers++];
	*opener = (struct opener){ .files = field_of(task, F_TASK_FILES), .pid = (uint32_t)field_of(task, F_TASK_TGID) };
	memcpy(opener->comm, task + fields[F_TASK_COMM].offset, sizeof(opener->comm) - 1);
	/* of a process the leader's name comes first; a thread's has a sign in the last byte until they are sorted */
	opener->comm[sizeof(opener->comm) - 1] = field_of(task, F_TASK_PID) != field_of(task, F_TASK_TGID);
}

void file_note(uint32_t node, const uint8_t *file)
{
	uint64_t private = is_possible() ? field_of(file, F_FILE_PRIVATE) : 0;

	if (!private || nr_files == MOST_FILES)
		return;
	if (nr_files == files_room) {
		files_room = files_room ? files_room * 2 : 4096;
		files = realloc(files, files_room * sizeof(*files));
		if (!files)
			die("out of memory");
	}
	files[nr_files++] = (struct open_file){ private, node, UINT32_MAX };
}

/* ---- openers ---- */

static uint32_t turn_of(const struct opener *opener)
{
	return opener->pid == 1 ? UINT32_MAX : opener->pid;
}

static int by_files(const void *a, const void *b)
{
	const struct opener *x = a, *y = b;

	if (x->files != y->files)
		return x->files < y->files ? -1 : 1;
	if (x->pid != y->pid)
		return turn_of(x) < turn_of(y) ? -1 : 1;
	return x->comm[sizeof(x->comm) - 1] - y->comm[sizeof(y->comm) - 1];
}

static int by_turn(const void *a, const void *b)
{
	const struct opener *x = a, *y = b;

	if (x->pid != y->pid)
		return turn_of(x) < turn_of(y) ? -1 : 1;
	return x->files < y->files ? -1 : x->files > y->files;
}

/* Threads share a table of files, and processes may. */
static void leave_one_of_each(void)
{
	uint32_t nr = 0;

	qsort(openers, nr_openers, sizeof(*openers), by_files);
	for (uint32_t i = 0; i < nr_openers; i++) {
		if (!nr || openers[nr - 1].files != openers[i].files)
			openers[nr++] = openers[i];
	}
	nr_openers = nr;
	for (uint32_t i = 0; i < nr; i++)
		openers[i].comm[sizeof(openers[i].comm) - 1] = 0;
	qsort(openers, nr_openers, sizeof(*openers), by_turn);
}

/* ---- their tables ---- */

static void see_files_struct(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	(void)context, (void)offset, (void)bytes;
	if (piece)
		memcpy(&tables[tag].fdt, piece, 8);
}

static uint32_t fdt_from(void)
{
	return (uint32_t)(fields[F_FDT_FD].offset < fields[F_FDT_MAX_FDS].offset ? fields[F_FDT_FD].offset : fields[F_FDT_MAX_FDS].offset);
}

static void see_fdt(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	(void)context, (void)offset, (void)bytes;
	if (!piece)
		return;
	tables[tag].fd = field_at(piece + fields[F_FDT_FD].offset - fdt_from(), &fields[F_FDT_FD]);
	tables[tag].nr = (uint32_t)field_at(piece + fields[F_FDT_MAX_FDS].offset - fdt_from(), &fields[F_FDT_MAX_FDS]);
}

static void find_tables(void)
{
	static const struct reader of_files = { see_files_struct, NULL, false }, of_fdt = { see_fdt, NULL, false };
	uint32_t span = (uint32_t)abs(fields[F_FDT_FD].offset - fields[F_FDT_MAX_FDS].offset) + 8;

	for (uint32_t i = 0; i < nr_openers; i++) {
		tables[i].opener = i;
		safe_add(&of_files, openers[i].files + (uint64_t)fields[F_FILES_FDT].offset, 8, i);
	}
	safe_run(&of_files);
	for (uint32_t i = 0; i < nr_openers; i++) {
		if (tables[i].fdt)
			safe_add(&of_fdt, tables[i].fdt + fdt_from(), span, i);
	}
	safe_run(&of_fdt);
}

/* ---- their files ---- */

static struct open_file *file_of(uint32_t node)
{
	uint32_t low = 0, high = nr_files;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (files[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	return low < nr_files && files[low].node == node ? &files[low] : NULL;
}

static void see_descriptors(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	(void)context, (void)offset;
	for (uint32_t at = 0; piece && at < bytes; at += 8) {
		uint64_t word;
		uint32_t node;
		struct open_file *file;

		memcpy(&word, piece + at, 8);
		node = word ? node_of_object(word) : NO_NODE;
		file = node == NO_NODE ? NULL : file_of(node);
		if (file && tag < file->opener)
			file->opener = (uint32_t)tag;
	}
}

static int by_length(const void *a, const void *b)
{
	const struct table *x = a, *y = b;

	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

static void read_tables(void)
{
	static const struct reader reader = { see_descriptors, NULL, false }, of_area = { see_descriptors, NULL, true };
	uint64_t left = MOST_DESCRIPTORS, out = 0;

	qsort(tables, nr_openers, sizeof(*tables), by_length);
	for (uint32_t i = 0; i < nr_openers; i++) {
		uint64_t bytes = tables[i].nr * 8ull;

		if (!tables[i].fd || tables[i].nr > left) {
			out += tables[i].fd != 0;
			continue;
		}
		left -= tables[i].nr;
		if (pfn_of_linear(tables[i].fd) == UINT64_MAX) {
			safe_run(&reader);
			area_read_part(tables[i].fd, bytes, &of_area, tables[i].opener);
			continue;
		}
		for (uint64_t done = 0; done < bytes; done += PIECE)
			safe_add(&reader, tables[i].fd + done, bytes - done < PIECE ? (uint32_t)(bytes - done) : PIECE, tables[i].opener);
	}
	safe_run(&reader);
	if (out)
		missing_add("processes", "the open files of %llu processes were not looked at: all together have more than %u descriptors",
			    (unsigned long long)out, MOST_DESCRIPTORS);
}

uint32_t open_files_read(const struct open_file **list)
{
	uint32_t nr = 0;

	*list = NULL;
	if (!is_possible())
		return 0;
	if (nr_files == MOST_FILES)
		missing_add("processes", "only %u open files were looked at", MOST_FILES);
	leave_one_of_each();
	tables = room_for(nr_openers * sizeof(*tables));
	find_tables();
	read_tables();
	for (uint32_t i = 0; i < nr_files; i++) {
		if (files[i].opener != UINT32_MAX)
			files[nr++] = files[i];
	}
	if (!nr)
		missing_add("processes", "of %u tasks no open file was found", nr_openers);
	*list = files;
	return nr_files = nr;
}
