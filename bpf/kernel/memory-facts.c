// SPDX-License-Identifier: MIT
/* What the equation of src/proc/memory-account.ts needs to know of this machine, and no counter shows. */
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>
#include "kernel.h"

#define READ_ALL 3
#define SIZE_OF_BUFFER 10

/*
 * mm/percpu.c at boot: "percpu: Embedded 53 pages/cpu s185560 r0 d31528 u1048576", or, of the page
 * allocator's first chunk, "percpu: 53 4K pages/cpu s...". The line is the first of its kind.
 */
uint64_t percpu_pages_in_log(const char *log)
{
	static const char *const starts[] = { "percpu: Embedded ", "percpu: " };

	for (const char *at = log; (at = strstr(at, "percpu: ")); at++) {
		const char *line_end = strchrnul(at, '\n');
		const char *unit = strstr(at, " pages/cpu");

		if (!unit || unit > line_end)
			continue;
		for (int i = 0; i < 2; i++) {
			size_t length = strlen(starts[i]);

			if (strncmp(at, starts[i], length) == 0 && at[length] >= '0' && at[length] <= '9')
				return strtoull(at + length, NULL, 10);
		}
	}
	return 0;
}

uint64_t percpu_first_chunk_bytes(void)
{
	int size = klogctl(SIZE_OF_BUFFER, NULL, 0);
	char *log = size > 0 ? malloc((size_t)size + 1) : NULL;
	uint64_t bytes = 0;
	int n;

	if (!log)
		return 0;
	n = klogctl(READ_ALL, log, size);
	if (n > 0) {
		log[n] = 0;
		bytes = percpu_pages_in_log(log) * (uint64_t)sysconf(_SC_PAGESIZE) *
			(uint64_t)sysconf(_SC_NPROCESSORS_CONF);
	}
	free(log);
	return bytes;
}

#define VIRTIO_DEVICES "/sys/bus/virtio/devices"
#define VIRTIO_ID_BALLOON "0x0005"
#define VIRTIO_BALLOON_F_DEFLATE_ON_OOM 2

static bool read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "r");
	bool ok = file && fgets(line, (int)size, file);

	if (file)
		fclose(file);
	return ok;
}

/* The kernel's virtio balloon calls adjust_managed_page_count() unless DEFLATE_ON_OOM; VMware's never does. */
bool balloon_in_total(void)
{
	char path[128], line[128];

	if (access("/sys/module/vmw_balloon", F_OK) == 0 &&
	    read_line("/sys/class/dmi/id/sys_vendor", line, sizeof(line)) && strncmp(line, "VMware", 6) == 0)
		return true;
	for (int i = 0; i < 64; i++) {
		snprintf(path, sizeof(path), VIRTIO_DEVICES "/virtio%d/device", i);
		if (!read_line(path, line, sizeof(line)) || strncmp(line, VIRTIO_ID_BALLOON, 6) != 0)
			continue;
		snprintf(path, sizeof(path), VIRTIO_DEVICES "/virtio%d/features", i);
		/* one digit a feature, the first is number 0 */
		if (read_line(path, line, sizeof(line)) && strlen(line) > VIRTIO_BALLOON_F_DEFLATE_ON_OOM)
			return line[VIRTIO_BALLOON_F_DEFLATE_ON_OOM] == '1';
	}
	return false;
}
