// SPDX-License-Identifier: MIT
/* What a CIE of .eh_frame says of the functions that name it. */
#include "eh-frame.h"

/* The letters of an augmentation; false: one that changes what follows, and is not known. */
static bool take_augmentation(struct cie *cie, const struct place *place, const char *letters, struct cursor *from)
{
	struct cursor data;
	uint64_t length, personality;
	const uint8_t *bytes;

	if (!*letters)
		return true;
	if (*letters++ != 'z')
		return false;
	length = take_uleb(from);
	bytes = take_bytes(from, length);
	data = (struct cursor){ bytes, bytes ? bytes + length : bytes, !bytes };
	cie->augmented = true;
	for (; *letters && !data.bad; letters++) {
		switch (*letters) {
		case 'R': cie->encoding = (uint8_t)take_unsigned(&data, 1); break;
		case 'L': take_unsigned(&data, 1); break;
		/* bit 7: the address of the address */
		case 'P': if (!take_address(&data, (uint8_t)take_unsigned(&data, 1) & 0x7f, place, &personality)) return false; break;
		case 'S': cie->signal = true; break;
		default: return false;
		}
	}
	return !data.bad;
}

void cie_read(struct cie *cie, const struct place *place, struct cursor *from)
{
	uint8_t version = (uint8_t)take_unsigned(from, 1);
	const char *letters = (const char *)from->at;
	uint64_t ra;

	while (!from->bad && take_unsigned(from, 1))
		;
	if (from->bad || (version != 1 && version != 3 && version != 4))
		return;
	if (version == 4 && (take_unsigned(from, 1) != 8 || take_unsigned(from, 1) != 0))
		return;
	cie->code_align = take_uleb(from);
	cie->data_align = take_sleb(from);
	ra = version == 1 ? take_unsigned(from, 1) : take_uleb(from);
	if (from->bad || ra != REG_RA || !take_augmentation(cie, place, letters, from))
		return;
	cie->usable = !from->bad;
	cfa_begin(cie, from);
}
