// SPDX-License-Identifier: MIT
/* Loads of several threads (load.c). */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include "load.h"

static void *slots[4096];

static void *in_thread(void *nothing)
{
	for (int i = 0; i < 50; i++) {
		keep(malloc(300), 300);
		free(malloc(30));
	}
	return nothing;
}

void threads(void)
{
	pthread_t thread;

	/* one after the other: the sums need no lock */
	for (int i = 0; i < 20; i++) {
		if (pthread_create(&thread, NULL, in_thread, NULL))
			abort();
		pthread_join(thread, NULL);
	}
}

/* One address, allocated by one thread and freed by another from one place: each of them is an event. */
static void *volatile handed;

static void *freer(void *nothing)
{
	for (int i = 0; i < 20000; i++) {
		void *block;

		while (!(block = __atomic_exchange_n(&handed, NULL, __ATOMIC_ACQ_REL)))
			sched_yield();
		free(block);
	}
	return nothing;
}

void handing(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, freer, NULL))
		abort();
	for (int i = 0; i < 20000; i++) {
		void *block = malloc(500);

		while (__atomic_load_n(&handed, __ATOMIC_ACQUIRE))
			sched_yield();
		__atomic_store_n(&handed, block, __ATOMIC_RELEASE);
	}
	pthread_join(thread, NULL);
}

/* All at once, many paths: 4 threads, blocks that live on for a while. */
static void *churn(void *number)
{
	void **own = slots + 1024 * (intptr_t)number;
	unsigned seed = (unsigned)(intptr_t)number + 1;

	for (int i = 0; i < 20000; i++) {
		void **slot = own + rand_r(&seed) % 1024;

		free(*slot);
		*slot = malloc((size_t)(rand_r(&seed) % 1000) + 1);
	}
	for (int i = 0; i < 1024; i++)
		free(own[i]);
	return NULL;
}

void churning(void)
{
	pthread_t threads[4];

	for (intptr_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, churn, (void *)i);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

/* What the C library keeps for a thread and its stack is heap too: it is made before the trace. */
static pthread_barrier_t all_there;

static void *wait_for_all(void *nothing)
{
	free(malloc(1));
	pthread_barrier_wait(&all_there);
	return nothing;
}

void make_stacks(void)
{
	pthread_t threads[4];

	pthread_barrier_init(&all_there, NULL, 4);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, wait_for_all, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}
