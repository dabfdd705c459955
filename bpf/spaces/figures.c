// SPDX-License-Identifier: MIT
/* The kernel's own figures of each process: sizes and page faults as text, and which pages of it are resident. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "spaces.h"

/* Of COUNTERS. */
#define SOURCE_SPACES 6
#define PAGE_SHIFT 12
#define PAGE_PRESENT (1ull << 63)
/* A larger process is looked at in part: 16 GiB take some 60 ms. */
#define MOST_PAGES (4u << 20)
#define CHUNK_PAGES 8192
/* Of one message; where there would be more, neighbours are told of together. */
#define MOST_RESIDENT_ROWS 32768

struct figures {
	uint64_t size, rss, anon, file, shmem, swap, peak_rss; /* KiB */
	uint64_t minor, major;
};

static bool read_figures(pid_t pid, struct figures *figures)
{
	const struct {
		const char *name;
		uint64_t *value;
	} fields[] = {
		{ "VmSize:", &figures->size }, { "VmRSS:", &figures->rss }, { "RssAnon:", &figures->anon },
		{ "RssFile:", &figures->file }, { "RssShmem:", &figures->shmem }, { "VmSwap:", &figures->swap },
		{ "VmHWM:", &figures->peak_rss },
	};
	char path[64], line[1024], *at;
	FILE *file;

	memset(figures, 0, sizeof(*figures));
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
			if (strncmp(line, fields[i].name, strlen(fields[i].name)) == 0)
				*fields[i].value = strtoull(line + strlen(fields[i].name), NULL, 10);
		}
	}
	fclose(file);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	line[fread(line, 1, sizeof(line) - 1, file)] = 0;
	fclose(file);
	at = strrchr(line, ')');
	for (int field = 2; at && field < 12; field++) {
		at = strchr(at + 1, ' ');
		if (at && field + 1 == 10)
			figures->minor = strtoull(at, NULL, 10);
		if (at && field + 1 == 12)
			figures->major = strtoull(at, NULL, 10);
	}
	return figures->size > 0;
}

/* Figures beside which all events are that came before: what is mapped meanwhile would look unexplained. */
static bool read_in_step(const struct space *space, struct figures *figures)
{
	for (int tries = 0; tries < 3; tries++) {
		uint64_t before = space_events();

		if (space->ended || !read_figures(space->pid, figures))
			return false;
		spaces_consume();
		if (space_events() == before)
			break;
	}
	return !space->ended;
}

void spaces_figures(uint64_t time)
{
	uint8_t head[16] = { 0 };
	struct part parts[2] = { { head, sizeof(head) } };
	bool any = false;
	char *text;
	FILE *out = open_memstream(&text, &parts[1].length);

	if (!out)
		die("out of memory");
	fputs("# number pid vm_size_kb rss_kb anon_kb file_kb shmem_kb swap_kb hwm_kb minflt majflt heap_kb late_kb gone_kb\n", out);
	for (const struct space *space = spaces_first(); space; space = space->next) {
		struct figures is;

		if (space->ended || !read_in_step(space, &is))
			continue;
		any = true;
		fprintf(out, "%u %d", space->number, space->pid);
		for (const uint64_t *value = &is.size; value <= &is.major; value++)
			fprintf(out, " %llu", (unsigned long long)*value);
		fprintf(out, " %llu %llu %llu\n", (unsigned long long)space->heap_bytes >> 10, (unsigned long long)space->late >> 10,
			(unsigned long long)space->gone >> 10);
	}
	fclose(out);
	memcpy(head, &time, sizeof(time));
	head[8] = SOURCE_SPACES;
	parts[1].bytes = text;
	if (any)
		stream_message(MESSAGE_COUNTERS, parts, 2);
	free(text);
}

/* ---- resident pages ---- */

struct row {
	uint64_t first;
	uint32_t pages, resident;
};

struct rows {
	struct row *at;
	uint32_t nr;
	uint64_t apart; /* pages that may lie between two rows that are told of together */
};

static void halve(struct rows *rows)
{
	uint32_t nr = 0;

	rows->apart = rows->apart ? rows->apart * 8 : 8;
	for (uint32_t i = 0; i < rows->nr; i++) {
		struct row *before = nr ? &rows->at[nr - 1] : NULL;
		const struct row *row = &rows->at[i];

		if (before && row->first - (before->first + before->pages) <= rows->apart &&
		    row->first + row->pages - before->first <= UINT32_MAX) {
			before->pages = (uint32_t)(row->first + row->pages - before->first);
			before->resident += row->resident;
			continue;
		}
		rows->at[nr++] = *row;
	}
	rows->nr = nr;
}

static void add_page(struct rows *rows, uint64_t page)
{
	struct row *last = rows->nr ? &rows->at[rows->nr - 1] : NULL;

	if (last && page - (last->first + last->pages) <= rows->apart && page - last->first < UINT32_MAX) {
		last->pages = (uint32_t)(page + 1 - last->first);
		last->resident++;
		return;
	}
	while (rows->nr == MOST_RESIDENT_ROWS)
		halve(rows);
	rows->at[rows->nr++] = (struct row){ page, 1, 1 };
}

void space_resident(struct space *space, uint64_t time)
{
	static uint64_t entries[CHUNK_PAGES];
	static struct row rows_at[MOST_RESIDENT_ROWS];
	struct rows rows = { rows_at, 0, 0 };
	uint64_t left = MOST_PAGES;
	uint32_t head[2] = { space->number, 0 };
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", space->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	for (uint32_t i = 0; i < space->ranges.nr && left; i++) {
		uint64_t page = space->ranges.at[i].start >> PAGE_SHIFT, end = space->ranges.at[i].end >> PAGE_SHIFT;

		while (!space->ranges.at[i].reserved && page < end && left) {
			uint64_t wanted = end - page < CHUNK_PAGES ? end - page : CHUNK_PAGES;
			ssize_t got = pread(fd, entries, wanted * 8, (off_t)(page * 8));

			if (got < 8)
				break;
			for (uint64_t at = 0; at < (uint64_t)got / 8; at++) {
				if (entries[at] & PAGE_PRESENT)
					add_page(&rows, page + at);
			}
			page += (uint64_t)got / 8;
			left -= left < wanted ? left : wanted;
		}
	}
	close(fd);
	head[1] = left > 0;
	stream_message(MESSAGE_RESIDENT, (struct part[]){ { &time, 8 }, { head, 8 }, { rows.at, rows.nr * sizeof(struct row) } }, 3);
}
