// SPDX-License-Identifier: MIT
/* The result as one JSON document: names as the kernel has them, and numbers. */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include "census.h"

static FILE *out;
static const char *comma; /* before the next element of the list that is open */

/* `,"name":[`, after which report_row() begins each element. */
static void list(const char *name)
{
	fprintf(out, ",\n\"%s\":[", name);
	comma = "";
}

static void row(void)
{
	fprintf(out, "%s\n{", comma);
	comma = ",";
}

static void end_list(void)
{
	fputs("]", out);
}

/* `"name":"text"`, and a comma before all but the first of an object. */
static void text(const char *name, const char *value)
{
	fprintf(out, "\"%s\":", name);
	json_string(out, value);
}

static void put_head(void)
{
	struct utsname name;

	fputs("{\"format\":\"unfreed-census-raw\",\"version\":1,\n", out);
	uname(&name);
	text("kernel", name.release);
	fprintf(out, ",\"pageSize\":4096");
}

static void put_time(const struct census_times *times)
{
	struct rusage usage, children;

	getrusage(RUSAGE_SELF, &usage);
	getrusage(RUSAGE_CHILDREN, &children);
	/* of the process that took most */
	if (children.ru_maxrss > usage.ru_maxrss)
		usage.ru_maxrss = children.ru_maxrss;
	fprintf(out, ",\n\"time\":{\"wallNs\":%" PRIu64 ",\"cpuNs\":%" PRIu64 ",\"longestCallNs\":%" PRIu64 ",\"calls\":%" PRIu64 ",\"bytesCopied\":%" PRIu64 ",\"maxRssBytes\":%" PRIu64 ",\"steps\":[",
		monotonic_ns() - times->began, all_cpu_ns(), copy_stats.longest_call_ns, copy_stats.calls,
		copy_stats.bytes, (uint64_t)usage.ru_maxrss << 10);
	for (size_t i = 0; i < times->nr; i++)
		fprintf(out, "%s{\"step\":\"%s\",\"wallNs\":%" PRIu64 ",\"cpuNs\":%" PRIu64 "}", i ? "," : "",
			times->steps[i].step, times->steps[i].ns, times->steps[i].cpu_ns);
	fputs("]}", out);
}

static void put_zones(void)
{
	list("zones");
	for (int i = 0; i < machine.nr_zones; i++) {
		const struct zone *zone = &machine.zones[i];

		row();
		fprintf(out, "\"node\":%d,", zone->node);
		text("zone", zone->name);
		fprintf(out, ",\"spannedPages\":%" PRIu64 ",\"presentPages\":%" PRIu64 ",\"managedPages\":%" PRIu64 "}",
			zone->spanned, zone->present, zone->managed);
	}
	end_list();
}

static void put_classes(void)
{
	int last = -1;

	list("classes");
	for (int i = 0; i < machine.nr_zones; i++) {
		int node = machine.zones[i].node;

		/* zones come node by node */
		for (int class = 1; node != last && class < NR_CLASSES; class++) {
			uint64_t pages = pages_of_class_on(class, node);

			if (!pages)
				continue;
			row();
			fprintf(out, "\"node\":%d,", node);
			text("class", class_names[class]);
			fprintf(out, ",\"pages\":%" PRIu64 "}", pages);
		}
		last = node;
	}
	end_list();
}

static void put_owners(void)
{
	const struct owner *owner;

	list("owners");
	for (size_t i = 0; (owner = owner_at(i)); i++) {
		enum page_class class = owner->what & 0xff;
		const struct cache_seen *cache = class == CLASS_SLAB ? &caches[owner->what >> 8] : NULL;
		struct group_name group = owner_group(owner);

		row();
		text("path", group.path);
		fprintf(out, ",\"id\":%" PRIu64 ",\"dying\":%s,", group.id, group.dying ? "true" : "false");
		text("charged", owner->kernel ? "kernel" : "user");
		fputs(",", out);
		text("class", class_names[class]);
		fprintf(out, ",\"pages\":%" PRIu64 ",\"objects\":%" PRIu64 ",", cache ? 0 : owner->count,
			cache ? owner->count : 0);
		text("cache", cache ? cache->name : "");
		fprintf(out, ",\"bytes\":%" PRIu64 "}", owner->count * (cache ? cache->size : 4096));
	}
	end_list();
}

/* ---- areas ---- */

#define AS_KIND_NAME(id, name) name,
static const char *const kind_names[NR_AREA_KINDS] = { AREA_KINDS(AS_KIND_NAME) };

struct area_row {
	struct name caller;
	enum area_kind kind;
	uint64_t areas, pages;
};

static int by_pages(const void *a, const void *b)
{
	const struct area_row *x = a, *y = b;

	return x->pages > y->pages ? -1 : x->pages < y->pages;
}

/* One row for all areas of a function and a kind; `rows` has room for each area. Returns their number. */
static size_t area_rows(struct area_row *rows)
{
	const struct area *area;
	size_t nr = 0, at;

	for (size_t i = 0; (area = area_at(i)); i++) {
		struct name caller;

		if (!area_caller(area, &caller))
			caller = (struct name){ "", "", 0 };
		for (at = 0; at < nr && (rows[at].kind != area->kind || rows[at].caller.address != caller.address); at++)
			;
		if (at == nr)
			rows[nr++] = (struct area_row){ caller, area->kind, 0, 0 };
		rows[at].areas++;
		rows[at].pages += area->pages;
	}
	qsort(rows, nr, sizeof(*rows), by_pages);
	return nr;
}

static void put_areas(void)
{
	size_t nr = 0;
	struct area_row *rows;

	while (area_at(nr))
		nr++;
	rows = calloc(nr ? nr : 1, sizeof(*rows));
	if (!rows)
		die("out of memory");
	nr = area_rows(rows);
	list("areas");
	for (size_t i = 0; i < nr; i++) {
		row();
		text("caller", rows[i].caller.symbol);
		fputs(",", out);
		text("module", rows[i].caller.module);
		fputs(",", out);
		text("kind", kind_names[rows[i].kind]);
		fprintf(out, ",\"areas\":%" PRIu64 ",\"pages\":%" PRIu64 "}", rows[i].areas, rows[i].pages);
	}
	end_list();
	free(rows);
}

static void put_checks(void)
{
	const struct check *check;

	list("checks");
	for (size_t i = 0; (check = check_at(i)); i++) {
		row();
		text("what", check->what);
		fprintf(out, ",\"ours\":%" PRIu64 ",\"theirs\":%" PRIu64 ",", check->ours, check->theirs);
		text("unit", check->unit);
		fprintf(out, ",\"withinPercent\":%g,\"ok\":%s}", check->within, check->ok ? "true" : "false");
	}
	end_list();
}

static void put_missing(void)
{
	list("missing");
	for (size_t i = 0; missing_at(i); i++) {
		row();
		text("stage", missing_at(i)->stage);
		fputs(",", out);
		text("what", missing_at(i)->what);
		fputs("}", out);
	}
	end_list();
}

bool report_put(FILE *to, const struct census_times *times, const struct census_more *more)
{
	out = to;
	put_head();
	put_zones();
	put_classes();
	put_owners();
	put_areas();
	if (more)
		more->put(out);
	put_checks();
	put_missing();
	put_time(times);
	fputs("}\n", out);
	return fflush(out) == 0 && !ferror(out);
}
