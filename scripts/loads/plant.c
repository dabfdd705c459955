/*
 * plant KIND AMOUNT [--wait]: takes a known amount of memory of one kind, for a look that begins when all
 * of it is there. AMOUNT is in MiB; of cgroups and dentries it is a number. Needs root for most kinds.
 *
 *   pipes     data in pipes of 1 MiB that nobody reads
 *   packet    receive rings of packet sockets, at most 512 MiB each
 *   tmpfs     a file in a tmpfs on /mnt, in a mount namespace of its own: it ends with this process
 *   memfd     one memfd
 *   sysv      one segment, attached
 *   tables    page tables: one page of every 2 MiB of address space, all of them the zero page
 *   hugetlb   huge pages that nobody uses; the pool gets its old size back at the end
 *   bpf       BPF arrays of 256 MiB
 *   bpf-hash  BPF hash maps of 64 MiB, and what they take beside their values
 *   anon      anonymous memory of this process
 *   tcp       connections to itself, whose data nobody reads
 *   unix      pairs of unix sockets, whose data nobody reads
 *   removed   a memfd that is filled in a memory cgroup, which is removed then
 *   cgroups   memory cgroups that are removed while a page of a file is charged to each
 *   dentries  names that are looked up and do not exist
 *
 * The line "held" has "objects":[{"kind":KIND,"bytes":N}] instead of "truth": what was taken, bytes.
 * Everything is given back at the end of the process, at EOF, or at SIGTERM.
 */
#define _GNU_SOURCE
#include "load.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define MIB (1L << 20)
#define POOL "/proc/sys/vm/nr_hugepages"
/* Of the version 1 tree, or of the version 2 tree, whichever is there. */
#define GROUPS_V1 "/sys/fs/cgroup/memory"
#define GROUPS_V2 "/sys/fs/cgroup"

static char megabyte[MIB];

static void fill(int file, long bytes)
{
	for (long done = 0; done < bytes; done += MIB)
		if (write(file, megabyte, MIB) != MIB)
			load_die("write");
}

static long hold_pipes(long mib)
{
	for (long i = 0; i < mib; i++) {
		int ends[2];

		if (pipe2(ends, O_NONBLOCK) < 0)
			load_die("pipe2");
		if (fcntl(ends[1], F_SETPIPE_SZ, (int)MIB) < MIB)
			load_die("a pipe does not take 1 MiB");
		fill(ends[1], MIB);
	}
	return mib * MIB;
}

static long hold_packet(long mib)
{
	for (long left = mib; left > 0; left -= 512) {
		struct tpacket_req ring = { .tp_block_size = 65536, .tp_frame_size = 2048 };
		/* An Ethernet type for experiments: no packet comes. */
		int sock = socket(AF_PACKET, SOCK_RAW, htons(0x88b5));

		ring.tp_block_nr = (left < 512 ? left : 512) * MIB / ring.tp_block_size;
		ring.tp_frame_nr = ring.tp_block_size / ring.tp_frame_size * ring.tp_block_nr;
		if (sock < 0 || setsockopt(sock, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) < 0)
			load_die("PACKET_RX_RING");
	}
	return mib * MIB;
}

static long hold_tmpfs(long mib)
{
	char options[32];
	int file;

	snprintf(options, sizeof(options), "size=%ldm", mib + 1);
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("plant", "/mnt", "tmpfs", 0, options) < 0)
		load_die("mount");
	file = open("/mnt/planted", O_RDWR | O_CREAT, 0600);
	if (file < 0)
		load_die("/mnt/planted");
	fill(file, mib * MIB);
	close(file);
	return mib * MIB;
}

static long hold_memfd(long mib)
{
	int file = memfd_create("planted", 0);

	if (file < 0)
		load_die("memfd_create");
	fill(file, mib * MIB);
	return mib * MIB;
}

/* The segment is marked for removal at once, so that it ends with this process. */
static long hold_sysv(long mib)
{
	int id = shmget(IPC_PRIVATE, mib * MIB, 0600);
	char *memory = id < 0 ? (char *)-1 : shmat(id, NULL, 0);

	if (memory == (char *)-1)
		load_die("shmget");
	memset(memory, 1, mib * MIB);
	shmctl(id, IPC_RMID, NULL);
	return mib * MIB;
}

static char *map(long bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		load_die("mmap");
	return memory;
}

/* A table of 4 KiB maps 2 MiB; the tables above it are 1/512 more. */
static long hold_tables(long mib)
{
	long count = mib * MIB / 4096;
	volatile char *memory = map(count * 2 * MIB);

	madvise((void *)memory, count * 2 * MIB, MADV_NOHUGEPAGE);
	for (long i = 0; i < count; i++)
		(void)memory[i * 2 * MIB];
	return count * 4096 + count / 512 * 4096;
}

static long hold_anon(long mib)
{
	memset(map(mib * MIB), 1, mib * MIB);
	return mib * MIB;
}

static long read_number(const char *path)
{
	char text[32] = "";
	int file = open(path, O_RDONLY);
	long value = file < 0 || read(file, text, sizeof(text) - 1) <= 0 ? -1 : strtol(text, NULL, 10);

	if (file >= 0)
		close(file);
	return value;
}

static int write_number(const char *path, long value)
{
	char text[32];
	int file = open(path, O_WRONLY);
	int length = snprintf(text, sizeof(text), "%ld\n", value);
	int failed = file < 0 || write(file, text, length) != length;

	if (file >= 0)
		close(file);
	return failed ? -1 : 0;
}

static long pool_before;

static void give_pool_back(void)
{
	write_number(POOL, pool_before);
}

/* Returns what the kernel could find: memory may be in pieces. */
static long hold_hugetlb(long mib)
{
	pool_before = read_number(POOL);
	if (pool_before < 0)
		load_die(POOL);
	atexit(give_pool_back);
	if (write_number(POOL, pool_before + mib / 2) < 0)
		load_die(POOL);
	return (read_number(POOL) - pool_before) * 2 * MIB;
}

static long hold_maps(enum bpf_map_type type, long mib, long each)
{
	for (long left = mib; left > 0; left -= each) {
		union bpf_attr attributes = { .map_type = type, .key_size = 4, .value_size = 4096 };

		attributes.max_entries = (left < each ? left : each) * 256;
		memcpy(attributes.map_name, "planted", 8);
		if (syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)) < 0)
			load_die("bpf");
	}
	return mib * MIB;
}

static long hold_bpf(long mib)
{
	return hold_maps(BPF_MAP_TYPE_ARRAY, mib, 256);
}

static long hold_bpf_hash(long mib)
{
	return hold_maps(BPF_MAP_TYPE_HASH, mib, 64);
}

/* 32 MiB on each connection; a window of that size needs a buffer of twice as much. */
static long hold_tcp(long mib)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int buffer = 128 * MIB;
	long sent = 0;

	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) < 0 ||
	    bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1024) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &length) < 0)
		load_die("listen");
	while (sent < mib * MIB) {
		int client = socket(AF_INET, SOCK_STREAM, 0);
		long most = sent + 32 * MIB;

		if (client < 0 || connect(client, (struct sockaddr *)&address, length) < 0 ||
		    accept(listener, NULL, NULL) < 0)
			load_die("connect");
		while (sent < most && sent < mib * MIB) {
			struct pollfd writable = { .fd = client, .events = POLLOUT };
			ssize_t count = send(client, megabyte, 65536, MSG_DONTWAIT);

			if (count > 0)
				sent += count;
			else if (poll(&writable, 1, 1000) <= 0)
				break;
		}
	}
	return sent;
}

/* Of this size all of a message is in pages of its own, none in the slab. */
#define UNIX_MESSAGE 32768

static long hold_unix(long mib)
{
	long sent = 0;

	while (sent < mib * MIB) {
		ssize_t count;
		int ends[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
			load_die("socketpair");
		while (sent < mib * MIB && (count = send(ends[0], megabyte, UNIX_MESSAGE, MSG_DONTWAIT)) > 0) {
			if (count != UNIX_MESSAGE)
				load_die("a unix socket took a part of a message");
			sent += count;
		}
	}
	return sent;
}

static char names[] = "/var/tmp/unfreed-plant-XXXXXX";

static void remove_names(void)
{
	rmdir(names);
}

/* The folder's names go with it. */
static long hold_dentries(long count)
{
	char path[80];
	struct stat found;

	if (mkdtemp(names) == NULL)
		load_die(names);
	atexit(remove_names);
	for (long i = 0; i < count && !load_exit_asked; i++) {
		snprintf(path, sizeof(path), "%s/%ld", names, i);
		if (stat(path, &found) == 0)
			load_die("a name that nobody made is there");
	}
	return count * 192;
}

/* Paths of a memory cgroup of this process, of the file that takes processes into it, and of its parent's. */
static char group[128], procs[160], home[160];

static void name_group(void)
{
	const char *tree = access(GROUPS_V1, F_OK) == 0 ? GROUPS_V1 : GROUPS_V2;

	snprintf(group, sizeof(group), "%s/unfreed-plant-%d", tree, (int)getpid());
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", group);
	snprintf(home, sizeof(home), "%s/cgroup.procs", tree);
}

static void enter_group(void)
{
	if (mkdir(group, 0755) < 0 || write_number(procs, getpid()) < 0)
		load_die(group);
}

/* What is charged to the cgroup keeps it in memory. */
static void remove_group(void)
{
	if (write_number(home, getpid()) < 0 || rmdir(group) < 0)
		load_die(group);
}

/* Each cgroup has a page of a file that outlives it. */
static long hold_cgroups(long count)
{
	int file = memfd_create("charged", 0);

	if (file < 0)
		load_die("memfd_create");
	name_group();
	for (long i = 0; i < count && !load_exit_asked; i++) {
		enter_group();
		if (pwrite(file, "u", 1, i * 4096) != 1)
			load_die("pwrite");
		remove_group();
	}
	return count * 4096 * sysconf(_SC_NPROCESSORS_CONF);
}

static long hold_removed(long mib)
{
	long bytes;

	name_group();
	enter_group();
	bytes = hold_memfd(mib);
	remove_group();
	return bytes;
}

static const struct {
	const char *name;
	long (*hold)(long amount);
} kinds[] = {
	{ "pipes", hold_pipes },     { "packet", hold_packet },	  { "tmpfs", hold_tmpfs },   { "memfd", hold_memfd },
	{ "sysv", hold_sysv },	     { "tables", hold_tables },	  { "anon", hold_anon },     { "hugetlb", hold_hugetlb },
	{ "bpf", hold_bpf },	     { "tcp", hold_tcp },	  { "dentries", hold_dentries }, { "cgroups", hold_cgroups },
	{ "bpf-hash", hold_bpf_hash }, { "unix", hold_unix },	     { "removed", hold_removed },
};

int main(int argc, char **argv)
{
	long amount, bytes = -1;

	if (argc < 3) {
		fprintf(stderr, "plant KIND AMOUNT [--wait]\n");
		return 2;
	}
	amount = load_number(argv[2], 10000000);
	load_begin();
	memset(megabyte, 'u', sizeof(megabyte));
	load_wait_for_go("plant", argc > 3 && strcmp(argv[3], "--wait") == 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, argv[1]) == 0)
			bytes = kinds[i].hold(amount);
	if (bytes < 0) {
		fprintf(stderr, "%s: no such kind\n", argv[1]);
		return 2;
	}
	load_say("{\"state\":\"held\",\"program\":\"plant\",\"pid\":%d,\"objects\":[{\"kind\":\"%s\",\"bytes\":%ld}]}\n",
		 (int)getpid(), argv[1], bytes);
	while (load_next_line())
		;
	/* What is to be undone is undone by atexit(). */
	exit(0);
}
