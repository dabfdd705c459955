/* SPDX-License-Identifier: MIT */
/*
 * Pages that the kernel moves: compaction, alloc_contig_range(), NUMA balancing,
 * memory that goes offline. What lies in a page is copied to another one, and the old
 * one is freed with an event although its holder holds as much as before. So each
 * move is an event of its own: from, to. The reader carries the call path, the
 * age and the owner over; the free of the old page, which follows, then frees nothing.
 *
 *   folio_migrate_flags()  is called once for each folio whose move has succeeded, from
 *                          5.16 (19138349ed59); before, migrate_page_states(). It sees every move
 *                          but those of zsmalloc and balloons, which copy their pages themselves.
 *   set_migration_pte      where functions cannot be hooked: both tracepoints (from 5.18,
 *   remove_migration_pte   4cc79b3303f2) name the address of a page that is mapped.
 *                          Between them the page table holds the pfn of the old page; then that
 *                          of the new one, or of the old one if the move has failed. A page that
 *                          no process maps (page cache that is only read and written) moves unseen.
 *   ..._migration_pmd      the same for a huge page that is mapped as a whole.
 *
 * A task moves up to 512 pages at a time: first it sets all their entries, then it
 * replaces them. So what was set is remembered by task and address. Several processes may
 * have different pages at one address; they are replaced in the order in which they were set.
 *
 * The reader compares the pages of these events with vmstat's pgmigrate_success, which counts all.
 */
#ifndef MOVES_BPF_H
#define MOVES_BPF_H

/* An alloc that waits for its free is sent now if its page takes part in a move: its free comes at another pfn. */
static __noinline int send_waiting(u32 slot, u64 pfn)
{
	struct young_alloc young = {};
	u64 *word;

	if (!young_copy_out(pfn, &young))
		return 0;
	word = event_reserve(4);
	if (!word)
		return count(slot, LOSS_RING_FULL, page_size, 1);
	word[1] = young.word[1];
	word[2] = young.word[2];
	word[3] = young.word[3];
	event_submit(word, young.word[0]);
	return set_reported(pfn);
}

static __always_inline int send_move(u32 slot, u64 from, u64 to, u32 order)
{
	u64 *word;

	/* a move into or out of the sample cannot be followed: its free is seen as before */
	if (from == to || skips_page(from) || skips_page(to))
		return 0;
	if (min_age_ns && !order) {
		send_waiting(slot, from);
		/* or the alloc of the new page, sent later, would take over what has moved there */
		send_waiting(slot, to);
	}
	word = event_reserve(3);
	if (!word)
		return count(slot, LOSS_RING_FULL, page_size << order, 1);
	if (min_age_ns)
		set_reported(to);
	word[1] = from | (u64)order << 56;
	word[2] = to;
	event_submit(word, (bpf_ktime_get_ns() - start_ns) << 8 | KIND_PAGE_MOVE);
	return 0;
}

/* ---- the function ---- */

/* log2 of the pages of a folio */
static __always_inline u32 folio_order_of(u64 folio)
{
	struct folio___u *any = (void *)folio;
	struct page___compound *first_tail;
	u64 flags = 0, second = 0;
	u8 order = 0;

	bpf_probe_read_kernel(&flags, sizeof(flags), (void *)folio);
	if (!(flags >> bpf_core_enum_value(enum pageflags___u, PG_head___u) & 1))
		return 0;
	if (bpf_core_field_exists(any->_folio_order)) {
		bpf_core_read(&order, sizeof(order), &any->_folio_order);
	} else if (bpf_core_field_exists(any->_flags_1)) {
		bpf_core_read(&second, sizeof(second), &any->_flags_1);
		order = second;
	} else {
		first_tail = (void *)(folio + page_struct_bytes);
		bpf_core_read(&order, sizeof(order), &first_tail->compound_order);
	}
	return order;
}

SEC("fentry/folio_migrate_flags")
int BPF_PROG(folio_migrate_flags_call)
{
	u64 to = argument(ctx, 0), from = argument(ctx, 1);

	if (!tracing)
		return 0;
	return send_move(SLOT_MOVE_CALL, pfn_of(from), pfn_of(to), folio_order_of(from));
}

/* ---- the tracepoints, on x86-64 ---- */

/*
 * A page table entry that waits for the end of a move holds the pfn inverted, behind
 * 5 bits of type and 9 of flags; two flags of the old entry may stand above it
 * (__swp_entry() of arch/x86/include/asm/pgtable_64.h, make_migration_entry_young()).
 * An entry of a page that may not be touched (PROT_NONE) is inverted too (arch/x86/include/asm/pgtable-invert.h).
 */
#define SWAP_TYPE_BITS 5
#define SWAP_OFFSET_SHIFT 14
#define PFN_BITS 34 /* 64 TiB; above them the flags, and AMD's encryption bit in an entry */
#define PFN_MASK ((1ULL << PFN_BITS) - 1)
#define ENTRY_IS_PRESENT 1
#define ENTRY_IS_HUGE 128 /* hugetlb keeps its pages: none is freed when they move */
#define PMD_ORDER 9

static __always_inline u64 pfn_of_waiting(u64 entry)
{
	return (~entry << SWAP_TYPE_BITS >> SWAP_OFFSET_SHIFT) & PFN_MASK;
}

static __always_inline u64 pfn_of_entry(u64 entry)
{
	return ((entry & ENTRY_IS_PRESENT ? entry : ~entry) >> 12) & PFN_MASK;
}

struct moving_key {
	u64 task;
	u64 place; /* the address, a multiple of the page's size, and which of the pages there: 0 to 3 */
};

struct moving_page {
	u64 pfn;
	u64 since_ns;
};

/* Entries that are never replaced, because their process ended, are thrown out when they are old. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct moving_key);
	__type(value, struct moving_page);
} moving SEC(".maps");

struct page_move {
	u64 from;
	u64 to;
};

/* By task, the move that it made last. The processes that map a page get their entries back one after the other. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct page_move);
} last_moves SEC(".maps");

#define PAGES_AT_ONE_PLACE 4
/* No move takes as long; an older entry was never replaced. */
#define LONGEST_MOVE_NS 10000000000ULL

static __noinline int note_moving(u64 address, u64 pfn)
{
	struct moving_key key = { .task = caller() };
	struct moving_page page = { pfn, bpf_ktime_get_ns() }, *other;
	u32 i;

#pragma unroll
	for (i = 0; i < PAGES_AT_ONE_PLACE; i++) {
		key.place = (address & ~0xfffULL) | i;
		other = bpf_map_lookup_elem(&moving, &key);
		if (!other || page.since_ns - other->since_ns > LONGEST_MOVE_NS) {
			bpf_map_update_elem(&moving, &key, &page, BPF_ANY);
			return 0;
		}
		/* the processes of a fork share a page at the same address */
		if (other->pfn == pfn)
			return 0;
	}
	return 0;
}

/*
 * Sends the move to `to` of the page that waits longest at an address. Not if the move has
 * failed: `to` is then the page that waited. Nor for the second process that maps a page.
 */
static __noinline int end_moving(u32 slot, u64 address, u64 to, u32 order)
{
	struct moving_key key = { .task = caller() }, oldest = {};
	struct page_move move = { .to = to }, *last = bpf_map_lookup_elem(&last_moves, &key.task);
	u64 moved = last && last->to == to ? last->from : 0, since = ~0ULL;
	struct moving_page *page;
	u32 i;

#pragma unroll
	for (i = 0; i < PAGES_AT_ONE_PLACE; i++) {
		key.place = (address & ~0xfffULL) | i;
		page = bpf_map_lookup_elem(&moving, &key);
		if (!page)
			continue;
		if (page->pfn == to || (moved && page->pfn == moved)) {
			bpf_map_delete_elem(&moving, &key);
			return 0;
		}
		if (page->since_ns < since) {
			since = page->since_ns;
			move.from = page->pfn;
			oldest = key;
		}
	}
	if (moved || !move.from)
		return 0;
	bpf_map_delete_elem(&moving, &oldest);
	bpf_map_update_elem(&last_moves, &key.task, &move, BPF_ANY);
	return send_move(slot, move.from, to, order);
}

SEC("tp_btf/set_migration_pte")
int BPF_PROG(migration_pte_set, unsigned long address, unsigned long entry)
{
	return tracing ? note_moving(address, pfn_of_waiting(entry)) : 0;
}

SEC("tp_btf/remove_migration_pte")
int BPF_PROG(migration_pte_removed, unsigned long address, unsigned long entry)
{
	if (!tracing || entry & ENTRY_IS_HUGE)
		return 0;
	return end_moving(SLOT_REMOVE_MIGRATION_PTE, address, pfn_of_entry(entry), 0);
}

SEC("tp_btf/set_migration_pmd")
int BPF_PROG(migration_pmd_set, unsigned long address, unsigned long entry)
{
	return tracing ? note_moving(address, pfn_of_waiting(entry)) : 0;
}

SEC("tp_btf/remove_migration_pmd")
int BPF_PROG(migration_pmd_removed, unsigned long address, unsigned long entry)
{
	if (!tracing)
		return 0;
	return end_moving(SLOT_REMOVE_MIGRATION_PMD, address,
			  pfn_of_entry(entry) & ~((1ULL << PMD_ORDER) - 1), PMD_ORDER);
}

#endif
