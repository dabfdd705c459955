// SPDX-License-Identifier: MIT
/* The kernel's symbols: /proc/kallsyms as a sorted array, and lookups in it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernel.h"

/* An address farther behind a symbol than this lies past the last function of a region: it has no name. */
#define LARGEST_FUNCTION (1 << 20)
/* The same of variables: what has no symbol must not be taken for the one before it. */
#define LARGEST_VARIABLE (64 << 10)

struct symbol {
	uint64_t address;
	uint32_t name;   /* offsets into `names` */
	uint32_t module; /* 0: core kernel ("") */
};

struct table {
	struct symbol *rows;
	size_t nr, capacity;
};

static struct table code, data; /* data stays empty unless it is wanted */
static bool data_wanted;
static uint64_t code_end; /* _etext, once it was read */
static size_t nr_behind_code; /* symbols in `data` that have the letter of code */
static char *names;
static size_t names_used, names_capacity;

static uint32_t keep_name(const char *text, size_t length)
{
	uint32_t at = (uint32_t)names_used;

	if (names_used + length + 1 > names_capacity) {
		names_capacity = names_capacity ? names_capacity * 2 : 4 << 20;
		names = realloc(names, names_capacity);
		if (!names)
			die("out of memory for the kernel's symbols");
	}
	memcpy(names + at, text, length);
	names[at + length] = 0;
	names_used += length + 1;
	return at;
}

static void keep_symbol(struct table *table, struct symbol symbol)
{
	if (table->nr == table->capacity) {
		table->capacity = table->capacity ? table->capacity * 2 : 1 << 17;
		table->rows = realloc(table->rows, table->capacity * sizeof(*table->rows));
		if (!table->rows)
			die("out of memory for the kernel's symbols");
	}
	table->rows[table->nr++] = symbol;
}

/* The table of a symbol's type, NULL: it is not kept. */
static struct table *table_of(char type)
{
	if (type && strchr("tTwW", type))
		return &code;
	return data_wanted && type && strchr("dDrRbB", type) ? &data : NULL;
}

/* Symbols among data that name no variable: ends of sections, and numbers of types. */
static bool is_mark(const char *name)
{
	static const char *const prefixes[] = { "__start_", "__stop_", "__end_", "__BTF_ID__" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

/* "ffffffff81000000 T _text" or "... t name\t[module]" */
static void keep_line(const char *line, size_t length)
{
	static uint32_t last_module;
	uint64_t address = 0;
	struct table *table;
	const char *tab;
	size_t i, name_length;

	for (i = 0; i < length && line[i] != ' '; i++) {
		char c = line[i];

		address = address << 4 | (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	/* per-CPU variables have small addresses */
	table = i + 3 < length ? table_of(line[i + 1]) : NULL;
	if (!table || address < 1ull << 32)
		return;
	line += i + 3;
	length -= i + 3;
	tab = memchr(line, '\t', length);
	name_length = tab ? (size_t)(tab - line) : length;
	/* from 7.3 on some sections of data have the letter of code (huge_zero_folio) */
	if (data_wanted && table == &code && !tab && code_end && address > code_end) {
		table = &data;
		nr_behind_code++;
	}
	if (!tab && name_length == 6 && memcmp(line, "_etext", 6) == 0)
		code_end = address;
	if (table == &data && is_mark(line))
		return;
	if (tab && length > name_length + 3) {
		const char *module = tab + 2;
		size_t module_length = length - name_length - 3;

		if (strlen(names + last_module) != module_length ||
		    memcmp(names + last_module, module, module_length) != 0)
			last_module = keep_name(module, module_length);
		keep_symbol(table, (struct symbol){ address, keep_name(line, name_length), last_module });
		return;
	}
	keep_symbol(table, (struct symbol){ address, keep_name(line, name_length), 0 });
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

/*
 * The file stays open: the kernel decides when it is opened whether it shows addresses
 * (kallsyms_open()), and later this process lacks CAP_SYSLOG. Each read from its start
 * shows the modules and BPF programs of that moment.
 */
static int open_from_start(const char *path)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	else if (lseek(fd, 0, SEEK_SET) != 0)
		return -1;
	return fd;
}

static void read_kallsyms(const char *path)
{
	static char chunk[256 << 10];
	size_t kept = 0;
	ssize_t n;
	int fd = open_from_start(path);

	code.nr = 0;
	data.nr = 0;
	code_end = 0;
	nr_behind_code = 0;
	names_used = 0;
	keep_name("", 0);
	if (fd < 0) {
		note("%s cannot be read: call paths have addresses, no names", path);
		return;
	}
	while ((n = read(fd, chunk + kept, sizeof(chunk) - kept)) > 0) {
		char *line = chunk, *end = chunk + kept + n, *newline;

		while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
			keep_line(line, (size_t)(newline - line));
			line = newline + 1;
		}
		kept = (size_t)(end - line);
		memmove(chunk, line, kept);
	}
	if (code.nr == 0)
		note("%s hides its addresses: call paths have no names; it needs CAP_SYSLOG, and kernel.kptr_restrict below 2", path);
}

/* The core kernel comes sorted, modules and BPF programs do not. */
static void sort(struct table *table)
{
	bool sorted = true;

	for (size_t i = 1; sorted && i < table->nr; i++)
		sorted = table->rows[i - 1].address <= table->rows[i].address;
	if (!sorted)
		qsort(table->rows, table->nr, sizeof(*table->rows), by_address);
}

void kallsyms_load(const char *path)
{
	read_kallsyms(path);
	sort(&code);
	sort(&data);
}

/* Without CONFIG_KALLSYMS_ALL only the ends of sections have names, which say nothing of what lies there. */
#define FEW_DATA 1000

void kallsyms_load_all(const char *path)
{
	data_wanted = true;
	kallsyms_load(path);
	data_wanted = false;
	if (data.nr - nr_behind_code < FEW_DATA)
		data.nr = 0;
}

/* The last symbol that begins at the address or below; of several at one address the first, the others are aliases. */
static const struct symbol *symbol_at(const struct table *table, uint64_t address)
{
	size_t low = 0, high = table->nr;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (table->rows[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	for (low--; low > 0 && table->rows[low - 1].address == table->rows[low].address; low--)
		;
	return &table->rows[low];
}

/*
 * The function that a return address belongs to: the one that holds the byte
 * before it. A call that never returns may be a function's last instruction,
 * and its return address the next function's first.
 */
static const struct symbol *find(uint64_t return_address)
{
	const struct symbol *symbol = symbol_at(&code, return_address - 1);

	return symbol && return_address - 1 - symbol->address <= LARGEST_FUNCTION ? symbol : NULL;
}

static bool put_name(const struct symbol *symbol, struct name *name)
{
	if (!symbol)
		return false;
	name->symbol = names + symbol->name;
	name->module = names + symbol->module;
	name->address = symbol->address;
	return true;
}

bool kallsyms_name(uint64_t return_address, struct name *name)
{
	return put_name(find(return_address), name);
}

bool kallsyms_function(uint64_t address, struct name *name)
{
	return put_name(symbol_at(&code, address), name) && name->address == address;
}

uint64_t kallsyms_first(void)
{
	return code.nr ? code.rows[0].address : 0;
}

bool kallsyms_data(uint64_t address, struct name *name, uint64_t *end)
{
	const struct symbol *symbol = symbol_at(&data, address), *next = symbol ? symbol + 1 : data.rows;

	while (next < data.rows + data.nr && next->address <= address)
		next++;
	*end = next < data.rows + data.nr ? next->address : UINT64_MAX;
	return put_name(symbol && address - symbol->address <= LARGEST_VARIABLE ? symbol : NULL, name);
}

void kallsyms_addresses(const char *path, const char *const *wanted, uint64_t *addresses)
{
	FILE *file = fopen(path, "re");
	char line[512];

	for (int i = 0; wanted[i]; i++)
		addresses[i] = 0;
	/* "ffffffff81000000 T _text" or "... t name\t[module]" */
	while (file && fgets(line, sizeof(line), file)) {
		const char *name = strchr(line, ' ');

		line[strcspn(line, "\t\n")] = 0;
		if (!name || strlen(name) <= 3)
			continue;
		for (int i = 0; wanted[i]; i++) {
			if (!addresses[i] && strcmp(name + 3, wanted[i]) == 0)
				addresses[i] = strtoull(line, NULL, 16);
		}
	}
	if (file)
		fclose(file);
}
