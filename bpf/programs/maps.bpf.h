/* SPDX-License-Identifier: MIT */
/*
 * Settings, maps and counters of the programs in the kernel. The loader sets
 * the settings before load and the rest before it turns `tracing` on.
 */
#ifndef MAPS_BPF_H
#define MAPS_BPF_H

/*
 * Read-only for the kernel too, so the verifier knows the values and drops
 * the branches that they rule out: a filter that is off costs nothing.
 */
const volatile __u64 min_bytes = 0;    /* smaller allocs are left out */
const volatile __u32 self_drop = 0;    /* the tracer's own allocs are left out... */
const volatile __u32 self_mark = 1;    /* ...or marked */
/* Up to 6.12 at least, tp_btf may read no argument of type `const void *`: it is copied first. */
const volatile __u32 copy_pointers = 0;
const volatile __u64 page_size = 4096;
const volatile __u32 possible_cpus = 1;
const volatile __u32 page_struct_shift = 6; /* log2 of sizeof(struct page), 0 = not a power of two */
const volatile __u64 page_struct_bytes = 64;
const volatile __u32 cgroup_way = CGROUP_NONE;

/*
 * All hooks are attached before this becomes 1, so every kind of event starts
 * and ends at the same moment although attaching takes many milliseconds.
 */
__u32 tracing = 0;
__u64 start_ns = 0;
__u64 vmemmap_start = 0; /* address of pfn 0's struct page, learned by pfn.c */
__u32 self_tgids[MAX_SELF] = {};
/* Set once a table is full: their entries are never removed, so it stays full. */
__u32 stacks_full = 0, caches_full = 0;

/*
 * Looked up before the table `stacks`, because a lookup in a hash map costs more: the
 * hashes of call paths whose id is hash >> 32, by their low bits. A word is written and
 * read whole, and stays true once it is there, so there is no lock.
 */
#define NR_KNOWN_STACKS 4096
__u64 known_stacks[NR_KNOWN_STACKS] = {};

char calibrate_comm[COMM_BYTES] = {};
__u32 nr_pages_seen = 0;
struct page_seen pages_seen[PAGES_SEEN] = {};
__u64 vmemmap_base_at = 0;   /* where the kernel keeps its own figure, 0: not known */
__u64 vmemmap_base_seen = 0; /* that figure */
__u64 vmalloc_seen = 0;      /* an address in the region of vmalloc */
struct process_seen family[MAX_FAMILY] = {}; /* found by find_family (family.bpf.h) */
__u32 pid_level = 0;         /* of the collector's PID namespace, 0: the machine's own */

/*
 * Definitions, and events unless they have a ring of their own (event-ring.bpf.h).
 * Either ring is shared by all CPUs: the reservation fixes a record's place in it,
 * so an event that causes another one on any CPU comes before it. This keeps the frees
 * and the reuses of an address in order, which one ring per CPU could not.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 26);
} ring SEC(".maps");

/*
 * The three tables below are preallocated: a table that allocates on insert
 * would call the allocators we trace. Each maps an id to the thing that it stands
 * for; ids come from a hash of the thing (intern.bpf.h says why).
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, u64); /* the 64-bit hash of the frames */
} stacks SEC(".maps");

/* A task's name, and the kernfs id of its cgroup (cgroup.bpf.h). */
struct comm_name {
	u64 word[2];
	u64 cgroup;
};

struct task_seen {
	struct comm_name comm;
	u32 tgid;
};

/*
 * The names that were described and not forgotten since. A machine may see more names than
 * any table holds (a name for each job), so the least recently used one goes, and is described
 * again when it comes back. Its id is a hash of 32 bits of it, so an id that is still under way
 * means the same name.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, struct comm_name);
} comms SEC(".maps");

/* A destroyed cache's address may be reused: name and sizes distinguish the two. */
struct cache_identity {
	u64 cache;
	u64 name;
	u32 size;
	u32 object_size;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, struct cache_identity);
} caches SEC(".maps");

/* A cache that has its id already. */
struct known_cache {
	struct cache_identity identity;
	u64 id;
};

#define KNOWN_CACHES_BITS 6

/* The memory that an alloc program needs beside the BPF stack; one per slot, level of nesting and CPU. */
struct slot_scratch {
	u32 busy;
	u32 comm_id;
	struct comm_name comm; /* the last one seen, and its id */
	struct cache_identity cache;
	struct known_cache known_caches[1 << KNOWN_CACHES_BITS]; /* by hash of the address */
	u32 depth;
	u32 index; /* of this scratch */
	u64 frames[MAX_DEPTH];
	/* the rest is for fast-stack.bpf.h */
	u32 walked_depth;
	u32 until_audit;
	u64 tree_hash; /* hash and id of the path in the tree of known paths, for an audit; 0 = the tree does not have it */
	u32 tree_id;
	u32 zero;
	u64 hidden[MAX_HIDDEN + 1];
	u64 site; /* the hook's call_site, or 0 */
	u32 nr_hidden;
	u32 fixed; /* its frames lie where those of every path with the same addresses do: no registers, no other stack */
	u64 ctx;
	u64 first; /* the first frame that is not of the tracing, 0 = not known */
	u64 hash;
	u64 walked[WALKED_FRAMES]; /* as the kernel sees it */
};

/* A program that was interrupted, and the one that the interrupt ran. */
#define SCRATCH_LEVELS 2

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_ALLOC_SLOTS * SCRATCH_LEVELS);
	__type(key, u32);
	__type(value, struct slot_scratch);
} scratches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_SLOTS);
	__type(key, u32);
	__type(value, struct slot_losses);
} losses SEC(".maps");

/*
 * Counts an event that is not sent. Atomic, although a slot has one writer per CPU:
 * before 6.1 (05b24ff9b2cf) an interrupt could nest a tp_btf program in itself.
 */
static __noinline int count(u32 slot, u32 cause, u64 bytes, u32 bytes_known)
{
	struct slot_losses *all = bpf_map_lookup_elem(&losses, &slot);
	struct loss_counts *loss;

	if (!all || cause >= NR_CAUSES)
		return 0;
	loss = &all->cause[cause];
	__sync_fetch_and_add(&loss->count, 1);
	if (bytes_known) {
		__sync_fetch_and_add(&loss->bytes, bytes);
		__sync_fetch_and_add(&loss->count_with_bytes, 1);
	}
	return 0;
}

#endif
