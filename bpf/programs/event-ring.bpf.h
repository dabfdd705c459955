/* SPDX-License-Identifier: MIT */
/*
 * The ring of events. All other records go into `ring`, the kernel's own ring
 * buffer. So do events in the object that runs everywhere; in the other one
 * (FAST_STACKS) they have a ring of our own, because the kernel's takes a spin lock
 * with interrupts off at each record: 35 ns alone, and more with each CPU.
 *
 *   producer  adds its words to `head`, atomically: the place of an event is fixed
 *             then, and with it the order of all CPUs' events. It writes word 0
 *             last; no event's word 0 is 0.
 *   loader    reads events until it finds a word 0 that is 0 (an event that is
 *             being written), wipes them, and moves `tail` behind them.
 *
 * An event does not wrap: the array has room for one behind its end. The next event
 * starts where it would have started if it had wrapped, so words at the array's start may stay unused.
 *
 * The test for room comes before the claim, because a claim cannot be taken back.
 * Every program of every CPU may pass it before any of them claims, hence the slack
 * (ring.c). The test reads `tail` before `head`: an interrupt in between makes the
 * ring look fuller than it is, by the words that were read meanwhile. The other way
 * round the loader might pass the old `head`, and the difference would be huge: an event lost.
 *
 * A definition has its place in `ring` before an event names it (intern.bpf.h). A
 * loader that reads `head` first, then `ring` to its end, and then events up to
 * that head has the definitions of all these events.
 */
#ifndef EVENT_RING_BPF_H
#define EVENT_RING_BPF_H

const volatile __u64 event_ring_mask = 0; /* words, less one */
const volatile __u64 event_ring_room = 0; /* words that may wait; less than there are */

/* One value, mapped by the loader; its size is given there, so it has no type here. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct event_ring));
} event_ring SEC(".maps");

#ifdef FAST_STACKS
/* NULL if the ring is full; else `*head` is about the place that the next event gets. */
static __always_inline struct event_ring *event_room(u64 *head)
{
	struct event_ring *events;
	u64 tail;
	u32 zero = 0;

	events = bpf_map_lookup_elem(&event_ring, &zero);
	if (!events)
		return NULL;
	tail = *(volatile u64 *)&events->tail;
	*head = *(volatile u64 *)&events->head;
	return *head - tail > event_ring_room ? NULL : events;
}

static __always_inline u64 *event_claim(struct event_ring *events, u32 words)
{
	u64 at = __sync_fetch_and_add(&events->head, words);

	return &events->word[at & event_ring_mask];
}

static __always_inline u64 *event_reserve(u32 words)
{
	u64 head;
	struct event_ring *events = event_room(&head);

	return events ? event_claim(events, words) : NULL;
}

/* x86 keeps the order of stores; the fast object is used there alone. */
static __always_inline void event_submit(u64 *word, u64 word0)
{
	asm volatile("" ::: "memory");
	*(volatile u64 *)word = word0;
}
#else
#define event_reserve(words) ((u64 *)bpf_ringbuf_reserve(&ring, (words) * sizeof(u64), 0))

static __always_inline void event_submit(u64 *word, u64 word0)
{
	word[0] = word0;
	bpf_ringbuf_submit(word, BPF_RB_NO_WAKEUP);
}
#endif

#endif
