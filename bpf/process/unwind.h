/* SPDX-License-Identifier: MIT */
/* ELF files of other users, and the rows that are made of their unwind data. */
#ifndef UNWIND_H
#define UNWIND_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- elf-file.c: an ELF file, or one that lies in memory ---- */

#define MOST_SEGMENTS 64
#define MOST_BUILD_ID 32

struct elf_file {
	int descriptor;         /* -1: it lies in memory */
	const uint8_t *memory;
	uint64_t bytes;
	Elf64_Phdr loads[MOST_SEGMENTS]; /* PT_LOAD */
	unsigned nr_loads;
	Elf64_Phdr eh_frame_hdr; /* p_type 0: there is none */
	uint8_t build_id[MOST_BUILD_ID];
	unsigned build_id_bytes; /* 0: it has none */
	Elf64_Shdr *sections;
	unsigned nr_sections;
	char *names;             /* of sections */
	uint64_t names_bytes;
};

/* NULL, or why it is not one for us. The descriptor stays the caller's. elf_close() in any case. */
const char *elf_open(struct elf_file *elf, int descriptor);
const char *elf_open_memory(struct elf_file *elf, const uint8_t *memory, uint64_t bytes);
void elf_close(struct elf_file *elf);
/* All of it, or false. */
bool elf_read(const struct elf_file *elf, uint64_t offset, void *to, uint64_t bytes);
/* The same as new memory with a 0 behind it; NULL: it cannot be read, or is more than `most`. */
uint8_t *elf_read_new(const struct elf_file *elf, uint64_t offset, uint64_t bytes, uint64_t most);
/* The first section of that name, or with NULL of that type; NULL: there is none with content. */
const Elf64_Shdr *elf_section(const struct elf_file *elf, const char *name, uint32_t type);
/* True if all of [start, start + bytes) lies in one segment that may be executed. */
bool elf_is_code(const struct elf_file *elf, uint64_t start, uint64_t bytes);
/* Where the file's virtual addresses begin. */
uint64_t elf_base(const struct elf_file *elf);

/* ---- unwind-rows.c: from an address of code to the step to the caller ---- */

enum unwind_kind {
	UNWIND_NO_ROW,   /* the file does not say */
	UNWIND_SP,       /* CFA = sp + cfa */
	UNWIND_BP,       /* CFA = bp + cfa */
	UNWIND_BP_DEREF, /* CFA = *(bp + cfa): a stack that was realigned */
	UNWIND_PLT,      /* CFA = sp + cfa, and 8 more if the low 4 bits of pc are >= plt_from */
	UNWIND_SIGNAL,   /* the registers lie in the ucontext at sp */
	UNWIND_END,      /* nobody called it */
	UNWIND_OTHER,    /* no plain step */
};

enum bp_kind {
	BP_SAME,   /* the caller's bp is still in the register */
	BP_AT_CFA, /* it lies at CFA + bp_offset */
	BP_AT_BP,  /* it lies at bp + bp_offset */
	BP_LOST,   /* it is where this cannot say */
};

/* The return address lies at CFA - 8; the caller's sp is the CFA. */
struct unwind_step {
	uint8_t kind, bp;
	uint8_t plt_from;
	bool interrupts; /* the caller did not call: its pc is the next instruction, not one behind a call */
	int32_t cfa, bp_offset;
};

struct function_bounds {
	uint32_t start, end;
};

/* Addresses are the file's virtual addresses, less `base`. Row i is of [pcs[i], pcs[i + 1]). */
struct unwind_rows {
	uint64_t base;
	uint32_t *pcs;
	uint16_t *steps;
	uint32_t nr;
	struct unwind_step *table; /* the different steps; 0 is UNWIND_NO_ROW */
	uint32_t nr_steps;
	struct function_bounds *functions; /* sorted, of each FDE */
	uint32_t nr_functions;
	uint32_t not_plain; /* rows of UNWIND_OTHER */
	uint32_t unreadable; /* FDEs that were left out */
	uint64_t section_bytes;
};

#define MOST_ROWS (1u << 23)

struct row_builder {
	struct unwind_rows *rows;
	uint32_t room, room_steps;
	uint32_t *hash; /* of steps */
	bool failed;    /* no memory, or more than MOST_ROWS */
};

bool rows_begin(struct row_builder *builder, struct unwind_rows *rows);
/* Addresses must not fall. */
void rows_add(struct row_builder *builder, uint32_t pc, const struct unwind_step *step);
/* False: it failed, and the rows are gone. */
bool rows_end(struct row_builder *builder);
void rows_free(struct unwind_rows *rows);
uint64_t rows_bytes(const struct unwind_rows *rows);
/* Never NULL. `address` is the file's virtual address of the instruction itself. */
const struct unwind_step *rows_step(const struct unwind_rows *rows, uint64_t address);
/* The function that holds an address, by its FDE; false: none. */
bool rows_function(const struct unwind_rows *rows, uint64_t address, uint64_t *start, uint64_t *end);

/* ---- eh-frame.c, cfa.c ---- */

/* NULL, or why there are none. A file without .eh_frame has no rows, which is no failure. */
const char *eh_frame_rows(const struct elf_file *elf, struct unwind_rows *rows);

#endif
