/* SPDX-License-Identifier: MIT */
/* x86-64 machine code: how long an instruction is, and what of it matters to the place of a probe. No other header is needed. */
#ifndef INSTRUCTION_H
#define INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_INSTRUCTION_BYTES 15

enum opcode_map { MAP_ONE, MAP_0F, MAP_0F38, MAP_0F3A, MAP_OTHER };

struct instruction {
	uint8_t length;
	uint8_t map;      /* enum opcode_map; MAP_OTHER: of VEX, EVEX */
	uint8_t opcode;
	uint8_t rex;      /* 0: none */
	uint8_t modrm;
	bool has_modrm;
	bool prefixed;    /* a prefix other than REX */
	bool repeat;      /* one of F2, F3 */
	bool is_relative; /* a jump or call to `target` */
	int64_t target;   /* from the instruction's start on */
};

/* False: it is none of 64-bit code, or not all of it is there. */
bool instruction_decode(const uint8_t *code, size_t bytes, struct instruction *instruction);

/* What an instruction in front of a probe's place may be. */
enum instruction_use {
	USE_EMULATED, /* the kernel emulates it: a probe on it costs one trap and not two */
	USE_HARMLESS, /* changes none of the registers that a call is known by */
	USE_OTHER,
};

/* The first registers of arguments, rdi, rsi and rdx, and rsp and rbp count. */
enum instruction_use instruction_use(const struct instruction *instruction);

/*
 * Where to probe a function of these bytes: the first instruction that the kernel emulates, if in front of it nothing
 * changes those registers, and no jump of the function leads there. 0: its first instruction, emulated or not.
 */
uint32_t probe_place(const uint8_t *code, size_t bytes);
/* True: the function is only a jump elsewhere, to *target from its start on. */
bool is_jump_alone(const uint8_t *code, size_t bytes, int64_t *target);

/* True: the function calls, or jumps to, one at `target` from its start on. */
bool leads_to(const uint8_t *code, size_t bytes, int64_t target);

#endif
