// SPDX-License-Identifier: MIT
/*
 * Where the kernel keeps what: each member by its name, from the BTF of the running kernel, in one pass
 * over its types. A name that is not there is known as missing; no offset is guessed.
 */
#include <errno.h>
#include <string.h>
#include <bpf/btf.h>
#include "memory.h"

#define MAX_NAME 64
#define MAX_STRUCTS 64

struct field fields[NR_FIELDS];
int64_t values[NR_VALUES];

#define AS_NAMES(id, of, member) { of, member },
static const struct {
	const char *of, *member;
} names[] = { CENSUS_FIELDS(AS_NAMES) };

#define AS_NAME(id) #id,
static const char *const value_names[] = { CENSUS_VALUES(AS_NAME) };

static struct btf *btf;

/* Structs that a field is wanted of, and their types; 0: there is none. */
static struct {
	char name[MAX_NAME];
	uint32_t type;
} structs[MAX_STRUCTS];
static int nr_structs;

/* Copies the next of "a|b|c"; false past the last. */
static bool next_of(const char **list, char separator, char *name)
{
	size_t length = strchrnul(*list, separator) - *list;

	if (!**list || length >= MAX_NAME)
		return false;
	memcpy(name, *list, length);
	name[length] = 0;
	*list += length + ((*list)[length] != 0);
	return true;
}

/* Names are compared a hundred thousand times, and nearly all differ in their first letters. */
static inline bool same_name(const char *one, const char *other)
{
	return one[0] == other[0] && one[0] && one[1] == other[1] && strcmp(one, other) == 0;
}

static int struct_index(const char *name)
{
	for (int i = 0; i < nr_structs; i++) {
		if (same_name(structs[i].name, name))
			return i;
	}
	return -1;
}

static void want_struct(const char *name)
{
	if (struct_index(name) < 0 && nr_structs < MAX_STRUCTS)
		strcpy(structs[nr_structs++].name, name);
}

static void want_structs(void)
{
	char name[MAX_NAME];

	nr_structs = 0;
	for (int i = 0; i < NR_FIELDS; i++) {
		for (const char *list = names[i].of; next_of(&list, '|', name);)
			want_struct(name);
	}
}

static void see_enum(const struct btf_type *type)
{
	bool wide = btf_is_enum64(type);

	for (int i = 0; i < btf_vlen(type); i++) {
		uint32_t at = wide ? btf_enum64(type)[i].name_off : btf_enum(type)[i].name_off;
		const char *name = btf__name_by_offset(btf, at);

		/* the first letters of all that are wanted */
		if (name[0] != 'P' && name[0] != 'H' && name[0] != 'C' && name[0] != 'm')
			continue;
		for (int v = 0; v < NR_VALUES; v++) {
			if (values[v] < 0 && same_name(name, value_names[v]))
				values[v] = wide ? (int64_t)btf_enum64_value(&btf_enum64(type)[i]) :
						   (int64_t)(uint32_t)btf_enum(type)[i].val;
		}
	}
}

static void see_types(void)
{
	uint32_t nr = btf__type_cnt(btf);

	for (uint32_t id = 1; id < nr; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (btf_is_any_enum(type)) {
			see_enum(type);
		} else if (btf_is_composite(type)) {
			int index = struct_index(btf__name_by_offset(btf, type->name_off));

			if (index >= 0 && !structs[index].type)
				structs[index].type = id;
		}
	}
}

static const struct btf_type *plain(uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* A member by its name, in anonymous ones too. Adds its place to *bits; false: there is none. */
static bool find_member(const struct btf_type *of, const char *name, uint64_t *bits, uint32_t *width, uint32_t *type)
{
	for (int i = 0; i < btf_vlen(of); i++) {
		const struct btf_member *member = &btf_members(of)[i];
		const char *here = btf__name_by_offset(btf, member->name_off);
		const struct btf_type *inner = plain(member->type);
		uint64_t at = *bits + btf_member_bit_offset(of, i);

		if (strcmp(here, name) == 0) {
			*bits = at;
			*width = btf_member_bitfield_size(of, i);
			*type = member->type;
			return true;
		}
		if (!*here && inner && btf_is_composite(inner) && find_member(inner, name, &at, width, type)) {
			*bits = at;
			return true;
		}
	}
	return false;
}

/* A path, "css.flags". */
static bool find_path(uint32_t struct_id, const char *path, struct field *field)
{
	uint32_t type = struct_id, width = 0;
	char name[MAX_NAME];
	uint64_t bits = 0;
	int64_t bytes;

	while (next_of(&path, '.', name)) {
		const struct btf_type *of = plain(type);

		if (!of || !btf_is_composite(of) || !find_member(of, name, &bits, &width, &type))
			return false;
	}
	/* of an array, which may have no length, its first element */
	if (plain(type) && btf_is_array(plain(type)))
		type = btf_array(plain(type))->type;
	bytes = btf__resolve_size(btf, type);
	if (width)
		*field = (struct field){ (int32_t)(bits / 32 * 4), (bits % 32 + width + 7) / 8, (uint8_t)(bits % 32), (uint8_t)width };
	else
		*field = (struct field){ (int32_t)(bits / 8), bytes > 0 ? (uint32_t)bytes : 0, 0, 0 };
	return true;
}

static void find_field(enum field_id id)
{
	char of[MAX_NAME], path[MAX_NAME];

	fields[id].offset = -1;
	for (const char *structs_left = names[id].of; next_of(&structs_left, '|', of);) {
		int index = struct_index(of);

		if (index < 0 || !structs[index].type)
			continue;
		for (const char *paths_left = names[id].member; next_of(&paths_left, '|', path);) {
			if (find_path(structs[index].type, path, &fields[id]))
				return;
		}
	}
}

const char *fields_open(const char *path)
{
	btf = path ? btf__parse(path, NULL) : btf__load_vmlinux_btf();
	if (!btf)
		return errno == ENOENT ? "the kernel has no BTF (/sys/kernel/btf/vmlinux): it was built without CONFIG_DEBUG_INFO_BTF"
				       : "the kernel's BTF cannot be read";
	memset(values, -1, sizeof(values));
	want_structs();
	see_types();
	for (int i = 0; i < NR_FIELDS; i++)
		find_field(i);
	return NULL;
}

const struct btf *fields_btf(void)
{
	return btf;
}

uint32_t struct_bytes(const char *name)
{
	int index = struct_index(name);
	int64_t bytes = index >= 0 && structs[index].type ? btf__resolve_size(btf, structs[index].type) : 0;

	return bytes > 0 ? (uint32_t)bytes : 0;
}

bool fields_there(const char *stage, const enum field_id *wanted)
{
	bool all = true;

	for (; *wanted != NR_FIELDS; wanted++) {
		if (has_field(*wanted))
			continue;
		missing_add(stage, "field %s of struct %s is not in this kernel's BTF", names[*wanted].member, names[*wanted].of);
		all = false;
	}
	return all;
}

uint64_t kernel_field(uint64_t object, enum field_id id)
{
	uint8_t bytes[8] = { 0 };
	const struct field *field = &fields[id];

	if (field->offset < 0 ||
	    !kernel_read(object + (uint64_t)field->offset, bytes, field->bytes < 8 ? field->bytes : 8))
		return 0;
	return field_at(bytes, field);
}
