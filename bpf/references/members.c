// SPDX-License-Identifier: MIT
/*
 * What in an object may be a pointer, where the name of its cache is that of a struct in the kernel's types:
 * names of files, counters and times are none, and what was in that memory before may still lie between
 * them. Caches that share their slabs with others hold other structs too, and are left alone.
 */
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include "references.h"

#define MAX_NESTED 16
#define MAX_NAME 80
/* Names of a cache that may be a struct's. */
#define MAX_NAMES 3

static struct members *known; /* by cache; links NULL: not known */
static const struct btf *btf;

/* Caches that do not have their struct's name. */
static const struct {
	const char *cache, *of;
} aliases[] = {
	{ "filp", "file" },           { "skbuff_head_cache", "sk_buff" }, { "mnt_cache", "mount" },
	{ "cred_jar", "cred" },       { "radix_tree_node", "xa_node" },   { "sock_inode_cache", "socket_alloc" },
	{ "TCP", "tcp_sock" },        { "TCPv6", "tcp6_sock" },           { "UDP", "udp_sock" },
	{ "UNIX", "unix_sock" },      { "UNIX-STREAM", "unix_sock" },     { "files_cache", "files_struct" },
};

static const struct btf_type *plain(uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* What is being marked: words of a struct. */
static struct {
	uint64_t *links, *pointers;
	uint32_t words;
} now;

/* Memory that each user fills with a struct of its own, by the member's name. */
static bool is_private(const char *name)
{
	return strcmp(name, "cb") == 0 || strstr(name, "priv") || strstr(name, "data");
}

static void mark_word(uint64_t bits, bool pointer)
{
	if (bits % 64 || bits / 64 >= now.words)
		return;
	set_bit(now.links, bits / 64);
	if (pointer)
		set_bit(now.pointers, bits / 64);
}

static bool is_text(const struct btf_type *type)
{
	const struct btf_type *element = type && btf_is_array(type) ? plain(btf_array(type)->type) : NULL;

	return element && btf_is_int(element) && element->size == 1;
}

/* A name that is kept in words as well as in letters (struct dentry) is a name. */
static bool has_text(const struct btf_type *type)
{
	if (!btf_is_union(type))
		return false;
	for (int i = 0; i < btf_vlen(type); i++) {
		if (is_text(plain(btf_members(type)[i].type)))
			return true;
	}
	return false;
}

static void mark_type(const struct btf_type *type, const char *name, uint64_t bits, bool text, int depth);

static void mark_members(const struct btf_type *type, uint64_t bits, bool text, int depth)
{
	text = text || has_text(type);
	for (int i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *member = &btf_members(type)[i];

		if (!btf_member_bitfield_size(type, i))
			mark_type(plain(member->type), btf__name_by_offset(btf, member->name_off),
				  bits + btf_member_bit_offset(type, i), text, depth + 1);
	}
}

static void mark_array(const struct btf_type *type, const char *name, uint64_t bits, bool text, int depth)
{
	const struct btf_array *array = btf_array(type);
	int64_t bytes = btf__resolve_size(btf, array->type);
	uint32_t nr = array->nelems;

	if (bytes <= 0)
		return;
	if (is_text(type)) {
		for (uint32_t i = 0; is_private(name) && i + 8 <= nr; i += 8)
			mark_word(bits + i * 8ull, true);
		return;
	}
	for (uint32_t i = 0; i < nr && (bits + (uint64_t)i * (uint64_t)bytes * 8) / 64 < now.words; i++)
		mark_type(plain(array->type), "", bits + (uint64_t)i * (uint64_t)bytes * 8, text, depth + 1);
}

/* `text`: the words of a union with a name in it. */
static void mark_type(const struct btf_type *type, const char *name, uint64_t bits, bool text, int depth)
{
	if (!type || depth > MAX_NESTED)
		return;
	if (btf_is_ptr(type))
		mark_word(bits, true);
	else if (btf_is_int(type) && type->size == 8 && !text)
		mark_word(bits, false);
	else if (btf_is_composite(type))
		mark_members(type, bits, text, depth);
	else if (btf_is_array(type))
		mark_array(type, name, bits, text, depth);
}

/* ---- which struct ---- */

/* "ext4_inode_cache" may hold ext4_inode or ext4_inode_info. */
static void names_of(const char *cache, char names[MAX_NAMES][MAX_NAME])
{
	size_t length = strlen(cache);

	memset(names, 0, MAX_NAMES * MAX_NAME);
	snprintf(names[0], MAX_NAME, "%s", cache);
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (strcmp(cache, aliases[i].cache) == 0)
			snprintf(names[0], MAX_NAME, "%s", aliases[i].of);
	}
	if (length > 6 && strcmp(cache + length - 6, "_cache") == 0) {
		snprintf(names[1], MAX_NAME, "%.*s", (int)length - 6, cache);
		snprintf(names[2], MAX_NAME, "%.*s_info", (int)length - 6, cache);
	}
}

/* Of task_struct the last part, a processor's registers, is as long as this machine's; there are no pointers. */
static bool fits(const struct btf_type *type, const struct cache_seen *cache)
{
	return (type->size + 7) / 8 == (cache->object_size + 7) / 8 || strcmp(cache->name, "task_struct") == 0;
}

static void note_struct(uint16_t cache, const struct btf_type *type)
{
	uint32_t words = (caches[cache].object_size + 7) / 8;

	known[cache].links = calloc(words / 64 + 1, 8);
	known[cache].pointers = calloc(words / 64 + 1, 8);
	if (!known[cache].links || !known[cache].pointers)
		die("out of memory");
	now.links = known[cache].links;
	now.pointers = known[cache].pointers;
	now.words = words;
	mark_members(type, 0, false, 0);
}

/* Names that are wanted, sorted, so that one pass over the types finds all. */
static struct wanted {
	char name[MAX_NAME];
	uint16_t cache;
} *wanted;
static size_t nr_wanted;

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct wanted *)a)->name, ((const struct wanted *)b)->name);
}

static void want_all(void)
{
	char names[MAX_NAMES][MAX_NAME];

	wanted = calloc(nr_caches * MAX_NAMES + 1, sizeof(*wanted));
	if (!wanted)
		die("out of memory");
	for (size_t i = 1; i < nr_caches; i++) {
		if (cache_is_merged((uint16_t)i) || !caches[i].object_size)
			continue;
		names_of(caches[i].name, names);
		for (int n = 0; n < MAX_NAMES; n++) {
			if (!names[n][0])
				continue;
			memcpy(wanted[nr_wanted].name, names[n], MAX_NAME);
			wanted[nr_wanted++].cache = (uint16_t)i;
		}
	}
	qsort(wanted, nr_wanted, sizeof(*wanted), by_name);
}

static void see_struct(const struct btf_type *type)
{
	const char *name = btf__name_by_offset(btf, type->name_off);
	size_t low = 0, high = nr_wanted;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(wanted[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < nr_wanted && strcmp(wanted[low].name, name) == 0; low++) {
		uint16_t cache = wanted[low].cache;

		if (!known[cache].links && fits(type, &caches[cache]))
			note_struct(cache, type);
	}
}

void members_open(void)
{
	uint32_t nr;

	btf = fields_btf();
	known = calloc(nr_caches + 1, sizeof(*known));
	if (!known)
		die("out of memory");
	want_all();
	nr = btf__type_cnt(btf);
	for (uint32_t id = 1; id < nr; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (btf_is_struct(type) && type->name_off)
			see_struct(type);
	}
}

const struct members *members_of(uint16_t cache)
{
	return known[cache].links ? &known[cache] : NULL;
}
