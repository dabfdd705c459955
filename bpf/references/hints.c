// SPDX-License-Identifier: MIT
/*
 * What a word says of the object that it lies in: the function that starts there, or the table of
 * operations, or the symbol of data. Where kallsyms shows no data (CONFIG_KALLSYMS_ALL is off) a table of
 * operations is known by its functions; it has the name of the first that is not for everybody, on
 * kernels that show the table's own name too, so that all say the same.
 */
#include <stdlib.h>
#include <string.h>
#include "kernel.h"
#include "references.h"

/* Words of a table that are looked at. */
#define OPS_WORDS 32u
/* Words of anything else: numbers and flags that a table of operations may have. */
#define SMALL (1ull << 32)
/* Each file system of the machine has a few hundred; more would be no symbols. */
#define MAX_KNOWN (1u << 20)

static struct hint *hints;
static uint32_t nr_hints, hints_room;

/* Addresses asked for before; hint 0: it says nothing. */
static struct known {
	uint64_t address;
	uint32_t hint;
} *known;
static uint32_t nr_known, known_mask;

static struct addresses code, image, modules;

const struct hint *hint_at(uint32_t id)
{
	return &hints[id];
}

static uint32_t add_hint(const struct name *name, enum hint_kind kind)
{
	for (uint32_t i = 1; i < nr_hints; i++) {
		if (hints[i].kind == kind && strcmp(hints[i].name, name->symbol) == 0 && strcmp(hints[i].module, name->module) == 0)
			return i;
	}
	if (nr_hints == hints_room) {
		hints_room = hints_room ? hints_room * 2 : 1024;
		hints = realloc(hints, hints_room * sizeof(*hints));
		if (!hints)
			die("out of memory");
	}
	hints[nr_hints] = (struct hint){ name->symbol, name->module, kind };
	return nr_hints++;
}

/*
 * The first of a kind, which is a variable while all others are allocated (root_user, init_net, init_task):
 * whatever belongs to it points at it, and the pointer says nothing of what that is.
 */
static bool is_first_of_kind(const char *name)
{
	return strncmp(name, "init_", 5) == 0 || strncmp(name, "root_", 5) == 0;
}

/* ---- tables of operations ---- */

/* Functions that many tables have; they name none. */
static bool is_generic(const char *name)
{
	static const char *const prefixes[] = { "noop_", "generic_", "simple_", "seq_", "default_", "no_", "inode_" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

static bool in_span(const struct addresses *span, uint64_t address)
{
	return address - span->start < span->end - span->start;
}

static bool is_function(uint64_t address, struct name *name)
{
	return (in_span(&code, address) || in_span(&modules, address)) && kallsyms_function(address, name);
}

/* False if no function is found before something that a table does not have. */
static bool name_of_words(const uint64_t *words, uint32_t nr, struct name *name)
{
	bool found = false;

	for (uint32_t i = 0; i < nr; i++) {
		struct name here;

		if (is_function(words[i], &here)) {
			if (!found)
				*name = here;
			found = true;
			if (is_generic(here.symbol))
				continue;
			*name = here;
			return true;
		}
		/* names and tables beside it */
		if (words[i] >= SMALL && !in_span(&image, words[i]) && !in_span(&modules, words[i]))
			break;
		/* a table begins with its functions, not far from its start */
		if (i >= 8 && !found)
			break;
	}
	return found;
}

static bool table_name(uint64_t address, struct name *name)
{
	uint64_t read[OPS_WORDS];
	uint32_t nr = OPS_WORDS;
	const uint64_t *words = image_words(address, &nr);

	if (!words) {
		/* of a module; not past a page that may be the last */
		nr = (uint32_t)(4096 - (address & 4095)) / 8;
		nr = nr < OPS_WORDS ? nr : OPS_WORDS;
		if (!safe_read(address, read, nr * 8ull))
			return false;
		words = read;
	}
	return name_of_words(words, nr, name);
}

static uint32_t look_up(uint64_t address)
{
	struct name name;
	uint64_t end;

	if (is_function(address, &name))
		return add_hint(&name, HINT_FUNCTION);
	if (in_span(&code, address) || address % 8)
		return 0;
	if (table_name(address, &name))
		return add_hint(&name, HINT_OPS);
	if (!kallsyms_data(address, &name, &end) || name.address != address || is_first_of_kind(name.symbol))
		return 0;
	return add_hint(&name, HINT_DATA);
}

/* ---- what was asked before ---- */

static uint32_t slot_of(uint64_t address)
{
	return (uint32_t)(address * 0x9e3779b97f4a7c15ull >> 32) & known_mask;
}

static void grow(void)
{
	uint32_t room = known_mask + 1;
	struct known *old = known;

	known_mask = room * 2 - 1;
	known = calloc(room * 2ull, sizeof(*known));
	if (!known)
		die("out of memory");
	for (uint32_t i = 0; i < room; i++) {
		uint32_t slot = slot_of(old[i].address);

		if (!old[i].address)
			continue;
		while (known[slot].address)
			slot = (slot + 1) & known_mask;
		known[slot] = old[i];
	}
	free(old);
}

static uint32_t find(uint64_t address)
{
	uint32_t slot = slot_of(address), hint;

	for (; known[slot].address; slot = (slot + 1) & known_mask) {
		if (known[slot].address == address)
			return known[slot].hint;
	}
	if (nr_known >= MAX_KNOWN)
		return 0;
	hint = look_up(address);
	known[slot] = (struct known){ address, hint };
	if (++nr_known * 2 > known_mask)
		grow();
	return hint;
}

uint32_t hint_of(uint64_t word)
{
	if (!in_span(&image, word) && !in_span(&modules, word))
		return 0;
	return find(word);
}

void hints_set_modules(uint64_t start, uint64_t end)
{
	modules = (struct addresses){ start, end };
}

void hints_open(void)
{
	code = image_code();
	image = image_addresses();
	hints = calloc(1, sizeof(*hints));
	known_mask = (1 << 14) - 1;
	known = calloc(known_mask + 1ull, sizeof(*known));
	if (!hints || !known)
		die("out of memory");
	hints[0] = (struct hint){ "", "", HINT_NONE };
	nr_hints = hints_room = 1;
}
