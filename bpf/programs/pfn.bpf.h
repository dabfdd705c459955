/* SPDX-License-Identifier: MIT */
/* From a struct page to its page frame number. */
#ifndef PFN_BPF_H
#define PFN_BPF_H

/*
 * struct pages lie in one array by pfn (SPARSEMEM_VMEMMAP: x86-64 and arm64
 * have nothing else). `page` is the pointer as a number: the verifier sees
 * ctx[0] as a typed pointer and forbids arithmetic on it, so it is read through
 * memory, where it loses its type.
 */
static __always_inline u64 pfn_of(u64 page)
{
	u64 offset = page - vmemmap_start;

	return page_struct_shift ? offset >> page_struct_shift : offset / page_struct_bytes;
}

#endif
