// SPDX-License-Identifier: MIT
/* The command line: parsing, and a --help that teaches. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base.h"

#define ALL(...) true,
#define AND_NAME(NAME, name, ...) "," name
#define AND_NAME_APART(NAME, name, ...) ", " name

/* ",page,slab,..." and ", page, slab, ..." */
static const char names_after_comma[] = ALLOCATORS(AND_NAME);
static const char names_apart[] = ALLOCATORS(AND_NAME_APART);

static struct options given = {
	.buffer_bytes = 64 << 20,
	.sample_one_in = 1,
	.max_young = 1 << 18,
	.max_stacks = 65536,
	.free_sites = 1000,
	.allocators = { ALLOCATORS(ALL) },
	.twins = TWINS_AUTO,
	.audit_one_in = 1000,
	.ready_fd = -1,
	.census_budget = 1,
	.census_call_bytes = MOST_CALL_BYTES,
	.census_scans = 3,
	.census_interval_ns = 4000000000,
};

const struct options *const options = &given;

bool options_of_processes(void)
{
	return given.nr_processes || given.command_memory || given.parent_process;
}

static const char help[] =
"unfreed-collect: writes every alloc and free of the Linux kernel's allocators,\n"
"with the call path of each alloc, as a stream of messages (bpf/README.md).\n"
"\n"
"  unfreed-collect -o FILE [OPTIONS] [-- CMD...]    a recording\n"
"  unfreed-collect [OPTIONS] [-- CMD...] | READER   live, on stdout\n"
"  unfreed-collect --probe                          what works here; traces nothing\n"
"  unfreed-collect --census                         what each page is, as JSON; traces nothing\n"
"\n"
"Needs root, or CAP_BPF, CAP_PERFMON and CAP_SYSLOG, and a kernel with BTF; once it\n"
"traces, it keeps the first two alone. Ends on SIGINT, SIGTERM, SIGHUP, when the\n"
"reader goes away, at --duration or --max-bytes, or when CMD exits.\n"
"\n"
"What to trace\n"
"  --allocators LIST    of %s (default: all)\n"
"  --min-size SIZE      leave out smaller allocs, in the kernel (counted)\n"
"  --sample N           trace 1 in N addresses, a power of two; alloc and free\n"
"                       of one address always agree; whoever reads must scale\n"
"  --sample-seed N      which addresses those are (default: at random)\n"
"  --max-overhead PERCENT  of all CPU time: while tracing takes more, trace fewer\n"
"                       addresses, 1/4, 1/16 or 1/64; the reader is told\n"
"  --min-age TIME       survivors only: what is freed sooner is matched in the\n"
"                       kernel and not sent (counted); the rest comes once it is\n"
"                       that old, at most twice as old, with the time of its alloc\n"
"  --max-young N        room for N allocs that wait to be so old (default 262144,\n"
"                       16 MiB, or 60 where stacks are walked); those that find no\n"
"                       room are sent at once (counted)\n"
"  --self mark|drop|keep   what the tracer allocates itself: marked (default),\n"
"                       left out (counted), or not told apart\n"
"  --self-pid PID       this process is the tracer too; up to 4 times\n"
"\n"
"The memory of processes, and no allocation of the kernel: what they map and unmap, with\n"
"the call path in the process; the processes that they start are traced too\n"
"  --process PID        of this process; up to 1024 times\n"
"  --command-memory     of CMD\n"
"  --children-of PID    of what this process starts from now on\n"
"  --heap               and each block of the heap: of a process that runs by probes on its\n"
"                       allocators; of a command, or what such a process starts, by a\n"
"                       library that is loaded before all others\n"
"                       (unfreed-heap.so, which lies beside this program); with --steps, lines\n"
"                       \"environment NAME VALUE\" say what --children-of must start it with\n"
"  --command-name NAME  of those children only the one that runs this; one whose heap cannot\n"
"                       be traced is refused at once\n"
"  --sample-bytes SIZE  of the heap one block in so many bytes, for production\n"
"  --heap-may-lose      a program does not wait while its records find no room\n"
"\n"
"What happened meanwhile (OOM kills, reclaim, cgroups, System V shared memory, swap,\n"
"modules; starts, execs and exits of processes) is in the stream too.\n"
"  --watch COMM         the execs and exits of this command and of all it starts are\n"
"                       marks, as those of CMD are; up to 8 times\n"
"  --watch-pid PID      the same for all that this process starts from now on\n"
"  --system-calls       shared memory and swap also where functions cannot be hooked:\n"
"                       that slows down all system calls by some 0.1 us\n"
"  --no-marks           none of it\n"
"\n"
"When to end\n"
"  --duration TIME      500ms, 30s, 5m, 2h; plain numbers are seconds\n"
"  --max-bytes SIZE     end before the stream grows larger\n"
"  -- CMD...            start CMD once all hooks are on, end when it exits\n"
"  --die-with-parent    end when the process that started this one is gone\n"
"\n"
"How\n"
"  -o, --output FILE    write there (mode 0600, replaced), not to stdout\n"
"  --buffer SIZE        ring between kernel and this process (default 64M);\n"
"                       raise it when events are lost because it was full\n"
"  --max-stacks N       room for N distinct call paths (default 65536)\n"
"  --free-sites N       send some N frees a second with their call path (default 1000,\n"
"                       0: none)\n"
"  --attach auto|btf|tp tp_btf programs, or classic tracepoints (default: auto)\n"
"  --stacks auto|walk|fast  who takes the call paths: the kernel's unwinder, or a\n"
"                       table made from its data, ten times cheaper (default auto: the table\n"
"                       where the kernel allows it)\n"
"  --audit N            check 1 in N fast call paths against the kernel's walk;\n"
"                       one that differs ends the fast path (default 1000)\n"
"  --audit-goes-on      but it does not: to find them all\n"
"  --twins auto|on|off  a second copy of each program takes the events of the\n"
"                       interrupts that hit the first (default auto: where they do,\n"
"                       and not with --sample 4 or more; on: from the start)\n"
"  --ready-fd N         write one byte to descriptor N once tracing is on\n"
"  --steps              say on stderr how far the start is: lines \"step NAME DONE OF\",\n"
"                       and what the trace will lack: lines \"note TEXT\"\n"
"  --probe              one JSON line per requirement and hook, then exit\n"
"  --census             read the kernel's memory, count its pages by what they are,\n"
"                       write one JSON document (bpf/census/README.md), then exit;\n"
"                       needs CAP_SYS_ADMIN as well\n"
"  --stages LIST        of pages, holders, types, orphans: who refers to pages that no\n"
"                       counter knows; what the objects of slab caches are; objects, areas\n"
"                       and pages that nothing was found to refer to (default: pages)\n"
"  --cache NAME         types of the objects of this cache alone; up to 16 times\n"
"  --scans N            so many looks must find nothing that refers to an orphan (default 3)\n"
"  --scan-interval TIME from one to the next (default 4s)\n"
"  --keep-addresses     of orphans, for a debugger\n"
"  --memory SIZE        that these stages may take (default 2%% of RAM, at most 2G); with less\n"
"                       than they need they read more often, and types say less\n"
"  --budget PERCENT     of one CPU that a census may take (default 100: no pauses)\n"
"  --repeat N           N of them one after another, each a line; what is loaded and read of\n"
"                       this kernel first, the names of its functions too, is for all\n"
"  --call-bytes SIZE    that a census reads at once, while its CPU does nothing else\n"
"                       (default 256K; more is taken as that)\n"
"  --names              what pages and objects belong to: a file and its mount, a socket and\n"
"                       its peer, a BPF map. Reads lines \"page PFN\" and \"object ADDRESS\" (hex,\n"
"                       at most 4096) from stdin, writes one JSON document (bpf/names/README.md)\n"
"  --verbose            say what is found and what libbpf says, on stderr\n"
"  --version, --help\n"
"\n"
"SIZE is in bytes or with K, M, G (1024). Exit status: 0 done, 1 could not (one\n"
"sentence on stderr says why and what to do), 2 wrong usage.\n"
"\n"
"Overhead: an alloc costs 0.2 us, or 3 us where the kernel has to walk its stack,\n"
"a free 0.15 us.\n";

static void usage(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

static void usage(const char *fmt, ...)
{
	va_list args;

	fputs("unfreed-collect: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs(" (--help tells more)\n", stderr);
	exit(2);
}

struct unit {
	const char *name; /* NULL: there are no more */
	double factor;
};

/* A number with the suffix of a unit. */
static double number(const char *option, const char *text, const struct unit *units)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (end == text || errno || !(value >= 0) || value > 1e18)
		usage("%s: '%s' is not a number", option, text);
	for (; units->name; units++) {
		if (strcasecmp(end, units->name) == 0)
			return value * units->factor;
	}
	usage("%s: '%s' ends in '%s', which is no unit here", option, text, end);
}

static uint64_t size_of(const char *option, const char *text)
{
	static const struct unit units[] = {
		{ "", 1 },          { "b", 1 },         { "k", 1 << 10 },   { "kib", 1 << 10 }, { "m", 1 << 20 },
		{ "mib", 1 << 20 }, { "g", 1 << 30 },   { "gib", 1 << 30 }, { NULL, 0 },
	};

	return (uint64_t)number(option, text, units);
}

static uint64_t time_of(const char *option, const char *text)
{
	static const struct unit units[] = { { "", 1e9 },   { "ms", 1e6 },    { "s", 1e9 }, { "m", 6e10 },
					     { "min", 6e10 }, { "h", 3.6e12 }, { NULL, 0 } };
	double ns = number(option, text, units);

	if (ns < 1e6)
		usage("%s: '%s' is shorter than 1ms", option, text);
	return (uint64_t)ns;
}

/* As a share. */
static double percent(const char *option, const char *text, double min, double max)
{
	static const struct unit units[] = { { "", 1 }, { "%", 1 }, { NULL, 0 } };
	double value = number(option, text, units);

	if (value < min || value > max)
		usage("%s: %s is not from %g to %g", option, text, min, max);
	return value / 100;
}

static uint64_t integer(const char *option, const char *text, uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (end == text || *end || errno || text[0] == '-' || value < min || value > max)
		usage("%s: '%s' is not a whole number from %llu to %llu", option, text,
		      (unsigned long long)min, (unsigned long long)max);
	return value;
}

static int choice(const char *option, const char *text, const char *const *choices)
{
	for (int i = 0; choices[i]; i++) {
		if (strcmp(text, choices[i]) == 0)
			return i;
	}
	usage("%s: '%s' is not a choice", option, text);
}

/* A list of `names`, of which there are `nr`; `apart`: all of them for a message. */
static void parse_list(const char *option, const char *text, const char *const *names, const char *apart, int nr, bool *chosen)
{
	char *list = strdup(text), *save = NULL;
	bool any = false;

	memset(chosen, 0, (size_t)nr * sizeof(*chosen));
	for (char *name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		int i;

		for (i = 0; i < nr && strcmp(name, names[i]) != 0; i++)
			;
		if (i == nr)
			usage("%s: '%s' is none of %s", option, name, apart);
		chosen[i] = any = true;
	}
	free(list);
	if (!any)
		usage("%s: the list is empty", option);
}

static void parse_allocators(const char *text)
{
	const char *names[NR_ALLOCATORS];

	for (int i = 0; i < NR_ALLOCATORS; i++)
		names[i] = allocators[i].name;
	parse_list("--allocators", text, names, names_apart + 2, NR_ALLOCATORS, given.allocators);
}

static void add_cache(const char *text)
{
	if (given.nr_census_caches == MAX_CENSUS_CACHES)
		usage("--cache: at most %d times", MAX_CENSUS_CACHES);
	given.census_caches[given.nr_census_caches++] = text;
}

enum { OPT_DURATION = 256, OPT_ALLOCATORS, OPT_MIN_SIZE, OPT_SAMPLE, OPT_SAMPLE_SEED, OPT_MAX_OVERHEAD, OPT_MIN_AGE, OPT_MAX_YOUNG,
       OPT_SELF, OPT_SELF_PID,
       OPT_BUFFER, OPT_MAX_STACKS, OPT_FREE_SITES, OPT_MAX_BYTES, OPT_ATTACH, OPT_TWINS, OPT_STACKS, OPT_AUDIT,
       OPT_AUDIT_GOES_ON, OPT_READY_FD, OPT_CENSUS, OPT_BUDGET, OPT_CALL_BYTES, OPT_REPEAT, OPT_STAGES,
       OPT_CACHE, OPT_MEMORY, OPT_SCANS, OPT_SCAN_INTERVAL, OPT_KEEP_ADDRESSES, OPT_NAMES, OPT_STEPS, OPT_DIE_WITH_PARENT,
       OPT_WATCH, OPT_WATCH_PID, OPT_PROCESS, OPT_COMMAND_MEMORY, OPT_CHILDREN_OF, OPT_HEAP, OPT_SAMPLE_BYTES, OPT_HEAP_MAY_LOSE, OPT_COMMAND_NAME, OPT_SYSTEM_CALLS, OPT_NO_MARKS,
       OPT_PROBE, OPT_VERBOSE, OPT_VERSION, OPT_HELP };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "duration", required_argument, NULL, OPT_DURATION },
	{ "allocators", required_argument, NULL, OPT_ALLOCATORS },
	{ "min-size", required_argument, NULL, OPT_MIN_SIZE },
	{ "sample", required_argument, NULL, OPT_SAMPLE },
	{ "sample-seed", required_argument, NULL, OPT_SAMPLE_SEED },
	{ "max-overhead", required_argument, NULL, OPT_MAX_OVERHEAD },
	{ "min-age", required_argument, NULL, OPT_MIN_AGE },
	{ "max-young", required_argument, NULL, OPT_MAX_YOUNG },
	{ "self", required_argument, NULL, OPT_SELF },
	{ "self-pid", required_argument, NULL, OPT_SELF_PID },
	{ "buffer", required_argument, NULL, OPT_BUFFER },
	{ "max-stacks", required_argument, NULL, OPT_MAX_STACKS },
	{ "free-sites", required_argument, NULL, OPT_FREE_SITES },
	{ "max-bytes", required_argument, NULL, OPT_MAX_BYTES },
	{ "attach", required_argument, NULL, OPT_ATTACH },
	{ "stacks", required_argument, NULL, OPT_STACKS },
	{ "audit", required_argument, NULL, OPT_AUDIT },
	{ "audit-goes-on", no_argument, NULL, OPT_AUDIT_GOES_ON },
	{ "twins", required_argument, NULL, OPT_TWINS },
	{ "ready-fd", required_argument, NULL, OPT_READY_FD },
	{ "steps", no_argument, NULL, OPT_STEPS },
	{ "die-with-parent", no_argument, NULL, OPT_DIE_WITH_PARENT },
	{ "watch", required_argument, NULL, OPT_WATCH },
	{ "watch-pid", required_argument, NULL, OPT_WATCH_PID },
	{ "process", required_argument, NULL, OPT_PROCESS },
	{ "command-memory", no_argument, NULL, OPT_COMMAND_MEMORY },
	{ "children-of", required_argument, NULL, OPT_CHILDREN_OF },
	{ "heap", no_argument, NULL, OPT_HEAP },
	{ "sample-bytes", required_argument, NULL, OPT_SAMPLE_BYTES },
	{ "heap-may-lose", no_argument, NULL, OPT_HEAP_MAY_LOSE },
	{ "command-name", required_argument, NULL, OPT_COMMAND_NAME },
	{ "system-calls", no_argument, NULL, OPT_SYSTEM_CALLS },
	{ "no-marks", no_argument, NULL, OPT_NO_MARKS },
	{ "probe", no_argument, NULL, OPT_PROBE },
	{ "census", no_argument, NULL, OPT_CENSUS },
	{ "budget", required_argument, NULL, OPT_BUDGET },
	{ "call-bytes", required_argument, NULL, OPT_CALL_BYTES },
	{ "repeat", required_argument, NULL, OPT_REPEAT },
	{ "stages", required_argument, NULL, OPT_STAGES },
	{ "cache", required_argument, NULL, OPT_CACHE },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "scans", required_argument, NULL, OPT_SCANS },
	{ "scan-interval", required_argument, NULL, OPT_SCAN_INTERVAL },
	{ "keep-addresses", no_argument, NULL, OPT_KEEP_ADDRESSES },
	{ "names", no_argument, NULL, OPT_NAMES },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static void parse_one(int option, const char *text)
{
	static const char *const self_modes[] = { "mark", "drop", "keep", NULL };
	static const char *const stacks_modes[] = { "auto", "walk", "fast", NULL };
	static const char *const twins_modes[] = { "off", "on", "auto", NULL };
	static const char *const stages[NR_CENSUS_STAGES] = { "pages", "holders", "types", "orphans" };
	static const char *const attach_modes[] = { "auto", "btf", "tp", NULL };

	switch (option) {
	case 'o': given.output = text; break;
	case OPT_DURATION: given.duration_ns = time_of("--duration", text); break;
	case OPT_ALLOCATORS: parse_allocators(text); break;
	case OPT_MIN_SIZE: given.min_bytes = size_of("--min-size", text); break;
	case OPT_SAMPLE:
		given.sample_one_in = (uint32_t)integer("--sample", text, 1, 1 << 20);
		if (given.sample_one_in & (given.sample_one_in - 1))
			usage("--sample: %s is not a power of two", text);
		break;
	case OPT_SAMPLE_SEED:
		given.sample_seed = (uint32_t)integer("--sample-seed", text, 0, 0xffffffffu);
		given.seed_given = true;
		break;
	case OPT_MAX_OVERHEAD:
		given.max_overhead = percent("--max-overhead", text, 0.1, 50);
		break;
	case OPT_MIN_AGE:
		given.min_age_ns = time_of("--min-age", text);
		if (given.min_age_ns < 100000000 || given.min_age_ns > 3600000000000)
			usage("--min-age: %s is not from 100ms to 1h", text);
		break;
	case OPT_MAX_YOUNG:
		given.max_young = (uint32_t)integer("--max-young", text, 1, 1 << 24);
		break;
	case OPT_SELF: given.self = choice("--self", text, self_modes); break;
	case OPT_SELF_PID:
		if (given.nr_self_pids == MAX_SELF - 1)
			usage("--self-pid: at most %d times", MAX_SELF - 1);
		given.self_pids[given.nr_self_pids++] =
			(uint32_t)integer("--self-pid", text, 1, 1 << 30);
		break;
	case OPT_BUFFER:
		given.buffer_bytes = size_of("--buffer", text);
		if (given.buffer_bytes < (64 << 10) || given.buffer_bytes > (1ull << 30))
			usage("--buffer: %s is not from 64K to 1G", text);
		break;
	case OPT_MAX_STACKS:
		given.max_stacks = (uint32_t)integer("--max-stacks", text, 1, 16 << 20);
		break;
	case OPT_FREE_SITES:
		given.free_sites = (uint32_t)integer("--free-sites", text, 0, 1000000);
		break;
	case OPT_MAX_BYTES:
		given.max_bytes = size_of("--max-bytes", text);
		if (given.max_bytes < (1 << 20))
			usage("--max-bytes: %s is less than 1M", text);
		break;
	case OPT_ATTACH: given.attach = choice("--attach", text, attach_modes); break;
	case OPT_STACKS: given.stacks = choice("--stacks", text, stacks_modes); break;
	case OPT_AUDIT: given.audit_one_in = (uint32_t)integer("--audit", text, 1, 1u << 30); break;
	case OPT_AUDIT_GOES_ON: given.audit_goes_on = true; break;
	case OPT_TWINS: given.twins = choice("--twins", text, twins_modes); break;
	case OPT_READY_FD: given.ready_fd = (int)integer("--ready-fd", text, 0, 1 << 20); break;
	case OPT_STEPS: given.steps = true; break;
	case OPT_DIE_WITH_PARENT: given.die_with_parent = true; break;
	case OPT_WATCH:
		if (given.nr_watched_comms == MAX_WATCHED_COMMS)
			usage("--watch: at most %d times", MAX_WATCHED_COMMS);
		given.watched_comms[given.nr_watched_comms++] = text;
		break;
	case OPT_WATCH_PID: given.watched_pid = (uint32_t)integer("--watch-pid", text, 1, 1 << 30); break;
	case OPT_PROCESS:
		if (given.nr_processes == MAX_TRACED_PROCESSES)
			usage("--process: at most %d times", MAX_TRACED_PROCESSES);
		given.processes[given.nr_processes++] = (uint32_t)integer("--process", text, 1, 1 << 30);
		break;
	case OPT_COMMAND_MEMORY: given.command_memory = true; break;
	case OPT_CHILDREN_OF: given.parent_process = (uint32_t)integer("--children-of", text, 1, 1 << 30); break;
	case OPT_HEAP: given.heap = true; break;
	case OPT_SAMPLE_BYTES: given.sample_bytes = size_of("--sample-bytes", text); break;
	case OPT_HEAP_MAY_LOSE: given.heap_may_lose = true; break;
	case OPT_COMMAND_NAME: given.command_name = text; break;
	case OPT_SYSTEM_CALLS: given.system_calls = true; break;
	case OPT_NO_MARKS: given.no_marks = true; break;
	case OPT_PROBE: given.probe = true; break;
	case OPT_CENSUS: given.census = true; break;
	case OPT_BUDGET: given.census_budget = percent("--budget", text, 1, 100); break;
	case OPT_CALL_BYTES:
		if (size_of("--call-bytes", text) < (4 << 10) || size_of("--call-bytes", text) > (1 << 20))
			usage("--call-bytes: %s is not from 4K to 1M", text);
		/* more is no faster, and only takes longer */
		given.census_call_bytes = (uint32_t)size_of("--call-bytes", text);
		if (given.census_call_bytes > MOST_CALL_BYTES)
			given.census_call_bytes = MOST_CALL_BYTES;
		break;
	case OPT_REPEAT: given.census_repeat = (uint32_t)integer("--repeat", text, 1, 1000000000); break;
	case OPT_STAGES:
		parse_list("--stages", text, stages, "pages, holders, types, orphans", NR_CENSUS_STAGES, given.census_stages);
		break;
	case OPT_CACHE: add_cache(text); break;
	case OPT_MEMORY:
		given.census_memory = size_of("--memory", text);
		if (given.census_memory < (1 << 20))
			usage("--memory: %s is less than 1M", text);
		break;
	case OPT_SCANS: given.census_scans = (uint32_t)integer("--scans", text, 1, 10); break;
	case OPT_SCAN_INTERVAL: given.census_interval_ns = time_of("--scan-interval", text); break;
	case OPT_KEEP_ADDRESSES: given.census_addresses = true; break;
	case OPT_NAMES: given.names = true; break;
	case OPT_VERBOSE: given.verbose = true; break;
	case OPT_VERSION: puts("unfreed-collect " VERSION ", stream version 1"); exit(0);
	case OPT_HELP: printf(help, names_after_comma + 1); exit(0);
	default: fputs("unfreed-collect: --help tells what there is\n", stderr); exit(2);
	}
}

void options_parse(int argc, char **argv)
{
	int option;

	/* '+': stop at CMD, whose options are not ours */
	while ((option = getopt_long(argc, argv, "+o:h", long_options, NULL)) != -1)
		parse_one(option == 'h' ? OPT_HELP : option, optarg);
	if (optind < argc) {
		if (strcmp(argv[optind - 1], "--") != 0)
			usage("'%s': a command to run comes after --", argv[optind]);
		given.command = &argv[optind];
	}
	if (given.census && (given.command || given.output || given.probe))
		usage("--census traces nothing and writes to stdout: no CMD, -o or --probe with it");
	if (given.names && (given.command || given.output || given.probe || given.census))
		usage("--names traces nothing and writes to stdout: no CMD, -o, --probe or --census with it");
	if (given.command_memory && !given.command)
		usage("--command-memory is of CMD: give one after --");
	if (given.heap && given.nr_processes && (given.command_memory || given.parent_process))
		usage("--heap is of processes that run, or of what is started: not of both");
	if (given.heap && !options_of_processes())
		usage("--heap is of processes: give --process, --children-of or --command-memory");
	if (!given.probe && !given.census && !given.names && !given.output && isatty(STDOUT_FILENO))
		usage("the stream is not text and would fill your terminal: give -o FILE, or pipe it to a reader");
}
