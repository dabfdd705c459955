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

struct symbol {
	uint64_t address;
	uint32_t name;   /* offsets into `names` */
	uint32_t module; /* 0: core kernel ("") */
};

static struct symbol *symbols;
static size_t nr_symbols, symbols_capacity;
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

static void keep_symbol(uint64_t address, uint32_t name, uint32_t module)
{
	if (nr_symbols == symbols_capacity) {
		symbols_capacity = symbols_capacity ? symbols_capacity * 2 : 1 << 17;
		symbols = realloc(symbols, symbols_capacity * sizeof(*symbols));
		if (!symbols)
			die("out of memory for the kernel's symbols");
	}
	symbols[nr_symbols++] = (struct symbol){ address, name, module };
}

/* "ffffffff81000000 T _text" or "... t name\t[module]" */
static void keep_line(const char *line, size_t length)
{
	static uint32_t last_module;
	uint64_t address = 0;
	const char *tab;
	size_t i, name_length;

	for (i = 0; i < length && line[i] != ' '; i++) {
		char c = line[i];

		address = address << 4 | (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	/* code only; per-CPU variables have small addresses */
	if (i + 3 >= length || !line[i + 1] || !strchr("tTwW", line[i + 1]) || address < 1ull << 32)
		return;
	line += i + 3;
	length -= i + 3;
	tab = memchr(line, '\t', length);
	name_length = tab ? (size_t)(tab - line) : length;
	if (tab && length > name_length + 3) {
		const char *module = tab + 2;
		size_t module_length = length - name_length - 3;

		if (strlen(names + last_module) != module_length ||
		    memcmp(names + last_module, module, module_length) != 0)
			last_module = keep_name(module, module_length);
		keep_symbol(address, keep_name(line, name_length), last_module);
		return;
	}
	keep_symbol(address, keep_name(line, name_length), 0);
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

	nr_symbols = 0;
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
	if (nr_symbols == 0)
		note("%s hides its addresses: call paths have no names; it needs CAP_SYSLOG, and kernel.kptr_restrict below 2", path);
}

void kallsyms_load(const char *path)
{
	bool sorted = true;

	read_kallsyms(path);
	/* the core kernel comes sorted, modules and BPF programs do not */
	for (size_t i = 1; sorted && i < nr_symbols; i++)
		sorted = symbols[i - 1].address <= symbols[i].address;
	if (!sorted)
		qsort(symbols, nr_symbols, sizeof(*symbols), by_address);
}

/*
 * The function that a return address belongs to: the one that holds the byte
 * before it. A call that never returns may be a function's last instruction,
 * and its return address the next function's first.
 */
static const struct symbol *find(uint64_t return_address)
{
	uint64_t address = return_address - 1;
	size_t low = 0, high = nr_symbols;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || address - symbols[low - 1].address > LARGEST_FUNCTION)
		return NULL;
	/* of several names for one address take the first: the others are aliases */
	for (low--; low > 0 && symbols[low - 1].address == symbols[low].address; low--)
		;
	return &symbols[low];
}

static bool is_machinery(const struct symbol *symbol)
{
	static const char *const prefixes[] = {
		"bpf_trace_run", "__traceiter_", "bpf_prog_", "__bpf_trace_", "perf_trace_",
		"trace_call_bpf", "bpf_get_stack", "__bpf_get_stack", "bpf_trampoline_",
		"trace_event_raw_event_", "__bpf_prog_", "bpf_dispatcher_",
	};
	const char *name = names + symbol->name;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

bool kallsyms_is(uint64_t return_address, const char *prefix)
{
	const struct symbol *symbol = find(return_address);

	return symbol && strncmp(names + symbol->name, prefix, strlen(prefix)) == 0;
}

bool kallsyms_is_machinery(uint64_t return_address)
{
	const struct symbol *symbol = find(return_address);

	return symbol && is_machinery(symbol);
}

uint32_t kallsyms_machinery(const __u64 *frames, uint32_t depth)
{
	uint32_t cut = 0;

	for (uint32_t i = 0; i < depth && i < 8; i++) {
		const struct symbol *symbol = find(frames[i]);

		/* a frame without a name is machinery if machinery called it: our own program's image */
		if (!symbol)
			continue;
		if (!is_machinery(symbol))
			break;
		cut = i + 1;
	}
	return cut < depth ? cut : 0;
}

bool kallsyms_name(uint64_t return_address, struct name *name)
{
	const struct symbol *symbol = find(return_address);

	if (!symbol)
		return false;
	name->symbol = names + symbol->name;
	name->module = names + symbol->module;
	name->address = symbol->address;
	return true;
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
