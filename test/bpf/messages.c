// SPDX-License-Identifier: MIT
/*
 * Asks references/messages.c about one buffer of 512 bytes and one sk_buff that leads to it. Arguments NAME=VALUE change
 * what a sound one has: next, data and tail (offsets), end, head (an offset into the buffer), frags, users, frag (the
 * last of its pages, an address), two=1 (skbuff_fclone_cache), second (offset of the second's head).
 *   -> the words of the buffer that are references, "none": it is not known as one
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include "references.h"

#define BUFFER 0xffff888000010000ull
#define PAGE_STRUCT 0xffffea0000000040ull
#define INFO 320u

struct bases bases;
struct field fields[NR_FIELDS];
static struct cache_seen all_caches[3] = { { 0 }, { .name = "skbuff_head_cache", .object_size = 64 }, { .name = "kmalloc-512", .object_size = 512 } };
struct cache_seen *caches = all_caches;
size_t nr_caches = 3;
uint32_t nr_nodes = 8, first_target = 8;
static struct block message_block = { .cache = 1 }, buffer_block = { .cache = 2 };
static uint64_t message[16], words[64];
static struct btf *btf;

const struct btf *fields_btf(void)
{
	return btf;
}

bool cache_is_merged(uint16_t cache)
{
	return cache > 2;
}

uint32_t struct_bytes(const char *name)
{
	return name ? 64 : 0;
}

void *room_for(uint64_t bytes)
{
	return calloc(1, bytes);
}

const struct block *block_of_node(uint32_t node)
{
	return node == 5 ? &buffer_block : &message_block;
}

uint64_t node_address(uint32_t node)
{
	return node == 5 ? BUFFER : 0;
}

uint32_t node_at(uint64_t word)
{
	return word - BUFFER < 512 ? 5 : NO_NODE;
}

void objects_scan(const bool *wanted, object_done *done)
{
	if (wanted[1] && !wanted[2])
		done(1, &message_block, message, 16);
}

static void add_struct(const char *name, uint32_t bytes)
{
	btf__add_struct(btf, name, bytes);
}

/* The kernel's types, in part. */
static void make_types(void)
{
	int u8, u32, pointer, array, frag;

	btf = btf__new_empty();
	u8 = btf__add_int(btf, "u8", 1, 0);
	u32 = btf__add_int(btf, "u32", 4, 0);
	pointer = btf__add_ptr(btf, u8);
	frag = btf__add_struct(btf, "skb_frag", 16);
	btf__add_field(btf, "netmem", pointer, 0, 0);
	array = btf__add_array(btf, u32, frag, 5);
	add_struct("sk_buff", 64);
	btf__add_field(btf, "next", pointer, 0, 0);
	btf__add_field(btf, "tail", u32, 32 * 8, 0);
	btf__add_field(btf, "end", u32, 36 * 8, 0);
	btf__add_field(btf, "head", pointer, 40 * 8, 0);
	btf__add_field(btf, "data", pointer, 48 * 8, 0);
	add_struct("skb_shared_info", 128);
	btf__add_field(btf, "nr_frags", u8, 2 * 8, 0);
	btf__add_field(btf, "frag_list", pointer, 8 * 8, 0);
	btf__add_field(btf, "dataref", u32, 32 * 8, 0);
	btf__add_field(btf, "frags", array, 48 * 8, 0);
	fields[F_FCLONES_SECOND].offset = 64;
}

static uint64_t wanted_of(char **arguments, const char *name, uint64_t otherwise)
{
	for (; *arguments; arguments++) {
		if (strncmp(*arguments, name, strlen(name)) == 0 && (*arguments)[strlen(name)] == '=')
			return strtoull(*arguments + strlen(name) + 1, NULL, 0);
	}
	return otherwise;
}

static void make_message(char **arguments)
{
	uint32_t tail = (uint32_t)wanted_of(arguments, "tail", 100), end = (uint32_t)wanted_of(arguments, "end", INFO);

	if (wanted_of(arguments, "two", 0))
		strcpy(all_caches[1].name, "skbuff_fclone_cache");
	message[0] = wanted_of(arguments, "next", BUFFER);
	memcpy((uint8_t *)message + 32, &tail, 4);
	memcpy((uint8_t *)message + 36, &end, 4);
	message[5] = BUFFER + wanted_of(arguments, "head", 0);
	message[6] = BUFFER + wanted_of(arguments, "data", 64);
	message[8 + 5] = BUFFER + wanted_of(arguments, "second", 0);
}

int main(int argc, char **argv)
{
	uint64_t pages = wanted_of(argv, "frags", 2);
	uint32_t users = (uint32_t)wanted_of(argv, "users", 1);
	struct buffer buffer;

	(void)argc;
	make_types();
	make_message(argv);
	for (uint32_t i = 0; i < 64; i++)
		words[i] = PAGE_STRUCT;
	((uint8_t *)words)[INFO + 2] = (uint8_t)pages;
	memcpy((uint8_t *)words + INFO + 32, &users, 4);
	if (pages && pages <= 5)
		words[INFO / 8 + 6 + (pages - 1) * 2] = wanted_of(argv, "frag", PAGE_STRUCT);
	messages_open();
	messages_read();
	if (buffer_begin(&buffer, 4, words, 64) || !buffer_begin(&buffer, 5, words, 64)) {
		puts("none");
		return 0;
	}
	for (uint32_t at = 0; at < 64; at++) {
		if (buffer_refers(&buffer, at))
			printf("%u ", at);
	}
	puts("");
	return 0;
}
