// SPDX-License-Identifier: MIT
/* What an object of a slab is, or belongs to: by the name of its cache, and by what its words confirm. */
#include <string.h>
#include "names.h"

#define MOST_BYTES 4096u

static bool is_named(const struct object *object, const char *name)
{
	return strcmp(object->name, name) == 0;
}

static uint64_t field_within(const uint8_t *bytes, uint32_t nr, enum name_field id)
{
	return has_name_field(id) && (uint32_t)name_fields[id].offset + 8 <= nr ? name_field_of(bytes, id) : 0;
}

/* A node of the tree that finds the pages of a file. */
static bool node_put(FILE *to, uint64_t array)
{
	uint64_t inode = array && has_name_field(N_SPACE_PAGES) ? inode_of_space(array - (uint64_t)name_fields[N_SPACE_PAGES].offset) : 0;

	return inode && inode_put(to, inode);
}

/* An open file: of a socket what that is. */
static bool file_put(FILE *to, uint64_t file)
{
	uint64_t dentry = see_field(file, N_FILE_DENTRY), inode = see_field(dentry, N_DENTRY_INODE);

	if (!inode)
		return false;
	if (inode_is_socket(inode))
		return socket_put(to, sock_of_inode(inode));
	return inode_put_at(to, inode, dentry, see_field(file, N_FILE_MOUNT));
}

static bool buffer_put(FILE *to, uint64_t page)
{
	uint64_t pfn = pfn_of_page(page);

	return pfn != UINT64_MAX && page_put(to, pfn);
}

bool object_put(FILE *to, const struct object *object)
{
	uint64_t words[MOST_BYTES / 8] = { 0 }, inode;
	const uint8_t *bytes = (const uint8_t *)words;
	uint32_t nr = (object->bytes < MOST_BYTES ? object->bytes : MOST_BYTES) / 8 * 8;

	if (!nr || !see(object->address, words, nr))
		return false;
	if (is_named(object, "dentry"))
		return dentry_put(to, object->address);
	if (is_named(object, "filp"))
		return file_put(to, object->address);
	if (is_named(object, "radix_tree_node"))
		return node_put(to, field_within(bytes, nr, N_NODE_ARRAY));
	if (is_named(object, "buffer_head"))
		return buffer_put(to, field_within(bytes, nr, N_BUFFER_PAGE));
	if (is_named(object, "skbuff_head_cache") || is_named(object, "skbuff_fclone_cache"))
		return socket_put(to, field_within(bytes, nr, N_SKB_SK));
	inode = inode_within(object->address, words, nr);
	if (inode)
		return inode_is_socket(inode) ? socket_put(to, sock_of_inode(inode)) : inode_put(to, inode);
	return socket_put(to, object->address) || map_put(to, object->address);
}
