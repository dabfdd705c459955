// SPDX-License-Identifier: MIT
/* Stages that this kernel does not allow, and why: they are left out, and the result names them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "memory.h"

#define MAX_MISSING 64

static struct missing all[MAX_MISSING];
static size_t nr;

void missing_add(const char *stage, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (!text || nr == MAX_MISSING)
		return;
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(all[i].stage, stage) == 0 && strcmp(all[i].what, text) == 0) {
			free(text);
			return;
		}
	}
	all[nr++] = (struct missing){ stage, text };
	if (options->verbose)
		say("%s: %s", stage, text);
}

const struct missing *missing_at(size_t index)
{
	return index < nr ? &all[index] : NULL;
}
