// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * census.bpf.c: copies kernel memory to the loader, which does all the thinking (memory/, census/). Thinking here
 * is 18 times slower: 10 M struct pages a second instead of 180 M (6.18).
 *
 * No hook, no lock, no loop without end: a call copies what its requests ask for, as
 * bpf_probe_read_kernel() does it, which refuses user addresses and takes no page fault. It writes to its
 * own maps alone. It names no type of the kernel, so it loads without BTF.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "copy.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct copy_requests);
} requests SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct copy_buffer);
} buffer SEC(".maps");

/* Of use by its addresses alone: where each CPU's part of per-CPU memory lies. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} anchor SEC(".maps");

struct copy_self self = {};

const char name_format[] = "%pS";

/*
 * In assembly, right before the value is used: what a compiler makes of a comparison (clang 21: of a
 * copy, or of half a register) tells the verifiers of 5.10 and 6.1 nothing about the register that is used.
 * The loader never asks for more.
 */
#define MASKED(value, mask) ({ u64 masked_value = (value); asm volatile("%0 &= %1" : "+r"(masked_value) : "i"(mask)); masked_value; })

static __always_inline s64 copy(struct copy_buffer *to, u64 address, u64 place, u64 bytes)
{
	place = MASKED(place, COPY_HALF_BYTES - 1);
	bytes = MASKED(bytes, COPY_HALF_BYTES - 1);
	return bpf_probe_read_kernel(to->bytes + place, bytes, (void *)address);
}

/* Up to 5.16: no bpf_loop(), and up to 5.13 no syscall programs. One request a call: address, place, bytes. */
SEC("raw_tp")
int copy_one(u64 *ctx)
{
	struct copy_buffer *to;
	u32 zero = 0;

	to = bpf_map_lookup_elem(&buffer, &zero);
	return to ? (int)copy(to, ctx[0], ctx[1], ctx[2]) : -1;
}

static long copy_next(u64 index, struct copy_call *call)
{
	u32 zero = 0, i = call->first + (u32)index;
	struct copy_requests *all = bpf_map_lookup_elem(&requests, &zero);
	struct copy_buffer *to = bpf_map_lookup_elem(&buffer, &zero);
	struct copy_request *request;

	if (!all || !to || i >= COPY_REQUESTS)
		return 1;
	request = &all->request[i];
	request->error = copy(to, request->address, request->place, request->bytes);
	return 0;
}

SEC("syscall")
int copy_many(struct copy_call *asked)
{
	struct copy_call call = *asked;

	bpf_loop(call.count, copy_next, &call, 0);
	return 0;
}

#include "copy-blocks.bpf.h"

static long copy_next_step(u64 index, void *ctx)
{
	u32 zero = 0;
	struct copy_requests *all = bpf_map_lookup_elem(&requests, &zero);
	struct copy_buffer *to = bpf_map_lookup_elem(&buffer, &zero);

	if (!all || !to)
		return 1;
	copy_step(all, to, (u32)index);
	return 0;
}

SEC("syscall")
int copy_blocks(void *ctx)
{
	bpf_loop(COPY_BLOCKS * COPY_STEPS, copy_next_step, NULL, 0);
	return 0;
}

/* Puts the name of what an address is in where single reads go: "function+0x5a/0x90 [module]", or "0x..." */
SEC("syscall")
int name_address(u64 *address)
{
	u32 zero = 0;
	struct copy_buffer *to = bpf_map_lookup_elem(&buffer, &zero);
	u64 asked = *address;

	return to ? (int)bpf_snprintf((char *)to->bytes + COPY_BATCH_BYTES, COPY_NAME_BYTES, name_format, &asked, sizeof(asked)) : -1;
}

SEC("raw_tp")
int look_around(u64 *ctx)
{
	u32 zero = 0;

	self.requests = (u64)bpf_map_lookup_elem(&requests, &zero);
	self.buffer = (u64)bpf_map_lookup_elem(&buffer, &zero);
	self.self = (u64)&self;
	self.task = bpf_get_current_task();
	self.percpu_map = (u64)&anchor;
	self.percpu_here = (u64)bpf_map_lookup_elem(&anchor, &zero);
	return 0;
}
