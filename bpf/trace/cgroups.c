// SPDX-License-Identifier: MIT
/*
 * The CGROUP message: the path of a cgroup, before the first COMM that names its id, and its end.
 *
 * The directories of the hierarchy are read once before the trace: the number of a directory's inode is
 * the id of its cgroup. Later ones are told by the marks (marks/), as they are made and removed. Where
 * those do not run, a new id has the directories read again, once a second at most, and each second some
 * of those that the reader knows are looked at. So the table has the cgroups that there are, however many
 * a trace sees.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "trace.h"


#define FIRST_SLOTS 1024
/* A directory in a directory in ...: cgroup.max.depth is unlimited, a path is not. */
#define MAX_DEEP 128
#define MAX_PATH 4096
/* Looked at in a second: a stat() takes a microsecond. */
#define LOOKS 1024
/* Events of a cgroup may be read this long after its end. */
#define LATE_NS (10 * SECOND_NS)
#define STATE_THERE 1
#define STATE_REMOVED 2

struct slot {
	uint64_t id; /* 0: empty */
	char *path;  /* NULL: not known */
	bool sent;
	uint64_t removed_at; /* 0: it is there */
};

static struct slot *slots;
static size_t nr_slots, nr_used;
static char mount_point[MAX_PATH];
static bool mounted;
static enum cgroup_way way;
static uint64_t walked_at;
static size_t looked; /* slots up to here, in this round */

static struct slot *slot_in(struct slot *table, size_t nr, uint64_t id)
{
	size_t at = (size_t)(mix(GOLDEN, id) % nr);

	while (table[at].id && table[at].id != id)
		at = at + 1 < nr ? at + 1 : 0;
	return &table[at];
}

/* Removed ones leave room, once no event of them can come. */
static bool is_needed(const struct slot *slot, uint64_t now)
{
	if (slot->removed_at)
		return now < slot->removed_at + LATE_NS;
	return slot->path || slot->sent;
}

static void grow(void)
{
	size_t live = 0, nr;
	struct slot *old = slots;
	uint64_t now = trace_time();

	for (size_t i = 0; i < nr_slots; i++)
		live += is_needed(&old[i], now);
	nr = live * 4 > FIRST_SLOTS ? live * 4 : FIRST_SLOTS;
	slots = calloc(nr, sizeof(*slots));
	if (!slots)
		die("out of memory");
	for (size_t i = 0; i < nr_slots; i++) {
		if (is_needed(&old[i], now))
			*slot_in(slots, nr, old[i].id) = old[i];
		else
			free(old[i].path);
	}
	nr_slots = nr;
	nr_used = live;
	free(old);
}

static struct slot *slot_of(uint64_t id)
{
	struct slot *slot;

	if (nr_used * 2 >= nr_slots)
		grow();
	slot = slot_in(slots, nr_slots, id);
	if (!slot->id) {
		slot->id = id;
		nr_used++;
	}
	return slot;
}

static void send(const struct slot *slot, uint64_t time, uint8_t state)
{
	uint64_t head[3] = { time, slot->id, state };
	struct part parts[] = { { head, sizeof(head) }, { slot->path, slot->path ? strlen(slot->path) : 0 } };

	stream_message(MESSAGE_CGROUP, parts, 2);
}

static void set_path(struct slot *slot, const char *path)
{
	slot->removed_at = 0;
	if (slot->path && strcmp(slot->path, path) == 0)
		return;
	free(slot->path);
	slot->path = strdup(path);
	if (!slot->path)
		die("out of memory");
	/* a cgroup that got another name, or an id that is used again */
	if (slot->sent)
		send(slot, trace_time(), STATE_THERE);
}

static void cgroups_made(uint64_t id, const char *path)
{
	set_path(slot_of(id), path);
}

static void cgroups_removed(uint64_t id, uint64_t time)
{
	struct slot *slot = slot_of(id);

	if (slot->removed_at)
		return;
	/* its last events may be read later, and need its path */
	slot->removed_at = time ? time : 1;
	if (slot->sent)
		send(slot, time, STATE_REMOVED);
}

/* `path` has room for MAX_PATH; its first `length` bytes are the directory's path in the hierarchy. */
static void walk(int parent, const char *name, char *path, size_t length, int deep)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *entry;
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);

	if (!directory) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(directory))) {
		size_t bytes = strlen(entry->d_name);

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || length + 1 + bytes >= MAX_PATH)
			continue;
		path[length] = '/';
		memcpy(path + length + 1, entry->d_name, bytes + 1);
		set_path(slot_of(entry->d_ino), path);
		if (deep < MAX_DEEP)
			walk(fd, entry->d_name, path, length + 1 + bytes, deep + 1);
	}
	closedir(directory);
}

static void walk_all(void)
{
	char path[MAX_PATH] = "";
	struct stat root;

	walked_at = monotonic_ns();
	if (!mounted || stat(mount_point, &root) != 0)
		return;
	set_path(slot_of(root.st_ino), "/");
	walk(AT_FDCWD, mount_point, path, 0, 0);
}

/* The marks come first, so that a cgroup which is made meanwhile is told or found. */
void cgroups_open(void)
{
	static struct marks_calls calls = { .made = cgroups_made, .removed = cgroups_removed };

	way = cgroup_way_of("/proc/self/cgroup", &calls.hierarchy);
	marks_open(&calls);
	if (way == CGROUP_NONE)
		return;
	mounted = cgroup_mount("/proc/self/mountinfo", way, mount_point, sizeof(mount_point));
	if (!mounted)
		note("the cgroups that count memory are not mounted here: they are shown by number");
	walk_all();
}

void cgroups_name(uint64_t id)
{
	struct slot *slot;

	if (!id)
		return;
	/* all that were made before this is read */
	marks_drain();
	slot = slot_of(id);
	if (slot->sent)
		return;
	if (!slot->path && !slot->removed_at && monotonic_ns() - walked_at > SECOND_NS) {
		walk_all();
		slot = slot_of(id);
	}
	slot->sent = true;
	send(slot, trace_time(), STATE_THERE);
	if (slot->removed_at)
		send(slot, slot->removed_at, STATE_REMOVED);
}

/* True for a line of /proc/PID/cgroup of the hierarchy that counts memory; *path is in it. */
static bool is_of_memory(char *line, char **path)
{
	char *controllers = strchr(line, ':'), *end = controllers ? strchr(controllers + 1, ':') : NULL, *save = NULL;

	if (!end)
		return false;
	line[strcspn(line, "\n")] = 0;
	*path = end + 1;
	*end = 0;
	if (way == CGROUP_UNIFIED)
		return controllers[1] == 0;
	for (char *one = strtok_r(controllers + 1, ",", &save); one; one = strtok_r(NULL, ",", &save)) {
		if (strcmp(one, "memory") == 0)
			return true;
	}
	return false;
}

uint64_t cgroup_of_process(pid_t pid)
{
	char name[2 * MAX_PATH], line[MAX_PATH + 256], *path;
	struct stat directory;
	uint64_t id = 0;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	file = mounted ? fopen(name, "re") : NULL;
	while (file && fgets(line, sizeof(line), file)) {
		if (!is_of_memory(line, &path))
			continue;
		snprintf(name, sizeof(name), "%s%s", mount_point, path);
		id = stat(name, &directory) == 0 ? directory.st_ino : 0;
		break;
	}
	if (file)
		fclose(file);
	cgroups_name(id);
	return id;
}

static bool is_there(const struct slot *slot)
{
	char path[2 * MAX_PATH];
	struct stat directory;

	snprintf(path, sizeof(path), "%s%s", mount_point, slot->path);
	return stat(path, &directory) == 0 && directory.st_ino == slot->id;
}

void cgroups_sample(uint64_t time)
{
	int looks = 0;

	if (!mounted)
		return;
	for (size_t i = 0; i < nr_slots && looks < LOOKS; i++) {
		struct slot *slot;

		looked = looked + 1 < nr_slots ? looked + 1 : 0;
		slot = &slots[looked];
		if (!slot->sent || !slot->path || slot->removed_at)
			continue;
		looks++;
		if (!is_there(slot))
			cgroups_removed(slot->id, time);
	}
}
