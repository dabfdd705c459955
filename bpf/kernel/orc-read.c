// SPDX-License-Identifier: MIT
/* Copies the kernel's unwind table (orc.c) out of its memory. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "kernel.h"
#include "unfreed.skel.h"

#define LEAST_ENTRIES 1000
#define MOST_ENTRIES (16 << 20)

/* Reads kernel memory with a program that copies it piece by piece. */
static bool read_kernel(struct unfreed *skel, uint64_t address, void *to, size_t bytes)
{
	int fd = bpf_program__fd(skel->progs.copy_kernel_piece);
	void *piece = mmap(NULL, KERNEL_PIECE_BYTES, PROT_READ, MAP_SHARED,
			   bpf_map__fd(skel->maps.kernel_pieces), 0);
	size_t done = 0;

	if (piece == MAP_FAILED)
		return false;
	while (done < bytes) {
		size_t part = bytes - done < KERNEL_PIECE_BYTES ? bytes - done : KERNEL_PIECE_BYTES;
		/* always a whole piece: the last one begins before the bytes that are wanted */
		struct kernel_piece_wanted wanted = { address + done + part - KERNEL_PIECE_BYTES };
		LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &wanted, .ctx_size_in = sizeof(wanted));

		if (bpf_prog_test_run_opts(fd, &opts) != 0 || (int)opts.retval != 0)
			break;
		memcpy((char *)to + done, (char *)piece + KERNEL_PIECE_BYTES - part, part);
		done += part;
	}
	munmap(piece, KERNEL_PIECE_BYTES);
	return done == bytes;
}

static const char *read_layout(void)
{
	struct btf *types = btf__load_vmlinux_btf();
	const char *why = orc_layout(types);

	btf__free(types);
	return why;
}

const char *orc_read(struct unfreed *skel)
{
	static const char *const symbols[] = { "__start_orc_unwind_ip", "__stop_orc_unwind_ip", "__start_orc_unwind",
					       "__stop_orc_unwind", "_stext", "_etext", NULL };
	struct orc_table table;
	const char *why = read_layout();
	uint64_t at[6];

	if (why)
		return why;
	kallsyms_addresses(KALLSYMS, symbols, at);
	table = (struct orc_table){ .text_start = at[4], .text_end = at[5], .place = at[0] };
	if (!at[0] || !at[2] || at[1] <= at[0] || at[3] <= at[2] || at[5] <= at[4])
		return "/proc/kallsyms does not show where the unwind table lies (CONFIG_KALLSYMS_ALL)";
	table.nr = (at[1] - at[0]) / sizeof(*table.places);
	if (table.nr < LEAST_ENTRIES || table.nr > MOST_ENTRIES || (at[3] - at[2]) / orc_entry_bytes() < table.nr)
		return "the unwind table's two halves differ in length";
	table.places = malloc(table.nr * sizeof(*table.places));
	table.entries = malloc(table.nr * orc_entry_bytes());
	why = "there is no memory for the unwind table";
	if (table.places && table.entries) {
		why = "the unwind table cannot be read";
		if (read_kernel(skel, at[0], table.places, table.nr * sizeof(*table.places)) &&
		    read_kernel(skel, at[2], table.entries, table.nr * orc_entry_bytes()))
			return orc_use(&table);
	}
	free(table.places);
	free(table.entries);
	return why;
}
