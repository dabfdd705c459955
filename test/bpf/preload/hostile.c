// SPDX-License-Identifier: MIT
/* A process that knows the name of the collector's socket, and writes anything: hostile WHAT. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "heap-ring.h"

static uint64_t state = 88172645463325252ull;

static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

static int connected(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int nr = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s%s", HEAP_SOCKET, getenv(HEAP_VARIABLE));
	int file = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	if (connect(file, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)nr)) != 0)
		exit(4);
	return file;
}

static struct heap_ask asking(uint32_t kind)
{
	struct heap_ask question = { .version = HEAP_RING_VERSION, .kind = kind };

	memcpy(question.token, getenv(HEAP_VARIABLE), HEAP_TOKEN_BYTES);
	return question;
}

/* The descriptor of new shared memory. */
static int hello(void)
{
	struct heap_ask question = asking(ASK_HELLO);
	struct heap_answer answer;
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { &answer, sizeof(answer) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	int file = connected(), memory;

	if (send(file, &question, sizeof(question), 0) < 0 || recvmsg(file, &message, 0) <= 0 || !CMSG_FIRSTHDR(&message))
		exit(5);
	memcpy(&memory, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(memory));
	close(file);
	return memory;
}

/* Questions that are none, and connections that say nothing. */
static void asks(void)
{
	for (int i = 0; i < 100; i++)
		connected();
	for (int i = 0; i < 300; i++) {
		struct heap_ask question = asking((uint32_t)any() % 6);
		size_t bytes = any() % 4 ? sizeof(question) : any() % sizeof(question);
		int file = connected();

		question.number = (uint32_t)any() % 4;
		question.parent = (uint32_t)any() % 4;
		question.flags = (uint32_t)any();
		question.fork = (uint32_t)any() % 3;
		question.time = any();
		if (any() % 4 == 0)
			question.token[any() % HEAP_TOKEN_BYTES] ^= 1;
		if (send(file, &question, bytes, MSG_NOSIGNAL) < 0)
			exit(6);
		close(file);
	}
}

/* Words of records and paths that mostly are near what they may be. */
static uint64_t odd(void)
{
	switch (any() % 6) {
	case 0: return any();
	case 1: return any() % 32;
	case 2: return any() << 8 | 6;
	case 3: return UINT64_MAX - any() % 8;
	case 4: return (any() % 512) << 8 | (any() % 2 ? 22 : 30);
	default: return any() % 300;
	}
}

static void writes(void)
{
	int memory = hello();
	char *at = mmap(NULL, HEAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	struct heap_shared *shared = (struct heap_shared *)at;
	struct heap_slot *slots = (struct heap_slot *)(at + HEAP_SLOTS_AT);
	uint64_t *paths = (uint64_t *)(at + HEAP_PATHS_AT);
	time_t until = time(NULL) + 2;

	if (at == MAP_FAILED)
		exit(7);
	/* cut, it would kill whoever reads it */
	if (ftruncate(memory, 4096) == 0 || errno != EPERM)
		exit(8);
	while (time(NULL) < until) {
		for (int i = 0; i < 1000; i++) {
			uint32_t slot = any() % 8 ? (uint32_t)any() % 20 : (uint32_t)any() % HEAP_SLOTS;
			uint64_t *ring = (uint64_t *)(at + heap_ring_at(slot));

			ring[any() % heap_ring_words(slot)] = odd();
			paths[any() % 4 ? any() % 4096 : any() % HEAP_PATH_WORDS] = odd();
			slots[slot].head = any() % 3 ? slots[slot].head + any() % 64 : odd();
			slots[slot].tid = (uint32_t)odd();
			slots[slot].tail = odd();
			memset(slots[slot].comm, (int)any(), sizeof(slots[slot].comm));
		}
		shared->path_words = (uint32_t)odd();
		shared->version = shared->flags = (uint32_t)odd();
		shared->lost = 0;
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "asks"))
		asks();
	else
		writes();
	return 0;
}
