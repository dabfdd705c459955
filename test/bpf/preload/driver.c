// SPDX-License-Identifier: MIT
/*
 * Runs a command with the library preloaded, as unfreed-collect does, and without a kernel's part: what preload/ sends to
 * spaces/ is paired here. Prints one JSON object when the command has ended: what each process held at its end, by path.
 *
 *   driver [--sample BYTES] [--lose] [--audit] [--with LIBRARY] [--kill-after MS] [--every MS] -- CMD
 */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "preload.h"

/* ---- what one process holds ---- */

struct block {
	uint64_t address, bytes;
	uint32_t stack;
	bool there, undoable;
};

struct held {
	struct block *blocks; /* open addressing */
	size_t room, used;
	uint64_t allocs, frees, failed, orphans, undone, repeated, blocks_now, bytes_now;
};

struct row {
	struct space space;
	struct held held;
	enum space_why why;
	uint32_t parent;
	char exe[512];
};

struct stack {
	uint64_t frames[MOST_USER_FRAMES];
	unsigned nr;
	uint32_t row;
	char **names;
};

static struct row *rows[4096];
static uint32_t nr_rows, alive;
static struct stack *stacks;
static uint32_t nr_stacks, room_stacks;

static struct block *place(struct held *held, uint64_t address)
{
	size_t at;

	if ((held->used + 1) * 2 > held->room) {
		struct block *old = held->blocks;
		size_t was = held->room;

		held->room = was ? was * 2 : 1 << 12;
		held->blocks = calloc(held->room, sizeof(*held->blocks));
		held->used = 0;
		for (size_t i = 0; i < was; i++) {
			if (old[i].there || old[i].undoable)
				*place(held, old[i].address) = old[i];
		}
		free(old);
	}
	at = (address >> 4) * 0x9e3779b97f4a7c15ull >> 20 & (held->room - 1);
	while (held->blocks[at].address && held->blocks[at].address != address)
		at = (at + 1) & (held->room - 1);
	if (!held->blocks[at].address) {
		held->blocks[at].address = address;
		held->used++;
	}
	return &held->blocks[at];
}

static struct held *held_of(const struct space *space)
{
	return &rows[space->number - 1]->held;
}

/* ---- spaces/ ---- */

struct space *space_of(pid_t pid)
{
	for (uint32_t i = nr_rows; i-- > 0;) {
		if (rows[i]->space.pid == pid && !rows[i]->space.ended)
			return &rows[i]->space;
	}
	return NULL;
}

uint32_t spaces_alive(void)
{
	return alive;
}

void spaces_consume(void)
{
}

struct space *space_begin(pid_t pid, enum space_why why, struct space *parent, const struct program *program, uint64_t time)
{
	struct row *row = calloc(1, sizeof(*row));
	char name[64];
	ssize_t nr;

	(void)program;
	(void)time;
	rows[nr_rows++] = row;
	row->space.number = nr_rows;
	row->space.pid = pid;
	row->why = why;
	row->parent = parent ? parent->number : 0;
	alive++;
	snprintf(name, sizeof(name), "/proc/%d/exe", pid);
	nr = readlink(name, row->exe, sizeof(row->exe) - 1);
	row->exe[nr > 0 ? nr : 0] = 0;
	if (why == SPACE_FORK && parent) {
		row->held = *held_of(parent);
		row->held.blocks = malloc(row->held.room * sizeof(*row->held.blocks) + 1);
		if (row->held.room)
			memcpy(row->held.blocks, held_of(parent)->blocks, row->held.room * sizeof(*row->held.blocks));
	}
	if (why == SPACE_EXEC) {
		parent->ended = true;
		alive--;
	}
	code_read(&row->space.code, pid);
	return &row->space;
}

void space_end(struct space *space, uint64_t time, bool stays)
{
	(void)time;
	(void)stays;
	space->ended = true;
	alive--;
}

uint32_t space_stack(struct space *space, const uint64_t *addresses, const bool *interrupted, unsigned nr)
{
	struct stack *stack;

	if (nr_stacks == room_stacks) {
		room_stacks = room_stacks ? room_stacks * 2 : 1024;
		stacks = realloc(stacks, room_stacks * sizeof(*stacks));
	}
	stack = &stacks[nr_stacks++];
	stack->nr = nr;
	stack->row = space->number - 1;
	stack->names = calloc(nr + 1, sizeof(*stack->names));
	for (unsigned i = 0; i < nr; i++) {
		struct user_name name;
		uint64_t at = addresses[i] - !interrupted[i];

		stack->names[i] = user_name(&space->code, at, &name) ? strdup(name.text) : NULL;
		stack->frames[i] = code_frame(&space->code, addresses[i], !interrupted[i]);
	}
	return nr_stacks;
}

void space_look_for_own(struct space *space)
{
	(void)space;
}

uint32_t space_comm(const struct space *space, const char *comm)
{
	(void)space;
	(void)comm;
	return 1;
}

void space_heap_alloc(const struct space *space, uint64_t time, uint64_t address, uint64_t bytes, uint32_t stack, uint32_t comm, unsigned cpu)
{
	struct held *held = held_of(space);
	struct block *block;

	(void)time;
	(void)comm;
	(void)cpu;
	if (!address) {
		held->failed++;
		return;
	}
	block = place(held, address);
	held->allocs++;
	/* no allocator gives a block twice: a free was lost, or came in the wrong order */
	held->repeated += block->there;
	held->blocks_now += !block->there;
	held->bytes_now += bytes - (block->there ? block->bytes : 0);
	*block = (struct block){ address, bytes, stack, true, false };
}

void space_heap_free(const struct space *space, uint64_t time, uint64_t address, enum event_kind kind)
{
	struct held *held = held_of(space);
	struct block *block = place(held, address);

	(void)time;
	if (kind == KIND_HEAP_UNDO) {
		held->undone++;
		if (block->undoable) {
			block->there = true;
			held->blocks_now++;
			held->bytes_now += block->bytes;
		}
		return;
	}
	held->frees++;
	held->orphans += !block->there;
	if (block->there) {
		held->blocks_now--;
		held->bytes_now -= block->bytes;
	}
	block->undoable = block->there && kind == KIND_HEAP_FREE_UNLESS;
	block->there = false;
}

/* ---- out ---- */

static uint32_t by_stack_blocks[1 << 22];
static uint64_t by_stack_bytes[1 << 22];

static void print_row(const struct row *row)
{
	const struct held *held = &row->held;
	const char *separator = "";

	printf("{\"number\":%u,\"pid\":%d,\"why\":%d,\"parent\":%u,\"exe\":", row->space.number, row->space.pid, row->why, row->parent);
	json_string(stdout, row->exe);
	printf(",\"allocs\":%" PRIu64 ",\"frees\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"orphans\":%" PRIu64 ",\"undone\":%" PRIu64
	       ",\"repeated\":%" PRIu64 ",\"blocks\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"rows\":[",
	       held->allocs, held->frees, held->failed, held->orphans, held->undone, held->repeated, held->blocks_now, held->bytes_now);
	memset(by_stack_blocks, 0, (nr_stacks + 1) * sizeof(*by_stack_blocks));
	memset(by_stack_bytes, 0, (nr_stacks + 1) * sizeof(*by_stack_bytes));
	for (size_t i = 0; i < held->room; i++) {
		if (held->blocks[i].there) {
			by_stack_blocks[held->blocks[i].stack]++;
			by_stack_bytes[held->blocks[i].stack] += held->blocks[i].bytes;
		}
	}
	for (uint32_t i = 0; i <= nr_stacks; i++) {
		if (!by_stack_blocks[i])
			continue;
		printf("%s{\"blocks\":%u,\"bytes\":%" PRIu64 ",\"path\":[", separator, by_stack_blocks[i], by_stack_bytes[i]);
		for (unsigned j = 0; i && j < stacks[i - 1].nr; j++) {
			if (j)
				putchar(',');
			json_string(stdout, stacks[i - 1].names[j] ? stacks[i - 1].names[j] : "?");
		}
		printf("]}");
		separator = ",";
	}
	printf("]}");
}

static void print(int status, const char *different)
{
	struct preload_counts counts = preload_counts();

	printf("{\"status\":%d,\"processes\":[", status);
	for (uint32_t i = 0; i < nr_rows; i++) {
		if (i)
			putchar(',');
		print_row(rows[i]);
	}
	printf("],\"records\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"pathsLost\":%" PRIu64 ",\"withoutRing\":%" PRIu64 ",\"waits\":%" PRIu64
	       ",\"guessed\":%" PRIu64 ",\"audited\":%" PRIu64 ",\"longer\":%" PRIu64 ",\"different\":%" PRIu64 ",\"paths\":%u,\"firstDifferent\":",
	       counts.records, counts.lost, counts.paths_lost, counts.threads_without, counts.waits, counts.guessed, counts.audited,
	       counts.audit_longer, counts.audit_different, nr_stacks);
	json_string(stdout, different);
	printf(",\"notes\":[");
	for (size_t i = 0; notes_at(i); i++) {
		if (i)
			putchar(',');
		json_string(stdout, notes_at(i));
	}
	printf("]}\n");
}

static char different[1024];

static void keep_different(void)
{
	for (struct traced *traced = traced_first; traced && !*different; traced = traced->next)
		memcpy(different, traced->shared->different, sizeof(different) - 1);
}

int main(int argc, char **argv)
{
	struct preload_options options = { 0 };
	uint64_t kill_after = 0, every = 1, began, second = 0;
	const char *why;
	int i = 1, status = 0;
	bool killed = false;
	pid_t child;

	for (; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--lose"))
			options.may_lose = true;
		else if (!strcmp(argv[i], "--audit"))
			options.audit = true;
		else if (!strcmp(argv[i], "--with"))
			setenv("LD_PRELOAD", argv[++i], 1);
		else if (!strcmp(argv[i], "--sample"))
			options.sample_bytes = strtoull(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--kill-after"))
			kill_after = strtoull(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--every"))
			every = strtoull(argv[++i], NULL, 10);
	}
	why = preload_prepare(argv + i + 1, &options);
	if (why) {
		printf("{\"refused\":");
		json_string(stdout, why);
		printf("}\n");
		return 0;
	}
	trace_begins(monotonic_ns());
	began = monotonic_ns();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		dup2(2, 1);
		execvp(argv[i + 1], argv + i + 1);
		_exit(127);
	}
	preload_prepared();
	for (;;) {
		struct pollfd asks = { preload_descriptor(), POLLIN, 0 };

		while (preload_drain(1 << 16) == 1 << 16)
			;
		keep_different();
		if (kill_after && !killed && monotonic_ns() - began > kill_after * 1000000) {
			kill(child, SIGKILL);
			killed = true;
		}
		if (trace_time() / SECOND_NS > second)
			preload_sample(++second * SECOND_NS);
		if (child && waitpid(child, &status, WNOHANG) == child)
			child = 0;
		if (!child && (preload_over() || !counted.processes))
			break;
		poll(&asks, 1, (int)every);
	}
	preload_close();
	print(status, different);
	return 0;
}
