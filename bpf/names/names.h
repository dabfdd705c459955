/* SPDX-License-Identifier: MIT */
/* What a page or an object belongs to: a file and its mount, a socket and its peer, a BPF map. */
#ifndef NAMES_H
#define NAMES_H

#include "census.h"

/* Lines that are answered; more are counted. */
#define MAX_ITEMS 4096u

/* ---- name-fields.c: where the kernel keeps the names ---- */

/* X(identifier, struct, member), as CENSUS_FIELDS; of names with | between, the first that there is. */
#define NAME_FIELDS(X) \
	X(SPACE_HOST, "address_space", "host") \
	X(SPACE_PAGES, "address_space", "i_pages") \
	X(INODE_SB, "inode", "i_sb") \
	X(INODE_MODE, "inode", "i_mode") \
	X(INODE_NUMBER, "inode", "i_ino") \
	X(INODE_LINKS, "inode", "i_nlink") \
	X(INODE_SIZE, "inode", "i_size") \
	X(INODE_RDEV, "inode", "i_rdev") \
	X(INODE_DENTRIES, "inode", "i_dentry") \
	X(INODE_DATA, "inode", "i_data") \
	X(SB_DEV, "super_block", "s_dev") \
	X(SB_TYPE, "super_block", "s_type") \
	X(SB_ROOT, "super_block", "s_root") \
	X(SB_ID, "super_block", "s_id") \
	X(SB_MOUNTS, "super_block", "s_mounts") \
	X(FS_NAME, "file_system_type", "name") \
	X(DENTRY_PARENT, "dentry", "d_parent") \
	X(DENTRY_NAME, "dentry", "d_name.name") \
	X(DENTRY_INODE, "dentry", "d_inode") \
	X(DENTRY_SB, "dentry", "d_sb") \
	X(DENTRY_ALIAS, "dentry", "d_u.d_alias|d_alias") \
	X(MOUNT_PARENT, "mount", "mnt_parent") \
	X(MOUNT_POINT, "mount", "mnt_mountpoint") \
	X(MOUNT_VFS, "mount", "mnt") \
	X(MOUNT_ROOT, "mount", "mnt.mnt_root") \
	X(MOUNT_SB, "mount", "mnt.mnt_sb") \
	X(MOUNT_NS, "mount", "mnt_ns") \
	X(MOUNT_INSTANCE, "mount", "mnt_instance") \
	X(MOUNT_NEXT, "mount", "mnt_next_for_sb") \
	X(TASK_NSPROXY, "task_struct", "nsproxy") \
	X(NSPROXY_MOUNTS, "nsproxy", "mnt_ns") \
	X(FILE_DENTRY, "file", "f_path.dentry") \
	X(FILE_MOUNT, "file", "f_path.mnt") \
	X(BUFFER_PAGE, "buffer_head", "b_page|b_folio") \
	X(NODE_ARRAY, "xa_node", "array") \
	X(SKB_SK, "sk_buff", "sk") \
	X(SKC_FAMILY, "sock_common", "skc_family") \
	X(SKC_STATE, "sock_common", "skc_state") \
	X(SKC_PROT, "sock_common", "skc_prot") \
	X(SKC_DADDR, "sock_common", "skc_daddr") \
	X(SKC_SADDR, "sock_common", "skc_rcv_saddr") \
	X(SKC_DPORT, "sock_common", "skc_dport") \
	X(SKC_SPORT, "sock_common", "skc_num") \
	X(SKC_DADDR6, "sock_common", "skc_v6_daddr") \
	X(SKC_SADDR6, "sock_common", "skc_v6_rcv_saddr") \
	X(SK_TYPE, "sock", "sk_type") \
	X(SK_PROTOCOL, "sock", "sk_protocol") \
	X(SK_SOCKET, "sock", "sk_socket") \
	X(PROTO_NAME, "proto", "name") \
	X(PROTO_SLAB, "proto", "slab") \
	X(PROTO_BYTES, "proto", "obj_size") \
	X(PROTO_WAITING, "proto", "twsk_prot") \
	X(PROTO_REQUESTS, "proto", "rsk_prot") \
	X(WAITING_SLAB, "timewait_sock_ops", "twsk_slab") \
	X(REQUESTS_SLAB, "request_sock_ops", "slab") \
	X(ALLOC_SOCKET, "socket_alloc", "socket") \
	X(ALLOC_INODE, "socket_alloc", "vfs_inode") \
	X(UNIX_ADDR, "unix_sock", "addr") \
	X(UNIX_PEER, "unix_sock", "peer") \
	X(UNIX_LENGTH, "unix_address", "len") \
	X(UNIX_NAME, "unix_address", "name")

#define AS_NAME_FIELD(id, ...) N_##id,
enum name_field { NAME_FIELDS(AS_NAME_FIELD) NR_NAME_FIELDS };

extern struct field name_fields[NR_NAME_FIELDS];

/* From the types that fields_open() has read. */
void name_fields_find(void);
/* True if all are there, up to NR_NAME_FIELDS; else missing.c has each. */
bool name_fields_there(const char *stage, const enum name_field *wanted);

static inline bool has_name_field(enum name_field id)
{
	return name_fields[id].offset >= 0;
}

/* A member of at most 8 bytes, of an object's copy. */
static inline uint64_t name_field_of(const uint8_t *object, enum name_field id)
{
	return field_at(object + name_fields[id].offset, &name_fields[id]);
}

/* ---- see.c: what may be read, without a walk over all pages ---- */

/* These read nothing but the kernel's own data, as safe.c does: the class of each page is asked for first. */
bool see(uint64_t address, void *to, size_t bytes);
/* 0 if it cannot be read. */
uint64_t see_word(uint64_t address);
uint64_t see_field(uint64_t object, enum name_field id);
/* A string as it is, cut at size - 1 bytes; "" if it cannot be read. */
void see_string(uint64_t address, char *to, size_t size);

/* ---- slab-objects.c ---- */

struct object {
	uint64_t address, cache;
	const char *name; /* of its cache */
	uint32_t bytes;
};

/* The object that begins at `address`, if there is a slab with one now. */
bool object_find(uint64_t address, struct object *object);
/* Whether it is still there, in a slab of the same cache. */
bool object_is_there(const struct object *object);

/* ---- paths.c: names of dentries, and where their file systems are mounted ---- */

#define PATH_BYTES 1024

struct path_text {
	char bytes[PATH_BYTES + 1];
	const char *text; /* in bytes: it is made from its end */
	bool cut;         /* it begins with "..." */
};

/* Whether paths can be read on this kernel. */
bool paths_open(void);
/*
 * A dentry's path, and where its file system is mounted. `mount`: the vfsmount it was opened on, 0 = not known.
 * *place stays "" if it is mounted nowhere; *elsewhere: only in another mount namespace.
 */
void path_find(uint64_t dentry, uint64_t mount, struct path_text *path, struct path_text *place, bool *elsewhere);

/* ---- inodes.c: files ---- */

bool inodes_open(void);
/* The inode that an address_space is of; 0: none that can be told. */
uint64_t inode_of_space(uint64_t space);
/* An inode within an object of `bytes`, of which `words` are a copy; 0: there is none. */
uint64_t inode_within(uint64_t object, const uint64_t *words, uint32_t bytes);
bool inode_put(FILE *to, uint64_t inode);
/* By the name and the vfsmount that it was opened by; 0: not known. */
bool inode_put_at(FILE *to, uint64_t inode, uint64_t dentry, uint64_t mount);
bool dentry_put(FILE *to, uint64_t dentry);
bool inode_is_socket(uint64_t inode);
/* The struct sock of a socket's inode. */
uint64_t sock_of_inode(uint64_t inode);
uint64_t inode_number(uint64_t inode);

/* ---- pages.c ---- */

/* Writes what a page belongs to; false: nothing is known. */
bool page_put(FILE *to, uint64_t pfn);

/* ---- sockets.c ---- */

bool sockets_open(void);
/* `sock`: the address of a struct sock, which its cache must confirm; false: it is none. */
bool socket_put(FILE *to, uint64_t sock);

/* ---- maps.c: BPF maps ---- */

/* Opens all maps, while this process may. */
void maps_open(void);
/* Where they lie, once kernel memory can be read. */
void maps_find(void);
/* `address`: of a map, or of memory that one refers to. */
bool map_put(FILE *to, uint64_t address);

/* ---- objects.c ---- */

/* Writes what an object is, or belongs to; false: nothing is known. */
bool object_put(FILE *to, const struct object *object);

/* ---- things.c: each thing once ---- */

/* A stream for the text of one thing; thing_end() returns its number, the same for the same text, -1 = none or no room. */
FILE *thing_begin(void);
int thing_end(bool known);
void things_put(FILE *out);
/* `,"name":"text"`, whatever bytes the text has. */
void put_text(FILE *to, const char *name, const char *text);

/* ---- names.c ---- */

/* Reads what is asked from stdin, writes the answer to stdout; returns the exit status. */
int names_run(void);

#endif
