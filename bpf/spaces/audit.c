// SPDX-License-Identifier: MIT
/*
 * What the kernel says is mapped (/proc/PID/maps): once as what was there before the trace, then each second beside what the
 * events say. Stacks grow, exec maps the program, and io_uring and others map without a call that is hooked.
 *
 * The kernel's list is of one moment, and events come meanwhile. So what differs is looked at twice, and only what
 * differs both times in the same way is sent.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spaces.h"

#define HELD_ROWS 4096
#define HELD_MAP 5
#define HELD_RESERVED 6
/* Above is the page of vsyscall, which is not the process's own. */
#define SPACE_END (1ull << 47)

struct seen {
	uint64_t start, end;
	bool reserved;
	char *label; /* NULL: "anonymous memory" */
};

struct look {
	struct seen *at;
	uint32_t nr, room;
	uint64_t heap_end, heap_bytes; /* of [heap] */
	struct ranges *shared; /* NULL: not wanted */
};

static bool add(void *context, const struct mapping *mapping)
{
	struct look *look = context;
	const char *label = mapping_label(mapping);

	if (mapping->end > SPACE_END)
		return true;
	if (look->nr == look->room) {
		look->room = look->room ? look->room * 2 : 256;
		look->at = realloc(look->at, look->room * sizeof(*look->at));
		if (!look->at)
			die("out of memory for mappings");
	}
	if (strcmp(label, "[heap]") == 0) {
		look->heap_end = mapping->end;
		look->heap_bytes = mapping->end - mapping->start;
	}
	if (look->shared && strncmp(mapping->path, "/SYSV", 5) == 0)
		ranges_put(look->shared, mapping->start, mapping->end, false);
	look->at[look->nr++] = (struct seen){
		mapping->start, mapping->end, !mapping->readable && !mapping->writable && !mapping->executable,
		*mapping->path ? strdup(label) : NULL,
	};
	return true;
}

static void look_free(struct look *look)
{
	for (uint32_t i = 0; i < look->nr; i++)
		free(look->at[i].label);
	free(look->at);
	*look = (struct look){ 0 };
}

static const char *label_of(const struct seen *seen)
{
	return seen->label ? seen->label : "anonymous memory";
}

struct sized {
	uint64_t address, bytes;
};

static bool sized_at(void *context, const struct mapping *mapping)
{
	struct sized *sized = context;

	if (mapping->start == sized->address)
		sized->bytes = mapping->end - mapping->start;
	return mapping->start < sized->address;
}

uint64_t mapped_at(pid_t pid, uint64_t address)
{
	struct sized sized = { address, 0 };

	mappings_each(pid, sized_at, &sized);
	return sized.bytes;
}

/* ---- what is ours ---- */

struct owned {
	uint64_t address;
	bool own;
};

static bool owned_at(void *context, const struct mapping *mapping)
{
	struct owned *owned = context;

	if (mapping->start == owned->address)
		owned->own = strncmp(mapping_label(mapping), OWN_LIBRARY, strlen(OWN_LIBRARY)) == 0;
	return mapping->start < owned->address;
}

bool mapped_is_own(pid_t pid, uint64_t address)
{
	struct owned owned = { address, false };

	mappings_each(pid, owned_at, &owned);
	return owned.own;
}

struct owning {
	struct space *space;
	uint64_t end; /* of the mapping of ours before */
};

/* What has no name behind the library's own is its memory too. */
static bool take_own(void *context, const struct mapping *mapping)
{
	struct owning *owning = context;
	bool named = strncmp(mapping_label(mapping), OWN_LIBRARY, strlen(OWN_LIBRARY)) == 0;
	struct space_task task = { .time = trace_time(), .own = true };

	if (!named && (*mapping->path || mapping->start != owning->end))
		return true;
	/* it was seen being mapped */
	if (mapping->start >= owning->space->own.start && mapping->end <= owning->space->own.end)
		return true;
	task.stack = space_label("unfreed-heap.so, the tracer's own");
	space_map(owning->space, &task, mapping->start, mapping->end - mapping->start,
		  !mapping->readable && !mapping->writable && !mapping->executable);
	owning->end = mapping->end;
	return true;
}

void space_look_for_own(struct space *space)
{
	struct owning owning = { space, 0 };

	mappings_each(space->pid, take_own, &owning);
}

/* ---- at the beginning ---- */

struct held_row {
	uint64_t key, bytes;
	uint32_t stack, comm, pid;
	uint8_t space, zero[3];
};

static uint32_t name_of(const struct space *space)
{
	char path[64], comm[COMM_BYTES + 1] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", space->pid);
	file = fopen(path, "re");
	if (file && fgets(comm, sizeof(comm), file))
		comm[strcspn(comm, "\n")] = 0;
	if (file)
		fclose(file);
	return space_comm(space, comm);
}

/* Where brk(2) begins: field 47 of stat. */
static uint64_t first_break(pid_t pid)
{
	char path[64], text[2048] = "", *at;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, file)] = 0;
	fclose(file);
	at = strrchr(text, ')');
	for (int field = 2; at && field < 47; field++)
		at = strchr(at + 1, ' ');
	return at ? (strtoull(at, NULL, 10) + 4095) & ~4095ull : 0;
}

static void send_held(const struct held_row *rows, uint32_t nr)
{
	uint64_t time = 0;
	struct part parts[] = { { &time, 8 }, { rows, nr * sizeof(*rows) } };

	if (nr)
		stream_message(MESSAGE_HELD, parts, 2);
}

const char *space_look_first(struct space *space)
{
	struct look look = { .shared = &space->shared };
	const char *why = mappings_each(space->pid, add, &look);
	static struct held_row rows[HELD_ROWS];
	uint32_t comm = name_of(space), nr = 0;

	for (uint32_t i = 0; i < look.nr; i++) {
		const struct seen *seen = &look.at[i];
		uint32_t label = space_label(label_of(seen));

		if (nr == HELD_ROWS) {
			send_held(rows, nr);
			nr = 0;
		}
		rows[nr++] = (struct held_row){
			(uint64_t)space->number << 48 | seen->start, seen->end - seen->start, label, comm, (uint32_t)space->pid,
			seen->reserved ? HELD_RESERVED : HELD_MAP, { 0 },
		};
		ranges_put(&space->ranges, seen->start, seen->end, seen->reserved);
	}
	send_held(rows, nr);
	space->break_at = look.heap_end ? look.heap_end : first_break(space->pid);
	space->heap_bytes = look.heap_bytes;
	space->looked = true;
	look_free(&look);
	return why;
}

/* ---- each second ---- */

/* What differs from the events: mapped without one, gone, reserved or usable without one. */
struct differences {
	struct ranges late, gone, marked;
};

static void differences_free(struct differences *differences)
{
	ranges_free(&differences->late);
	ranges_free(&differences->gone);
	ranges_free(&differences->marked);
}

struct comparing {
	struct differences *differences;
	bool reserved; /* as the kernel says */
};

static void compare_seen(void *context, uint64_t start, uint64_t end, bool there, bool reserved)
{
	const struct comparing *comparing = context;

	if (!there)
		ranges_put(&comparing->differences->late, start, end, comparing->reserved);
	else if (reserved != comparing->reserved)
		ranges_put(&comparing->differences->marked, start, end, comparing->reserved);
}

static void compare_gap(void *context, uint64_t start, uint64_t end, bool there, bool reserved)
{
	struct differences *differences = context;

	(void)reserved;
	if (there)
		ranges_put(&differences->gone, start, end, false);
}

/* False: the process has none any more. */
static bool compare(struct space *space, struct look *look, struct differences *differences)
{
	uint64_t at = 0;

	*look = (struct look){ 0 };
	*differences = (struct differences){ 0 };
	if (mappings_each(space->pid, add, look))
		return false;
	spaces_consume();
	if (space->ended)
		return false;
	for (uint32_t i = 0; i < look->nr; i++) {
		const struct seen *seen = &look->at[i];
		struct comparing comparing = { differences, seen->reserved };

		ranges_each(&space->ranges, at, seen->start, compare_gap, differences);
		ranges_each(&space->ranges, seen->start, seen->end, compare_seen, &comparing);
		at = seen->end;
	}
	ranges_each(&space->ranges, at, SPACE_END, compare_gap, differences);
	return true;
}

struct common {
	struct ranges *both;
	bool reserved;
};

static void put_common(void *context, uint64_t start, uint64_t end, bool there, bool reserved)
{
	const struct common *common = context;

	if (there && reserved == common->reserved)
		ranges_put(common->both, start, end, reserved);
}

/* `ranges` keeps what the other one has too. */
static void keep_common(struct ranges *ranges, const struct ranges *other)
{
	struct ranges both = { 0 };

	for (uint32_t i = 0; i < ranges->nr; i++) {
		struct common common = { &both, ranges->at[i].reserved };

		ranges_each(other, ranges->at[i].start, ranges->at[i].end, put_common, &common);
	}
	ranges_free(ranges);
	*ranges = both;
}

static bool any(const struct differences *differences)
{
	return differences->late.nr || differences->gone.nr || differences->marked.nr;
}

/* Index of the first mapping that ends behind an address. */
static uint32_t seen_from(const struct look *look, uint64_t address)
{
	uint32_t low = 0, high = look->nr;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (look->at[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The parts of a range that was mapped without an event, by what they are. */
static void send_late(struct space *space, const struct look *look, const struct range *late, uint64_t time)
{
	char label[300];

	for (uint32_t i = seen_from(look, late->start); i < look->nr && look->at[i].start < late->end; i++) {
		const struct seen *seen = &look->at[i];
		uint64_t start = late->start > seen->start ? late->start : seen->start;
		uint64_t end = late->end < seen->end ? late->end : seen->end;
		struct space_task task = { .time = time };

		if (start >= end)
			continue;
		/* exec maps the program, and the kernel lets the stack grow: nobody calls for it */
		snprintf(label, sizeof(label), space->looked && label_of(seen)[0] != '[' ? "%s, seen late" : "%s", label_of(seen));
		task.stack = space_label(label);
		task.comm = name_of(space);
		/* the page of probed instructions */
		task.own = strcmp(label_of(seen), "[uprobes]") == 0;
		space_map(space, &task, start, end - start, late->reserved);
		if (space->looked)
			space->late += end - start;
	}
}

static void send_differences(struct space *space, const struct look *look, const struct differences *differences)
{
	uint64_t time = trace_time();

	for (uint32_t i = 0; i < differences->gone.nr; i++) {
		const struct range *gone = &differences->gone.at[i];

		space_unmap(space, time, gone->start, gone->end - gone->start);
		space->gone += gone->end - gone->start;
	}
	for (uint32_t i = 0; i < differences->marked.nr; i++) {
		const struct range *marked = &differences->marked.at[i];

		space_protect(space, time, marked->start, marked->end - marked->start, marked->reserved);
	}
	for (uint32_t i = 0; i < differences->late.nr; i++)
		send_late(space, look, &differences->late.at[i], time);
}

/* `ranges` loses what events have changed while they were compared. */
static void leave_out(struct ranges *ranges, const struct ranges *touched)
{
	for (uint32_t i = 0; i < touched->nr; i++)
		ranges_take(ranges, touched->at[i].start, touched->at[i].end);
}

static void compare_twice(struct space *space)
{
	struct look look, again = { 0 };
	struct differences differences, second = { { 0 }, { 0 }, { 0 } };
	struct ranges touched = { 0 };

	space->touched = &touched;
	if (compare(space, &look, &differences)) {
		space->heap_bytes = look.heap_bytes;
		if (any(&differences) && compare(space, &again, &second)) {
			keep_common(&differences.late, &second.late);
			keep_common(&differences.gone, &second.gone);
			keep_common(&differences.marked, &second.marked);
			space->touched = NULL;
			leave_out(&differences.late, &touched);
			leave_out(&differences.gone, &touched);
			leave_out(&differences.marked, &touched);
			send_differences(space, &again, &differences);
		}
	} else if (!space->ended && kill(space->pid, 0) != 0 && errno == ESRCH) {
		/* its exit was not seen, or it had ended before it was traced */
		space_end(space, trace_time(), spaces_alive() == 1);
	}
	space->touched = NULL;
	ranges_free(&touched);
	differences_free(&second);
	look_free(&again);
	differences_free(&differences);
	look_free(&look);
}

void space_audit(struct space *space)
{
	uint64_t began = monotonic_ns();

	space_look_at_cgroup(space);
	compare_twice(space);
	space->looked = true;
	space->looked_ns = monotonic_ns();
	space->looking_ns = space->looked_ns - began;
}
