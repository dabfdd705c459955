// SPDX-License-Identifier: MIT
/* Where the kernel keeps the names of things: members by name, from the BTF of the running kernel. */
#include <string.h>
#include <bpf/btf.h>
#include "names.h"

#define MAX_NAME 64

struct field name_fields[NR_NAME_FIELDS];

#define AS_NAMES(id, of, member) { of, member },
static const struct {
	const char *of, *member;
} names[] = { NAME_FIELDS(AS_NAMES) };

static const struct btf_type *plain(uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(fields_btf(), id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type)))
		type = btf__type_by_id(fields_btf(), type->type);
	return type;
}

/* In anonymous members too. Adds its place, in bits, to *at. */
static bool find_member(const struct btf_type *of, const char *name, size_t length, uint32_t *at, uint32_t *type)
{
	for (int i = 0; i < btf_vlen(of); i++) {
		const struct btf_member *member = &btf_members(of)[i];
		const char *here = btf__name_by_offset(fields_btf(), member->name_off);
		const struct btf_type *inner = plain(member->type);
		uint32_t place = *at + btf_member_bit_offset(of, i);

		if (strlen(here) == length && memcmp(here, name, length) == 0 && !btf_member_bitfield_size(of, i)) {
			*at = place;
			*type = member->type;
			return true;
		}
		if (!*here && inner && btf_is_composite(inner) && find_member(inner, name, length, &place, type)) {
			*at = place;
			return true;
		}
	}
	return false;
}

/* "f_path.dentry" */
static bool find_path(uint32_t type, const char *path, size_t length, struct field *field)
{
	uint32_t bits = 0;
	int64_t bytes;

	for (const char *end = path + length; path < end; path++) {
		const char *dot = memchr(path, '.', (size_t)(end - path));
		size_t part = (size_t)((dot ? dot : end) - path);
		const struct btf_type *of = plain(type);

		if (!of || !btf_is_composite(of) || !find_member(of, path, part, &bits, &type))
			return false;
		path += part;
	}
	if (plain(type) && btf_is_array(plain(type)))
		type = btf_array(plain(type))->type;
	bytes = btf__resolve_size(fields_btf(), type);
	*field = (struct field){ (int32_t)(bits / 8), bytes > 0 ? (uint32_t)bytes : 0, 0, 0 };
	return true;
}

void name_fields_find(void)
{
	const char *of = "";
	int32_t type = -1;

	for (int i = 0; i < NR_NAME_FIELDS; i++) {
		/* the fields of a struct stand together: it is looked for once */
		if (strcmp(of, names[i].of) != 0)
			type = btf__find_by_name_kind(fields_btf(), names[i].of, BTF_KIND_STRUCT);
		of = names[i].of;
		name_fields[i].offset = -1;
		for (const char *path = names[i].member; type > 0 && *path;) {
			size_t length = (size_t)(strchrnul(path, '|') - path);

			if (find_path((uint32_t)type, path, length, &name_fields[i]))
				break;
			path += length + (path[length] != 0);
		}
	}
}

bool name_fields_there(const char *stage, const enum name_field *wanted)
{
	bool all = true;

	for (; *wanted != NR_NAME_FIELDS; wanted++) {
		if (has_name_field(*wanted))
			continue;
		missing_add(stage, "field %s of struct %s is not in this kernel's BTF", names[*wanted].member, names[*wanted].of);
		all = false;
	}
	return all;
}
