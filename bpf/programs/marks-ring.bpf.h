/* SPDX-License-Identifier: MIT */
/* The ring of marks, and the head of each record. */
#ifndef MARKS_RING_BPF_H
#define MARKS_RING_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, MARKS_RING_BYTES);
} ring SEC(".maps");

/* Records that found no room: marks, and rows of LIVES. */
__u64 lost_marks = 0;
__u64 lost_lives = 0;

const volatile __u64 page_size = 4096;

/* NULL: there is no room, which is counted. */
static __always_inline void *take_room(u64 bytes, __u64 *lost)
{
	void *room = bpf_ringbuf_reserve(&ring, bytes, 0);

	if (!room)
		__sync_fetch_and_add(lost, 1);
	return room;
}

/* The reader looks by itself, some 50 times a second. */
static __always_inline void send(void *record)
{
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

/* Of the task that runs. */
static __always_inline void begin_mark(struct mark_record *mark, u32 kind, u32 nr_values)
{
	u64 ids = bpf_get_current_pid_tgid();

	mark->time = bpf_ktime_get_ns();
	mark->kind = kind;
	mark->pid = (u32)(ids >> 32);
	mark->tid = (u32)ids;
	mark->nr_values = nr_values;
	bpf_get_current_comm(mark->comm, sizeof(mark->comm));
}

static __always_inline struct mark_record *take_mark(u32 kind, u32 nr_values)
{
	struct mark_record *mark = take_room(sizeof(*mark), &lost_marks);

	if (mark)
		begin_mark(mark, kind, nr_values);
	return mark;
}

static __always_inline struct path_record *take_path(u32 kind, u32 nr_values)
{
	struct path_record *record = take_room(sizeof(*record), &lost_marks);

	if (!record)
		return NULL;
	begin_mark(&record->mark, kind, nr_values);
	record->path[0] = 0;
	return record;
}

#endif
