// SPDX-License-Identifier: MIT
/* Sentences to the user on stderr, the notes for HOST, and the warnings of libbpf. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "base.h"

static void print(const char *fmt, va_list args)
{
	fputs("unfreed-collect: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(fmt, args);
	va_end(args);
	exit(1);
}

void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(fmt, args);
	va_end(args);
}

void say_step(const char *name, int done, int of)
{
	if (options->steps)
		fprintf(stderr, "step %s %d %d\n", name, done, of);
}

void say_note(const char *fmt, ...)
{
	va_list args;

	if (!options->steps)
		return;
	fputs("note ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

#define MAX_NOTES 32
static char *notes[MAX_NOTES + 1];
static size_t nr_notes;
static bool changed;

void note(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (!text || nr_notes == MAX_NOTES)
		return;
	for (size_t i = 0; i < nr_notes; i++) {
		if (strcmp(notes[i], text) == 0) {
			free(text);
			return;
		}
	}
	notes[nr_notes++] = text;
	changed = true;
	if (options->verbose)
		say("%s", text);
}

bool notes_changed(void)
{
	return changed;
}

void notes_sent(void)
{
	changed = false;
}

const char *notes_at(size_t index)
{
	return index < nr_notes ? notes[index] : NULL;
}

static char complaint[256];

/* The first warning is the cause; those that follow are its consequences. */
static int listen_to_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char line[256];
	va_list copy;

	if (options->verbose) {
		va_copy(copy, args);
		vfprintf(stderr, fmt, copy);
		va_end(copy);
	}
	if (level != LIBBPF_WARN || complaint[0])
		return 0;
	vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = 0;
	memcpy(complaint, line, sizeof(complaint));
	return 0;
}

void libbpf_listen(void)
{
	complaint[0] = 0;
	libbpf_set_print(listen_to_libbpf);
}

const char *libbpf_complaint(void)
{
	return complaint;
}

const char *human_bytes(double bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	static char text[4][32];
	static int next;
	char *out = text[next++ & 3];
	int unit = 0;

	while (bytes >= 1024 && unit < 4) {
		bytes /= 1024;
		unit++;
	}
	snprintf(out, 32, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
	return out;
}
