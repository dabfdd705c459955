// SPDX-License-Identifier: MIT
/* Which processes are traced, and their PROCESS messages. A program that replaces another (exec) has a number of its own. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "spaces.h"

#define BUCKETS 4096
/* Reading its mappings for new code takes no more than this part of the time, once a process has loaded so much. */
#define CODE_SHARE 20
#define FREE_LOADS 512

/* A process that runs in the memory of another one. */
struct sharer {
	pid_t pid;
	struct space *space;
	struct sharer *next;
};

static struct space *first, *last; /* those that live */
static struct space *by_pid[BUCKETS]; /* the newest of a bucket is looked for from `first` on */
static struct sharer *sharers;
static uint32_t next_number = 1, alive;
static bool noted;
static const struct spaces_calls nobody, *told = &nobody;

void spaces_tell(const struct spaces_calls *calls)
{
	told = calls ? calls : &nobody;
}

void space_look_at_cgroup(struct space *space)
{
	if (told->cgroup_of)
		space->cgroup = told->cgroup_of(space->pid);
}

static void open_images(struct space *space)
{
	code_read(&space->code, space->pid);
	for (uint32_t i = 0; i < space->code.nr; i++)
		code_image(&space->code, &space->code.codes[i]);
}

void space_code_changed(struct space *space)
{
	/* who maps code all the time does not have it read all the time: an unknown address has it read again */
	if (space->loads >= FREE_LOADS && monotonic_ns() - space->code.read_ns < space->code.reading_ns * CODE_SHARE)
		return;
	space->loads++;
	open_images(space);
	if (told->code_changed)
		told->code_changed(space);
}

static unsigned bucket_of(pid_t pid)
{
	return (unsigned)pid % BUCKETS;
}

struct space *spaces_first(void)
{
	return first;
}

uint32_t spaces_alive(void)
{
	return alive;
}

struct space *space_numbered(uint32_t number)
{
	struct space *space = first;

	while (space && space->number != number)
		space = space->next;
	return space;
}

struct space *space_of(pid_t tgid)
{
	struct space *known = by_pid[bucket_of(tgid)];

	if (known && known->pid == tgid)
		return known;
	for (struct sharer *sharer = sharers; sharer; sharer = sharer->next) {
		if (sharer->pid == tgid)
			return sharer->space;
	}
	for (struct space *space = first; space; space = space->next) {
		if (space->pid != tgid || space->ended)
			continue;
		by_pid[bucket_of(tgid)] = space;
		return space;
	}
	return NULL;
}

void space_share(pid_t pid, struct space *space)
{
	struct sharer *sharer = calloc(1, sizeof(*sharer));

	if (!sharer)
		die("out of memory for processes");
	*sharer = (struct sharer){ pid, space, sharers };
	sharers = sharer;
}

bool space_unshare(pid_t pid)
{
	for (struct sharer **at = &sharers; *at; at = &(*at)->next) {
		struct sharer *found = *at;

		if (found->pid != pid)
			continue;
		*at = found->next;
		free(found);
		return true;
	}
	return false;
}

/* Whoever ran in its memory is not traced any more: what they map belongs to nobody that is known. */
static void leave_sharers(const struct space *space)
{
	for (struct sharer **at = &sharers; *at;) {
		struct sharer *found = *at;

		if (found->space != space) {
			at = &found->next;
			continue;
		}
		*at = found->next;
		free(found);
	}
}

/* Bytes of a small file of a process; 0: it cannot be read. */
static size_t read_proc(pid_t pid, const char *what, char *to, size_t room)
{
	char name[64];
	size_t length = 0;
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/%s", pid, what);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while (length < room && (n = read(fd, to + length, room - length)) > 0)
		length += (size_t)n;
	close(fd);
	return length;
}

static char *command_line(pid_t pid)
{
	char text[MOST_PROCESS_TEXT];
	size_t length = read_proc(pid, "cmdline", text, sizeof(text));

	while (length && !text[length - 1])
		length--;
	for (size_t i = 0; i < length; i++) {
		if (!text[i])
			text[i] = ' ';
	}
	return strndup(text, length);
}

static char *program_file(pid_t pid)
{
	char name[64], text[MOST_PROCESS_TEXT];
	ssize_t length;

	snprintf(name, sizeof(name), "/proc/%d/exe", pid);
	length = readlink(name, text, sizeof(text));
	return strndup(text, length > 0 ? (size_t)length : 0);
}

/* ns since the machine's start; field 22 of stat, behind a name that may have spaces and parentheses. */
static uint64_t started_ns(pid_t pid)
{
	char text[1024], *at;
	size_t length = read_proc(pid, "stat", text, sizeof(text) - 1);

	text[length] = 0;
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) * (SECOND_NS / (uint64_t)sysconf(_SC_CLK_TCK)) : 0;
}

static void send_process(const struct space *space, enum space_why why, uint32_t parent, uint64_t time, bool stays)
{
	const char *exe = why == SPACE_EXIT ? "" : space->program.exe, *line = why == SPACE_EXIT ? "" : space->program.arguments;
	size_t exe_length = strlen(exe), line_length = strlen(line);
	uint64_t started = why == SPACE_EXIT ? 0 : started_ns(space->pid);
	uint32_t who[2] = { space->number, (uint32_t)space->pid }, zero = 0;
	uint8_t kind[2] = { (uint8_t)why, stays };
	uint16_t lengths[3] = { (uint16_t)exe_length, (uint16_t)line_length, 0 };
	struct part parts[] = {
		{ &time, 8 }, { who, 8 }, { &started, 8 }, { &parent, 4 }, { kind, 2 }, { lengths, 6 }, { &zero, 4 },
		{ exe, exe_length }, { line, line_length },
	};

	stream_message(MESSAGE_PROCESS, parts, sizeof(parts) / sizeof(parts[0]));
}

static struct program program_here(pid_t pid, const struct space *parent, enum space_why why, const struct program *given)
{
	struct program program = { NULL, NULL };

	if (given)
		program = *given;
	else if (why == SPACE_FORK && parent)
		program = (struct program){ strdup(parent->program.exe), strdup(parent->program.arguments) };
	else
		program = (struct program){ program_file(pid), command_line(pid) };
	if (!program.exe || !program.arguments)
		die("out of memory for processes");
	return program;
}

/* What it held is not known any more. Whoever has a pointer to it finds `ended`. */
static void forget(struct space *space)
{
	struct space **at = &first;

	while (*at && *at != space)
		at = &(*at)->next;
	if (*at)
		*at = space->next;
	if (last == space) {
		last = NULL;
		for (struct space *each = first; each; each = each->next)
			last = each;
	}
	if (by_pid[bucket_of(space->pid)] == space)
		by_pid[bucket_of(space->pid)] = NULL;
	leave_sharers(space);
	space->ended = true;
	alive--;
	ranges_free(&space->ranges);
	ranges_free(&space->shared);
	code_free(&space->code);
	free(space->program.exe);
	free(space->program.arguments);
	space->program = (struct program){ NULL, NULL };
}

struct space *space_begin(pid_t pid, enum space_why why, struct space *parent, const struct program *program, uint64_t time)
{
	struct space *space = next_number <= MOST_SPACES ? calloc(1, sizeof(*space)) : NULL;

	if (!space) {
		if (!noted)
			note("more than %d processes were to be traced: what the later ones hold is not known", MOST_SPACES);
		noted = true;
		if (program) {
			free(program->exe);
			free(program->arguments);
		}
		if (why == SPACE_EXEC && parent)
			space_end(parent, time, false);
		return NULL;
	}
	if (told->beginning)
		told->beginning(pid, why, parent, time);
	space->number = next_number++;
	space->pid = pid;
	space->begun_ns = time;
	space->shared.apart = true;
	space->program = program_here(pid, parent, why, program);
	if (last)
		last->next = space;
	else
		first = space;
	last = space;
	alive++;
	space_look_at_cgroup(space);
	send_process(space, why, parent ? parent->number : 0, time, false);
	if (why == SPACE_FORK && parent) {
		ranges_copy(&space->ranges, &parent->ranges);
		ranges_copy(&space->shared, &parent->shared);
		space->break_at = parent->break_at;
		code_copy(&space->code, &parent->code, pid);
	}
	if (why == SPACE_EXEC && parent) {
		if (told->ended)
			told->ended(parent, time);
		forget(parent);
	}
	by_pid[bucket_of(pid)] = space;
	open_images(space);
	if (told->began)
		told->began(space, why);
	return space;
}

void space_end(struct space *space, uint64_t time, bool stays)
{
	if (space->ended)
		return;
	if (told->ended)
		told->ended(space, time);
	send_process(space, SPACE_EXIT, 0, time, stays);
	forget(space);
}
