// SPDX-License-Identifier: MIT
/*
 * Attaches programs to places of a file in one process. uprobe_multi by bpf(2) itself: the libbpf that distributions
 * have may be older. The layout is that of union bpf_attr in include/uapi/linux/bpf.h from 6.6 on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/perf_event.h>
#include "heap.h"

#define COMMAND_LINK_CREATE 28
#define ATTACH_UPROBE_MULTI 48
#define ATTACH_UPROBE_SESSION 57
#define UPROBE_MULTI_RETURN 1

struct link_create {
	uint32_t program, target, attach_type, flags;
	uint64_t path, offsets, counters, cookies;
	uint32_t nr, multi_flags, pid, zero;
};

static int create_link(struct link_create *create)
{
	return (int)syscall(SYS_bpf, COMMAND_LINK_CREATE, create, sizeof(*create));
}

/*
 * Before 6.10 (46ba0e49b642, in some stable kernels) only the one thread counted whose number was given; the same
 * change refuses a negative number in front of all else.
 */
bool heap_has_multi(int program, bool session)
{
	uint64_t offset = 0;
	struct link_create create = {
		.program = (uint32_t)program, .attach_type = session ? ATTACH_UPROBE_SESSION : ATTACH_UPROBE_MULTI, .path = (uintptr_t)"/",
		.offsets = (uintptr_t)&offset, .nr = 1,
	};
	int link = create_link(&create);

	if (link >= 0 || errno != EBADF) {
		if (link >= 0)
			close(link);
		return false;
	}
	create.pid = (uint32_t)-1;
	return create_link(&create) < 0 && errno == EINVAL;
}

static int attach_multi(bool session, int program, pid_t pid, const char *path, const struct heap_place *const *places, unsigned nr,
			bool returns, int *links)
{
	uint64_t offsets[MOST_HEAP_PLACES];
	struct link_create create = {
		.program = (uint32_t)program, .attach_type = session ? ATTACH_UPROBE_SESSION : ATTACH_UPROBE_MULTI,
		.path = (uintptr_t)path, .offsets = (uintptr_t)offsets, .nr = nr,
		.multi_flags = returns ? UPROBE_MULTI_RETURN : 0, .pid = (uint32_t)pid,
	};

	for (unsigned i = 0; i < nr; i++)
		offsets[i] = places[i]->offset;
	links[0] = create_link(&create);
	if (links[0] < 0)
		return -1;
	fcntl(links[0], F_SETFD, FD_CLOEXEC);
	return 1;
}

/* A number from a file of a perf event source; `otherwise` if there is none. */
static uint32_t source_number(const char *path, const char *form, uint32_t otherwise)
{
	FILE *file = fopen(path, "re");
	uint32_t number = otherwise;

	if (!file)
		return otherwise;
	if (fscanf(file, form, &number) != 1)
		number = otherwise;
	fclose(file);
	return number;
}

#define SOURCE "/sys/bus/event_source/devices/uprobe/"

static int attach_perf_one(int program, pid_t pid, const char *path, uint64_t offset, bool returns)
{
	struct perf_event_attr event = { .size = sizeof(event) };
	int error, fd;

	event.type = source_number(SOURCE "type", "%u", 0);
	if (!event.type) {
		errno = ENOTSUP;
		return -1;
	}
	if (returns)
		event.config = 1ull << source_number(SOURCE "format/retprobe", "config:%u", 0);
	event.config1 = (uintptr_t)path;
	event.config2 = offset;
	fd = (int)syscall(SYS_perf_event_open, &event, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) == 0 && ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

int heap_attach(enum heap_way way, int program, pid_t pid, const char *path, const struct heap_place *const *places, unsigned nr,
		bool returns, int *links)
{
	if (way != HEAP_WAY_PERF)
		return attach_multi(way == HEAP_WAY_SESSION && !returns, program, pid, path, places, nr, returns, links);
	for (unsigned i = 0; i < nr; i++) {
		links[i] = attach_perf_one(program, pid, path, places[i]->offset, returns);
		if (links[i] < 0) {
			int error = errno;

			while (i--)
				close(links[i]);
			errno = error;
			return -1;
		}
	}
	return (int)nr;
}
