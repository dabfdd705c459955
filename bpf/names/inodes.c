// SPDX-License-Identifier: MIT
/* Files: of an inode its device, number, path and mount. What stat(2) would say, and one that is deleted too. */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "names.h"

/* A number of the kernel's own dev_t: twelve bits of major, twenty of minor. */
#define MAJOR_OF(dev) ((unsigned)((dev) >> 20))
#define MINOR_OF(dev) ((unsigned)((dev) & 0xfffff))

static bool ready;

bool inodes_open(void)
{
	static const enum name_field needed[] = { N_SPACE_HOST, N_INODE_SB, N_INODE_MODE, N_INODE_NUMBER, N_INODE_LINKS,
						  N_INODE_SIZE, N_INODE_RDEV, N_INODE_DENTRIES, N_INODE_DATA, N_SB_DEV, N_SB_TYPE, N_SB_ID,
						  N_FS_NAME, N_DENTRY_INODE, N_DENTRY_ALIAS, NR_NAME_FIELDS };

	ready = name_fields_there("files", needed);
	return ready;
}

/* ---- which inode ---- */

/* The inode that has this within itself says so: it is its own address_space's host. */
uint64_t inode_of_space(uint64_t space)
{
	uint64_t host = ready && space ? see_field(space, N_SPACE_HOST) : 0;

	return host && host + (uint64_t)name_fields[N_INODE_DATA].offset == space ? host : 0;
}

uint64_t inode_within(uint64_t object, const uint64_t *words, uint32_t bytes)
{
	uint64_t before = ready ? (uint64_t)(name_fields[N_INODE_DATA].offset + name_fields[N_SPACE_HOST].offset) : UINT64_MAX;

	/* the word that points back to where it lies in an inode */
	for (uint64_t at = before; at + 8 <= bytes; at += 8) {
		if (words[at / 8] == object + at - before)
			return words[at / 8];
	}
	return 0;
}

bool inode_is_socket(uint64_t inode)
{
	return ready && S_ISSOCK((mode_t)see_field(inode, N_INODE_MODE));
}

uint64_t sock_of_inode(uint64_t inode)
{
	if (!has_name_field(N_ALLOC_INODE) || !has_name_field(N_ALLOC_SOCKET) || !has_field(F_SOCKET_SK))
		return 0;
	return see_word(inode - (uint64_t)name_fields[N_ALLOC_INODE].offset + (uint64_t)name_fields[N_ALLOC_SOCKET].offset +
			(uint64_t)fields[F_SOCKET_SK].offset);
}

uint64_t inode_number(uint64_t inode)
{
	return see_field(inode, N_INODE_NUMBER);
}

/* ---- what is said of it ---- */

/* The last part of the link that sysfs has for it. */
static void put_device_name(FILE *to, uint32_t dev)
{
	char path[64], target[256];
	const char *name;
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", MAJOR_OF(dev), MINOR_OF(dev));
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return;
	target[length] = 0;
	name = strrchr(target, '/');
	put_text(to, "path", name ? name + 1 : target);
}

static void put_device(FILE *to, uint32_t dev)
{
	fprintf(to, ",\"device\":\"%u:%u\"", MAJOR_OF(dev), MINOR_OF(dev));
}

static void put_place(FILE *to, uint64_t dentry, uint64_t mount)
{
	struct path_text path, place;
	bool elsewhere;

	path_find(dentry, mount, &path, &place, &elsewhere);
	if (*path.text)
		put_text(to, "path", path.text);
	if (*place.text)
		put_text(to, "mount", place.text);
	if (elsewhere)
		fputs(",\"elsewhere\":true", to);
}

static bool put_block_device(FILE *to, uint64_t inode)
{
	uint32_t dev = (uint32_t)see_field(inode, N_INODE_RDEV);

	fputs("\"kind\":\"block-device\"", to);
	put_device(to, dev);
	put_device_name(to, dev);
	return true;
}

/* A name of an inode: its first. */
static uint64_t dentry_of(uint64_t inode)
{
	uint64_t first = see_field(inode, N_INODE_DENTRIES), dentry;

	if (!first)
		return 0;
	dentry = first - (uint64_t)name_fields[N_DENTRY_ALIAS].offset;
	return see_field(dentry, N_DENTRY_INODE) == inode ? dentry : 0;
}

bool inode_put_at(FILE *to, uint64_t inode, uint64_t dentry, uint64_t mount)
{
	uint64_t sb = see_field(inode, N_INODE_SB);
	char fs[32], source[33] = "";

	if (!ready || !sb)
		return false;
	see_string(see_field(see_field(sb, N_SB_TYPE), N_FS_NAME), fs, sizeof(fs));
	if (!*fs)
		return false;
	if (strcmp(fs, "bdev") == 0 && S_ISBLK((mode_t)see_field(inode, N_INODE_MODE)))
		return put_block_device(to, inode);
	see_string(sb + (uint64_t)name_fields[N_SB_ID].offset, source, sizeof(source));
	fputs("\"kind\":\"file\"", to);
	put_device(to, (uint32_t)see_field(sb, N_SB_DEV));
	fprintf(to, ",\"inode\":%" PRIu64, inode_number(inode));
	put_text(to, "fs", fs);
	put_text(to, "source", source);
	fprintf(to, ",\"bytes\":%" PRIu64, see_field(inode, N_INODE_SIZE));
	if (!see_field(inode, N_INODE_LINKS))
		fputs(",\"deleted\":true", to);
	put_place(to, dentry ? dentry : dentry_of(inode), mount);
	return true;
}

bool inode_put(FILE *to, uint64_t inode)
{
	return inode_put_at(to, inode, 0, 0);
}

/* One without an inode is the memory of a name that was looked for and not found. */
bool dentry_put(FILE *to, uint64_t dentry)
{
	uint64_t sb = see_field(dentry, N_DENTRY_SB);
	char fs[32];

	if (!ready || !sb)
		return false;
	see_string(see_field(see_field(sb, N_SB_TYPE), N_FS_NAME), fs, sizeof(fs));
	if (!*fs)
		return false;
	fputs("\"kind\":\"dentry\"", to);
	put_device(to, (uint32_t)see_field(sb, N_SB_DEV));
	put_text(to, "fs", fs);
	if (!see_field(dentry, N_DENTRY_INODE))
		fputs(",\"missing\":true", to);
	put_place(to, dentry, 0);
	return true;
}
