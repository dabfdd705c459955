// SPDX-License-Identifier: MIT
/*
 * The files that processes run. A file is the same one by device, inode, size, time of its content and build id: a
 * build id alone would let a process choose the rows of another's files. The time of the inode (ctime) is left out: to
 * delete a file, or to link it, changes it.
 */
#include <errno.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "process.h"

#define DELETED " (deleted)"

static struct image **images;
static uint32_t nr_images, room_images;
static uint64_t questions, limit = MOST_TABLE_BYTES;
static struct image *vdso;

/* ---- which image ---- */

static uint64_t ns_of(struct timespec time)
{
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static bool is_file(const struct image *image, const struct stat *is)
{
	return image->device == is->st_dev && image->inode == is->st_ino && image->bytes == (uint64_t)is->st_size &&
	       image->written_ns == ns_of(is->st_mtim);
}

static struct image *known_image(const struct stat *is)
{
	uint32_t i = 0;

	while (i < nr_images && !is_file(images[i], is))
		i++;
	return i < nr_images ? images[i] : NULL;
}

static void forget_tables(struct image *image)
{
	rows_free(&image->rows);
	symbol_table_free(&image->symbols);
	image->has_rows = image->has_symbols = false;
}

static void forget_image(struct image *image)
{
	if (image) {
		forget_tables(image);
		free(image->loads);
		free(image->path);
	}
	free(image);
}

/* NULL: there is no memory, or no room. */
static struct image *new_image(const struct elf_file *elf, const char *path)
{
	struct image *image = nr_images < MOST_IMAGES ? calloc(1, sizeof(*image)) : NULL;

	if (image && nr_images == room_images) {
		uint32_t room = room_images ? room_images * 2 : 64;
		struct image **more = realloc(images, room * sizeof(struct image *));

		images = more ? more : images;
		room_images = more ? room : room_images;
	}
	if (image) {
		image->loads = malloc((elf->nr_loads + 1) * sizeof(*image->loads));
		image->path = strdup(path);
	}
	if (!image || nr_images == room_images || !image->loads || !image->path) {
		forget_image(image);
		return NULL;
	}
	memcpy(image->loads, elf->loads, elf->nr_loads * sizeof(*image->loads));
	image->nr_loads = elf->nr_loads;
	memcpy(image->build_id, elf->build_id, elf->build_id_bytes);
	image->build_id_bytes = elf->build_id_bytes;
	images[nr_images++] = image;
	image->number = nr_images;
	return image;
}

static struct image *image_of_file(int file, const struct stat *is, const char *path, const char **why)
{
	struct image *image = NULL;
	struct elf_file elf;

	*why = elf_open(&elf, file);
	if (!*why) {
		image = new_image(&elf, path);
		*why = image ? NULL : "there are too many files";
	}
	if (image) {
		char *suffix = strstr(image->path, DELETED);

		/* the kernel says so in the path */
		if (is->st_nlink == 0 && suffix && !suffix[strlen(DELETED)])
			*suffix = 0;
		image->device = is->st_dev;
		image->inode = is->st_ino;
		image->bytes = (uint64_t)is->st_size;
		image->written_ns = ns_of(is->st_mtim);
	}
	elf_close(&elf);
	return image;
}

/* Of a process that is gone: the file that lay at the same path with the same inode. */
static struct image *image_seen_as(const struct mapping *mapping)
{
	uint32_t i = 0;

	while (i < nr_images && (images[i]->inode != mapping->inode || strcmp(images[i]->path, mapping->path) != 0))
		i++;
	return i < nr_images && mapping->inode ? images[i] : NULL;
}

struct image *image_of(pid_t pid, const struct mapping *mapping, const char **why)
{
	int file = mapping_open(pid, mapping);
	struct image *image = NULL;
	struct stat is;

	*why = "its file cannot be read";
	if (file >= 0 && fstat(file, &is) == 0) {
		*why = NULL;
		image = known_image(&is);
		image = image ? image : image_of_file(file, &is, mapping->path, why);
	}
	if (file < 0 && kill(pid, 0) != 0 && errno == ESRCH)
		image = image_seen_as(mapping);
	if (image)
		image->used = ++questions;
	if (file >= 0)
		close(file);
	return image;
}

/* Bytes of [vdso] in this process: it has the kernel's code, as every other has. */
static bool set_size(void *bytes, const struct mapping *mapping)
{
	if (mapping->start == getauxval(AT_SYSINFO_EHDR))
		*(uint64_t *)bytes = mapping->end - mapping->start;
	return true;
}

static const char *open_vdso(struct elf_file *elf)
{
	uint64_t bytes = 0;

	mappings_each(getpid(), set_size, &bytes);
	return bytes ? elf_open_memory(elf, (const uint8_t *)getauxval(AT_SYSINFO_EHDR), bytes) : "there is none";
}

struct image *image_vdso(void)
{
	struct elf_file elf;

	if (vdso || open_vdso(&elf))
		return vdso;
	vdso = new_image(&elf, "[vdso]");
	elf_close(&elf);
	return vdso;
}

struct image *image_numbered(uint32_t number)
{
	return number > 0 && number <= nr_images ? images[number - 1] : NULL;
}

bool image_address(const struct image *image, const struct mapping *mapping, uint64_t address, uint64_t *virtual)
{
	uint64_t at = address - mapping->start + mapping->offset;

	for (unsigned i = 0; i < image->nr_loads; i++) {
		const Elf64_Phdr *load = &image->loads[i];

		/* a file's page may hold the end of one segment and the start of the next */
		if (!(load->p_flags & PF_X) || at < (load->p_offset & ~(uint64_t)4095) || at - load->p_offset + 4096 > load->p_filesz + 4096)
			continue;
		*virtual = at - load->p_offset + load->p_vaddr;
		return true;
	}
	return false;
}

/* ---- tables ---- */

uint64_t images_bytes(void)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < nr_images; i++)
		bytes += rows_bytes(&images[i]->rows) + symbol_table_bytes(&images[i]->symbols);
	return bytes;
}

/* Gives up the tables that were asked for longest ago. */
static void make_room(const struct image *keep)
{
	while (images_bytes() > limit) {
		struct image *oldest = NULL;

		for (uint32_t i = 0; i < nr_images; i++) {
			struct image *image = images[i];

			if (image != keep && (image->has_rows || image->has_symbols) && (!oldest || image->used < oldest->used))
				oldest = image;
		}
		if (!oldest)
			return;
		forget_tables(oldest);
	}
}

static void close_again(struct elf_file *elf)
{
	elf_close(elf);
	if (elf->descriptor >= 0)
		close(elf->descriptor);
}

static bool try_to_open(const struct image *image, pid_t pid, const struct mapping *mapping, struct elf_file *elf)
{
	struct stat is;
	int file;

	if (image == vdso)
		return !open_vdso(elf);
	file = mapping_open(pid, mapping);
	/* the process may have ended: the same file is often where it was */
	if (file < 0 && *image->path == '/')
		file = process_open(getpid(), image->path, true);
	if (file < 0)
		return false;
	if (fstat(file, &is) != 0 || !is_file(image, &is)) {
		close(file);
		return false;
	}
	if (!elf_open(elf, file) && elf->build_id_bytes == image->build_id_bytes &&
	    memcmp(elf->build_id, image->build_id, image->build_id_bytes) == 0)
		return true;
	close_again(elf);
	return false;
}

/*
 * Opens an image again; false: the process is gone, or the file is another one now. One that failed is tried again
 * after a second, when another process may have it.
 */
static bool open_again(struct image *image, pid_t pid, const struct mapping *mapping, struct elf_file *elf)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (image->failed_ns && ns_of(now) - image->failed_ns < 1000000000u)
		return false;
	image->failed_ns = try_to_open(image, pid, mapping, elf) ? 0 : ns_of(now);
	return !image->failed_ns;
}

const struct unwind_rows *image_rows(struct image *image, pid_t pid, const struct mapping *mapping)
{
	struct elf_file elf;

	image->used = ++questions;
	if (!image->has_rows && open_again(image, pid, mapping, &elf)) {
		if (eh_frame_rows(&elf, &image->rows))
			rows_free(&image->rows);
		close_again(&elf);
		image->has_rows = true;
		make_room(image);
	}
	return &image->rows;
}

const struct symbol_table *image_symbols(struct image *image, pid_t pid, const struct mapping *mapping)
{
	struct elf_file elf;

	image->used = ++questions;
	if (!image->has_symbols && open_again(image, pid, mapping, &elf)) {
		symbol_table_fill(&image->symbols, &elf, pid, image->path);
		close_again(&elf);
		image->has_symbols = true;
		make_room(image);
	}
	return &image->symbols;
}

void images_limit(uint64_t bytes)
{
	limit = bytes;
	make_room(NULL);
}

void images_forget(void)
{
	for (uint32_t i = 0; i < nr_images; i++)
		forget_image(images[i]);
	free(images);
	images = NULL;
	vdso = NULL;
	nr_images = room_images = 0;
}
