/* SPDX-License-Identifier: MIT */
/*
 * Starts, execs and exits: of every process a short record, of watched ones a mark as well. Watched is the command of the
 * trace, whoever execs a name of --watch, and all that they start.
 */
#ifndef MARKS_LIVES_BPF_H
#define MARKS_LIVES_BPF_H

const volatile __u32 nr_watched_comms = 0;
const volatile char watched_comms[MAX_WATCHED_COMMS][MARK_COMM_BYTES] = {};

/* Process ids; the loader adds the command's. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, u32);
} watched SEC(".maps");

static __always_inline void life(u32 what, u32 pid, u32 parent)
{
	struct life_record *record = take_room(sizeof(*record), &lost_lives);

	if (!record)
		return;
	record->time = bpf_ktime_get_ns();
	record->kind = RECORD_LIFE + what;
	record->pid = pid;
	record->parent = parent;
	record->zero = 0;
	send(record);
}

SEC("raw_tp/sched_process_fork")
int process_starts(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct___m *parent = (void *)ctx->args[0], *child = (void *)ctx->args[1];
	u32 pid = (u32)BPF_CORE_READ(child, tgid), from = (u32)BPF_CORE_READ(parent, tgid);
	u32 *is_watched;

	/* a thread */
	if ((u32)BPF_CORE_READ(child, pid) != pid)
		return 0;
	life(LIFE_START, pid, from);
	is_watched = bpf_map_lookup_elem(&watched, &from);
	if (is_watched) {
		u32 one = 1;

		bpf_map_update_elem(&watched, &pid, &one, BPF_ANY);
	}
	return 0;
}

static __always_inline bool has_watched_name(const char *comm)
{
	for (u32 i = 0; i < MAX_WATCHED_COMMS && i < nr_watched_comms; i++) {
		bool same = true;

		for (u32 at = 0; at < MARK_COMM_BYTES; at++) {
			if (comm[at] != watched_comms[i][at])
				same = false;
			if (!same || !comm[at])
				break;
		}
		if (same)
			return true;
	}
	return false;
}

SEC("raw_tp/sched_process_exec")
int process_execs(struct bpf_raw_tracepoint_args *ctx)
{
	struct linux_binprm___m *program = (void *)ctx->args[2];
	u32 pid = (u32)(bpf_get_current_pid_tgid() >> 32), one = 1;
	char comm[MARK_COMM_BYTES] = {};
	struct path_record *record;

	life(LIFE_EXEC, pid, 0);
	if (!bpf_map_lookup_elem(&watched, &pid)) {
		if (!nr_watched_comms)
			return 0;
		bpf_get_current_comm(comm, sizeof(comm));
		if (!has_watched_name(comm))
			return 0;
		bpf_map_update_elem(&watched, &pid, &one, BPF_ANY);
	}
	record = take_path(MARK_EXEC, 0);
	if (!record)
		return 0;
	bpf_probe_read_kernel_str(record->path, sizeof(record->path), BPF_CORE_READ(program, filename));
	send(record);
	return 0;
}

/* Of the last thread. Two that end at once may both find none left: an exit may be told twice. */
SEC("raw_tp/sched_process_exit")
int process_exits(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct___m *task = (void *)ctx->args[0];
	u32 pid = (u32)BPF_CORE_READ(task, tgid);
	struct mark_record *mark;

	if (BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0;
	life(LIFE_EXIT, pid, 0);
	if (!bpf_map_lookup_elem(&watched, &pid))
		return 0;
	bpf_map_delete_elem(&watched, &pid);
	mark = take_mark(MARK_EXIT, 3);
	if (!mark)
		return 0;
	mark->value[0] = (BPF_CORE_READ(task, exit_code) >> 8) & 0xff;
	mark->value[1] = BPF_CORE_READ(task, exit_code) & 0x7f;
	mark->value[2] = (s64)(BPF_CORE_READ(task, signal, maxrss) * page_size);
	send(mark);
	return 0;
}

#endif
