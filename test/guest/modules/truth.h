/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ground truth for a tracer of kernel memory: each allocating function has a
 * `site` that counts its allocations and frees. When the module is stopped, it
 * frees what it would have freed anyway and prints one line per site:
 *
 *   GT <module> final fn=F kind=K allocs=N frees=N live_bytes=N live_count=N
 *
 * allocs, frees and live_count are pages for the kinds page and vmalloc, and
 * objects for the others. What stays live ("leaked") is freed at rmmod.
 *
 * An allocating function counts AFTER the allocation, so that the call is no
 * tail call and the function's frame is on the call path; no_icf keeps gcc from
 * merging two functions with the same code.
 */
#ifndef TRUTH_H
#define TRUTH_H

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/version.h>

#define PLANTED noinline __attribute__((no_icf))

struct site {
	const char *fn;
	const char *kind;
	atomic64_t allocs, frees, live_bytes, live_count;
};

#define SITE(name, what) static struct site site_##name = { .fn = #name, .kind = what }

/* `units`: pages or objects */
static inline void count_alloc(struct site *site, long units, long bytes)
{
	atomic64_add(units, &site->allocs);
	atomic64_add(units, &site->live_count);
	atomic64_add(bytes, &site->live_bytes);
}

static inline void count_free(struct site *site, long units, long bytes)
{
	atomic64_add(units, &site->frees);
	atomic64_sub(units, &site->live_count);
	atomic64_sub(bytes, &site->live_bytes);
}

/* Holds memory: `kept` until rmmod, or in a ring until another item displaces it. */
#define KEPT_MAX 4096
#define RING 32

struct kept {
	void *items[KEPT_MAX];
	unsigned int used;
};

static inline void keep(struct kept *kept, void *item)
{
	BUG_ON(kept->used == KEPT_MAX);
	kept->items[kept->used++] = item;
}

struct ring {
	void *items[RING];
	unsigned int next;
};

/* Puts an item in the place of the oldest, which it returns; NULL while the ring is not full. */
static inline void *displace(struct ring *ring, void *item)
{
	unsigned int at = ring->next++ % RING;
	void *oldest = ring->items[at];

	ring->items[at] = item;
	return oldest;
}

static int rounds = 200;
module_param(rounds, int, 0444);
MODULE_PARM_DESC(rounds, "how often the work is done");
static int stop;
module_param(stop, int, 0644);
MODULE_PARM_DESC(stop, "write 1: quiesce and print the truth");
static int rounds_done;
module_param(rounds_done, int, 0444);
MODULE_PARM_DESC(rounds_done, "how often it has been done so far");

/* Each module defines: one round of work, the end of work, and the freeing of all that was kept. */
static void work_round(int round);
static void work_quiesce(void);
static void work_release(void);
/* NULL past the last site */
static struct site *site_at(unsigned int i);

static void print_truth(void)
{
	struct site *s;
	unsigned int i;

	for (i = 0; (s = site_at(i)); i++)
		pr_info("GT " KBUILD_MODNAME " final fn=%s kind=%s allocs=%lld frees=%lld live_bytes=%lld live_count=%lld\n",
			s->fn, s->kind, (long long)atomic64_read(&s->allocs),
			(long long)atomic64_read(&s->frees), (long long)atomic64_read(&s->live_bytes),
			(long long)atomic64_read(&s->live_count));
	pr_info("GT " KBUILD_MODNAME " done\n");
}

static struct task_struct *worker;

static int work(void *unused)
{
	int round;

	for (round = 0; round < rounds && !READ_ONCE(stop) && !kthread_should_stop(); round++) {
		work_round(round);
		WRITE_ONCE(rounds_done, round + 1);
		msleep(5);
	}
	while (!READ_ONCE(stop) && !kthread_should_stop())
		msleep(20);
	work_quiesce();
	print_truth();
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

static int start_work(void)
{
	worker = kthread_run(work, NULL, KBUILD_MODNAME);
	return IS_ERR(worker) ? PTR_ERR(worker) : 0;
}

static void end_work(void)
{
	kthread_stop(worker);
	work_release();
}

#define SITES(...)                                                    \
	static struct site *site_at(unsigned int i)                    \
	{                                                              \
		static struct site *const all[] = { __VA_ARGS__ };     \
		return i < ARRAY_SIZE(all) ? all[i] : NULL;            \
	}

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("plants allocations with a known truth, for the tests of unfreed");

#endif
