// SPDX-License-Identifier: MIT
/*
 * Which functions stand in for tracepoints that this kernel lacks
 * (functions.bpf.h). A function's arguments are even less of an interface than
 * a tracepoint's: a function is not hooked if its prototype is unknown, if the
 * compiler has inlined it, or if the kernel does not allow it.
 */
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "kernel.h"

/* Prototypes in the letters of layouts.c; the result's comes first, v for none. */
static const struct {
	enum hook_slot slot;
	const char *name;
	const char *prototype;
	const char *program;
	const char *mode;
} functions[] = {
	{ SLOT_KMEM_CACHE_FREE_BULK, "kmem_cache_free_bulk", "vci?", "kmem_cache_free_bulk_call", "fentry" },
	{ SLOT_KFREE_RCU_SHEAF, "__kfree_rcu_sheaf", "Bcp", "kfree_rcu_sheaf_result", "fexit" },
	{ SLOT_KFREE_RCU_SHEAF, "__kfree_rcu_sheaf", "BcpI", "kfree_rcu_sheaf_result", "fexit" },
	{ SLOT_KMEM_CACHE_ALLOC_BULK, "kmem_cache_alloc_bulk_noprof", "IcIi?", "kmem_cache_alloc_bulk_result", "fexit" },
	{ SLOT_KMEM_CACHE_ALLOC_BULK, "kmem_cache_alloc_bulk_noprof", "BcIi?", "kmem_cache_alloc_bulk_result", "fexit" },
	{ SLOT_KMEM_CACHE_ALLOC_BULK, "kmem_cache_alloc_bulk", "IcIi?", "kmem_cache_alloc_bulk_result", "fexit" },
	{ SLOT_ALLOC_PAGES_BULK_CALL, "alloc_pages_bulk_noprof", "iII?I?", "alloc_pages_bulk_call", "fentry" },
	{ SLOT_ALLOC_PAGES_BULK_CALL, "alloc_pages_bulk_noprof", "iII?I??", "alloc_pages_bulk_call", "fentry" },
	{ SLOT_ALLOC_PAGES_BULK_CALL, "__alloc_pages_bulk", "iII?I??", "alloc_pages_bulk_call", "fentry" },
	{ SLOT_ALLOC_PAGES_BULK, "alloc_pages_bulk_noprof", "iII?I?", "alloc_pages_bulk_result", "fexit" },
	{ SLOT_ALLOC_PAGES_BULK, "alloc_pages_bulk_noprof", "iII?I??", "alloc_pages_bulk_result", "fexit" },
	{ SLOT_ALLOC_PAGES_BULK, "__alloc_pages_bulk", "iII?I??", "alloc_pages_bulk_result", "fexit" },
	{ SLOT_ALLOC_VMAP_AREA, "alloc_vmap_area", "?iiiiII", "alloc_vmap_area_result", "fexit" },
	{ SLOT_FREE_VMAP_AREA, "free_vmap_area_noflush", "v?", "free_vmap_area_call", "fentry" },
	{ SLOT_MOVE_CALL, "folio_migrate_flags", "v??", "folio_migrate_flags_call", "fentry" },
	{ SLOT_MOVE_CALL, "migrate_page_states", "vPP", "folio_migrate_flags_call", "fentry" },
};
#define NR_FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

/* Some kernels load the programs and then refuse to attach them: this tries it with one that does nothing. */
static const char *try_function(const char *name)
{
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, load, .expected_attach_type = BPF_TRACE_FENTRY,
		    .attach_btf_id = (__u32)btf_function_id(name));
	int program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "unfreed_try", "GPL", nothing, 2, &load), link;

	if (program < 0)
		return "this kernel lets nobody hook functions (fentry)";
	link = bpf_raw_tracepoint_open(NULL, program);
	if (link >= 0)
		close(link);
	close(program);
	return link < 0 ? "this kernel lets nobody hook functions (fentry)" : NULL;
}

/* NULL, or why functions cannot be hooked; tried once. */
static const char *functions_refused(const char *name)
{
	static const char *refusal;
	static bool asked;

	if (!asked)
		refusal = try_function(name);
	asked = true;
	return refusal;
}

bool function_hookable(const char *name)
{
	return btf_function_id(name) > 0 && !functions_refused(name);
}

bool function_for(enum hook_slot slot, struct function_hook *hook, const char **why)
{
	char prototype[16];

	*why = "this kernel has no such function";
	for (size_t i = 0; i < NR_FUNCTIONS; i++) {
		if (functions[i].slot != slot || !btf_prototype(functions[i].name, prototype, sizeof(prototype)))
			continue;
		if (strcmp(prototype, functions[i].prototype) != 0) {
			*why = "its arguments are new to this version";
			continue;
		}
		*why = functions_refused(functions[i].name);
		if (*why)
			return false;
		hook->function = functions[i].name;
		hook->program = functions[i].program;
		hook->mode = functions[i].mode;
		hook->nr_arguments = (uint32_t)strlen(prototype) - 1;
		hook->returns_bool = prototype[0] == 'B';
		return true;
	}
	return false;
}
