// SPDX-License-Identifier: MIT
/*
 * How this kernel marks its pages. Flags and, since 6.11, page types are enums in its BTF. Before, the
 * types are bits of page_type that are 0, by macros, which BTF does not have: there a page table of this
 * process says which bit is a table's, and so which of the two known sets it is:
 *
 *   5.10     buddy 0x80, offline 0x100, kmemcg 0x200, table 0x400, guard 0x800
 *   6.1      buddy 0x80, offline 0x100, table 0x200, guard 0x400, hugetlb 0x800 (from 6.9)
 */
#include <string.h>
#include "census.h"

#define AS_CLASS_NAME(id, name) name,
const char *const class_names[NR_CLASSES] = { CENSUS_CLASSES(AS_CLASS_NAME) };

struct page_marks marks;

/* A flag's mask; 0: there is none. Values that are no bit number are types of the same name. */
static uint64_t flag(enum value_id id)
{
	return values[id] >= 0 && values[id] < 64 ? 1ull << values[id] : 0;
}

static void add_bit(uint32_t bit, enum page_class class)
{
	if (!bit || marks.nr_bits == (int)(sizeof(marks.bits) / sizeof(marks.bits[0])))
		return;
	marks.bits[marks.nr_bits] = bit;
	marks.by_bit[marks.nr_bits++] = class;
}

/* Since 6.12: the top byte is the type. */
static bool types_by_byte(void)
{
	static const struct {
		enum value_id value;
		enum page_class class;
	} types[] = {
		{ V_PGTY_buddy, CLASS_FREE },       { V_PGTY_offline, CLASS_OFFLINE },
		{ V_PGTY_table, CLASS_PAGETABLE },  { V_PGTY_guard, CLASS_GUARD },
		{ V_PGTY_hugetlb, CLASS_HUGETLB },  { V_PGTY_slab, CLASS_SLAB },
		{ V_PGTY_zsmalloc, CLASS_ZSMALLOC }, { V_PGTY_unaccepted, CLASS_UNACCEPTED },
		{ V_PGTY_large_kmalloc, CLASS_LARGE_KMALLOC },
	};

	if (values[V_PGTY_buddy] < 0)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (values[types[i].value] >= 0 && values[types[i].value] < 256)
			marks.by_byte[values[types[i].value]] = types[i].class;
	}
	return true;
}

/* 6.11: bits again, but in an enum. */
static bool types_by_enum(void)
{
	static const struct {
		enum value_id value;
		enum page_class class;
	} types[] = {
		{ V_PG_buddy, CLASS_FREE },     { V_PG_offline, CLASS_OFFLINE },   { V_PG_table, CLASS_PAGETABLE },
		{ V_PG_guard, CLASS_GUARD },    { V_PG_hugetlb, CLASS_HUGETLB },   { V_PG_slab, CLASS_SLAB },
		{ V_PG_zsmalloc, CLASS_ZSMALLOC }, { V_PG_unaccepted, CLASS_UNACCEPTED },
	};

	if (values[V_PG_buddy] < 64)
		return false;
	marks.base = 0x80000000;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (values[types[i].value] >= 64)
			add_bit((uint32_t)values[types[i].value], types[i].class);
	}
	return true;
}

static bool types_by_table(void)
{
	uint32_t type = (uint32_t)kernel_field(page_of_pfn(bases.table_pfn), F_PAGE_TYPE);

	marks.base = 0xf0000000;
	switch (~type) {
	case 0x400:
		add_bit(0x800, CLASS_GUARD);
		break;
	case 0x200:
		add_bit(0x400, CLASS_GUARD);
		add_bit(0x800, CLASS_HUGETLB);
		break;
	default:
		missing_add("pages", "the mark %#x of a page table is not known", type);
		return false;
	}
	add_bit(0x80, CLASS_FREE);
	add_bit(0x100, CLASS_OFFLINE);
	add_bit(~type, CLASS_PAGETABLE);
	return true;
}

/* The same as class_of_type() says, as one comparison. */
static void note_free(void)
{
	marks.free_mask = 0xff000000;
	marks.free_value = (uint32_t)values[V_PGTY_buddy] << 24;
	for (int i = 0; i < marks.nr_bits; i++) {
		if (marks.by_bit[i] == CLASS_FREE) {
			marks.free_mask = marks.base | marks.bits[i];
			marks.free_value = marks.base;
		}
	}
}

bool marks_find(void)
{
	memset(&marks, 0, sizeof(marks));
	marks.head = flag(V_PG_head);
	marks.slab = flag(V_PG_slab);
	marks.reserved = flag(V_PG_reserved);
	marks.hwpoison = flag(V_PG_hwpoison);
	marks.lru = flag(V_PG_lru);
	marks.swapbacked = flag(V_PG_swapbacked);
	marks.swapcache = flag(V_PG_swapcache);
	marks.hugetlb_flag = flag(V_PG_hugetlb);
	marks.hugetlb_dtor = has_field(F_PAGE_COMPOUND_DTOR) || has_field(F_FOLIO_DTOR) ? (int)values[V_HUGETLB_PAGE_DTOR] : -1;
	if (!marks.head || !marks.reserved || !marks.lru || !marks.swapbacked) {
		missing_add("pages", "enum pageflags of this kernel's BTF lacks PG_head, PG_reserved, PG_lru or PG_swapbacked");
		return false;
	}
	if (!types_by_byte() && !types_by_enum() && !types_by_table())
		return false;
	note_free();
	return true;
}
