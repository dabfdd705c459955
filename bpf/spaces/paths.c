// SPDX-License-Identifier: MIT
/*
 * Call paths of processes become STACK messages of frames that are the same on every machine, with the IMAGE and the
 * SYMBOL of each new frame before. A path is known by a hash of 64 bits over its addresses, its process
 * and how often that has loaded code.
 */
#include <stdlib.h>
#include <string.h>
#include "spaces.h"

#define FRAME_OF_LABEL (3ull << 62)
/* 64 MiB of them here. */
#define MOST_STACKS (1u << 21)

/* Open addressing, a power of two, never more than half full: 64 bits -> 32 bits. */
struct known {
	struct {
		uint64_t key; /* 0: free */
		uint32_t value;
	} *at;
	size_t nr, room;
};

static struct known stacks, frames, labels, comms;
static uint32_t last_stack, last_label, last_comm;
static bool *images_sent;
static uint32_t images_room;

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * 0x100000001b3ull;
	return hash ? hash : 1;
}

static uint64_t hash_words(uint64_t hash, const uint64_t *words, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		hash = mix(hash, words[i]);
	return hash;
}

static size_t place(const struct known *known, uint64_t key)
{
	size_t at = (size_t)((key * GOLDEN) >> 20) & (known->room - 1);

	while (known->at[at].key && known->at[at].key != key)
		at = (at + 1) & (known->room - 1);
	return at;
}

/* Where the value of a key is; 0 if it is new. Stays until the next call for the same table. */
static uint32_t *value_of(struct known *known, uint64_t key)
{
	size_t at;

	if (known->nr * 2 >= known->room) {
		struct known grown = { .nr = known->nr, .room = known->room ? known->room * 2 : 4096 };

		grown.at = calloc(grown.room, sizeof(*grown.at));
		if (!grown.at)
			die("out of memory for call paths");
		for (size_t i = 0; i < known->room; i++) {
			if (known->at[i].key)
				grown.at[place(&grown, known->at[i].key)] = known->at[i];
		}
		free(known->at);
		*known = grown;
	}
	at = place(known, key);
	if (!known->at[at].key) {
		known->at[at].key = key;
		known->nr++;
	}
	return &known->at[at].value;
}

static void send_image(const struct image *image)
{
	uint16_t lengths[2] = { (uint16_t)image->build_id_bytes, (uint16_t)strlen(image->path) };
	struct part parts[] = {
		{ &image->number, 4 }, { lengths, 4 }, { image->build_id, lengths[0] }, { image->path, lengths[1] },
	};

	if (image->number >= images_room) {
		uint32_t room = image->number * 2 + 64;

		images_sent = realloc(images_sent, room * sizeof(*images_sent));
		if (!images_sent)
			die("out of memory for images");
		memset(images_sent + images_room, 0, (room - images_room) * sizeof(*images_sent));
		images_room = room;
	}
	if (images_sent[image->number])
		return;
	images_sent[image->number] = true;
	stream_message(MESSAGE_IMAGE, parts, 4);
}

static void send_symbol(uint64_t frame, uint64_t offset, const char *symbol, const char *module)
{
	uint32_t past = offset < UINT32_MAX ? (uint32_t)offset : 0;
	uint16_t lengths[2] = { (uint16_t)strlen(symbol), (uint16_t)strlen(module) };
	struct part parts[] = { { &frame, 8 }, { &past, 4 }, { lengths, 4 }, { symbol, lengths[0] }, { module, lengths[1] } };

	stream_message(MESSAGE_SYMBOL, parts, 5);
}

/* `called`: the address lies behind a call, whose function it is of. */
static uint64_t frame_of(struct space *space, uint64_t address, bool called)
{
	uint64_t frame = code_frame(&space->code, address, called);
	struct image *image = image_of_frame(frame, &(uint64_t){ 0 });
	/* what no image has is of this process alone */
	uint32_t *is_known = value_of(&frames, image ? frame : hash_bytes(frame, &space->number, sizeof(space->number)));
	struct user_name name;
	const char *slash;

	if (*is_known)
		return frame;
	*is_known = 1;
	if (image)
		send_image(image);
	if (!user_name(&space->code, address - called, &name))
		return frame;
	slash = name.image ? strrchr(name.image->path, '/') : NULL;
	send_symbol(frame, name.at + called - name.start, name.text, name.image ? slash ? slash + 1 : name.image->path : "");
	return frame;
}

static void send_stack(uint32_t id, const uint64_t *path, unsigned nr)
{
	uint16_t depth[2] = { (uint16_t)nr, 0 };
	struct part parts[] = { { &id, 4 }, { depth, 4 }, { path, nr * sizeof(*path) } };

	stream_message(MESSAGE_STACK, parts, 3);
}

uint32_t space_stack(struct space *space, const uint64_t *addresses, const bool *interrupted, unsigned nr)
{
	uint64_t path[MOST_USER_FRAMES], hash = mix(GOLDEN, space->number | (uint64_t)space->loads << 32);
	uint32_t *id;

	if (!nr)
		return 0;
	if (nr > MOST_USER_FRAMES)
		nr = MOST_USER_FRAMES;
	hash = hash_words(hash, addresses, nr);
	for (unsigned i = 0; interrupted && i < nr; i++)
		hash = interrupted[i] ? mix(hash, i) : hash;
	if (stacks.nr >= MOST_STACKS)
		return space_label("one of more call paths than are kept");
	id = value_of(&stacks, hash ? hash : 1);
	if (*id)
		return *id;
	*id = ++last_stack;
	for (unsigned i = 0; i < nr; i++)
		path[i] = frame_of(space, addresses[i], interrupted ? !interrupted[i] : i > 0);
	send_stack(last_stack, path, nr);
	return last_stack;
}

uint32_t space_label(const char *label)
{
	uint32_t *id = value_of(&labels, hash_bytes(GOLDEN, label, strlen(label)));
	uint64_t frame;

	if (*id)
		return *id;
	*id = ++last_stack;
	frame = FRAME_OF_LABEL | ++last_label;
	send_symbol(frame, 0, label, "");
	send_stack(last_stack, &frame, 1);
	return last_stack;
}

uint32_t space_comm(const struct space *space, const char *comm)
{
	char name[COMM_BYTES] = "";
	uint64_t cgroup = space->cgroup;
	uint32_t *id, zero = 0;

	strncpy(name, comm, sizeof(name) - 1);
	id = value_of(&comms, hash_bytes(mix(GOLDEN, cgroup), name, sizeof(name)));
	if (!*id) {
		struct part parts[] = { { &last_comm, 4 }, { &zero, 4 }, { name, sizeof(name) }, { &cgroup, 8 } };

		*id = ++last_comm;
		stream_message(MESSAGE_COMM, parts, 4);
	}
	return *id;
}

uint32_t space_made_as(const char *flag)
{
	static const char *sent[8];
	uint32_t id = 0, fields[4] = { 0 };
	struct part parts[] = { { fields, sizeof(fields) }, { flag, strlen(flag) } };

	while (id < sizeof(sent) / sizeof(sent[0]) && sent[id] && sent[id] != flag)
		id++;
	if (id == sizeof(sent) / sizeof(sent[0]))
		return 0;
	if (!sent[id]) {
		sent[id] = flag;
		fields[0] = id + 1;
		stream_message(MESSAGE_CACHE, parts, 2);
	}
	return id + 1;
}

uint64_t space_stacks(void)
{
	return last_stack;
}
