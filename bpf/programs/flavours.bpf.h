/* SPDX-License-Identifier: MIT */
/*
 * The kernel structs we read, each with only the fields we use. libbpf takes
 * the true offsets from the running kernel's BTF (CO-RE); it ignores what
 * follows "___" in a struct's name. They are declared here, because vmlinux.h
 * describes the kernel of the machine that builds, and lacks structs that this
 * kernel does not have.
 */
#ifndef FLAVOURS_BPF_H
#define FLAVOURS_BPF_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kmem_cache___u {
	unsigned int size;        /* what an object takes */
	unsigned int object_size; /* what kmem_cache_create() was asked for */
	const char *name;
};

struct upid___u {
	int nr;
	void *ns;
};

struct pid___u {
	unsigned int level;
	struct upid___u numbers[1];
};

struct task_struct___family {
	int tgid;
	struct task_struct___family *real_parent;
	struct task_struct___family *group_leader;
	struct pid___u *thread_pid;
};

struct vmap_area___u {
	unsigned long va_start;
};

/* The order of a large folio: in a byte of its own before 6.6 (ebc1baf5c9b4), then in the low byte of _flags_1. */
struct folio___u {
	unsigned char _folio_order;
	unsigned long _flags_1;
};

/* Before 5.18 (a folio was one page): in the first tail page. */
struct page___compound {
	unsigned char compound_order;
};

enum pageflags___u { PG_head___u };

/*
 * Classic tracepoint records. Linux 6.1 split the event class kmem_alloc into
 * kmalloc and kmem_cache_alloc (2c1d697fb8ba) and dropped the _node events
 * (11e9734bcb6a); 5.12 gave kmem_cache_free a class of its own (3544de8ee6e4).
 * Between 6.12 and 6.18 kmem_cache_alloc gained a name in front of its sizes,
 * therefore no offset is fixed here. layouts.c has the same list.
 */
struct trace_event_raw_kmem_alloc___old { /* before 6.1 */
	const void *ptr;
	unsigned long bytes_req;
	unsigned long bytes_alloc;
};

struct trace_event_raw_kmem_alloc_node___old { /* before 6.1 */
	const void *ptr;
	unsigned long bytes_req;
	unsigned long bytes_alloc;
};

struct trace_event_raw_kmalloc___new { /* from 6.1 */
	const void *ptr;
	unsigned long bytes_req;
	unsigned long bytes_alloc;
};

struct trace_event_raw_kmem_cache_alloc___new { /* from 6.1 */
	const void *ptr;
	unsigned long bytes_req;
	unsigned long bytes_alloc;
};

struct trace_event_raw_kmem_free___old { /* before 5.12 */
	const void *ptr;
};

struct trace_event_raw_kfree___new { /* from 5.12 */
	const void *ptr;
};

struct trace_event_raw_kmem_cache_free___new { /* from 5.12 */
	const void *ptr;
};

struct trace_event_raw_mm_page_alloc___u {
	unsigned long pfn;
	unsigned int order;
};

struct trace_event_raw_mm_page_free___u {
	unsigned long pfn;
	unsigned int order;
};

struct trace_event_raw_percpu_alloc_percpu___u {
	unsigned long size;
	void *ptr;
};

struct trace_event_raw_percpu_free_percpu___u {
	void *ptr;
};

struct trace_event_raw_alloc_vmap_area___u {
	unsigned long addr;
	unsigned long size;
	int failed;
};

struct trace_event_raw_free_vmap_area_noflush___u {
	unsigned long va_start;
};

#pragma clang attribute pop

#endif
