// SPDX-License-Identifier: MIT
/*
 * What is found in words that are read: references of a node, or of memory that is no node, and what
 * refers to a target.
 */
#include "holders.h"

static struct found found[MAX_WORDS];

/* What is being read: a node, or a root. */
static struct {
	uint32_t node, hint;
	enum link_kind kind;
	enum rank rank;
	uint32_t name;
	bool out;    /* it is left out */
	bool begun;
	bool is_buffer; /* of a message */
	struct buffer buffer;
} now;

/* Only what is referred to is wanted, and marked as reached; but what these nodes refer to is not. */
static bool again;
static const uint64_t *left_out;

/* ---- nodes ---- */

/* Words from `first` on of what is being read. */
static void note_node(const uint64_t *words, uint32_t nr, uint32_t first, const struct members *members)
{
	uint32_t count = now.out ? 0 : words_find(words, nr, found, again || now.is_buffer ? NULL : &now.hint);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t to = found[i].node, at = found[i].at, hint;

		if (to == now.node || (members && !has_bit(members->links, first + at)) ||
		    (to >= first_area && area_is_known_to(to, now.node)))
			continue;
		if (again) {
			graph_mark(to);
			continue;
		}
		graph_edge(to);
		if (to < first_target || to >= first_area || (members && !has_bit(members->pointers, first + at)) ||
		    (now.is_buffer && !buffer_refers(&now.buffer, first + at)))
			continue;
		hint = now.is_buffer ? 0 : words_hint_near(words, nr, at);
		hit_add(to, RANK_DATA, now.node, hint ? chain_of(now.kind, now.name, hint, 0) : 0);
	}
}

void notes_again(const uint64_t *without)
{
	again = true;
	left_out = without;
}

bool notes_are_again(void)
{
	return again;
}

void notes_begin_node(uint32_t node, enum link_kind kind, uint32_t name)
{
	now.node = node;
	now.hint = 0;
	now.kind = kind;
	now.name = name;
	now.out = left_out && has_bit(left_out, node);
	now.begun = false;
	if (!again)
		graph_source(node);
}

void notes_end_node(void)
{
	if (now.hint && chain_of_node && !again)
		chain_of_node[now.node] = chain_of(now.kind, now.name, now.hint, 0);
}

/* A page table of the kernel may lie in a page that no counter knows. */
static void note_tables(const uint64_t *words, uint32_t nr)
{
	uint32_t count = now.out ? 0 : words_find_tables(words, nr, found);

	for (uint32_t i = 0; i < count; i++) {
		if (again)
			graph_mark(found[i].node);
		else if (now.node == NO_NODE)
			graph_root(found[i].node, RANK_LIST, chain_of(now.kind, now.name, 0, 0));
		else
			graph_edge(found[i].node);
	}
}

/* Of a buffer all words come at once. */
static void begin_words(const uint64_t *words, uint32_t nr)
{
	now.is_buffer = !again && !now.begun && buffer_begin(&now.buffer, now.node, words, nr);
	now.begun = true;
}

void notes_of_page(const uint64_t *words, uint32_t nr)
{
	begin_words(words, nr);
	for (uint32_t done = 0; done < nr; done += MAX_WORDS) {
		uint32_t part = nr - done < MAX_WORDS ? nr - done : MAX_WORDS;

		note_node(words + done, part, done, NULL);
		note_tables(words + done, part);
	}
}

void notes_of_node(const uint64_t *words, uint32_t nr, const struct members *members)
{
	begin_words(words, nr);
	for (uint32_t done = 0; done < nr; done += MAX_WORDS)
		note_node(words + done, nr - done < MAX_WORDS ? nr - done : MAX_WORDS, done, members);
}

static void see_words(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	(void)context, (void)tag, (void)offset;
	if (piece)
		notes_of_node((const uint64_t *)piece, bytes / 8, NULL);
}

void notes_read_node(uint32_t node, enum link_kind kind, uint32_t name, uint64_t start, uint64_t end)
{
	static const struct reader reader = { see_words, NULL, true };

	notes_begin_node(node, kind, name);
	mapped_read(&reader, start, end, 0);
	notes_end_node();
}

/* ---- roots ---- */

static void note_root(const uint64_t *words, uint32_t nr, uint32_t chain)
{
	uint32_t count = words_find(words, nr, found, NULL);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t to = found[i].node, hint, here;

		if (again) {
			graph_mark(to);
			continue;
		}
		hint = words_hint_near(words, nr, found[i].at);
		here = hint ? chain_of(now.kind, now.name, hint, 0) : chain;

		graph_root(to, now.rank, here);
		if (to >= first_target && to < first_area)
			hit_add(to, now.rank, NO_NODE, here);
	}
}

void notes_begin_root(enum link_kind kind, enum rank rank, const char *name)
{
	now.kind = kind;
	now.rank = rank;
	now.name = text_id(name);
	now.node = NO_NODE;
	now.out = false;
}

void notes_of_root(const uint64_t *words, uint32_t nr)
{
	uint32_t chain = chain_of(now.kind, now.name, 0, 0);

	words_fetch(words, nr);
	for (uint32_t done = 0; done < nr; done += MAX_WORDS)
		note_root(words + done, nr - done < MAX_WORDS ? nr - done : MAX_WORDS, chain);
	if (now.kind != LINK_STATIC && now.kind != LINK_RESERVED)
		return;
	for (uint32_t done = 0; done < nr; done += MAX_WORDS)
		note_tables(words + done, nr - done < MAX_WORDS ? nr - done : MAX_WORDS);
}
