// SPDX-License-Identifier: MIT
/*
 * ELF files of other users. They are read, never mapped: a file that is cut while it is mapped kills whoever
 * reads it. libelf is not used: it trusts more than can be trusted here.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "process.h"

#define MOST_PROGRAM_HEADERS 4096
#define MOST_SECTIONS 65536
#define MOST_NAMES (1u << 22)
#define MOST_NOTES (1u << 16)

bool elf_read(const struct elf_file *elf, uint64_t offset, void *to, uint64_t bytes)
{
	if (offset > elf->bytes || bytes > elf->bytes - offset)
		return false;
	if (elf->memory) {
		memcpy(to, elf->memory + offset, bytes);
		return true;
	}
	for (uint64_t done = 0; done < bytes;) {
		ssize_t got = pread(elf->descriptor, (char *)to + done, bytes - done, (off_t)(offset + done));

		if (got <= 0)
			return false;
		done += (uint64_t)got;
	}
	return true;
}

uint8_t *elf_read_new(const struct elf_file *elf, uint64_t offset, uint64_t bytes, uint64_t most)
{
	uint8_t *read;

	/* before memory is taken for it */
	if (bytes > most || offset > elf->bytes || bytes > elf->bytes - offset)
		return NULL;
	read = malloc(bytes + 1);
	if (read && !elf_read(elf, offset, read, bytes)) {
		free(read);
		return NULL;
	}
	if (read)
		read[bytes] = 0;
	return read;
}

/* Notes are aligned to 4 bytes, or in segments of 8 to 8. */
static void find_build_id(struct elf_file *elf, const Elf64_Phdr *segment)
{
	uint64_t align = segment->p_align == 8 ? 8 : 4, at = 0;
	uint8_t *notes = elf_read_new(elf, segment->p_offset, segment->p_filesz, MOST_NOTES);
	Elf64_Nhdr note;

	while (notes && !elf->build_id_bytes && at + sizeof(note) <= segment->p_filesz) {
		uint64_t name = at + sizeof(note), content, next;

		memcpy(&note, notes + at, sizeof(note));
		content = (name + note.n_namesz + align - 1) & ~(align - 1);
		next = (content + note.n_descsz + align - 1) & ~(align - 1);
		if (content + note.n_descsz > segment->p_filesz)
			break;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(notes + name, "GNU", 4) == 0 &&
		    note.n_descsz > 0 && note.n_descsz <= MOST_BUILD_ID) {
			memcpy(elf->build_id, notes + content, note.n_descsz);
			elf->build_id_bytes = note.n_descsz;
		}
		at = next;
	}
	free(notes);
}

static const char *read_segments(struct elf_file *elf, const Elf64_Ehdr *header)
{
	if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum > MOST_PROGRAM_HEADERS)
		return "its program headers have an unknown form";
	for (unsigned i = 0; i < header->e_phnum; i++) {
		Elf64_Phdr segment;

		if (!elf_read(elf, header->e_phoff + i * sizeof(segment), &segment, sizeof(segment)))
			return "its program headers are cut";
		if (segment.p_type == PT_LOAD && elf->nr_loads < MOST_SEGMENTS)
			elf->loads[elf->nr_loads++] = segment;
		else if (segment.p_type == PT_GNU_EH_FRAME)
			elf->eh_frame_hdr = segment;
		else if (segment.p_type == PT_NOTE && !elf->build_id_bytes)
			find_build_id(elf, &segment);
	}
	return NULL;
}

/* A file may have none: then its segments must do. */
static void read_sections(struct elf_file *elf, const Elf64_Ehdr *header)
{
	uint64_t nr = header->e_shnum, names = header->e_shstrndx;
	Elf64_Shdr first;

	if (!header->e_shoff || header->e_shentsize != sizeof(first) || !elf_read(elf, header->e_shoff, &first, sizeof(first)))
		return;
	/* numbers that do not fit stand in the first section */
	if (nr == 0)
		nr = first.sh_size;
	if (names == SHN_XINDEX)
		names = first.sh_link;
	elf->sections = (Elf64_Shdr *)elf_read_new(elf, header->e_shoff, nr > MOST_SECTIONS ? UINT64_MAX : nr * sizeof(first),
						   MOST_SECTIONS * sizeof(first));
	if (!elf->sections)
		return;
	elf->nr_sections = (unsigned)nr;
	if (names >= nr)
		return;
	elf->names_bytes = elf->sections[names].sh_size;
	elf->names = (char *)elf_read_new(elf, elf->sections[names].sh_offset, elf->names_bytes, MOST_NAMES);
}

static const char *read_headers(struct elf_file *elf)
{
	Elf64_Ehdr header;
	const char *why;

	if (!elf_read(elf, 0, &header, sizeof(header)) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return "it is no ELF file";
	if (header.e_ident[EI_CLASS] != ELFCLASS64)
		return "it is a 32-bit program";
	if (header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_X86_64)
		return "it is of another architecture than x86-64";
	why = read_segments(elf, &header);
	if (!why)
		read_sections(elf, &header);
	return why;
}

const char *elf_open(struct elf_file *elf, int descriptor)
{
	struct stat is;

	memset(elf, 0, sizeof(*elf));
	elf->descriptor = descriptor;
	if (fstat(descriptor, &is) != 0 || !S_ISREG(is.st_mode))
		return "it is no file";
	elf->bytes = (uint64_t)is.st_size;
	return read_headers(elf);
}

const char *elf_open_memory(struct elf_file *elf, const uint8_t *memory, uint64_t bytes)
{
	memset(elf, 0, sizeof(*elf));
	elf->descriptor = -1;
	elf->memory = memory;
	elf->bytes = bytes;
	return read_headers(elf);
}

void elf_close(struct elf_file *elf)
{
	free(elf->sections);
	free(elf->names);
	elf->sections = NULL;
	elf->names = NULL;
	elf->nr_sections = 0;
}

const Elf64_Shdr *elf_section(const struct elf_file *elf, const char *name, uint32_t type)
{
	for (unsigned i = 0; i < elf->nr_sections; i++) {
		const Elf64_Shdr *section = &elf->sections[i];

		if (section->sh_type == SHT_NULL || section->sh_type == SHT_NOBITS)
			continue;
		if (name ? elf->names && section->sh_name < elf->names_bytes && strcmp(elf->names + section->sh_name, name) == 0
			 : section->sh_type == type)
			return section;
	}
	return NULL;
}

bool elf_is_code(const struct elf_file *elf, uint64_t start, uint64_t bytes)
{
	for (unsigned i = 0; i < elf->nr_loads; i++) {
		const Elf64_Phdr *load = &elf->loads[i];

		if (load->p_flags & PF_X && start >= load->p_vaddr && start - load->p_vaddr <= load->p_memsz &&
		    bytes <= load->p_memsz - (start - load->p_vaddr))
			return true;
	}
	return false;
}

uint64_t elf_base(const struct elf_file *elf)
{
	uint64_t base = UINT64_MAX;

	for (unsigned i = 0; i < elf->nr_loads; i++)
		base = elf->loads[i].p_vaddr < base ? elf->loads[i].p_vaddr : base;
	return base;
}
