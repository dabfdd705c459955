/* SPDX-License-Identifier: MIT */
/*
 * Cgroups that come and go, and the path of a cgroup. The tracepoints have a path of their own, with the
 * hierarchy's root as "/".
 */
#ifndef MARKS_CGROUPS_BPF_H
#define MARKS_CGROUPS_BPF_H

static __always_inline struct kernfs_node___m *parent_of(struct kernfs_node___m *node)
{
	struct kernfs_node___parent *old = (void *)node;

	return bpf_core_field_exists(old->parent) ? BPF_CORE_READ(old, parent) : BPF_CORE_READ(node, __parent);
}

/*
 * Leaf first; the root's name is empty, and so are those past it: what is read by way of NULL is 0. Names of more levels than
 * there is room for are left out.
 */
static __always_inline void read_names(struct kernfs_node___m *node, char (*names)[MARK_NAME_BYTES])
{
#pragma clang loop unroll(full)
	for (int i = 0; i < MARK_LEVELS; i++) {
		bpf_probe_read_kernel_str(names[i], MARK_NAME_BYTES, BPF_CORE_READ(node, name));
		node = parent_of(node);
	}
}

static __always_inline void tell_cgroup(struct mark_record *mark, u32 kind, struct cgroup___m *cgroup)
{
	begin_mark(mark, kind, 2);
	mark->value[0] = (s64)BPF_CORE_READ(cgroup, kn, id);
	mark->value[1] = BPF_CORE_READ(cgroup, root, hierarchy_id);
}

/* Most paths are short, and cgroups may come by the ten thousand: a record has room for a long one only if it needs it. */
static __always_inline int cgroup_event(u32 kind, struct cgroup___m *cgroup, const char *path)
{
	struct short_path_record *record = take_room(sizeof(*record), &lost_marks);
	struct path_record *longer;

	if (!record)
		return 0;
	tell_cgroup(&record->mark, kind, cgroup);
	if (bpf_probe_read_kernel_str(record->path, sizeof(record->path), path) < (long)sizeof(record->path)) {
		send(record);
		return 0;
	}
	bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
	longer = take_room(sizeof(*longer), &lost_marks);
	if (!longer)
		return 0;
	tell_cgroup(&longer->mark, kind, cgroup);
	bpf_probe_read_kernel_str(longer->path, sizeof(longer->path), path);
	send(longer);
	return 0;
}

SEC("raw_tp/cgroup_mkdir")
int cgroup_made(struct bpf_raw_tracepoint_args *ctx)
{
	return cgroup_event(MARK_CGROUP_MADE, (void *)ctx->args[0], (void *)ctx->args[1]);
}

SEC("raw_tp/cgroup_rmdir")
int cgroup_removed(struct bpf_raw_tracepoint_args *ctx)
{
	return cgroup_event(MARK_CGROUP_REMOVED, (void *)ctx->args[0], (void *)ctx->args[1]);
}

SEC("raw_tp/cgroup_rename")
int cgroup_renamed(struct bpf_raw_tracepoint_args *ctx)
{
	return cgroup_event(MARK_CGROUP_RENAMED, (void *)ctx->args[0], (void *)ctx->args[1]);
}

/* Nothing refers to it any more. */
SEC("raw_tp/cgroup_release")
int cgroup_released(struct bpf_raw_tracepoint_args *ctx)
{
	return cgroup_event(MARK_CGROUP_RELEASED, (void *)ctx->args[0], (void *)ctx->args[1]);
}

#endif
