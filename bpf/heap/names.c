// SPDX-License-Identifier: MIT
/* Functions of allocators by name: those of the C library, of C++, and of jemalloc, tcmalloc and mimalloc. */
#include <string.h>
#include "heap.h"

struct function {
	const char *name;
	enum heap_role role;
};

/*
 * reallocf is left out: what it does to a block when it fails is another thing. strdup, getline and the like call
 * malloc.
 */
static const struct function functions[] = {
	{ "malloc", HEAP_SIZE }, { "valloc", HEAP_SIZE }, { "pvalloc", HEAP_SIZE }, { "calloc", HEAP_PRODUCT },
	{ "memalign", HEAP_ALIGNED }, { "aligned_alloc", HEAP_ALIGNED }, { "posix_memalign", HEAP_OUT },
	{ "realloc", HEAP_RESIZE }, { "reallocarray", HEAP_RESIZE_MANY }, { "free", HEAP_RELEASE },
	{ "cfree", HEAP_RELEASE }, { "free_sized", HEAP_RELEASE }, { "free_aligned_sized", HEAP_RELEASE },
	{ "mallocx", HEAP_SIZE }, { "rallocx", HEAP_RESIZE }, { "dallocx", HEAP_RELEASE },
	{ "sdallocx", HEAP_RELEASE }, { "dlopen", HEAP_LOADS }, { "dlmopen", HEAP_LOADS },
};

/* Of jemalloc, tcmalloc and mimalloc; without a prefix such a name may be of anything. */
static const struct function with_prefix[] = {
	{ "zalloc", HEAP_SIZE }, { "malloc_small", HEAP_SIZE }, { "zalloc_small", HEAP_SIZE },
	{ "malloc_aligned", HEAP_SIZE }, { "zalloc_aligned", HEAP_SIZE }, { "mallocn", HEAP_PRODUCT },
	{ "reallocn", HEAP_RESIZE_MANY }, { "free_small", HEAP_RELEASE }, { "free_size", HEAP_RELEASE },
	{ "free_size_aligned", HEAP_RELEASE }, { "free_aligned", HEAP_RELEASE }, { "sdallocx_noflags", HEAP_RELEASE },
	{ "new", HEAP_SIZE }, { "new_nothrow", HEAP_SIZE }, { "newarray", HEAP_SIZE },
	{ "newarray_nothrow", HEAP_SIZE }, { "new_aligned", HEAP_SIZE }, { "new_aligned_nothrow", HEAP_SIZE },
	{ "newarray_aligned", HEAP_SIZE }, { "newarray_aligned_nothrow", HEAP_SIZE }, { "new_n", HEAP_PRODUCT },
	{ "delete", HEAP_RELEASE }, { "delete_nothrow", HEAP_RELEASE }, { "deletearray", HEAP_RELEASE },
	{ "deletearray_nothrow", HEAP_RELEASE }, { "delete_sized", HEAP_RELEASE },
	{ "deletearray_sized", HEAP_RELEASE }, { "delete_aligned", HEAP_RELEASE },
	{ "delete_sized_aligned", HEAP_RELEASE }, { "deletearray_aligned", HEAP_RELEASE },
	{ "deletearray_sized_aligned", HEAP_RELEASE },
};

static const char *const prefixes[] = { "je_", "mi_", "tc_", "_rjem_", "_rjem_je_" };

/* Names of a C library for itself: of one place it may be the only one that a table of symbols keeps. */
static const char *const own_prefixes[] = { "__libc_", "__" };

/* operator new(size_t), new[](size_t), delete(void *), delete[](void *), and what may follow these parameters */
static const char *const operators[] = { "_Znwm", "_Znam", "_ZdlPv", "_ZdaPv" };
static const char *const parameters[] = {
	"", "m", "RKSt9nothrow_t", "St11align_val_t", "mSt11align_val_t", "St11align_val_tRKSt9nothrow_t",
};

static bool same(const char *name, size_t length, const char *other)
{
	return strlen(other) == length && memcmp(name, other, length) == 0;
}

static int operator_role(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t own = strlen(operators[i]);

		if (length < own || memcmp(name, operators[i], own) != 0)
			continue;
		for (size_t j = 0; j < sizeof(parameters) / sizeof(parameters[0]); j++) {
			if (same(name + own, length - own, parameters[j]))
				return i < 2 ? HEAP_SIZE : HEAP_RELEASE;
		}
	}
	return -1;
}

static int role_in(const struct function *all, size_t nr, const char *name, size_t length)
{
	for (size_t i = 0; i < nr; i++) {
		if (same(name, length, all[i].name))
			return (int)all[i].role;
	}
	return -1;
}

static int function_role(const char *name, size_t length)
{
	return role_in(functions, sizeof(functions) / sizeof(functions[0]), name, length);
}

/* Without the version of a symbol: free@@GLIBC_2.2.5 */
static size_t length_of(const char *name)
{
	return strcspn(name, "@");
}

bool heap_is_operator(const char *name)
{
	return operator_role(name, length_of(name)) >= 0;
}

/* What follows the prefix; NULL: it has another one. */
static const char *behind(const char *name, size_t *length, const char *prefix)
{
	size_t own = strlen(prefix);

	if (!own || *length <= own || memcmp(name, prefix, own) != 0)
		return NULL;
	*length -= own;
	return name + own;
}

static int prefixed_role(const char *name, size_t length, const char *prefix)
{
	const char *rest = behind(name, &length, prefix);
	int role = rest ? function_role(rest, length) : -1;

	return rest && role < 0 ? role_in(with_prefix, sizeof(with_prefix) / sizeof(with_prefix[0]), rest, length) : role;
}

static int own_role(const char *name, size_t length, const char *prefix)
{
	const char *rest = behind(name, &length, prefix);

	return rest ? function_role(rest, length) : -1;
}

int heap_role_of(const char *name, const char *prefix)
{
	size_t length = length_of(name);
	int role = operator_role(name, length);

	if (role < 0)
		role = function_role(name, length);
	for (size_t i = 0; role < 0 && i < sizeof(own_prefixes) / sizeof(own_prefixes[0]); i++)
		role = own_role(name, length, own_prefixes[i]);
	for (size_t i = 0; role < 0 && i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		role = prefixed_role(name, length, prefixes[i]);
	return role < 0 && prefix ? prefixed_role(name, length, prefix) : role;
}

/* Of those that allocate, and have no nothrow: in C++, and what its operators are called elsewhere. */
bool heap_throws(const char *name)
{
	static const char *const throwing[] = { "new", "newarray", "new_aligned", "newarray_aligned", "new_n" };
	size_t length = length_of(name);

	if (operator_role(name, length) == HEAP_SIZE)
		return !memmem(name, length, "nothrow", strlen("nothrow"));
	for (size_t i = 0; i < sizeof(throwing) / sizeof(throwing[0]); i++) {
		size_t own = strlen(throwing[i]);

		if (length > own && name[length - own - 1] == '_' && memcmp(name + length - own, throwing[i], own) == 0)
			return true;
	}
	return false;
}
