/*
 * hold-percpu [N] [--wait]: holds N (12) BPF arrays of 1,024 entries of 1,024 bytes for each CPU.
 *
 * Truth: N times 1,024 percpu allocs of 1,024 bytes in bpf_map_alloc_percpu, each of which takes
 * 1,024 bytes for each possible CPU. They are freed when the arrays are closed, a moment later (RCU).
 */
#define _GNU_SOURCE
#include "load.h"
#include <linux/bpf.h>
#include <sys/syscall.h>

#define ENTRIES 1024
#define ENTRY_BYTES 1024

static int create_array(void)
{
	union bpf_attr attributes = {
		.map_type = BPF_MAP_TYPE_PERCPU_ARRAY,
		.key_size = 4,
		.value_size = ENTRY_BYTES,
		.max_entries = ENTRIES,
	};

	return (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes));
}

int main(int argc, char **argv)
{
	long count = 12, cpus = sysconf(_SC_NPROCESSORS_CONF);
	int wait = 0, *maps;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wait") == 0)
			wait = 1;
		else
			count = load_number(argv[i], 1000);
	}
	load_begin();
	maps = malloc(count * sizeof(*maps));
	if (!maps)
		load_die("malloc");
	load_wait_for_go("hold-percpu", wait);
	for (long i = 0; i < count; i++) {
		maps[i] = create_array();
		if (maps[i] < 0)
			load_die("bpf(BPF_MAP_CREATE)");
	}
	load_say("{\"state\":\"held\",\"program\":\"hold-percpu\",\"pid\":%d,\"truth\":["
		 "{\"allocator\":\"percpu\",\"kind\":\"percpu_alloc_percpu\",\"symbol\":\"bpf_map_alloc_percpu\",\"count\":%ld,\"bytes\":%ld}]}\n",
		 (int)getpid(), count * ENTRIES, count * ENTRIES * ENTRY_BYTES * cpus);
	if (!load_next_line())
		return 0;
	for (long i = 0; i < count; i++)
		close(maps[i]);
	load_say("{\"state\":\"released\",\"program\":\"hold-percpu\",\"pid\":%d}\n", (int)getpid());
	while (load_next_line())
		;
	return 0;
}
