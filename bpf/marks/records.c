// SPDX-License-Identifier: MIT
/*
 * From the records of the marks' ring to messages. It is read in each turn of the loop, and before a cgroup is named that
 * nobody has told of yet. Rows of LIVES are gathered: a machine that forks makes thousands a second.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "marks.h"
#include "marks.skel.h"

#define LIFE_ROWS 4096
/* Records of one call: a machine that makes cgroups without end must not keep the loop from its events. */
#define MOST_RECORDS 16384

struct life_row {
	uint64_t time_and_what; /* time << 8 | what */
	uint32_t pid, parent;
};

static struct ring_buffer *ring;
static struct life_row rows[LIFE_ROWS];
static uint32_t nr_rows;
static uint64_t lost_lives, lost_marks; /* reported */
static int nr_records;

void marks_flush(void)
{
	uint64_t lives = marks_skel ? marks_skel->bss->lost_lives : lost_lives, marks = marks_skel ? marks_skel->bss->lost_marks : lost_marks;
	uint32_t lost[2] = { (uint32_t)(lives - lost_lives), (uint32_t)(marks - lost_marks) };
	uint64_t time = trace_time();
	struct part parts[] = { { &time, sizeof(time) }, { lost, sizeof(lost) }, { rows, nr_rows * sizeof(rows[0]) } };

	if (!nr_rows && !lost[0] && !lost[1])
		return;
	stream_message(MESSAGE_LIVES, parts, 3);
	lost_lives = lives;
	lost_marks = marks;
	nr_rows = 0;
}

static void gather(const struct life_record *record)
{
	uint64_t time = trace_time_at(record->time);

	if (!time)
		return;
	if (nr_rows == LIFE_ROWS)
		marks_flush();
	rows[nr_rows++] = (struct life_row){ time << 8 | (record->kind - RECORD_LIFE), record->pid, record->parent };
}

static void tell_of_cgroup(const struct path_record *record)
{
	uint64_t id = (uint64_t)record->mark.value[0];

	if ((uint64_t)record->mark.value[1] != marks_told->hierarchy)
		return;
	if (record->mark.kind == MARK_CGROUP_REMOVED && marks_told->removed)
		marks_told->removed(id, trace_time_at(record->mark.time));
	if ((record->mark.kind == MARK_CGROUP_MADE || record->mark.kind == MARK_CGROUP_RENAMED) && marks_told->made)
		marks_told->made(id, record->path);
}

/* "/a/b" from { "b", "a", "" }; "" if there is none. A path with more levels than were read begins with "...". */
static void join(const char (*names)[MARK_NAME_BYTES], int most, bool is_there, char *path, size_t size)
{
	int levels = 0;

	path[0] = 0;
	while (levels < most && names[levels][0])
		levels++;
	if (levels == 0 && is_there)
		snprintf(path, size, "/");
	if (levels == most)
		snprintf(path, size, "...");
	for (int i = levels - 1; i >= 0; i--)
		snprintf(path + strlen(path), size - strlen(path), "/%s", names[i]);
}

/* How many levels above its own the asker's limit is that was met: where least is left. */
static int limited_level(const struct oom_record *record)
{
	int found = 0;

	for (int i = 0; record->names_are_of_asker && i < MARK_LEVELS && (i == 0 || record->limited[i - 1][0]); i++) {
		if ((__s64)record->room[i] < (__s64)record->room[found])
			found = i;
	}
	return found;
}

static void send_oom(const struct oom_record *record)
{
	struct oom_record known = *record;
	char limited[MARK_LEVELS * MARK_NAME_BYTES + 16], cgroup[MARK_LEVELS * MARK_NAME_BYTES + 16];
	const char *texts[] = { known.comm, limited, cgroup, NULL };
	int level;

	/* the kernel told its number alone */
	if (!known.comm[0])
		marks_ask_proc("/proc", &known);
	if (known.mark.value[9] == OOM_SCOPE_UNKNOWN)
		known.mark.value[9] = marks_oom_scope(record->frames);
	/* sysrq asks with order -1; that of a call that was not seen is not known */
	if (!record->names_are_of_asker && record->mark.value[10] < 0)
		known.mark.value[9] = OOM_SCOPE_SYSRQ;
	level = limited_level(record);
	join(record->limited + level, MARK_LEVELS - level, known.mark.value[9] == OOM_SCOPE_CGROUP, limited, sizeof(limited));
	join(record->cgroup, MARK_LEVELS, record->comm[0], cgroup, sizeof(cgroup));
	if (known.mark.value[9] != OOM_SCOPE_CGROUP)
		limited[0] = 0;
	marks_send(&known.mark, texts);
}

static void send_path(const struct path_record *record)
{
	const char *texts[] = { record->path, NULL };

	marks_send(&record->mark, texts);
}

static int relay(void *context, void *data, size_t bytes)
{
	const struct mark_record *mark = data;

	(void)context;
	(void)bytes;
	switch (mark->kind) {
	case RECORD_LIFE + LIFE_START:
	case RECORD_LIFE + LIFE_EXEC:
	case RECORD_LIFE + LIFE_EXIT:
		gather(data);
		break;
	case MARK_OOM_KILL:
		send_oom(data);
		break;
	case MARK_CGROUP_MADE:
	case MARK_CGROUP_REMOVED:
	case MARK_CGROUP_RENAMED:
		tell_of_cgroup(data);
		send_path(data);
		break;
	case MARK_CGROUP_RELEASED:
	case MARK_MODULE_LOADED:
	case MARK_MODULE_UNLOADED:
	case MARK_SWAP_ON:
	case MARK_SWAP_OFF:
	case MARK_EXEC:
		send_path(data);
		break;
	default:
		marks_send(mark, NULL);
	}
	return ++nr_records < MOST_RECORDS ? 0 : -EAGAIN;
}

void marks_ring_open(int map_fd)
{
	ring = ring_buffer__new(map_fd, relay, NULL, NULL);
	if (!ring)
		note("what happened meanwhile is not known: the ring of marks cannot be mapped: %s", strerror(errno));
}

void marks_ring_close(void)
{
	ring_buffer__free(ring);
	ring = NULL;
}

void marks_drain(void)
{
	nr_records = 0;
	if (ring)
		ring_buffer__consume(ring);
}
