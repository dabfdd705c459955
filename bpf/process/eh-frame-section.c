// SPDX-License-Identifier: MIT
/* Where .eh_frame lies: by its section, or in a file without section headers by its segment. */
#include "eh-frame.h"

#define MOST_SECTION_BYTES (128u << 20)

/* PT_GNU_EH_FRAME has a pointer to it (LSB Core, "Exception Frame Header"); it then may reach to its segment's end. */
static bool find_by_segment(const struct elf_file *elf, uint8_t **bytes, uint64_t *nr, uint64_t *address)
{
	const Elf64_Phdr *header = &elf->eh_frame_hdr;
	uint8_t start[16];
	struct cursor from = { start + 4, start + sizeof(start), false };
	struct place place = { start, header->p_vaddr };

	if (header->p_type == 0 || !elf_read(elf, header->p_offset, start, sizeof(start)) || start[0] != 1 ||
	    !take_address(&from, start[1], &place, address))
		return false;
	for (unsigned i = 0; i < elf->nr_loads; i++) {
		const Elf64_Phdr *load = &elf->loads[i];
		uint64_t within = *address - load->p_vaddr;

		if (*address < load->p_vaddr || within >= load->p_filesz)
			continue;
		*nr = load->p_filesz - within;
		*bytes = elf_read_new(elf, load->p_offset + within, *nr, MOST_SECTION_BYTES);
		return true;
	}
	return false;
}

bool eh_frame_find(const struct elf_file *elf, uint8_t **bytes, uint64_t *nr, uint64_t *address)
{
	const Elf64_Shdr *header = elf_section(elf, ".eh_frame", 0);

	if (!header)
		return find_by_segment(elf, bytes, nr, address);
	*address = header->sh_addr;
	*nr = header->sh_size;
	*bytes = elf_read_new(elf, header->sh_offset, *nr, MOST_SECTION_BYTES);
	return true;
}
