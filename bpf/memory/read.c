// SPDX-License-Identifier: MIT
/* Reads of kernel memory: single ones, and many in few calls of the copying program (copy.c). */
#include <string.h>
#include "memory.h"

#define RETRY_BYTES 4096u
/*
 * To fetch what lies somewhere else takes as long as to copy so many bytes more: 4,096 struct pages from all over the
 * memory took 400 us in one call, 256 KiB in one piece 40 us. Meanwhile nothing else runs on that CPU.
 */
#define PLACE_BYTES 512u

/* The batch that is being gathered. */
static struct slot {
	uint64_t tag, offset;
} slots[COPY_BATCH_REQUESTS];
static uint32_t nr_slots, filled, cost; /* cost: bytes, and PLACE_BYTES for each */

/* ---- single reads ---- */

/* False if a byte of it cannot be read. */
static bool read_piece(uint64_t address, uint32_t bytes)
{
	struct copy_request *request = &copy_requests->request[COPY_BATCH_REQUESTS];

	*request = (struct copy_request){ address, bytes, COPY_BATCH_BYTES, 0 };
	copy_call(COPY_BATCH_REQUESTS, 1);
	return request->error == 0;
}

bool kernel_read(uint64_t address, void *to, size_t bytes)
{
	for (size_t done = 0; done < bytes;) {
		size_t part = bytes - done < COPY_SINGLE_BYTES ? bytes - done : COPY_SINGLE_BYTES;

		if (!read_piece(address + done, (uint32_t)part)) {
			memset(to, 0, bytes);
			return false;
		}
		memcpy((char *)to + done, copy_buffer + COPY_BATCH_BYTES, part);
		done += part;
	}
	return true;
}

uint64_t kernel_word(uint64_t address)
{
	uint64_t word;

	return kernel_read(address, &word, sizeof(word)) ? word : 0;
}

/* Not past the string's page: the next may not be there. */
void kernel_string(uint64_t address, char *to, size_t size)
{
	size_t got = 0;

	memset(to, 0, size);
	while (got + 1 < size) {
		size_t part = RETRY_BYTES - (address + got) % RETRY_BYTES;

		if (part > size - 1 - got)
			part = size - 1 - got;
		if (!kernel_read(address + got, to + got, part) || memchr(to + got, 0, part))
			return;
		got += part;
	}
}

/* ---- batches ---- */

/*
 * What could not be read whole, again by pieces that end with a page, to the same place. They take the
 * requests behind the batch, as many as there are.
 */
static void read_again(const struct reader *reader, uint32_t slot, uint32_t nr)
{
	struct copy_request whole = copy_requests->request[slot];
	uint32_t room = COPY_BATCH_REQUESTS - nr;

	for (uint32_t done = 0; done < whole.bytes;) {
		struct copy_request *pieces = &copy_requests->request[room ? nr : COPY_BATCH_REQUESTS];
		uint32_t nr_pieces = 0;

		while (done < whole.bytes && nr_pieces < (room ? room : 1)) {
			uint64_t address = whole.address + done;
			uint32_t part = RETRY_BYTES - (uint32_t)(address % RETRY_BYTES);

			if (part > whole.bytes - done)
				part = whole.bytes - done;
			pieces[nr_pieces++] = (struct copy_request){ address, part, whole.place + done, 0 };
			done += part;
		}
		copy_call((uint32_t)(pieces - copy_requests->request), nr_pieces);
		for (uint32_t i = 0; i < nr_pieces; i++)
			reader->done(reader->context, slots[slot].tag, slots[slot].offset + pieces[i].address - whole.address,
				     pieces[i].error ? NULL : copy_buffer + pieces[i].place, pieces[i].bytes);
	}
}

void reader_run(const struct reader *reader)
{
	uint32_t nr = nr_slots;

	nr_slots = 0;
	filled = 0;
	cost = 0;
	if (!nr)
		return;
	copy_call(0, nr);
	for (uint32_t i = 0; i < nr; i++) {
		const struct copy_request *request = &copy_requests->request[i];

		if (request->error && reader->split && request->bytes > 8)
			read_again(reader, i, nr);
		else
			reader->done(reader->context, slots[i].tag, slots[i].offset,
				     request->error ? NULL : copy_buffer + request->place, request->bytes);
	}
}

static void add_piece(const struct reader *reader, uint64_t address, uint32_t bytes, struct slot slot)
{
	uint32_t limit = options->census_call_bytes;

	if (nr_slots == COPY_BATCH_REQUESTS || (nr_slots && cost + bytes > limit))
		reader_run(reader);
	slots[nr_slots] = slot;
	copy_requests->request[nr_slots++] = (struct copy_request){ address, bytes, filled, 0 };
	filled += (bytes + 7) & ~7u;
	cost += bytes + PLACE_BYTES;
}

void reader_add(const struct reader *reader, uint64_t address, uint64_t bytes, uint64_t tag)
{
	uint32_t most = reader->split ? options->census_call_bytes : COPY_SINGLE_BYTES;

	for (uint64_t done = 0; done < bytes;) {
		uint32_t part = bytes - done < most ? (uint32_t)(bytes - done) : most;

		add_piece(reader, address + done, part, (struct slot){ tag, done });
		done += part;
	}
}
