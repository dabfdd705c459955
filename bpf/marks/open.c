// SPDX-License-Identifier: MIT
/*
 * Loads and attaches the programs of marks.bpf.c. Each subject may be missing without the others: what this kernel
 * lacks is left out, and where it refuses the programs of one subject, it is asked for the others.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "marks.h"
#include "marks.skel.h"

#define MAX_HOOKS 64

static struct bpf_link *links[MAX_HOOKS];
/* Subjects that lack something, and those that the kernel refuses to load. */
static bool lacks[NR_MARK_SUBJECTS], refused[NR_MARK_SUBJECTS];

/* Two programs on one tracepoint: which of them takes its arguments. */
static bool fits(const struct mark_hook *hook)
{
	static const struct {
		const char *program, *tracepoint;
		bool pointer_first;
	} variants[] = {
		{ "oom_kill", "mark_victim", true },
		{ "oom_kill_pid", "mark_victim", false },
		{ "compaction_end", "mm_compaction_end", true },
		{ "compaction_end_old", "mm_compaction_end", false },
	};

	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		const char *argument = btf_tracepoint_argument(variants[i].tracepoint, 0);

		if (strcmp(variants[i].program, hook->program) == 0)
			return argument && (strcmp(argument, "*") == 0) == variants[i].pointer_first;
	}
	return true;
}

static bool is_loaded(const struct bpf_program *program)
{
	return bpf_program__fd(program) >= 0;
}

static struct bpf_program *program_named(const struct marks *of, const char *name)
{
	return bpf_object__find_program_by_name(of->obj, name);
}

/* Sets whether the program of a hook is loaded; `wanted` is by its subject. */
static void choose(struct marks *of, const struct mark_hook *hook, bool wanted)
{
	struct bpf_program *program = program_named(of, hook->program);
	const char *target = mark_hook_target(hook);

	if (!target && !hook->optional)
		lacks[hook->subject] = true;
	wanted = wanted && target && fits(hook);
	bpf_program__set_autoload(program, wanted);
	if (wanted && target[0])
		bpf_program__set_attach_target(program, 0, target);
}

static void set_rodata(struct marks *of)
{
	const char *first = btf_tracepoint_argument("mm_vmscan_direct_reclaim_begin", 0);

	of->rodata->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	of->rodata->reclaim_gfp_first = first && strcmp(first, "gfp_t") == 0;
	of->rodata->nr_watched_comms = options->nr_watched_comms;
	for (uint32_t i = 0; i < options->nr_watched_comms; i++)
		strncpy((char *)of->rodata->watched_comms[i], options->watched_comms[i], MARK_COMM_BYTES - 1);
}

/* NULL with errno set when the kernel refuses. `only`: the programs of one subject, NR_MARK_SUBJECTS: of all that are not refused. */
static struct marks *load(enum mark_subject only)
{
	struct marks *loaded = marks__open();
	int error;

	if (!loaded)
		return NULL;
	for (size_t i = 0; i < nr_mark_hooks; i++) {
		enum mark_subject subject = mark_hooks[i].subject;

		choose(loaded, &mark_hooks[i], only == NR_MARK_SUBJECTS ? !refused[subject] : subject == only);
	}
	set_rodata(loaded);
	libbpf_listen();
	error = marks__load(loaded);
	if (!error)
		return loaded;
	marks__destroy(loaded);
	errno = -error;
	return NULL;
}

static void try_subject(enum mark_subject subject)
{
	struct marks *alone = load(subject);

	refused[subject] = !alone;
	if (alone)
		marks__destroy(alone);
	else if (options->verbose)
		say("%s: refused: %s: %s", mark_subjects[subject], strerror(errno), libbpf_complaint());
}

/* Functions are not asked for where none can be hooked: that saves a refusal, and loading each subject alone. */
static void choose_ways(void)
{
	bool functions = function_hookable("out_of_memory");

	refused[SUBJECT_OOM_CALL] = refused[SUBJECT_CALLS] = !functions;
	/* they cost, and are of use only where the others are not */
	refused[SUBJECT_SLOW_CALLS] = functions || !options->system_calls;
}

/* If the kernel refuses something, finds the subjects of it by loading each alone. */
static struct marks *load_what_is_allowed(void)
{
	struct marks *loaded;
	int error;

	choose_ways();
	loaded = load(NR_MARK_SUBJECTS);
	error = errno;
	if (loaded)
		return loaded;
	for (int subject = 0; subject < NR_MARK_SUBJECTS; subject++) {
		if (!refused[subject])
			try_subject((enum mark_subject)subject);
	}
	loaded = load(NR_MARK_SUBJECTS);
	if (!loaded)
		errno = error;
	return loaded;
}

static void attach(void)
{
	for (size_t i = 0; i < nr_mark_hooks; i++) {
		struct bpf_program *program = program_named(marks_skel, mark_hooks[i].program);

		if (!is_loaded(program))
			continue;
		links[i] = bpf_program__attach(program);
		if (!links[i] && !mark_hooks[i].optional)
			lacks[mark_hooks[i].subject] = true;
	}
}

bool marks_attached(const struct mark_hook *hook)
{
	return links[hook - mark_hooks] != NULL;
}

/* What the one way to system calls lacks, the other may have. Without the call around an OOM kill its order is not known, no more. */
static bool is_missing(int subject)
{
	if (subject == SUBJECT_SLOW_CALLS || subject == SUBJECT_OOM_CALL)
		return false;
	if (subject == SUBJECT_CALLS && !refused[SUBJECT_SLOW_CALLS])
		return lacks[SUBJECT_SLOW_CALLS];
	return lacks[subject] || refused[subject];
}

static void note_what_is_missing(void)
{
	char list[256] = "";

	for (int i = 0; i < NR_MARK_SUBJECTS; i++) {
		if (is_missing(i))
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", list[0] ? ", " : "", mark_subjects[i]);
	}
	if (list[0])
		note("the time line lacks %s: this kernel does not tell of them, or not of all", list);
}

void marks_open(const struct marks_calls *calls)
{
	static const struct marks_calls nobody;

	marks_told = calls ? calls : &nobody;
	if (options->no_marks)
		return;
	marks_skel = load_what_is_allowed();
	if (!marks_skel) {
		note("what happened meanwhile (OOM kills, reclaim, cgroups, shared memory, swap, modules, starts and exits of processes) is not known: %s",
		     strerror(errno));
		return;
	}
	marks_ring_open(bpf_map__fd(marks_skel->maps.ring));
	attach();
	note_what_is_missing();
}

void marks_watch(uint32_t tgid)
{
	uint32_t one = 1;

	if (marks_skel)
		bpf_map_update_elem(bpf_map__fd(marks_skel->maps.watched), &tgid, &one, BPF_ANY);
}

void marks_stop(void)
{
	if (!marks_skel)
		return;
	for (size_t i = 0; i < nr_mark_hooks; i++) {
		bpf_link__destroy(links[i]);
		links[i] = NULL;
	}
	marks_drain();
	marks_sums(true);
	marks_flush();
	marks_ring_close();
	marks__destroy(marks_skel);
	marks_skel = NULL;
}
