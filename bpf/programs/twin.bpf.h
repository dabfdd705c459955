/* SPDX-License-Identifier: MIT */
/*
 * A program's twin takes the events that an interrupt makes the program miss. The
 * kernel does not run a tp_btf program inside itself (05b24ff9b2cf, Linux 6.1): when
 * a tick interrupts our program for kfree, it runs for none of the frees of the
 * tick's softirq, which may be hundreds. So the same program is attached twice, each
 * with a guard of its own, and the twin runs behind the first:
 *
 *   first  leaves a mark that says which event it took, and handles the event.
 *   twin   finds the mark, wipes it off and is done. If there is no mark, the kernel
 *          has skipped the first, and the twin handles the event.
 *
 * A mark is the address of the event's arguments, which lie on the stack, mixed
 * with the thing freed or allocated. The address differs between events that are
 * under way at the same time, the thing between events that follow each other.
 *
 * An event is lost now if both were skipped for it: in an interrupt of the twin, of
 * an event that itself interrupted the first. twins.c counts them: the misses of the
 * first less the events that the twin rescued. The twin's own misses lose nothing,
 * because the first took those events. Their marks stay, and make the next event with
 * the same mark look handled if the first is skipped for it; it counts as missed,
 * since the twin did not rescue it.
 *
 * A twin costs every event of its hook 90 ns, for the calls alone, so most hooks get
 * theirs when they begin to miss events (twins.c). It starts in two steps, or events
 * that are under way in between would be taken twice: first the twin is attached, the
 * first leaves marks and the twin only wipes them off; then the twin also takes the
 * events without a mark.
 *
 * Measured, 30 s of churn and find, some 20 million events: 2,654 missed without
 * twins (643 allocs of objects, 607 of pages), 24 to 105 frees with them. We do not
 * know what the last ones interrupt; they come in bursts, and are counted. At a
 * million events a second for 40 s (churn alone): 14 to 90 of 43 million lost, of
 * 7,500 to 10,000 that the first programs missed; in one minute 400 of 62 million.
 *
 * Some bursts are missing from the kernel's count of misses. Each program's runs and its
 * events in the stream agree to the last one (run_cnt, 1.2 million frees), and yet
 * of 300,000 inodes of sockets, freed by RCU, 6 to 800 had no event with twins and
 * no miss counted. perf saw these frees. The reader recognises them by the next
 * alloc at their address: missed frees. Without twins it is the same.
 */
#ifndef TWIN_BPF_H
#define TWIN_BPF_H

const volatile __u32 twin_slots = 0; /* one bit per hook that may have a twin */
const volatile __u32 is_twin = 0;    /* this program is a twin */
/* Of those, one bit per hook, whose... */
__u32 twins_mark = 0; /* ...first leaves marks */
__u32 twins_take = 0; /* ...twin takes events without a mark */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_SLOTS);
	__type(key, u32);
	__type(value, struct slot_marks);
} marks SEC(".maps");

/* True if this program, and not its twin, must handle the event. `thing` distinguishes it from its neighbours. */
static __always_inline bool is_ours(void *ctx, u32 slot, u64 thing)
{
	struct slot_marks *m;
	u64 key;
	u32 i;

	if (!(twin_slots >> slot & 1))
		return true;
	if (!(twins_mark >> slot & 1))
		return !is_twin;
	m = bpf_map_lookup_elem(&marks, &slot);
	if (!m)
		return true;
	/* To the verifier both are pointers. Through memory they become numbers. */
	m->seen[is_twin & 1].ctx = (u64)ctx;
	m->seen[is_twin & 1].thing = thing;
	asm volatile("" ::: "memory");
	key = (m->seen[is_twin & 1].ctx ^ m->seen[is_twin & 1].thing) | 1;
	i = (m->seen[is_twin & 1].ctx * GOLDEN) >> (64 - MARKS_BITS);
	if (!is_twin) {
		/* taken by an event that we have interrupted between the first and the twin */
		if (m->mark[i & (NR_MARKS - 1)])
			i ^= 1;
		m->mark[i & (NR_MARKS - 1)] = key;
		return true;
	}
	if (m->mark[i & (NR_MARKS - 1)] != key)
		i ^= 1;
	if (m->mark[i & (NR_MARKS - 1)] == key) {
		m->mark[i & (NR_MARKS - 1)] = 0;
		return false;
	}
	if (!(twins_take >> slot & 1))
		return false;
	m->rescued++;
	return true;
}

#endif
