// SPDX-License-Identifier: MIT
/*
 * What a thing is and what refers to it, as a chain of links, the nearest first: "kmalloc-1k, which is
 * referred to by kmalloc-2k that has sock_def_readable". Each chain and each text is kept once and has a number.
 */
#include <stdlib.h>
#include <string.h>
#include "references.h"

/* Links behind the first; what is farther away says little. */
#define MAX_LINKS 5

struct table {
	uint32_t *slots; /* number + 1 */
	uint32_t mask;
};

static char **texts;
static uint32_t nr_texts, texts_room;
static struct table text_table;

static struct link *links;
static uint32_t nr_links, links_room;
static struct table link_table;

/* The last answers of chain_below(). */
static struct {
	uint32_t name, up, chain;
	uint8_t kind;
} last_below[4096];

static uint64_t scatter(uint64_t word)
{
	word *= 0x9e3779b97f4a7c15ull;
	return word ^ word >> 29;
}

static void grow(struct table *table, uint32_t nr, uint64_t (*hash)(uint32_t))
{
	uint32_t room = table->slots ? (table->mask + 1) * 2 : 1024;

	if (table->slots && nr * 2 <= table->mask)
		return;
	free(table->slots);
	table->slots = calloc(room, sizeof(*table->slots));
	if (!table->slots)
		die("out of memory");
	table->mask = room - 1;
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t slot = (uint32_t)hash(i) & table->mask;

		while (table->slots[slot])
			slot = (slot + 1) & table->mask;
		table->slots[slot] = i + 1;
	}
}

/* ---- texts ---- */

static uint64_t hash_of(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 0x100000001b3ull;
	return scatter(hash);
}

static uint64_t text_hash(uint32_t id)
{
	return hash_of(texts[id]);
}

uint32_t text_id(const char *text)
{
	uint32_t slot;

	grow(&text_table, nr_texts, text_hash);
	slot = (uint32_t)hash_of(text) & text_table.mask;
	for (; text_table.slots[slot]; slot = (slot + 1) & text_table.mask) {
		if (strcmp(texts[text_table.slots[slot] - 1], text) == 0)
			return text_table.slots[slot] - 1;
	}
	if (nr_texts == texts_room) {
		texts_room = texts_room ? texts_room * 2 : 1024;
		texts = realloc(texts, texts_room * sizeof(*texts));
		if (!texts)
			die("out of memory");
	}
	texts[nr_texts] = strdup(text);
	if (!texts[nr_texts])
		die("out of memory");
	text_table.slots[slot] = nr_texts + 1;
	return nr_texts++;
}

const char *text_at(uint32_t id)
{
	return texts[id];
}

/* ---- chains ---- */

static uint64_t link_hash(uint32_t id)
{
	const struct link *link = &links[id];

	return scatter(scatter((uint64_t)link->kind << 32 | link->name) ^ ((uint64_t)link->hint << 32 | link->up));
}

uint32_t chain_of(enum link_kind kind, uint32_t name, uint32_t hint, uint32_t up)
{
	struct link link = { name, hint, up, (uint8_t)kind };
	uint32_t slot;

	if (nr_links + 1 >= links_room) {
		links_room = links_room ? links_room * 2 : 1024;
		links = realloc(links, links_room * sizeof(*links));
		if (!links)
			die("out of memory");
	}
	/* number 0 is none */
	if (!nr_links)
		links[nr_links++] = (struct link){ 0 };
	grow(&link_table, nr_links, link_hash);
	links[nr_links] = link;
	slot = (uint32_t)link_hash(nr_links) & link_table.mask;
	for (; link_table.slots[slot]; slot = (slot + 1) & link_table.mask) {
		const struct link *other = &links[link_table.slots[slot] - 1];

		if (other->kind == kind && other->name == name && other->hint == hint && other->up == up && other != links)
			return link_table.slots[slot] - 1;
	}
	link_table.slots[slot] = nr_links + 1;
	return nr_links++;
}

const struct link *chain_at(uint32_t chain)
{
	return &links[chain];
}

uint32_t nr_chains(void)
{
	return nr_links;
}

static uint32_t cut(uint32_t chain, int most)
{
	struct link link;

	if (!chain || !most)
		return 0;
	link = links[chain];
	return chain_of(link.kind, link.name, link.hint, cut(link.up, most - 1));
}

static uint32_t make_below(enum link_kind kind, uint32_t name, uint32_t up)
{
	int length = 0;

	for (uint32_t each = up; each; each = links[each].up, length++) {
		/* of a list, or a ring: the rest repeats */
		if (links[each].kind == kind && links[each].name == name && !links[each].hint)
			return each;
	}
	return chain_of(kind, name, 0, length < MAX_LINKS ? up : cut(up, MAX_LINKS));
}

uint32_t chain_below(enum link_kind kind, uint32_t name, uint32_t up)
{
	uint32_t slot = (uint32_t)(scatter((uint64_t)up << 20 ^ name) >> 20) % 4096;

	if (last_below[slot].up != up || last_below[slot].name != name || last_below[slot].kind != kind || !last_below[slot].chain) {
		uint32_t chain = make_below(kind, name, up);

		last_below[slot].up = up;
		last_below[slot].name = name;
		last_below[slot].kind = (uint8_t)kind;
		last_below[slot].chain = chain;
	}
	return last_below[slot].chain;
}

/* ---- as JSON ---- */

static void put_link(FILE *out, const struct link *link)
{
	static const char *const kinds[] = { "slab", "page", "area", "static", "reserved", "stack", "struct-page" };
	const struct hint *hint = hint_at(link->hint);

	fprintf(out, "{\"kind\":\"%s\",\"name\":", kinds[link->kind]);
	json_string(out, texts[link->name]);
	if (link->hint) {
		fputs(",\"hint\":", out);
		json_string(out, hint->name);
		fprintf(out, ",\"hintKind\":\"%s\",\"module\":", hint->kind == HINT_FUNCTION ? "function" : hint->kind == HINT_OPS ? "ops" : "data");
		json_string(out, hint->module);
	}
	fputs("}", out);
}

void chain_put(FILE *out, uint32_t chain)
{
	const char *comma = "";

	fputs("\"chain\":[", out);
	for (; chain; chain = links[chain].up) {
		fputs(comma, out);
		put_link(out, &links[chain]);
		comma = ",";
	}
	fputs("]", out);
}
