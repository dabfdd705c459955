// SPDX-License-Identifier: MIT
/*
 * Paths, as d_path() makes them: from a dentry up to the root of its mount, from where that is mounted on, and so
 * forth. Nothing is locked: a path that is renamed meanwhile may come out mixed. Each walk has an end.
 */
#include <string.h>
#include "names.h"

#define MOST_NAMES 256
#define MOST_MOUNTS 64
#define NAME_BYTES 256
/* struct mount.mnt_ns of what is mounted for the kernel alone: an error as a pointer. */
#define FIRST_ERROR ((uint64_t)-4095)

static bool ready;
static uint64_t own_mounts; /* the namespace of this process */

bool paths_open(void)
{
	static const enum name_field needed[] = { N_DENTRY_PARENT, N_DENTRY_NAME, N_DENTRY_SB, N_SB_ROOT, N_SB_MOUNTS, N_MOUNT_PARENT,
						  N_MOUNT_POINT, N_MOUNT_VFS, N_MOUNT_ROOT, N_MOUNT_SB, N_MOUNT_NS, NR_NAME_FIELDS };

	ready = name_fields_there("paths", needed);
	own_mounts = see_field(see_field(bases.task, N_TASK_NSPROXY), N_NSPROXY_MOUNTS);
	return ready;
}

/* ---- text, from its end ---- */

static void text_begin(struct path_text *path)
{
	path->bytes[PATH_BYTES] = 0;
	path->text = path->bytes + PATH_BYTES;
	path->cut = false;
}

static void text_before(struct path_text *path, const char *part)
{
	size_t room = (size_t)(path->text - path->bytes), length = strlen(part);

	if (path->cut)
		return;
	if (length + 3 > room) {
		/* the end of a path tells more than its beginning */
		path->text = memcpy(path->bytes + room - 3, "...", 3);
		path->cut = true;
		return;
	}
	path->text = memcpy(path->bytes + room - length, part, length);
}

static void name_before(struct path_text *path, uint64_t dentry)
{
	char name[NAME_BYTES];

	see_string(see_field(dentry, N_DENTRY_NAME), name, sizeof(name));
	text_before(path, name);
}

/* ---- the walk ---- */

/*
 * Of a dentry up to the root of its file system, with `mount` = 0, or up to the root of all mounts. False if the
 * way does not lead there.
 */
static bool walk(struct path_text *path, uint64_t dentry, uint64_t mount)
{
	uint64_t root = mount ? see_field(mount, N_MOUNT_ROOT) : 0;

	text_begin(path);
	for (int i = 0; i < MOST_NAMES && dentry && !path->cut; i++) {
		uint64_t parent = see_field(dentry, N_DENTRY_PARENT);

		if (mount && dentry == root) {
			uint64_t above = see_field(mount, N_MOUNT_PARENT);

			if (above == mount || !above) {
				if (!*path->text)
					text_before(path, "/");
				return above != 0;
			}
			dentry = see_field(mount, N_MOUNT_POINT);
			mount = above;
			root = see_field(mount, N_MOUNT_ROOT);
			continue;
		}
		if (parent == dentry) {
			/* the root of a file system has the name "/"; what is in no directory has one without it, a pipe none */
			if (!*path->text)
				name_before(path, dentry);
			return !mount;
		}
		name_before(path, dentry);
		text_before(path, "/");
		dentry = parent;
	}
	/* a path of too many names is cut like one of too many bytes */
	if (dentry && !path->cut) {
		text_before(path, "...");
		path->cut = true;
	}
	return path->cut;
}

/* ---- mounts ---- */

static uint64_t first_mount(uint64_t sb)
{
	uint64_t word = see_field(sb, N_SB_MOUNTS);

	if (has_name_field(N_MOUNT_NEXT) || !has_name_field(N_MOUNT_INSTANCE))
		return word;
	return word == sb + (uint64_t)name_fields[N_SB_MOUNTS].offset ? 0 : word - (uint64_t)name_fields[N_MOUNT_INSTANCE].offset;
}

static uint64_t next_mount(uint64_t sb, uint64_t mount)
{
	uint64_t word;

	if (has_name_field(N_MOUNT_NEXT))
		return see_field(mount, N_MOUNT_NEXT);
	if (!has_name_field(N_MOUNT_INSTANCE))
		return 0;
	word = see_field(mount, N_MOUNT_INSTANCE);
	return !word || word == sb + (uint64_t)name_fields[N_SB_MOUNTS].offset ? 0 : word - (uint64_t)name_fields[N_MOUNT_INSTANCE].offset;
}

static bool is_mounted(uint64_t namespace)
{
	return namespace && namespace < FIRST_ERROR;
}

/* 0: it shows no part that the file is in. A mount that this process sees is worth most, then one of the whole. */
static int worth_of(uint64_t mount, uint64_t sb, const uint64_t *dentries, int nr)
{
	uint64_t namespace = see_field(mount, N_MOUNT_NS), root = see_field(mount, N_MOUNT_ROOT);
	bool within = false;

	for (int i = 0; i < nr; i++)
		within |= dentries[i] == root;
	if (!within || !is_mounted(namespace) || see_field(mount, N_MOUNT_SB) != sb)
		return 0;
	return (namespace == own_mounts ? 3 : 1) + (root == see_field(sb, N_SB_ROOT));
}

/* 0: its file system is mounted nowhere. */
static uint64_t best_mount(uint64_t dentry)
{
	uint64_t sb = see_field(dentry, N_DENTRY_SB), dentries[MOST_NAMES], best = 0, mount;
	int nr = 0, most = 0, worth;

	while (nr < MOST_NAMES && dentry) {
		uint64_t parent = see_field(dentry, N_DENTRY_PARENT);

		dentries[nr++] = dentry;
		dentry = parent == dentry ? 0 : parent;
	}
	mount = first_mount(sb);
	for (int i = 0; i < MOST_MOUNTS && mount; i++, mount = next_mount(sb, mount)) {
		worth = worth_of(mount, sb, dentries, nr);
		if (worth > most) {
			most = worth;
			best = mount;
		}
	}
	return best;
}

void path_find(uint64_t dentry, uint64_t mount, struct path_text *path, struct path_text *place, bool *elsewhere)
{
	uint64_t of = mount ? mount - (uint64_t)name_fields[N_MOUNT_VFS].offset : 0;

	text_begin(path);
	text_begin(place);
	*elsewhere = false;
	if (!ready || !dentry)
		return;
	if (!is_mounted(see_field(of, N_MOUNT_NS)))
		of = best_mount(dentry);
	if (of && walk(path, dentry, of)) {
		*elsewhere = see_field(of, N_MOUNT_NS) != own_mounts;
		walk(place, see_field(of, N_MOUNT_ROOT), of);
		return;
	}
	walk(path, dentry, 0);
}
