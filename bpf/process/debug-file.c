// SPDX-License-Identifier: MIT
/*
 * Debug files: the symbols of files that were stripped. By build id, or by the name and checksum that the file itself
 * has in .gnu_debuglink (GDB manual, "Debugging Information in Separate Files").
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "process.h"

#define MOST_LINK 512
/* To compare checksums the whole file is read. */
#define MOST_CHECKED (1ull << 30)

struct wanted {
	const struct elf_file *elf;
	uint32_t checksum; /* of a debug link */
	bool linked;
};

static bool same_build_id(const struct elf_file *a, const struct elf_file *b)
{
	return a->build_id_bytes && a->build_id_bytes == b->build_id_bytes && memcmp(a->build_id, b->build_id, a->build_id_bytes) == 0;
}

static bool has_checksum(const struct elf_file *elf, uint32_t wanted)
{
	static uint8_t bytes[1 << 16];
	uLong sum = crc32(0, NULL, 0);

	if (elf->bytes > MOST_CHECKED)
		return false;
	for (uint64_t at = 0; at < elf->bytes; at += sizeof(bytes)) {
		uint64_t nr = elf->bytes - at < sizeof(bytes) ? elf->bytes - at : sizeof(bytes);

		if (!elf_read(elf, at, bytes, nr))
			return false;
		sum = crc32(sum, bytes, (uInt)nr);
	}
	return sum == wanted;
}

/* The build ids must agree where the file has one: a path leads where whoever wrote it wanted. */
static bool is_wanted(const struct wanted *wanted, const struct elf_file *found)
{
	if (wanted->elf->build_id_bytes)
		return same_build_id(wanted->elf, found);
	return wanted->linked && has_checksum(found, wanted->checksum);
}

static bool load_from(struct symbol_table *table, const struct wanted *wanted, int file)
{
	struct elf_file found;
	bool loaded = false;

	if (file < 0)
		return false;
	if (!elf_open(&found, file) && is_wanted(wanted, &found)) {
		loaded = symbol_table_load(table, &found);
		if (!loaded)
			symbol_table_free(table);
	}
	elf_close(&found);
	close(file);
	return loaded;
}

/* In the root of the process, then in ours. */
static bool load_path(struct symbol_table *table, const struct wanted *wanted, pid_t pid, const char *path)
{
	return load_from(table, wanted, process_open(pid, path, true)) || load_from(table, wanted, process_open(getpid(), path, true));
}

static bool by_build_id(struct symbol_table *table, const struct wanted *wanted, pid_t pid)
{
	char path[64 + 2 * MOST_BUILD_ID];
	size_t at = (size_t)snprintf(path, sizeof(path), "/usr/lib/debug/.build-id/");

	if (wanted->elf->build_id_bytes < 2)
		return false;
	for (unsigned i = 0; i < wanted->elf->build_id_bytes; i++)
		at += (size_t)snprintf(path + at, sizeof(path) - at, i == 0 ? "%02x/" : "%02x", wanted->elf->build_id[i]);
	snprintf(path + at, sizeof(path) - at, ".debug");
	return load_path(table, wanted, pid, path);
}

static bool by_link(struct symbol_table *table, struct wanted *wanted, pid_t pid, const char *path)
{
	const Elf64_Shdr *section = elf_section(wanted->elf, ".gnu_debuglink", 0);
	char *link = section ? (char *)elf_read_new(wanted->elf, section->sh_offset, section->sh_size, MOST_LINK) : NULL;
	static const char *const forms[] = { "%.*s%s", "%.*s.debug/%s", "/usr/lib/debug%.*s%s" };
	const char *slash = strrchr(path, '/');
	size_t length = link ? strlen(link) : 0, sum_at = (length + 4) & ~(size_t)3;
	char full[PATH_MAX];
	bool loaded = false;

	/* a name, padding, four bytes of checksum; no path */
	if (length && sum_at + 4 <= section->sh_size && !strchr(link, '/') && *path == '/' && slash) {
		memcpy(&wanted->checksum, link + sum_at, 4);
		wanted->linked = true;
		for (unsigned i = 0; i < 3 && !loaded; i++) {
			int wrote = snprintf(full, sizeof(full), forms[i], (int)(slash - path + 1), path, link);

			loaded = wrote < (int)sizeof(full) && load_path(table, wanted, pid, full);
		}
	}
	free(link);
	return loaded;
}

void symbol_table_fill(struct symbol_table *table, const struct elf_file *elf, pid_t pid, const char *path)
{
	struct symbol_table own;
	struct wanted wanted = { .elf = elf };

	if (symbol_table_load(&own, elf)) {
		*table = own;
		return;
	}
	memset(table, 0, sizeof(*table));
	if (by_build_id(table, &wanted, pid) || by_link(table, &wanted, pid, path))
		symbol_table_free(&own);
	else
		*table = own;
}
