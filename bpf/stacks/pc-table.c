// SPDX-License-Identifier: MIT
/*
 * The pc table, the loader's half (fast-walk.bpf.h): for a return address, one word
 * that says where on the stack the next one lies. It is made from the kernel's own
 * unwind table (orc.c) when a program asks for it. Words never change.
 */
#include <string.h>
#include <sys/mman.h>
#include "stacks.h"

static uint64_t *table; /* shared with the programs */

bool pc_table_open(int map_fd)
{
	table = mmap(NULL, NR_PCS * sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (table == MAP_FAILED)
		table = NULL;
	return table != NULL;
}

/* True for a trampoline: on the stack it stands for another address, which only the kernel knows. */
static bool stands_for_another(uint64_t pc)
{
	static const char *const trampolines[] = { "return_to_handler", "arch_rethook_trampoline",
						   "__kretprobe_trampoline", "kretprobe_trampoline",
						   "arch_uretprobe_trampoline" };
	struct name name;

	for (int before = 0; before < 2; before++) {
		/* the address may be the symbol's first byte: the byte before it then has another name */
		if (!kallsyms_name(pc + (uint64_t)before, &name))
			continue;
		for (size_t i = 0; i < sizeof(trampolines) / sizeof(trampolines[0]); i++) {
			if (strcmp(name.symbol, trampolines[i]) == 0)
				return true;
		}
	}
	return false;
}

static uint64_t decode(uint64_t pc, bool interrupted, uint32_t key)
{
	struct orc_frame frame = orc_frame(pc, interrupted);

	if (stands_for_another(pc))
		frame = (struct orc_frame){ .kind = PC_NOT_FOR_US };
	if (frame.kind == PC_NOT_FOR_US && options->verbose) {
		struct name name = { "?", "", pc };

		kallsyms_name(pc, &name);
		say("%#llx %s+%#llx%s: paths through it are walked: %s", (unsigned long long)pc, name.symbol,
		    (unsigned long long)(pc - name.address), interrupted ? " interrupted" : "",
		    orc_words(pc, interrupted));
	}
	if (frame.kind == PC_CALL && !interrupted && kallsyms_is_machinery(pc))
		frame.kind = PC_HIDDEN;
	return (uint64_t)key | (uint64_t)(uint16_t)frame.offset << 32 |
	       (uint64_t)(frame.bp / 8) << 48 | (uint64_t)frame.kind << 60;
}

/* A full neighbourhood leaves the pc unknown: its paths are walked. */
void pc_table_learn(uint64_t pc, bool interrupted)
{
	uint32_t key = (uint32_t)pc ^ (interrupted ? PC_FLIP : 0);
	uint32_t at = (key * PC_HASH) >> (32 - PC_BITS);

	if (!table || pc >> 32 != 0xffffffff)
		return;
	for (uint32_t i = 0; i < PC_PROBES; i++) {
		uint64_t *word = &table[(at + i) & (NR_PCS - 1)];

		if ((uint32_t)*word == key)
			return;
		if (!*word) {
			__atomic_store_n(word, decode(pc, interrupted, key), __ATOMIC_RELEASE);
			return;
		}
	}
}

uint64_t pc_table_word(uint64_t pc)
{
	uint32_t at = ((uint32_t)pc * PC_HASH) >> (32 - PC_BITS);

	for (uint32_t i = 0; i < PC_PROBES; i++) {
		uint64_t word = table[(at + i) & (NR_PCS - 1)];

		if ((uint32_t)word == (uint32_t)pc)
			return word;
	}
	return 0;
}

void pc_table_saw(const __u64 *frames, uint32_t depth)
{
	for (uint32_t i = 0; i < depth; i++)
		pc_table_learn(frames[i], false);
}
