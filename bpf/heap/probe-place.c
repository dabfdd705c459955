// SPDX-License-Identifier: MIT
/*
 * Where in a function its probe lies. Under a uprobe an instruction that the kernel cannot emulate is executed out of
 * line, with a second trap behind it, and costs several times as much. So the probe moves to the first one that is
 * emulated, as long as the call can be seen from there as from the entry: the same arguments, the same rsp
 * (a return probe replaces the word that it points to), the same rbp (the walk begins with it).
 *
 * The kernel emulates `push reg`, the one-byte nop, and jumps and calls with an offset (arch/x86/kernel/uprobes.c:
 * branch_setup_xol_ops, push_setup_xol_ops), from 5.10 on. A 5-byte nop inside a function is left alone: from 6.18 on it may
 * become a call, which writes below rsp, where a function may keep its variables.
 */
#include <string.h>
#include "instruction.h"

#define MOST_FUNCTION_BYTES 65536

static bool is_emulated(const struct instruction *is)
{
	if (is->prefixed)
		return false;
	if (is->map == MAP_0F)
		return is->opcode >> 4 == 8 && !is->rex;
	if (is->map != MAP_ONE)
		return false;
	if (is->opcode >= 0x50 && is->opcode <= 0x57)
		return !is->rex || is->rex == 0x41;
	return !is->rex && (is->opcode == 0x90 || is->opcode >> 4 == 7 || is->opcode == 0xe8 || is->opcode == 0xe9 || is->opcode == 0xeb);
}

static bool is_precious(unsigned number)
{
	return number == 2 || (number >= 4 && number <= 7); /* rdx; rsp, rbp, rsi, rdi */
}

/* Of a register that is written: its own number, or with bytes the one whose second byte it is. */
static bool spares(const struct instruction *is, unsigned number, bool byte)
{
	if (byte && !is->rex)
		return !is_precious(number & 3);
	return !is_precious(number);
}

static unsigned reg_of(const struct instruction *is)
{
	return (is->modrm >> 3 & 7) | (is->rex & 4) << 1;
}

static unsigned rm_of(const struct instruction *is)
{
	return (is->modrm & 7) | (is->rex & 1) << 3;
}

static bool spares_rm(const struct instruction *is, bool byte)
{
	return is->modrm >> 6 != 3 || spares(is, rm_of(is), byte);
}

static bool is_harmless_one(const struct instruction *is)
{
	uint8_t opcode = is->opcode, group = is->modrm >> 3 & 7;

	switch (opcode) {
	case 0x84: case 0x85: case 0x38 ... 0x3d: case 0xa8: case 0xa9: /* test, cmp */
		return true;
	case 0x80: case 0x81: case 0x83:
		return group == 7 || spares_rm(is, opcode == 0x80);
	case 0xf6: case 0xf7:
		return group == 0;
	case 0x8b: case 0x8d: case 0x63:
		return spares(is, reg_of(is), false);
	case 0x8a:
		return spares(is, reg_of(is), true);
	case 0x88: case 0x89:
		return spares_rm(is, opcode == 0x88);
	case 0xc6: case 0xc7:
		return group == 0 && spares_rm(is, opcode == 0xc6);
	case 0xb8 ... 0xbf:
		return spares(is, (opcode & 7) | (is->rex & 1) << 3, false);
	case 0x90:
		return !is->rex;
	default:
		break;
	}
	/* add, or, adc, sbb, and, sub, xor of registers and memory */
	if (opcode < 0x38 && (opcode & 7) < 4)
		return opcode & 2 ? spares(is, reg_of(is), !(opcode & 1)) : spares_rm(is, !(opcode & 1));
	return false;
}

static bool is_harmless(const struct instruction *is)
{
	if (is->map == MAP_ONE)
		return is_harmless_one(is);
	if (is->map != MAP_0F)
		return false;
	switch (is->opcode) {
	case 0x1e: case 0x1f: /* endbr64 and nops */
		return true;
	case 0x40 ... 0x4f: case 0xb6: case 0xb7: case 0xbe: case 0xbf: /* cmov, movzx, movsx */
		return spares(is, reg_of(is), false);
	default:
		return false;
	}
}

enum instruction_use instruction_use(const struct instruction *is)
{
	return is_emulated(is) ? USE_EMULATED : is_harmless(is) ? USE_HARMLESS : USE_OTHER;
}

/* The straight line from the entry; 0: there is no such place, or it is the entry. */
static uint32_t first_emulated(const uint8_t *code, size_t bytes)
{
	struct instruction is;

	for (uint32_t at = 0; at < bytes; at += is.length) {
		if (!instruction_decode(code + at, bytes - at, &is))
			return 0;
		switch (instruction_use(&is)) {
		case USE_EMULATED: return at;
		case USE_HARMLESS: break;
		default: return 0;
		}
	}
	return 0;
}

/* True if all of the function can be read, and none of its jumps leads behind its entry up to `place`. */
static bool only_entered_above(const uint8_t *code, size_t bytes, uint32_t place)
{
	struct instruction is;

	for (size_t at = 0; at < bytes; at += is.length) {
		int64_t target;

		if (!instruction_decode(code + at, bytes - at, &is))
			return false;
		target = (int64_t)at + is.target;
		if (is.is_relative && target > 0 && target <= place)
			return false;
	}
	return true;
}

uint32_t probe_place(const uint8_t *code, size_t bytes)
{
	uint32_t place = bytes <= MOST_FUNCTION_BYTES ? first_emulated(code, bytes) : 0;

	return place && only_entered_above(code, bytes, place) ? place : 0;
}

bool is_jump_alone(const uint8_t *code, size_t bytes, int64_t *target)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	size_t at = bytes >= sizeof(endbr64) && memcmp(code, endbr64, sizeof(endbr64)) == 0 ? sizeof(endbr64) : 0;
	struct instruction is;

	if (!instruction_decode(code + at, bytes - at, &is) || is.map != MAP_ONE || (is.opcode != 0xe9 && is.opcode != 0xeb))
		return false;
	*target = (int64_t)at + is.target;
	return true;
}

bool leads_to(const uint8_t *code, size_t bytes, int64_t target)
{
	struct instruction is;

	for (size_t at = 0; at < bytes && instruction_decode(code + at, bytes - at, &is); at += is.length) {
		if (is.is_relative && (int64_t)at + is.target == target)
			return true;
	}
	return false;
}
