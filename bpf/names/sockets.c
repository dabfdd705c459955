// SPDX-License-Identifier: MIT
/* Sockets: protocol, state, addresses, path and peer, as ss(8) shows them. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "names.h"

#define COMMON_BYTES 256
#define MOST_PROTOCOLS 64

/* struct proto: in the kernel's image, or in a module. */
static struct protocol {
	uint64_t address, slab, waiting, requests; /* caches: of sockets, of those in TIME_WAIT, of those that begin */
	uint32_t bytes;                            /* of a socket */
	char name[32];
} protocols[MOST_PROTOCOLS];
static uint32_t nr_protocols;

static bool ready;

bool sockets_open(void)
{
	static const enum name_field needed[] = { N_SKC_FAMILY, N_SKC_STATE, N_SKC_PROT, N_SKC_DADDR, N_SKC_SADDR, N_SKC_DPORT,
						  N_SKC_SPORT, N_SK_TYPE, N_SK_SOCKET, N_PROTO_NAME, N_PROTO_SLAB, N_PROTO_BYTES,
						  NR_NAME_FIELDS };

	ready = name_fields_there("sockets", needed);
	return ready;
}

/* Up to the last of its addresses. */
static size_t common_bytes(void)
{
	int32_t end = name_fields[N_SKC_PROT].offset + 8;

	for (int i = N_SKC_FAMILY; i <= N_SKC_SADDR6; i++) {
		if (has_name_field(i) && name_fields[i].offset + 16 > end)
			end = name_fields[i].offset + 16;
	}
	return (size_t)end <= COMMON_BYTES ? (size_t)end : 0;
}

/* "TCP", "UNIX-STREAM", "AF_VSOCK" */
static bool is_name(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

/* What an object that is no socket has in its place lies in no image of code, or looks otherwise. */
static const struct protocol *protocol_at(uint64_t address)
{
	struct protocol *protocol = &protocols[nr_protocols];

	for (uint32_t i = 0; i < nr_protocols; i++) {
		if (protocols[i].address == address)
			return &protocols[i];
	}
	if (nr_protocols == MOST_PROTOCOLS || !is_kernel_address(address) || pfn_of_linear(address) != UINT64_MAX)
		return NULL;
	memset(protocol, 0, sizeof(*protocol));
	see_string(address + (uint64_t)name_fields[N_PROTO_NAME].offset, protocol->name, sizeof(protocol->name));
	protocol->bytes = (uint32_t)see_field(address, N_PROTO_BYTES);
	if (!*protocol->name || !is_name(protocol->name) || protocol->bytes < common_bytes())
		return NULL;
	protocol->address = address;
	protocol->slab = see_field(address, N_PROTO_SLAB);
	protocol->waiting = see_field(see_field(address, N_PROTO_WAITING), N_WAITING_SLAB);
	protocol->requests = see_field(see_field(address, N_PROTO_REQUESTS), N_REQUESTS_SLAB);
	nr_protocols++;
	return protocol;
}

/* ---- words, as ss(8) has them ---- */

static const char *word(const char *const *words, uint32_t nr, uint64_t number)
{
	return number < nr && words[number] ? words[number] : "";
}

static const char *family_word(uint64_t family)
{
	static const char *const words[] = { [AF_UNIX] = "unix", [AF_INET] = "inet", [AF_INET6] = "inet6", [AF_NETLINK] = "netlink",
					     [AF_PACKET] = "packet", [AF_VSOCK] = "vsock", [AF_TIPC] = "tipc", [AF_ALG] = "alg" };

	return word(words, sizeof(words) / sizeof(words[0]), family);
}

static const char *type_word(uint64_t type)
{
	static const char *const words[] = { [SOCK_STREAM] = "stream", [SOCK_DGRAM] = "dgram", [SOCK_RAW] = "raw", [SOCK_RDM] = "rdm",
					     [SOCK_SEQPACKET] = "seqpacket", [SOCK_DCCP] = "dccp", [SOCK_PACKET] = "packet" };

	return word(words, sizeof(words) / sizeof(words[0]), type);
}

static const char *state_word(uint64_t state)
{
	static const char *const words[] = { "", "ESTABLISHED", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
					     "CLOSE", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING", "SYN-RECV" };

	return word(words, sizeof(words) / sizeof(words[0]), state);
}

/* ---- addresses ---- */

static bool is_zero(const uint8_t *bytes, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (bytes[i])
			return false;
	}
	return true;
}

static void put_address(FILE *to, const char *name, int family, const uint8_t *address, uint16_t port)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (is_zero(address, family == AF_INET6 ? 16 : 4) && !port)
		return;
	inet_ntop(family, address, text, sizeof(text));
	fprintf(to, family == AF_INET6 ? ",\"%s\":\"[%s]:%u\"" : ",\"%s\":\"%s:%u\"", name, text, port);
}

static void put_addresses(FILE *to, const uint8_t *common, uint64_t family)
{
	enum name_field here = family == AF_INET6 ? N_SKC_SADDR6 : N_SKC_SADDR, there = family == AF_INET6 ? N_SKC_DADDR6 : N_SKC_DADDR;

	if ((family != AF_INET && family != AF_INET6) || !has_name_field(here))
		return;
	put_address(to, "local", (int)family, common + name_fields[here].offset, (uint16_t)name_field_of(common, N_SKC_SPORT));
	put_address(to, "peer", (int)family, common + name_fields[there].offset, ntohs((uint16_t)name_field_of(common, N_SKC_DPORT)));
}

/* The number that /proc/net and ss(8) know it by; without one no process has it open. */
static uint64_t number_of(uint64_t sock)
{
	uint64_t socket = see_field(sock, N_SK_SOCKET);

	if (!socket || !has_name_field(N_ALLOC_INODE) || !has_name_field(N_ALLOC_SOCKET))
		return 0;
	return inode_number(socket - (uint64_t)name_fields[N_ALLOC_SOCKET].offset + (uint64_t)name_fields[N_ALLOC_INODE].offset);
}

/* Of an abstract one the first byte is 0, which ss(8) shows as "@". */
static void put_unix_path(FILE *to, const char *name, uint64_t sock)
{
	uint64_t address = see_field(sock, N_UNIX_ADDR);
	int64_t length = (int32_t)see_field(address, N_UNIX_LENGTH) - (int64_t)offsetof(struct sockaddr_un, sun_path);
	char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1] = "";

	if (!address || length <= 0 || length >= (int64_t)sizeof(path) ||
	    !see(address + (uint64_t)name_fields[N_UNIX_NAME].offset + offsetof(struct sockaddr_un, sun_path), path, (size_t)length))
		return;
	if (!path[0]) {
		for (int64_t i = 0; i < length; i++)
			path[i] = path[i] ? path[i] : '@';
	}
	put_text(to, name, path);
}

static void put_unix(FILE *to, uint64_t sock)
{
	uint64_t peer = see_field(sock, N_UNIX_PEER);

	if (!has_name_field(N_UNIX_ADDR) || !has_name_field(N_UNIX_LENGTH) || !has_name_field(N_UNIX_NAME))
		return;
	put_unix_path(to, "local", sock);
	if (!peer)
		return;
	put_unix_path(to, "peer", peer);
	fprintf(to, ",\"peerInode\":%" PRIu64, number_of(peer));
}

/* ---- the socket ---- */

static void put_whole(FILE *to, uint64_t sock, uint64_t family)
{
	uint64_t inode = number_of(sock);

	put_text(to, "type", type_word(see_field(sock, N_SK_TYPE)));
	if (inode)
		fprintf(to, ",\"inode\":%" PRIu64, inode);
	else
		fputs(",\"closed\":true", to);
	if (family == AF_UNIX)
		put_unix(to, sock);
}

bool socket_put(FILE *to, uint64_t sock)
{
	uint8_t common[COMMON_BYTES];
	const struct protocol *protocol;
	struct object object;
	uint64_t family;
	bool whole;

	if (!ready || !sock || !common_bytes() || !object_find(sock, &object) || object.bytes < common_bytes() ||
	    !see(sock, common, common_bytes()))
		return false;
	protocol = protocol_at(name_field_of(common, N_SKC_PROT));
	family = name_field_of(common, N_SKC_FAMILY);
	if (!protocol || !family || family >= AF_MAX)
		return false;
	/* a protocol without a cache of its own takes its sockets from kmalloc */
	whole = (protocol->slab ? protocol->slab == object.cache : strncmp(object.name, "kmalloc-", 8) == 0) && object.bytes >= protocol->bytes;
	if (!whole && protocol->waiting != object.cache && protocol->requests != object.cache)
		return false;
	fputs("\"kind\":\"socket\"", to);
	put_text(to, "protocol", protocol->name);
	put_text(to, "family", family_word(family));
	put_text(to, "state", state_word(name_field_of(common, N_SKC_STATE)));
	put_addresses(to, common, family);
	if (whole)
		put_whole(to, sock, family);
	return true;
}
