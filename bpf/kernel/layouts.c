// SPDX-License-Identifier: MIT
/*
 * Which variant of a program fits this kernel. A tracepoint's arguments are no
 * interface: this reads the prototype that BTF gives for it (the typedef
 * btf_trace_NAME) and compares it, argument by argument, with the arguments that each
 * tp_btf program of unfreed.bpf.c expects. An unknown prototype is not guessed at:
 * the classic tracepoint is used instead, whose record is a struct in BTF. The
 * struct's name determines the variant, CO-RE does the rest.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <bpf/btf.h>
#include "kernel.h"

/*
 * One letter per argument: i integer of 8 bytes, I any smaller integer,
 * p pointer to nothing in particular, c struct kmem_cache *, P struct page *,
 * s char *, ? anything else. A layout matches if the prototype starts with it.
 */
struct layout {
	const char *tracepoint;
	const char *arguments;
	const char *program;
};

/* Of two layouts of a tracepoint that match, the longer comes first. */
static const struct layout layouts[] = {
	{ "kmalloc", "ipcii", "kmalloc_cache_sizes" },
	{ "kmalloc", "ipii", "kmalloc_sizes" },
	{ "kmalloc_node", "ipcii", "kmalloc_node_cache_sizes" },
	{ "kmalloc_node", "ipii", "kmalloc_node_sizes" },
	{ "kmem_cache_alloc", "ipc", "kmem_cache_alloc_cache" },
	{ "kmem_cache_alloc", "ipii", "kmem_cache_alloc_sizes" },
	{ "kmem_cache_alloc_node", "ipc", "kmem_cache_alloc_node_cache" },
	{ "kmem_cache_alloc_node", "ipii", "kmem_cache_alloc_node_sizes" },
	{ "kfree", "ip", "kfree_ptr" },
	{ "kmem_cache_free", "ipc", "kmem_cache_free_cache" },
	{ "kmem_cache_free", "ip", "kmem_cache_free_ptr" },
	{ "mm_page_alloc", "PI", "mm_page_alloc_page" },
	{ "mm_page_free", "PI", "mm_page_free_page" },
	{ "percpu_alloc_percpu", "iIIiipIp", "percpu_alloc_new" },
	{ "percpu_alloc_percpu", "IIiipIp", "percpu_alloc_old" },
	{ "percpu_free_percpu", "pIp", "percpu_free" },
	{ "alloc_vmap_area", "iiiiiI", "vmap_area_alloc" },
	{ "free_vmap_area_noflush", "iii", "vmap_area_free" },
	{ "set_migration_pte", "iiI", "migration_pte_set" },
	{ "remove_migration_pte", "iiI", "migration_pte_removed" },
	{ "set_migration_pmd", "ii", "migration_pmd_set" },
	{ "remove_migration_pmd", "ii", "migration_pmd_removed" },
};

static struct btf *btf;

void layouts_use(struct btf *types)
{
	btf = types;
}

const char *layouts_open(void)
{
	layouts_use(btf__load_vmlinux_btf());
	if (btf)
		return NULL;
	return errno == ENOENT ? "the kernel has no BTF (/sys/kernel/btf/vmlinux): it was built without CONFIG_DEBUG_INFO_BTF"
			       : "the kernel's BTF cannot be read";
}

static const struct btf_type *plain_type(__u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

static char letter(__u32 id)
{
	const struct btf_type *type = plain_type(id);
	const char *name;

	if (!type)
		return '?';
	if (btf_is_int(type) || btf_is_any_enum(type))
		return type->size == 8 ? 'i' : 'I';
	if (!btf_is_ptr(type))
		return '?';
	type = plain_type(type->type);
	if (!type || btf_is_void(type))
		return 'p';
	name = btf__name_by_offset(btf, type->name_off);
	if (btf_is_composite(type) && strcmp(name, "kmem_cache") == 0)
		return 'c';
	if (btf_is_composite(type) && strcmp(name, "page") == 0)
		return 'P';
	return btf_is_int(type) ? 's' : '?';
}

/* The prototype of a function, NULL if BTF does not have it. */
static const struct btf_type *function_prototype(const char *name)
{
	int id = btf_function_id(name);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

	type = type ? btf__type_by_id(btf, type->type) : NULL;
	return type && btf_is_func_proto(type) ? type : NULL;
}

int btf_function_id(const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);
}

bool btf_prototype(const char *name, char *letters, size_t size)
{
	const struct btf_type *prototype = function_prototype(name), *result;
	size_t nr = 0;

	if (!prototype || btf_vlen(prototype) + 2u > size)
		return false;
	result = plain_type(prototype->type);
	/* of a bool only the low byte is returned */
	letters[nr++] = !result || btf_is_void(result) ? 'v' :
			btf_is_int(result) && result->size == 1 ? 'B' : letter(prototype->type);
	for (int i = 0; i < btf_vlen(prototype); i++)
		letters[nr++] = letter(btf_params(prototype)[i].type);
	letters[nr] = 0;
	return true;
}

/* The prototype of a tracepoint's probe, NULL if this kernel has no such tracepoint. */
static const struct btf_type *probe_prototype(const char *tracepoint)
{
	const struct btf_type *type;
	char name[80];
	int id;

	snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	type = id < 0 ? NULL : plain_type((__u32)id);
	type = type && btf_is_ptr(type) ? plain_type(type->type) : NULL;
	return type && btf_is_func_proto(type) ? type : NULL;
}

const char *btf_tracepoint_argument(const char *tracepoint, int index)
{
	const struct btf_type *prototype = probe_prototype(tracepoint), *type;

	/* the first parameter is the probe's own data */
	if (!prototype || index + 1 >= btf_vlen(prototype))
		return NULL;
	type = btf__type_by_id(btf, btf_params(prototype)[index + 1].type);
	if (type && btf_is_ptr(type))
		return "*";
	return type ? btf__name_by_offset(btf, type->name_off) : NULL;
}

bool btf_has_tracepoint(const char *name)
{
	return probe_prototype(name) != NULL;
}

const char *btf_program_for(const char *tracepoint, const char **why)
{
	static char reason[128];
	char arguments[16] = "";
	const struct btf_type *type = probe_prototype(tracepoint);

	if (!type) {
		*why = "this kernel has no such tracepoint";
		return NULL;
	}
	/* the first parameter is the probe's own data, not an argument */
	for (int i = 1; i < btf_vlen(type) && i < 16; i++)
		arguments[i - 1] = letter(btf_params(type)[i].type);
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const struct layout *l = &layouts[i];

		if (strcmp(l->tracepoint, tracepoint) == 0 &&
		    strncmp(arguments, l->arguments, strlen(l->arguments)) == 0)
			return l->program;
	}
	snprintf(reason, sizeof(reason), "its arguments (%s) are new to this version", arguments);
	*why = reason;
	return NULL;
}

static const struct {
	const char *tracepoint;
	const char *record;
	const char *program;
} records[] = {
	{ "kmalloc", "kmalloc", "kmalloc_tp" },
	{ "kmalloc", "kmem_alloc", "kmalloc_old_tp" },
	{ "kmalloc_node", "kmem_alloc_node", "kmalloc_node_tp" },
	{ "kmem_cache_alloc", "kmem_cache_alloc", "kmem_cache_alloc_tp" },
	{ "kmem_cache_alloc", "kmem_alloc", "kmem_cache_alloc_old_tp" },
	{ "kmem_cache_alloc_node", "kmem_alloc_node", "kmem_cache_alloc_node_tp" },
	{ "kfree", "kfree", "kfree_tp" },
	{ "kfree", "kmem_free", "kfree_old_tp" },
	{ "kmem_cache_free", "kmem_cache_free", "kmem_cache_free_tp" },
	{ "kmem_cache_free", "kmem_free", "kmem_cache_free_old_tp" },
	{ "mm_page_alloc", "mm_page_alloc", "mm_page_alloc_tp" },
	{ "mm_page_free", "mm_page_free", "mm_page_free_tp" },
	{ "percpu_alloc_percpu", "percpu_alloc_percpu", "percpu_alloc_tp" },
	{ "percpu_free_percpu", "percpu_free_percpu", "percpu_free_tp" },
	{ "alloc_vmap_area", "alloc_vmap_area", "vmap_area_alloc_tp" },
	{ "free_vmap_area_noflush", "free_vmap_area_noflush", "vmap_area_free_tp" },
};

const char *tp_program_for(const char *tracepoint, const char **why)
{
	char name[80];

	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		if (strcmp(records[i].tracepoint, tracepoint) != 0)
			continue;
		snprintf(name, sizeof(name), "trace_event_raw_%s", records[i].record);
		if (btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT) > 0)
			return records[i].program;
	}
	*why = "its record is new to this version";
	return NULL;
}

size_t layouts_page_struct_bytes(void)
{
	int id = btf__find_by_name_kind(btf, "page", BTF_KIND_STRUCT);
	int64_t bytes = id > 0 ? btf__resolve_size(btf, (__u32)id) : 0;

	return bytes > 0 ? (size_t)bytes : 64;
}
