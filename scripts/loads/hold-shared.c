/*
 * hold-shared [N] [--wait]: holds memory that no mapping of a file shows, of each kind once, for a look
 * that begins when all of it is there:
 *
 *   memfd     48 MiB, open
 *   shared    40 MiB of shared anonymous memory, mapped
 *   sysv      32 MiB, attached
 *   deleted   24 MiB of a file on /dev/shm that has no name any more, open
 *   packet    16 MiB, the receive ring of a packet socket (needs root, else 0)
 *   tcp       what N connections (20) to itself take while nobody reads: bytes that were sent
 *
 * The line "held" has "objects":[{"kind":"memfd","bytes":50331648},...] instead of "truth".
 */
#define _GNU_SOURCE
#include "load.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>

#define MIB (1L << 20)
#define SYSV_BYTES (32 * MIB)

static char megabyte[MIB];

static void fill(int file, long bytes)
{
	for (long done = 0; done < bytes; done += MIB)
		if (write(file, megabyte, MIB) != MIB)
			load_die("write");
}

static void hold_memfd(long bytes)
{
	int file = memfd_create("unfreed-load", 0);

	if (file < 0)
		load_die("memfd_create");
	fill(file, bytes);
}

static void hold_shared(long bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		load_die("mmap");
	memset(memory, 1, bytes);
}

/* The segment is marked for removal at once, so that it ends with this process. */
static void hold_sysv(long bytes)
{
	int id = shmget(IPC_PRIVATE, bytes, 0600);
	char *memory = id < 0 ? (char *)-1 : shmat(id, NULL, 0);

	if (memory == (char *)-1)
		load_die("shmget");
	memset(memory, 1, bytes);
	shmctl(id, IPC_RMID, NULL);
}

static void hold_deleted(long bytes)
{
	char path[64];
	int file;

	snprintf(path, sizeof(path), "/dev/shm/unfreed-load-%d", (int)getpid());
	file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (file < 0)
		load_die(path);
	unlink(path);
	fill(file, bytes);
}

static long hold_packet_ring(void)
{
	struct tpacket_req ring = { .tp_block_size = 65536, .tp_block_nr = 256, .tp_frame_size = 2048 };
	/* An Ethernet type for experiments: no packet comes. */
	int sock = socket(AF_PACKET, SOCK_RAW, htons(0x88b5));

	if (sock < 0)
		return 0;
	ring.tp_frame_nr = ring.tp_block_size / ring.tp_frame_size * ring.tp_block_nr;
	if (setsockopt(sock, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) < 0)
		load_die("PACKET_RX_RING");
	return (long)ring.tp_block_size * ring.tp_block_nr;
}

static long hold_tcp(long connections)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	long sent = 0;

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 ||
	    listen(listener, connections) < 0 || getsockname(listener, (struct sockaddr *)&address, &length) < 0)
		load_die("listen");
	for (long i = 0; i < connections; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0);
		ssize_t count;

		if (client < 0 || connect(client, (struct sockaddr *)&address, length) < 0 ||
		    accept(listener, NULL, NULL) < 0)
			load_die("connect");
		while ((count = send(client, megabyte, 65536, MSG_DONTWAIT)) > 0)
			sent += count;
	}
	return sent;
}

int main(int argc, char **argv)
{
	long packet, tcp, connections = 20;
	int wait = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wait") == 0)
			wait = 1;
		else
			connections = load_number(argv[i], 10000);
	}
	load_begin();
	memset(megabyte, 'u', sizeof(megabyte));
	load_wait_for_go("hold-shared", wait);
	hold_memfd(48 * MIB);
	hold_shared(40 * MIB);
	hold_sysv(SYSV_BYTES);
	hold_deleted(24 * MIB);
	packet = hold_packet_ring();
	tcp = hold_tcp(connections);
	load_say("{\"state\":\"held\",\"program\":\"hold-shared\",\"pid\":%d,\"objects\":["
		 "{\"kind\":\"memfd\",\"bytes\":%ld},{\"kind\":\"shared\",\"bytes\":%ld},{\"kind\":\"sysv\",\"bytes\":%ld},"
		 "{\"kind\":\"deleted\",\"bytes\":%ld},{\"kind\":\"packet\",\"bytes\":%ld},{\"kind\":\"tcp\",\"bytes\":%ld}]}\n",
		 (int)getpid(), 48 * MIB, 40 * MIB, SYSV_BYTES, 24 * MIB, packet, tcp);
	while (load_next_line())
		;
	return 0;
}
