// SPDX-License-Identifier: MIT
/* The name of an address of a process. What has no name has at least the bounds of its function. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "process.h"

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* A long one is cut, and says so. */
static void put_symbol(struct user_name *name, const char *symbol)
{
	const char *as_written = demangled(symbol);
	/* in .symtab a version may stand behind it, as in memcpy@@GLIBC_2.14 */
	int length = (int)(as_written ? strlen(as_written) : strcspn(symbol, "@"));
	int most = (int)sizeof(name->text) - 4;

	snprintf(name->text, sizeof(name->text), "%.*s%s", length < most ? length : most, as_written ? as_written : symbol,
		 length > most ? "..." : "");
}

static void name_of_image(struct process_code *code, const struct code *at, struct user_name *name)
{
	const struct symbol_table *table = image_symbols(name->image, code->pid, &at->mapping);
	const struct symbol *symbol = symbol_table_find(table, name->at);
	const struct unwind_rows *rows;

	if (symbol) {
		name->is_symbol = true;
		name->start = symbol->start;
		name->end = symbol->start + symbol->bytes;
		put_symbol(name, table->names + symbol->name);
		return;
	}
	rows = image_rows(name->image, code->pid, &at->mapping);
	if (!rows_function(rows, name->at, &name->start, &name->end))
		name->start = name->end = name->at;
	snprintf(name->text, sizeof(name->text), "%s+0x%" PRIx64, file_name(name->image->path), name->start);
}

static void name_of_jit(struct process_code *code, const struct code *at, struct user_name *name)
{
	const char *found = perf_map_name(&code->jit, code->pid, name->at, &name->start, &name->end);

	name->is_symbol = found != NULL;
	if (found) {
		snprintf(name->text, sizeof(name->text), "%s", found);
		return;
	}
	name->start = name->end = name->at;
	if (*at->path)
		snprintf(name->text, sizeof(name->text), "%s+0x%" PRIx64, file_name(at->path),
			 name->at - at->mapping.start + at->mapping.offset);
	else
		snprintf(name->text, sizeof(name->text), "0x%" PRIx64, name->at);
}

bool user_name(struct process_code *code, uint64_t address, struct user_name *name)
{
	struct code *at = code_find(code, address);

	memset(name, 0, sizeof(*name));
	if (!at)
		return false;
	name->image = code_image(code, at);
	name->at = address;
	if (name->image && image_address(name->image, &at->mapping, address, &name->at))
		name_of_image(code, at, name);
	else {
		name->image = NULL;
		name_of_jit(code, at, name);
	}
	return true;
}
