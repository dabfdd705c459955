// SPDX-License-Identifier: MIT
/*
 * Buffers of network messages (sk_buff.head). What lies in them is users' data and what was in that memory
 * before, also behind the pages that they refer to: struct skb_shared_info, at the end of the buffer, says how many
 * of its pages are in use. Which objects are such buffers is found out by the sk_buffs, before anything else is read.
 */
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include "references.h"

/* Where the kernel keeps what, bytes; found once. */
static struct {
	uint32_t head, data, tail, end; /* of struct sk_buff; tail and end are offsets from head */
	uint32_t next;                  /* its place in a queue: two words */
	uint32_t count, frags, list, users; /* of struct skb_shared_info: nr_frags, frags, frag_list, dataref */
	uint32_t frag_bytes, frags_end, info_bytes;
	uint32_t second; /* of struct sk_buff_fclones, its second sk_buff */
} places;
static bool known;

static bool *is_one, *are_two; /* by cache */

/* Buffers, by their node. */
static struct buffer *buffers;
static uint32_t nr_buffers, room;
static uint64_t *is_buffer; /* a bit for each node */

/* ---- the kernel's types ---- */

static const struct btf_type *find_struct(const char *name)
{
	int32_t id = btf__find_by_name_kind(fields_btf(), name, BTF_KIND_STRUCT);

	return id > 0 ? btf__type_by_id(fields_btf(), (uint32_t)id) : NULL;
}

static const struct btf_member *find_member(const struct btf_type *of, const char *name)
{
	for (int i = 0; of && i < btf_vlen(of); i++) {
		const struct btf_member *member = &btf_members(of)[i];

		if (strcmp(btf__name_by_offset(fields_btf(), member->name_off), name) == 0 && member->offset % 8 == 0)
			return member;
	}
	return NULL;
}

static void find_places(void)
{
	const struct btf_type *skb = find_struct("sk_buff"), *info = find_struct("skb_shared_info");
	const struct btf_member *head = find_member(skb, "head"), *data = find_member(skb, "data"), *tail = find_member(skb, "tail");
	const struct btf_member *end = find_member(skb, "end"), *count = find_member(info, "nr_frags");
	const struct btf_member *frags = find_member(info, "frags"), *list = find_member(info, "frag_list");
	const struct btf_member *users = find_member(info, "dataref");
	const struct btf_type *array = frags ? btf__type_by_id(fields_btf(), frags->type) : NULL;
	int64_t bytes = array && btf_is_array(array) ? btf__resolve_size(fields_btf(), btf_array(array)->type) : 0;

	if (!head || !data || !tail || !end || !count || !list || !users || !has_field(F_SKB_NEXT) || bytes < 8 || btf__resolve_size(fields_btf(), end->type) != 4)
		return;
	places.head = head->offset / 8;
	places.data = data->offset / 8;
	places.tail = tail->offset / 8;
	places.end = end->offset / 8;
	places.count = count->offset / 8;
	places.frags = frags->offset / 8;
	places.list = list->offset / 8;
	places.users = users->offset / 8;
	places.next = (uint32_t)fields[F_SKB_NEXT].offset;
	places.frag_bytes = (uint32_t)bytes;
	places.frags_end = places.frags + (uint32_t)bytes * btf_array(array)->nelems;
	places.info_bytes = info->size;
	places.second = has_field(F_FCLONES_SECOND) ? (uint32_t)fields[F_FCLONES_SECOND].offset : 0;
	known = true;
}

/* ---- sk_buffs ---- */

/* Caches may be merged with others, and then have the name of those. */
static bool has_size_of(uint16_t cache, const char *name)
{
	uint32_t bytes = struct_bytes(name);

	return cache_is_merged(cache) && bytes && caches[cache].size == (bytes + 63) / 64 * 64;
}

bool is_message_cache(uint16_t cache)
{
	return is_one[cache] || are_two[cache];
}

void messages_open(void)
{
	is_one = calloc(nr_caches + 1, sizeof(*is_one));
	are_two = calloc(nr_caches + 1, sizeof(*are_two));
	if (!is_one || !are_two)
		die("out of memory");
	for (size_t i = 1; i < nr_caches; i++) {
		is_one[i] = strcmp(caches[i].name, "skbuff_head_cache") == 0 || has_size_of((uint16_t)i, "sk_buff");
		are_two[i] = strcmp(caches[i].name, "skbuff_fclone_cache") == 0 || has_size_of((uint16_t)i, "sk_buff_fclones");
	}
	is_buffer = room_for((nr_nodes / 64 + 1) * 8ull);
	find_places();
}

static uint64_t bytes_of(uint32_t node)
{
	const struct block *block = block_of_node(node);

	return block->kind == BLOCK_SLAB ? caches[block->cache].object_size : (uint64_t)block_pages(block) << 12;
}

static uint32_t half_at(const uint8_t *bytes, uint32_t offset)
{
	uint32_t half;

	memcpy(&half, bytes + offset, 4);
	return half;
}

static uint64_t word_at(const uint8_t *bytes, uint32_t offset)
{
	uint64_t word;

	memcpy(&word, bytes + offset, 8);
	return word;
}

/*
 * `skb`: a copy of one. Only a buffer that begins where a node does is known by its place in it. One that is in
 * no queue may be kept by a CPU to be used again (napi_alloc_cache), and its buffer be something else by now.
 */
static void note_buffer(const uint8_t *skb)
{
	uint64_t head = word_at(skb, places.head), data = word_at(skb, places.data);
	uint32_t end = half_at(skb, places.end), node = node_at(head);

	if (!(word_at(skb, places.next) | word_at(skb, places.next + 8)) || node >= first_target || node_address(node) != head || end % 8 || end + places.info_bytes > bytes_of(node) ||
	    data - head > end || half_at(skb, places.tail) > end || has_bit(is_buffer, node))
		return;
	if (nr_buffers == room) {
		room = room ? room * 2 : 1024;
		buffers = realloc(buffers, room * sizeof(*buffers));
		if (!buffers)
			die("out of memory");
	}
	set_bit(is_buffer, node);
	buffers[nr_buffers++] = (struct buffer){ node, end, 0 };
}

static void see_message(uint32_t node, const struct block *block, const uint64_t *words, uint32_t nr)
{
	const uint8_t *first = (const uint8_t *)words, *second = first + places.second;

	(void)node;
	/* of two one may be old: what they agree on is not */
	if (are_two[block->cache] && (!places.second || places.second + places.end + 4 > nr * 8 ||
				      word_at(first, places.head) != word_at(second, places.head)))
		return;
	if (nr * 8 >= places.head + 8 && nr * 8 >= places.end + 4)
		note_buffer(first);
}

static int by_node(const void *a, const void *b)
{
	const struct buffer *x = a, *y = b;

	return x->node < y->node ? -1 : x->node > y->node;
}

void messages_read(void)
{
	bool *wanted = calloc(nr_caches + 1, sizeof(*wanted));

	if (!wanted)
		die("out of memory");
	for (size_t i = 1; i < nr_caches; i++)
		wanted[i] = known && is_message_cache((uint16_t)i);
	objects_scan(wanted, see_message);
	if (nr_buffers)
		qsort(buffers, nr_buffers, sizeof(*buffers), by_node);
	free(wanted);
}

/* ---- their buffers ---- */

bool buffer_begin(struct buffer *buffer, uint32_t node, const uint64_t *words, uint32_t nr)
{
	struct buffer key = { .node = node };
	const struct buffer *found;
	const uint8_t *info;
	uint32_t at;

	if (!has_bit(is_buffer, node))
		return false;
	found = bsearch(&key, buffers, nr_buffers, sizeof(key), by_node);
	if (!found || found->info + places.info_bytes > nr * 8)
		return false;
	*buffer = *found;
	info = (const uint8_t *)words + found->info;
	buffer->pages = info[places.count];
	at = places.frags + buffer->pages * places.frag_bytes;
	if (!half_at(info, places.users) || at > places.frags_end)
		return false;
	while (at > places.frags) {
		at -= places.frag_bytes;
		if (!is_kernel_address(word_at(info, at)))
			return false;
	}
	return true;
}

bool buffer_refers(const struct buffer *buffer, uint32_t at)
{
	uint32_t offset = at * 8 - buffer->info;

	return at * 8 >= buffer->info &&
	       (offset == places.list ||
		(offset >= places.frags && (offset - places.frags) / places.frag_bytes < buffer->pages));
}
