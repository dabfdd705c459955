/* SPDX-License-Identifier: MIT */
/*
 * What is known of the processes that are traced: their images, unwind rows, names, and walks of copied
 * stacks. x86-64 alone. Everything that is read here (ELF files, /proc/PID/maps, stacks, perf maps) may be made to
 * harm whoever reads it: each length is checked, and memory and work have bounds.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <sys/types.h>
#include "unwind.h"

/* ---- maps.c: /proc/PID/maps ---- */

struct mapping {
	uint64_t start, end, offset, inode;
	uint32_t major, minor;
	bool readable, writable, executable, shared;
	const char *path; /* as the kernel writes it, "" for none; any bytes but 0 and newline */
};

/* A line, which it cuts where its newline was; false: it is none of maps. */
bool mapping_parse(char *line, struct mapping *mapping);
/* Called for each one, whose path is gone afterwards; false ends it. */
typedef bool mapping_visit(void *context, const struct mapping *mapping);
/* In order of addresses. NULL, or why they cannot be read. */
const char *mappings_each(pid_t pid, mapping_visit *visit, void *context);

/* ---- process-files.c: files as a process sees them, and its memory ---- */

/*
 * Both open a regular file for reading, and nothing else: not a device, not a pipe, no file that another program
 * serves (FUSE). -1: there is none.
 */
/* The file of a mapping, one that is deleted too; needs CAP_CHECKPOINT_RESTORE, else by its path. */
int mapping_open(pid_t pid, const struct mapping *mapping);
/* An absolute path below the root of the process; links stay within it. `follow`: the last name may be a link. */
int process_open(pid_t pid, const char *path, bool follow);
/* Bytes of its memory that could be read, from the first on. */
size_t process_read(pid_t pid, uint64_t address, void *to, size_t bytes);
/* Its number in its own PID namespace, and its user; false: it is gone. */
bool process_numbers(pid_t pid, pid_t *own, uid_t *user);
/* NULL, or why its stacks cannot be walked: another architecture, a 32-bit program. */
const char *process_refused(pid_t pid);

/* ---- symbol-table.c: names of one file ---- */

struct symbol {
	uint64_t start;
	uint32_t bytes;
	uint32_t name; /* offset in its names */
};

struct symbol_table {
	struct symbol *symbols; /* of code, sorted by start */
	uint32_t nr;
	char *names;
	uint64_t names_bytes;
};

/* From .symtab, else from .dynsym; true: from .symtab. */
bool symbol_table_load(struct symbol_table *table, const struct elf_file *elf);
void symbol_table_free(struct symbol_table *table);
uint64_t symbol_table_bytes(const struct symbol_table *table);
/* The symbol within whose bytes an address lies; NULL: none. */
const struct symbol *symbol_table_find(const struct symbol_table *table, uint64_t address);

/* ---- debug-file.c ---- */

/*
 * The names of a file: its own .symtab, else that of its debug file, by build id or by .gnu_debuglink, in the
 * process's root or in ours; else its .dynsym. `path` is the file's own, in the process's root.
 */
void symbol_table_fill(struct symbol_table *table, const struct elf_file *elf, pid_t pid, const char *path);

/* ---- images.c: the files that processes run, each once ---- */

struct image {
	uint32_t number;   /* from 1 on */
	uint64_t device, inode, bytes, written_ns;
	uint8_t build_id[MOST_BUILD_ID];
	unsigned build_id_bytes;
	char *path;        /* where it was seen first */
	Elf64_Phdr *loads;
	unsigned nr_loads;
	/* made when they are asked for first, and given up when all of them together are too large */
	struct unwind_rows rows;
	struct symbol_table symbols;
	bool has_rows, has_symbols;
	uint64_t used;     /* when, in questions */
	uint64_t failed_ns; /* when it could not be opened again, CLOCK_MONOTONIC; 0: it could */
};

#define MOST_IMAGES 16384
#define MOST_TABLE_BYTES (256u << 20)

/* The image of a mapping; NULL and *why: it is of no file, or of one that is none for us. */
struct image *image_of(pid_t pid, const struct mapping *mapping, const char **why);
/* The kernel's code in every process, [vdso]. */
struct image *image_vdso(void);
struct image *image_numbered(uint32_t number);
/* The file's virtual address of an address in a mapping of it; false: it is of none of its segments. */
bool image_address(const struct image *image, const struct mapping *mapping, uint64_t address, uint64_t *virtual);
/* Never NULL; without rows if the file cannot be read any more. Stays until the next call of either. */
const struct unwind_rows *image_rows(struct image *image, pid_t pid, const struct mapping *mapping);
const struct symbol_table *image_symbols(struct image *image, pid_t pid, const struct mapping *mapping);
/* For tests: all tables together may take so many bytes. */
void images_limit(uint64_t bytes);
uint64_t images_bytes(void);
void images_forget(void);

/* ---- perf-map.c: names of a JIT's code, /tmp/perf-PID.map of the process ---- */

struct jit_symbol {
	uint64_t start, bytes;
	uint32_t name;  /* offset in the text */
	uint32_t order; /* in the file: code that was moved comes again */
};

struct perf_map {
	struct jit_symbol *symbols; /* sorted by start */
	uint32_t nr;
	char *text;
	uint64_t bytes, written_ns; /* of the file that was read */
	uint64_t looked_ns;         /* when, CLOCK_MONOTONIC */
	uint64_t looking_ns;        /* how long it took */
};

/* NULL: it has none. Reads the file if it has changed, at most once a second, a long one less often. */
const char *perf_map_name(struct perf_map *map, pid_t pid, uint64_t address, uint64_t *start, uint64_t *end);
void perf_map_free(struct perf_map *map);

/* ---- process-code.c: the code of one process ---- */

#define MOST_CODE_MAPPINGS 16384

struct code {
	struct mapping mapping;
	char *path;           /* that `mapping.path` names */
	struct image *image;  /* NULL: it has none */
	bool looked;          /* for its image */
	const char *no_image; /* why */
};

struct process_code {
	pid_t pid;
	struct code *codes; /* what may be executed, sorted */
	uint32_t nr;
	uint32_t left;      /* that were too many */
	uint64_t read_ns;   /* when, CLOCK_MONOTONIC */
	uint64_t reading_ns; /* how long it took */
	struct perf_map jit;
};

/* Reads its mappings; again, after it was read once. NULL, or why they cannot be read. */
const char *code_read(struct process_code *code, pid_t pid);
void code_free(struct process_code *code);
/* That of a child is its parent's at first. */
void code_copy(struct process_code *code, const struct process_code *from, pid_t pid);
/*
 * NULL: no code lies there. Mappings are read again for an unknown address, at most 10 times a second; code that took
 * the place of other code is not noticed: whoever hears of such a mapping calls code_read().
 */
struct code *code_find(struct process_code *code, uint64_t address);
/* Its image, which it looks for once. */
struct image *code_image(struct process_code *code, struct code *at);
/*
 * An address as it is the same in every process and on every machine that runs this file: bit 62, the image's number
 * from bit 40 on, the file's virtual address below. One of no image stays what it is. `called`: it lies behind a call,
 * and is of the mapping of the byte before it.
 */
uint64_t code_frame(struct process_code *code, uint64_t address, bool called);
/* The image of such a frame, and the file's virtual address; NULL: it is of none. */
struct image *image_of_frame(uint64_t frame, uint64_t *virtual);
/* The step of the instruction at an address; NULL: no code lies there. */
const struct unwind_step *code_step(void *code, uint64_t address);

/* ---- demangle.c ---- */

#define MOST_DEMANGLED 4096

/* The name as C++ or Rust writes it, in static memory; NULL: it is no name of theirs, or longer than MOST_DEMANGLED. */
const char *demangled(const char *name);

/* ---- user-symbols.c ---- */

struct user_name {
	char text[1024];     /* a symbol; else "FILE+0x1a2b", by the start of its function; of untrusted bytes */
	bool is_symbol;
	struct image *image; /* NULL: of a JIT's code, or of none that is known */
	/* of the function, in virtual addresses of the image, or in addresses of the process; start = end: not known */
	uint64_t start, end;
	uint64_t at;         /* the same of what was asked for */
};

/* False: no code lies there. `address` is of an instruction, not behind a call. */
bool user_name(struct process_code *code, uint64_t address, struct user_name *name);

/* ---- user-walk.c ---- */

#define MOST_USER_FRAMES 127

enum walk_end {
	WALK_WHOLE,     /* up to a function that nobody called */
	WALK_COPY_ENDS, /* the next word lies outside the copy, and cannot be read */
	WALK_NO_CODE,   /* the next address is not one of code */
	WALK_NO_STEP,   /* there is neither a row nor a frame pointer that could be one */
	WALK_BAD_STACK, /* the caller's frame would lie below */
	WALK_DEEP,      /* there may be more than MOST_USER_FRAMES */
};

/* All of `bytes` at an address of the process, or false. */
typedef bool walk_read(void *context, uint64_t address, void *to, size_t bytes);

struct user_walk {
	uint64_t pc, sp, bp;
	bool called;           /* pc lies behind a call, as a return address does; false: it is the next instruction */
	const uint8_t *stack;  /* a copy of the stack, from address stack_at on */
	uint64_t stack_at;
	size_t stack_bytes;
	walk_read *read;       /* for what the copy does not hold; NULL: nothing */
	void *read_context;
	const struct unwind_step *(*step)(void *context, uint64_t address); /* as code_step() */
	void *step_context;
	uint64_t frames[MOST_USER_FRAMES]; /* pc, then return addresses, leaf first */
	bool interrupted[MOST_USER_FRAMES]; /* an address of the next instruction, not behind a call */
	unsigned nr;
	unsigned by_frame_pointer; /* steps without a row */
	enum walk_end end;
};

/* Fills the frames from the registers on; returns how many. */
unsigned user_walk(struct user_walk *walk);
const char *walk_end_name(enum walk_end end);
/* A read() of a live process; the context is its pid_t. */
bool walk_read_process(void *pid, uint64_t address, void *to, size_t bytes);

#endif
