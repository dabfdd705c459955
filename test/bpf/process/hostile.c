// SPDX-License-Identifier: MIT
/*
 * Feeds parsers with damaged input, in a sanitized program: whatever they answer, they come back. Arguments: what,
 * a file, a seed, how many times.
 *   elf   the file's bytes are changed, most of them where headers, unwind data and symbols lie; rows, symbols and walks
 *   maps  lines of the file, changed
 *   perf  the file as a perf map, changed
 *   walk  stacks of random words, over the true rows of the file
 * Prints how many of them were taken for good, and how much memory their tables took at most.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "process.h"

/* Where the code of the small programs lies, and some more. */
#define CODE_BYTES 0x4000

static uint64_t state, taken, most;

static uint64_t next(void)
{
	/* xorshift64* */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dull;
}

static uint8_t *read_file(const char *path, size_t *bytes)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat is;
	uint8_t *content;

	if (file < 0 || fstat(file, &is) != 0)
		exit(2);
	content = malloc((size_t)is.st_size + 1);
	*bytes = (size_t)read(file, content, (size_t)is.st_size);
	close(file);
	return content;
}

/* A value that is likely to be a mistake: extremes, small changes, any. */
static uint8_t odd_byte(uint8_t was)
{
	static const uint8_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x10, 0x40 };

	switch (next() % 3) {
	case 0: return odd[next() % sizeof(odd)];
	case 1: return (uint8_t)(was ^ 1u << next() % 8);
	default: return (uint8_t)next();
	}
}

struct span {
	uint64_t start, bytes;
};

/* Where damage matters. */
static unsigned find_spans(const uint8_t *bytes, size_t nr, struct span *spans)
{
	static struct elf_file elf;
	static const char *const names[] = { ".eh_frame", ".eh_frame_hdr", ".symtab", ".dynsym", ".note.gnu.build-id" };
	unsigned found = 0;

	spans[found++] = (struct span){ 0, 64 + 56 * 13 };
	if (elf_open_memory(&elf, bytes, nr))
		exit(2);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const Elf64_Shdr *section = elf_section(&elf, names[i], 0);

		if (section)
			spans[found++] = (struct span){ section->sh_offset, section->sh_size };
	}
	spans[found++] = (struct span){ nr - elf.nr_sections * sizeof(Elf64_Shdr), elf.nr_sections * sizeof(Elf64_Shdr) };
	/* twice, for it is the most intricate */
	spans[found++] = spans[1];
	elf_close(&elf);
	return found;
}

static struct unwind_rows rows;

static const struct unwind_step *random_step(void *context, uint64_t address)
{
	(void)context;
	return address % 8 == 7 ? NULL : rows_step(&rows, address % CODE_BYTES);
}

static bool random_read(void *context, uint64_t address, void *to, size_t bytes)
{
	(void)context;
	(void)to;
	return address % 3 == 0 && bytes == 0;
}

static void walk_once(void)
{
	static struct user_walk walk;
	static uint64_t stack[512];

	for (unsigned i = 0; i < 512; i++)
		stack[i] = next() % 4 == 0 ? next() : next() % 2 ? 0x7fff0000 + next() % 4096 : next() % CODE_BYTES;
	walk = (struct user_walk){ .pc = next() % CODE_BYTES, .sp = 0x7fff0000 + next() % 4200, .bp = 0x7fff0000 + next() % 4200,
				   .called = next() % 2, .stack = (uint8_t *)stack, .stack_at = 0x7fff0000, .stack_bytes = next() % 4097,
				   .step = random_step, .read = next() % 2 ? random_read : NULL };
	if (next() % 16 == 0)
		walk.sp = walk.stack_at = UINT64_MAX - next() % 64;
	user_walk(&walk);
	if (walk.nr < 1 || walk.nr > MOST_USER_FRAMES || !walk_end_name(walk.end))
		abort();
	taken += walk.nr > 1;
}

static void take_rows(const struct elf_file *elf)
{
	static struct symbol_table symbols;
	uint64_t bytes, start, end;

	if (!eh_frame_rows(elf, &rows)) {
		taken += rows.nr > 0;
		for (uint32_t i = 1; i < rows.nr; i++) {
			if (rows.pcs[i - 1] >= rows.pcs[i] || rows.steps[i] >= rows.nr_steps)
				abort();
		}
		for (int i = 0; i < 50; i++)
			rows_function(&rows, i % 2 ? next() : next() % CODE_BYTES, &start, &end);
		walk_once();
	}
	symbol_table_load(&symbols, elf);
	for (int i = 0; i < 50; i++) {
		const struct symbol *symbol = symbol_table_find(&symbols, next() % CODE_BYTES);

		if (symbol && strlen(symbols.names + symbol->name) > symbols.names_bytes)
			abort();
	}
	bytes = rows_bytes(&rows) + symbol_table_bytes(&symbols);
	most = bytes > most ? bytes : most;
	rows_free(&rows);
	symbol_table_free(&symbols);
}

static void damage_elf(const uint8_t *bytes, size_t nr)
{
	static struct span spans[16];
	unsigned nr_spans = find_spans(bytes, nr, spans);
	static struct elf_file elf;
	/* of just that length: a read behind it is found */
	size_t length = next() % 8 == 0 ? next() % nr : nr;
	uint8_t *damaged = malloc(length ? length : 1);

	memcpy(damaged, bytes, length);
	for (uint64_t i = 0, changes = 1 + next() % 12; i < changes; i++) {
		const struct span *span = &spans[next() % nr_spans];
		uint64_t at = span->start + next() % (span->bytes ? span->bytes : 1);

		if (at < length)
			damaged[at] = odd_byte(damaged[at]);
	}
	if (!elf_open_memory(&elf, damaged, length)) {
		if (next() % 4 == 0)
			elf.nr_sections = 0;
		take_rows(&elf);
	}
	elf_close(&elf);
	free(damaged);
}

static char *damaged_text(const uint8_t *bytes, size_t nr)
{
	char *text = malloc(nr + 1);

	memcpy(text, bytes, nr);
	text[nr] = 0;
	for (uint64_t i = 0, changes = next() % 20; nr && i < changes; i++)
		text[next() % nr] = (char)(next() % 4 == 0 ? next() : (uint64_t)" \n-0fx:z\t"[next() % 9]);
	return text;
}

static void damage_maps(const uint8_t *bytes, size_t nr)
{
	char *text = damaged_text(bytes, nr), *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *alone = strdup(line);
		struct mapping mapping;

		if (mapping_parse(alone, &mapping)) {
			taken++;
			if (mapping.start >= mapping.end || mapping.path < alone || mapping.path > alone + strlen(line))
				abort();
		}
		free(alone);
	}
	free(text);
}

static void damage_perf(const uint8_t *bytes, size_t nr)
{
	char *text = damaged_text(bytes, nr), path[64];
	struct perf_map map = { 0 };
	uint64_t start, end;
	FILE *out;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", getpid());
	out = fopen(path, "we");
	if (!out || fwrite(text, 1, nr, out) != nr)
		exit(2);
	fclose(out);
	for (int i = 0; i < 50; i++) {
		const char *name = perf_map_name(&map, getpid(), next() % 0x20000, &start, &end);

		if (name)
			taken += strlen(name) > 0;
	}
	perf_map_free(&map);
	unlink(path);
	free(text);
}

int main(int argc, char **argv)
{
	static struct elf_file elf;
	size_t nr;
	uint8_t *bytes;
	long times;

	if (argc != 5)
		return 2;
	bytes = read_file(argv[2], &nr);
	state = strtoull(argv[3], NULL, 10) * 2654435761u + 1;
	times = atol(argv[4]);
	if (strcmp(argv[1], "walk") == 0 && (elf_open_memory(&elf, bytes, nr) || eh_frame_rows(&elf, &rows)))
		return 2;
	for (long i = 0; i < times; i++) {
		if (strcmp(argv[1], "elf") == 0)
			damage_elf(bytes, nr);
		else if (strcmp(argv[1], "maps") == 0)
			damage_maps(bytes, nr);
		else if (strcmp(argv[1], "perf") == 0)
			damage_perf(bytes, nr);
		else
			walk_once();
	}
	elf_close(&elf);
	rows_free(&rows);
	free(bytes);
	printf("%" PRIu64 " %" PRIu64 "\n", taken, most);
	return 0;
}
