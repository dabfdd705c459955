// SPDX-License-Identifier: MIT
/*
 * The table of steps in the kernel: for each return address that a path has passed, where the next one lies. It is
 * filled on demand, by the rows of the file (process/), as user_walk() steps.
 */
#include <string.h>
#include <sys/mman.h>
#include "heap.h"

static struct heap_step_line *lines; /* shared with the programs */
static uint32_t next_victim;

#define MOST_NO_CODE 4096

static uint64_t no_code[MOST_NO_CODE]; /* keys of what was no return address */
static uint32_t nr_no_code;

bool heap_steps_open(int map_fd)
{
	lines = mmap(NULL, NR_HEAP_STEP_LINES * sizeof(*lines), PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (lines == MAP_FAILED)
		lines = NULL;
	return lines != NULL;
}

void heap_steps_close(void)
{
	if (lines)
		munmap(lines, NR_HEAP_STEP_LINES * sizeof(*lines));
	lines = NULL;
}

/* mov $15, %eax or %rax; syscall: what a handler returns to in a library without unwind data. user-walk.c has the same. */
static bool is_sigreturn(pid_t pid, uint64_t pc)
{
	static const uint8_t with_rax[] = { 0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05 };
	uint8_t code[sizeof(with_rax)];

	return process_read(pid, pc, code, sizeof(code)) == sizeof(code) &&
	       (memcmp(code, with_rax, sizeof(code)) == 0 || (code[0] == 0xb8 && memcmp(code + 1, with_rax + 3, 6) == 0));
}

static uint64_t word_of(const struct unwind_step *step)
{
	static const uint8_t kinds[] = {
		[UNWIND_NO_ROW] = HEAP_STEP_FRAME, [UNWIND_SP] = HEAP_STEP_SP, [UNWIND_BP] = HEAP_STEP_BP,
		[UNWIND_BP_DEREF] = HEAP_STEP_BP_DEREF, [UNWIND_PLT] = HEAP_STEP_ASK, [UNWIND_SIGNAL] = HEAP_STEP_SIGNAL,
		[UNWIND_END] = HEAP_STEP_END, [UNWIND_OTHER] = HEAP_STEP_CUT,
	};
	static const uint8_t bps[] = {
		[BP_SAME] = HEAP_BP_SAME, [BP_AT_CFA] = HEAP_BP_AT_CFA, [BP_AT_BP] = HEAP_BP_AT_BP, [BP_LOST] = HEAP_BP_LOST,
	};

	if (step->kind == UNWIND_NO_ROW)
		return heap_step_word(HEAP_STEP_FRAME, 16, HEAP_BP_AT_CFA, -16);
	if (step->bp_offset < HEAP_LEAST_BP_OFFSET || step->bp_offset > HEAP_MOST_BP_OFFSET)
		return heap_step_word(HEAP_STEP_ASK, 0, 0, 0);
	return heap_step_word(kinds[step->kind], step->cfa, bps[step->bp], step->bp_offset) |
	       (step->interrupts ? HEAP_STEP_INTERRUPTS : 0);
}

/* A line that is full gives up one of its four. The key is written last, and 0 while the rest changes. */
static void put(uint64_t key, uint64_t word)
{
	struct heap_step_line *line = &lines[heap_step_place(key)];
	struct heap_step *way = NULL;

	if (!key)
		return;
	for (int i = 0; i < HEAP_STEP_WAYS; i++) {
		if (line->way[i].key == key) {
			if (line->way[i].step == word)
				return;
			way = &line->way[i];
			break;
		}
		if (!way && !line->way[i].key)
			way = &line->way[i];
	}
	if (!way)
		way = &line->way[next_victim++ % HEAP_STEP_WAYS];
	__atomic_store_n(&way->key, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&way->step, word, __ATOMIC_SEQ_CST);
	__atomic_store_n(&way->key, key, __ATOMIC_SEQ_CST);
}

void heap_step_learn(struct space *space, uint64_t salt, uint64_t pc, bool interrupted)
{
	const struct unwind_step *step = code_step(&space->code, pc - !interrupted);
	uint64_t word;

	if (!lines || !step)
		return;
	if (step->kind == UNWIND_NO_ROW && !interrupted && is_sigreturn(space->pid, pc))
		word = heap_step_word(HEAP_STEP_SIGNAL, 0, 0, 0);
	else
		word = word_of(step);
	put((pc | (interrupted ? HEAP_INTERRUPTED : 0)) ^ salt, word);
}

void heap_step_asked(struct space *space, uint64_t salt, uint64_t pc)
{
	if (code_find(&space->code, pc)) {
		heap_step_learn(space, salt, pc, false);
		heap_step_learn(space, salt, pc, true);
		return;
	}
	if (!lines || nr_no_code == MOST_NO_CODE)
		return;
	no_code[nr_no_code++] = pc ^ salt;
	put(pc ^ salt, heap_step_word(HEAP_STEP_NO_CODE, 0, 0, 0));
}

void heap_steps_each_second(void)
{
	while (lines && nr_no_code) {
		uint64_t key = no_code[--nr_no_code];
		struct heap_step_line *line = &lines[heap_step_place(key)];

		for (int i = 0; i < HEAP_STEP_WAYS; i++) {
			if (line->way[i].key == key && heap_step_kind(line->way[i].step) == HEAP_STEP_NO_CODE)
				__atomic_store_n(&line->way[i].key, 0, __ATOMIC_SEQ_CST);
		}
	}
}
