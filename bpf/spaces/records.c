// SPDX-License-Identifier: MIT
/* From the records of the ring to events: which part of an address space a call has changed, and by which call path. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "spaces.h"

#define PAGE_BYTES 4096ull
#define SPACE_END (1ull << 47)
#define HUGE_SHIFT 26
#define DEFAULT_HUGE_BYTES (2ull << 20)
/* mremap(2); older headers lack the last one */
#define REMAP_KEEPS_OLD 4

static uint64_t pages_up(uint64_t bytes)
{
	return (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

static bool is_range(uint64_t start, uint64_t bytes)
{
	return bytes && !(start % PAGE_BYTES) && start < SPACE_END && bytes <= SPACE_END - start;
}

/* Our library calls the kernel itself. What malloc() takes through it is the program's. */
static bool is_own(struct space *space, const struct user_walk *walk)
{
	const struct code *code = walk->nr ? code_find(&space->code, walk->frames[0]) : NULL;
	const char *name = code ? strrchr(code->path, '/') : NULL;

	return name && strncmp(name + 1, OWN_LIBRARY, strlen(OWN_LIBRARY)) == 0;
}

struct reading {
	struct space *space;
	bool whole; /* the copy holds all of the stack but some bytes at its end, where nothing changes */
};

/* What is read now may be of a later moment: of a stack that was not copied whole, its code alone. */
static bool read_what_stays(void *context, uint64_t address, void *to, size_t bytes)
{
	const struct reading *reading = context;

	if (!reading->whole && !code_find(&reading->space->code, address))
		return false;
	return walk_read_process(&reading->space->pid, address, to, bytes);
}

/* The call path of a record, whose stack follows it. */
static struct space_task task_of(struct space *space, const struct space_record *record)
{
	struct space_task task = { .time = trace_time_at(record->time), .cpu = record->cpu };
	struct reading reading = { space, record->stack_bytes < STACK_COPY_BYTES };
	struct user_walk walk = {
		.pc = record->ip, .sp = record->sp, .bp = record->bp,
		.stack = (const uint8_t *)(record + 1), .stack_at = record->sp, .stack_bytes = record->stack_bytes,
		.read = read_what_stays, .read_context = &reading,
		.step = code_step, .step_context = &space->code,
	};

	user_walk(&walk);
	/* a process of a few milliseconds */
	if (walk.nr <= 1 && !code_find(&space->code, record->ip))
		task.stack = space_label("by a process that was gone before its files could be read");
	else
		task.stack = space_stack(space, walk.frames, walk.interrupted, walk.nr);
	task.comm = space_comm(space, record->comm);
	task.own = is_own(space, &walk);
	return task;
}

/* What tells more of a mapping than the call path does. */
static uint32_t made_as(uint64_t flags)
{
	if (flags & MAP_HUGETLB)
		return space_made_as("MAP_HUGETLB");
	if (flags & (MAP_STACK | MAP_GROWSDOWN))
		return space_made_as("MAP_STACK");
	if (!(flags & MAP_ANONYMOUS))
		return space_made_as("file");
	return flags & MAP_SHARED ? space_made_as("MAP_SHARED") : 0;
}

/* The dynamic linker maps our library as it does others: its files, then its memory in the place that these have left. */
static bool maps_own(struct space *space, uint64_t flags, uint64_t start, uint64_t bytes)
{
	bool within = start >= space->own.start && start + bytes <= space->own.end;

	if (!options->heap)
		return false;
	if (flags & MAP_ANONYMOUS)
		return within && flags & MAP_FIXED;
	if (!within && mapped_is_own(space->pid, start))
		space->own = (struct range){ start, start + bytes, false };
	return start >= space->own.start && start + bytes <= space->own.end;
}

static void mapped(struct space *space, const struct space_record *record)
{
	uint64_t prot = record->args[2], flags = record->args[3], unit = PAGE_BYTES, bytes;
	struct space_task task;

	if (flags & MAP_HUGETLB)
		unit = flags >> HUGE_SHIFT & 63 ? 1ull << (flags >> HUGE_SHIFT & 63) : DEFAULT_HUGE_BYTES;
	bytes = (record->args[1] + unit - 1) / unit * unit;
	if (!is_range((uint64_t)record->result, bytes))
		return;
	/* a library; its code is in the next call paths */
	if (prot & PROT_EXEC && !(flags & MAP_ANONYMOUS))
		space_code_changed(space);
	task = task_of(space, record);
	task.made_as = made_as(flags);
	task.own |= maps_own(space, flags, (uint64_t)record->result, bytes);
	space_map(space, &task, (uint64_t)record->result, bytes, (prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) == 0);
}

/* What of the range is there: to unmap what is not is allowed. */
static void unmapped(struct space *space, uint64_t time, uint64_t start, uint64_t bytes)
{
	struct ranges parts;

	if (!is_range(start, bytes))
		return;
	ranges_within(&space->ranges, start, start + bytes, &parts);
	for (uint32_t i = 0; i < parts.nr; i++)
		space_unmap(space, time, parts.at[i].start, parts.at[i].end - parts.at[i].start);
	ranges_free(&parts);
}

struct finding {
	bool any, reserved;
};

static void find_last(void *context, uint64_t start, uint64_t end, bool there, bool reserved)
{
	struct finding *finding = context;

	(void)start;
	(void)end;
	finding->any = there;
	finding->reserved = reserved;
}

static void remapped(struct space *space, const struct space_record *record)
{
	uint64_t from = record->args[0], old = pages_up(record->args[1]), new = pages_up(record->args[2]);
	uint64_t to = (uint64_t)record->result, both = old < new ? old : new;
	struct finding last = { false, false };
	struct space_task task = task_of(space, record);

	if (!is_range(to, new) || (old && !is_range(from, old)))
		return;
	if (old)
		ranges_each(&space->ranges, from + old - PAGE_BYTES, from + old, find_last, &last);
	if (new < old)
		unmapped(space, task.time, from + new, old - new);
	if (both && to != from) {
		space_move(space, task.time, from, to, both);
		if (record->args[3] & REMAP_KEEPS_OLD)
			space_map(space, &task, from, both, last.reserved);
	}
	if (new > old)
		space_map(space, &task, to + old, new - old, last.reserved);
}

/* Of a failed call the break is what it was. */
static void break_moved(struct space *space, const struct space_record *record)
{
	uint64_t now = pages_up((uint64_t)record->result), before = space->break_at;

	space->break_at = now;
	if (!before || now == before)
		return;
	if (now < before) {
		unmapped(space, trace_time_at(record->time), now, before - now);
	} else if (is_range(before, now - before)) {
		struct space_task task = task_of(space, record);

		space_map(space, &task, before, now - before, false);
	}
}

static void attached(struct space *space, const struct space_record *record)
{
	uint64_t start = (uint64_t)record->result, bytes = mapped_at(space->pid, start);
	struct space_task task = task_of(space, record);

	if (!is_range(start, bytes))
		return;
	ranges_put(&space->shared, start, start + bytes, false);
	space_map(space, &task, start, bytes, false);
}

static void detached(struct space *space, const struct space_record *record)
{
	uint64_t start = record->args[0];

	for (uint32_t i = 0; i < space->shared.nr; i++) {
		struct range found = space->shared.at[i];

		if (start != found.start)
			continue;
		ranges_take(&space->shared, start, found.end);
		unmapped(space, trace_time_at(record->time), start, found.end - start);
		return;
	}
}

struct protecting {
	bool reserved, differs;
};

static void see_protection(void *context, uint64_t start, uint64_t end, bool there, bool reserved)
{
	struct protecting *protecting = context;

	(void)start;
	(void)end;
	if (there && reserved != protecting->reserved)
		protecting->differs = true;
}

static void protected(struct space *space, const struct space_record *record)
{
	uint64_t start = record->args[0], bytes = pages_up(record->args[1]);
	struct protecting protecting = { (record->args[2] & (PROT_READ | PROT_WRITE | PROT_EXEC)) == 0, false };

	if (!is_range(start, bytes))
		return;
	ranges_each(&space->ranges, start, start + bytes, see_protection, &protecting);
	if (protecting.differs)
		space_protect(space, trace_time_at(record->time), start, bytes, protecting.reserved);
}

static void forked(struct space *parent, const struct space_record *record)
{
	if (record->args[1])
		space_share((pid_t)record->args[0], parent);
	else
		space_begin((pid_t)record->args[0], SPACE_FORK, parent, NULL, trace_time_at(record->time));
}

/* As the kernel had it at the moment: by now it may run another one. */
static struct program program_told(const struct space_record *record)
{
	const char *file = (const char *)(record + 1), *arguments = file + EXEC_FILE_BYTES;
	size_t bytes = record->stack_bytes > EXEC_FILE_BYTES ? record->stack_bytes - EXEC_FILE_BYTES : 0;
	struct program program = { strndup(file, record->stack_bytes ? EXEC_FILE_BYTES : 0), malloc(bytes + 1) };

	if (!program.exe || !program.arguments)
		die("out of memory for processes");
	while (bytes && !arguments[bytes - 1])
		bytes--;
	for (size_t i = 0; i < bytes; i++)
		program.arguments[i] = arguments[i] ? arguments[i] : ' ';
	program.arguments[bytes] = 0;
	return program;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* True for a child that runs another program than the command, such as a tool that its parent needs. */
static bool is_another(pid_t pid, const struct program *program)
{
	return options->command_name && !space_of(pid) && strcmp(base_name(program->exe), base_name(options->command_name)) != 0;
}

static void executed(const struct space_record *record)
{
	struct program program = program_told(record);
	uint64_t time = trace_time_at(record->time);
	pid_t pid = (pid_t)record->tgid;

	if (is_another(pid, &program)) {
		space_leave_alone(pid);
		free(program.exe);
		free(program.arguments);
		return;
	}

	if (space_unshare(pid))
		space_begin(pid, SPACE_FORK, NULL, &program, time);
	else if (space_of(pid))
		space_begin(pid, SPACE_EXEC, space_of(pid), &program, time);
	else
		space_begin(pid, SPACE_FIRST, NULL, &program, time);
}

static void exited(const struct space_record *record)
{
	struct space *space;

	if (space_unshare((pid_t)record->tgid))
		return;
	space = space_of((pid_t)record->tgid);
	/* with the last one the trace ends: what it holds then is what was asked for */
	if (space)
		space_end(space, trace_time_at(record->time), spaces_alive() == 1);
}

int space_record(void *context, void *data, size_t bytes)
{
	const struct space_record *record = data;
	struct space *space = space_of((pid_t)record->tgid);

	(void)context;
	/* it comes from a program of ours, and is as long as it says */
	if (bytes < sizeof(*record) + record->stack_bytes)
		return 0;
	if (record->call == SPACE_EXECS)
		executed(record);
	else if (record->call == SPACE_EXITS)
		exited(record);
	if (!space)
		return 0;
	switch (record->call) {
	case CALL_MMAP:
		mapped(space, record);
		break;
	case CALL_MUNMAP:
		unmapped(space, trace_time_at(record->time), record->args[0], pages_up(record->args[1]));
		break;
	case CALL_MREMAP:
		remapped(space, record);
		break;
	case CALL_BRK:
		break_moved(space, record);
		break;
	case CALL_SHMAT:
		attached(space, record);
		break;
	case CALL_SHMDT:
		detached(space, record);
		break;
	case CALL_MPROTECT:
		protected(space, record);
		break;
	case SPACE_FORKS:
		forked(space, record);
		break;
	}
	return 0;
}
