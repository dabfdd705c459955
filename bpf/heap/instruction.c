// SPDX-License-Identifier: MIT
/* Lengths of x86-64 instructions (Intel SDM volume 2, appendix A), and which of them the kernel emulates under a uprobe. */
#include <string.h>
#include "instruction.h"

/* What follows an opcode. */
enum {
	M = 1,    /* ModRM, and what it asks for */
	I8 = 2,   /* a byte */
	IZ = 4,   /* 4 bytes, 2 with the prefix 66 */
	BAD = 8,  /* none of 64-bit code */
	REL8 = 16, REL32 = 32,
	ODD = 64, /* below */
};

#define ROW4(a) a, a, a, a
#define ROW8(a) ROW4(a), ROW4(a)
#define ARITHMETIC ROW4(M), I8, IZ, BAD, BAD
/* prefixes never get here */
#define ARITHMETIC_2 ROW4(M), I8, IZ, BAD, BAD

static const uint8_t one_byte[256] = {
	/* 00 */ ARITHMETIC, ARITHMETIC_2, ARITHMETIC, ARITHMETIC_2, ARITHMETIC, ARITHMETIC_2, ARITHMETIC, ARITHMETIC_2,
	/* 40 */ ROW8(BAD), ROW8(BAD),
	/* 50 */ ROW8(0), ROW8(0),
	/* 60 */ BAD, BAD, BAD, M, BAD, BAD, BAD, BAD, IZ, M | IZ, I8, M | I8, ROW4(0),
	/* 70 */ ROW8(REL8), ROW8(REL8),
	/* 80 */ M | I8, M | IZ, BAD, M | I8, ROW4(M), ROW8(M),
	/* 90 */ ROW8(0), 0, 0, BAD, 0, ROW4(0),
	/* A0 */ ROW4(ODD), ROW4(0), I8, IZ, 0, 0, ROW4(0),
	/* B0 */ ROW8(I8), ROW8(ODD),
	/* C0 */ M | I8, M | I8, ODD, 0, BAD, BAD, M | I8, M | IZ, ODD, 0, ODD, 0, 0, I8, BAD, 0,
	/* D0 */ ROW4(M), BAD, BAD, BAD, 0, ROW8(M),
	/* E0 */ ROW4(REL8), ROW4(I8), REL32, REL32, BAD, REL8, ROW4(0),
	/* F0 */ BAD, 0, BAD, BAD, 0, 0, M | ODD, M | ODD, ROW4(0), 0, 0, M, M,
};

static const uint8_t after_0f[256] = {
	/* 00 */ ROW4(M), BAD, 0, 0, 0, 0, 0, BAD, 0, BAD, M, 0, M | I8,
	/* 10 */ ROW8(M), ROW8(M),
	/* 20 */ ROW4(M), ROW4(BAD), ROW8(M),
	/* 30 */ ROW4(0), 0, 0, BAD, 0, BAD, BAD, BAD, BAD, ROW4(BAD),
	/* 40 */ ROW8(M), ROW8(M), ROW8(M), ROW8(M), ROW8(M), ROW8(M),
	/* 70 */ ROW4(M | I8), ROW4(M), ROW8(M),
	/* 80 */ ROW8(REL32), ROW8(REL32),
	/* 90 */ ROW8(M), ROW8(M),
	/* A0 */ 0, 0, 0, M, M | I8, M, BAD, BAD, 0, 0, 0, M, M | I8, M, M, M,
	/* B0 */ ROW8(M), M, M, M | I8, M, ROW4(M),
	/* C0 */ M, M, M | I8, M, M | I8, M | I8, M | I8, M, ROW8(0),
	/* D0 */ ROW8(M), ROW8(M), ROW8(M), ROW8(M), ROW8(M), ROW8(M),
};

/* Bytes of ModRM, SIB and displacement; 0: they are cut. */
static size_t modrm_bytes(const uint8_t *code, size_t bytes)
{
	unsigned mod, rm;
	size_t length = 1;

	if (!bytes)
		return 0;
	mod = code[0] >> 6;
	rm = code[0] & 7;
	if (mod == 3)
		return 1;
	if (rm == 4) {
		if (bytes < 2)
			return 0;
		length = 2;
		if (mod == 0 && (code[1] & 7) == 5)
			length += 4;
	} else if (mod == 0 && rm == 5) {
		length += 4;
	}
	return length + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

/* Prefixes but REX; returns how many. */
static size_t prefixes(const uint8_t *code, size_t bytes, struct instruction *is, bool *short_operand, bool *short_address)
{
	size_t at = 0;

	for (; at < bytes && at < MOST_INSTRUCTION_BYTES; at++) {
		switch (code[at]) {
		case 0x66: *short_operand = true; break;
		case 0x67: *short_address = true; break;
		case 0xf2: case 0xf3: is->repeat = true; break;
		case 0xf0: case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: break;
		default: return at;
		}
		is->prefixed = true;
	}
	return at;
}

/* VEX and EVEX: bytes up to the opcode, and the map that it is of; 0: it is none. */
static size_t vector_prefix(const uint8_t *code, size_t bytes, unsigned *map)
{
	size_t length = code[0] == 0xc5 ? 2 : code[0] == 0xc4 ? 3 : code[0] == 0x62 ? 4 : 0;

	if (!length || length >= bytes)
		return 0;
	*map = code[0] == 0xc5 ? 1 : code[0] == 0xc4 ? code[1] & 31 : code[1] & 7;
	return length;
}

static uint8_t vector_form(unsigned map, uint8_t opcode)
{
	if (map == 3)
		return M | I8;
	if (map == 1)
		return opcode == 0x77 ? 0 : (after_0f[opcode] & I8) | M;
	return map == 0 || map == 4 || map > 6 ? BAD : M;
}

static uint8_t form_of(const struct instruction *is)
{
	switch (is->map) {
	case MAP_ONE: return one_byte[is->opcode];
	case MAP_0F: return after_0f[is->opcode];
	case MAP_0F38: return M;
	default: return M | I8;
	}
}

static size_t odd_bytes(const struct instruction *is, bool short_operand, bool short_address)
{
	switch (is->opcode) {
	case 0xa0 ... 0xa3: return short_address ? 4 : 8;
	case 0xb8 ... 0xbf: return is->rex & 8 ? 8 : short_operand ? 2 : 4;
	case 0xc2: case 0xca: return 2;
	case 0xc8: return 3;
	/* test has a constant, the rest of its group has none */
	case 0xf6: return (is->modrm >> 3 & 7) < 2 ? 1 : 0;
	default: return (is->modrm >> 3 & 7) >= 2 ? 0 : short_operand && !(is->rex & 8) ? 2 : 4;
	}
}

/* The opcode, and REX or what stands in its place; false: it is cut. */
static bool take_opcode(const uint8_t *code, size_t bytes, size_t *at, struct instruction *is, uint8_t *form)
{
	size_t skipped;
	unsigned map;

	if (*at < bytes && code[*at] >> 4 == 4)
		is->rex = code[(*at)++];
	if (*at >= bytes)
		return false;
	skipped = is->rex ? 0 : vector_prefix(code + *at, bytes - *at, &map);
	if (skipped) {
		*at += skipped;
		is->map = MAP_OTHER;
		is->opcode = code[(*at)++];
		*form = vector_form(map, is->opcode);
		return true;
	}
	if (code[*at] == 0x0f) {
		(*at)++;
		is->map = *at < bytes && code[*at] == 0x38 ? MAP_0F38 : *at < bytes && code[*at] == 0x3a ? MAP_0F3A : MAP_0F;
		*at += is->map != MAP_0F;
	}
	if (*at >= bytes)
		return false;
	is->opcode = code[(*at)++];
	*form = form_of(is);
	return true;
}

static int64_t signed_bytes(const uint8_t *code, size_t bytes)
{
	int32_t word;

	if (bytes == 1)
		return (int8_t)code[0];
	memcpy(&word, code, sizeof(word));
	return word;
}

bool instruction_decode(const uint8_t *code, size_t bytes, struct instruction *is)
{
	bool short_operand = false, short_address = false;
	uint8_t form;
	size_t at, more;

	memset(is, 0, sizeof(*is));
	at = prefixes(code, bytes, is, &short_operand, &short_address);
	if (!take_opcode(code, bytes, &at, is, &form) || form & BAD)
		return false;
	if (form & M) {
		more = modrm_bytes(code + at, bytes - at);
		if (!more)
			return false;
		is->has_modrm = true;
		is->modrm = code[at];
		at += more;
		/* not pop, but AMD's XOP */
		if (is->map == MAP_ONE && is->opcode == 0x8f && (is->modrm >> 3 & 7))
			return false;
	}
	is->is_relative = form & (REL8 | REL32);
	more = form & REL8 ? 1 : form & REL32 ? 4 : 0;
	if (is->is_relative && at + more <= bytes)
		is->target = signed_bytes(code + at, more) + (int64_t)(at + more);
	if (form & I8)
		more++;
	if (form & IZ)
		more += short_operand && !(is->rex & 8) ? 2 : 4;
	if (form & ODD)
		more += odd_bytes(is, short_operand, short_address);
	at += more;
	is->length = (uint8_t)at;
	return at <= bytes && at <= MOST_INSTRUCTION_BYTES;
}
