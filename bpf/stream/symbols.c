// SPDX-License-Identifier: MIT
/*
 * SYMBOL messages: each return address is announced once, and again when its name
 * has changed. The table (kallsyms.c) is read before the first event, and again
 * when modules come and go or an address has no name.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "stream.h"

#define RELOAD_INTERVAL_NS 5000000000ull

/* Every address seen: open addressing, a power of two, never more than half full. */
struct seen {
	uint64_t address; /* 0: free */
	uint64_t sent;    /* hash of the name that was announced, 0: none yet */
};

static struct seen *seen;
static size_t nr_seen, seen_capacity;
static uint64_t loaded_at, modules_hash;
static bool reload_wanted;

static uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3ull;
	return hash;
}

static uint64_t hash_of_modules(void)
{
	char chunk[16384];
	uint64_t hash = 0xcbf29ce484222325ull;
	int fd = open("/proc/modules", O_RDONLY | O_CLOEXEC);
	bool line_start = true;
	ssize_t n;

	if (fd < 0)
		return 0;
	/* only names and addresses: reference counts change all the time */
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (line_start)
				hash = hash_bytes(hash, &chunk[i], 1);
			if (chunk[i] == ' ')
				line_start = false;
			else if (chunk[i] == '\n')
				line_start = true;
		}
	}
	close(fd);
	return hash;
}

void symbols_load(void)
{
	loaded_at = monotonic_ns();
	modules_hash = hash_of_modules();
	reload_wanted = false;
	kallsyms_load(KALLSYMS);
}

/* False when the address has no name. */
static bool announce(struct seen *entry)
{
	struct name name;
	size_t symbol_length, module_length;
	uint64_t hash;

	if (!kallsyms_name(entry->address, &name))
		return false;
	symbol_length = strlen(name.symbol);
	module_length = strlen(name.module);
	hash = hash_bytes(name.address | 1, name.symbol, symbol_length);
	hash = hash_bytes(hash, name.module, module_length) | 1;
	if (entry->sent != hash) {
		uint32_t offset = (uint32_t)(entry->address - name.address);
		uint16_t lengths[2] = { (uint16_t)symbol_length, (uint16_t)module_length };
		struct part parts[] = {
			{ &entry->address, 8 }, { &offset, 4 }, { lengths, 4 },
			{ name.symbol, symbol_length }, { name.module, module_length },
		};

		stream_message(MESSAGE_SYMBOL, parts, 5);
		entry->sent = hash;
	}
	return true;
}

static struct seen *seen_slot(uint64_t address)
{
	size_t at = (address * 0x9e3779b97f4a7c15ull >> 20) & (seen_capacity - 1);

	while (seen[at].address && seen[at].address != address)
		at = (at + 1) & (seen_capacity - 1);
	return &seen[at];
}

static void grow_seen(void)
{
	struct seen *old = seen;
	size_t old_capacity = seen_capacity;

	seen_capacity = seen_capacity ? seen_capacity * 2 : 8192;
	seen = calloc(seen_capacity, sizeof(*seen));
	if (!seen)
		die("out of memory for addresses");
	for (size_t i = 0; i < old_capacity; i++) {
		if (old[i].address)
			*seen_slot(old[i].address) = old[i];
	}
	free(old);
}

void symbols_announce(const __u64 *frames, uint32_t depth)
{
	for (uint32_t i = 0; i < depth; i++) {
		struct seen *entry;

		if (!frames[i])
			continue;
		if (nr_seen * 2 >= seen_capacity)
			grow_seen();
		entry = seen_slot(frames[i]);
		if (entry->address)
			continue;
		entry->address = frames[i];
		nr_seen++;
		if (!announce(entry))
			reload_wanted = true;
	}
}

void symbols_refresh(bool last)
{
	uint64_t now = monotonic_ns();

	if (hash_of_modules() != modules_hash)
		reload_wanted = true;
	if (!reload_wanted || (!last && now - loaded_at < RELOAD_INTERVAL_NS))
		return;
	symbols_load();
	for (size_t i = 0; i < seen_capacity; i++) {
		/* an address without a name now keeps its old one: its module was unloaded, but the events were the module's */
		if (seen[i].address)
			announce(&seen[i]);
	}
}
