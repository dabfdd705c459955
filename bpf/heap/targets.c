// SPDX-License-Identifier: MIT
/*
 * The processes whose heap is traced: which files of each were looked through, and what is probed. A process is
 * made known to the programs when all its functions are probed, so that all kinds of its events begin at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "heap.h"

static struct heap_target *targets;

static struct heap_target *target_of(pid_t pid)
{
	struct heap_target *target = targets;

	while (target && target->pid != pid)
		target = target->next;
	return target;
}

const struct heap_target *heap_target_of(pid_t pid)
{
	return heap_skel ? target_of(pid) : NULL;
}

static bool looked_through(const struct heap_target *target, uint32_t image)
{
	for (uint32_t i = 0; i < target->nr_images; i++) {
		if (target->images[i] == image)
			return true;
	}
	return false;
}

static bool remember(struct heap_target *target, uint32_t image)
{
	uint32_t *images = realloc(target->images, (target->nr_images + 1) * sizeof(*images));

	if (!images)
		return false;
	target->images = images;
	images[target->nr_images++] = image;
	return true;
}

/* Two programs at most, and each may need a descriptor for each place. */
static bool make_room(struct heap_target *target, unsigned nr)
{
	int *links = realloc(target->links, (target->nr_links + 2 * nr) * sizeof(*links));

	target->links = links ? links : target->links;
	return links != NULL;
}

/* The functions of one role. False with errno set. */
static bool attach_role(struct heap_target *target, const char *path, enum heap_role role, const struct heap_place *const *places, unsigned nr)
{
	/* a session is for what returns */
	enum heap_way way = role >= HEAP_RELEASE && heap_way() == HEAP_WAY_SESSION ? HEAP_WAY_MULTI : heap_way();
	int any_return, program = heap_program(role, &any_return), made;

	if (!make_room(target, nr))
		return false;
	/* the return first: no call without its return */
	if (any_return >= 0) {
		made = heap_attach(way, any_return, target->pid, path, places, nr, true, target->links + target->nr_links);
		if (made < 0)
			return false;
		target->nr_links += (uint32_t)made;
	}
	made = heap_attach(way, program, target->pid, path, places, nr, false, target->links + target->nr_links);
	if (made < 0)
		return false;
	target->nr_links += (uint32_t)made;
	if (role <= HEAP_RELEASE)
		*(role == HEAP_RELEASE ? &target->releases : &target->allocs) += nr;
	return true;
}

void heap_path_of_file(pid_t pid, const struct mapping *mapping, char *path, size_t bytes)
{
	snprintf(path, bytes, "/proc/%d/map_files/%llx-%llx", pid, (unsigned long long)mapping->start, (unsigned long long)mapping->end);
	if (access(path, R_OK) != 0)
		snprintf(path, bytes, "/proc/%d/root%s", pid, mapping->path);
}

static void attach_file(struct heap_target *target, struct image *image, const struct mapping *mapping)
{
	static struct heap_place places[MOST_HEAP_PLACES];
	const struct heap_place *of_role[MOST_HEAP_PLACES];
	unsigned throwing, nr = heap_places(image, target->pid, mapping, places, &throwing);
	char path[512];

	if (throwing)
		note("process %d: operator new of %s is not traced, malloc is: an exception thrown by a function whose return is probed would end the process",
		     target->pid, image->path);
	heap_path_of_file(target->pid, mapping, path, sizeof(path));
	for (int role = 0; role < NR_HEAP_ROLES; role++) {
		unsigned nr_role = 0;

		for (unsigned i = 0; i < nr; i++) {
			if (places[i].role == role)
				of_role[nr_role++] = &places[i];
		}
		if (nr_role && !attach_role(target, path, (enum heap_role)role, of_role, nr_role))
			note("the allocator of a file that process %d runs is not traced: %s: %s", target->pid, image->path, strerror(errno));
	}
}

/* All files that it maps and that were not looked through yet; returns true if there were any. */
static bool look_through(struct heap_target *target)
{
	struct process_code *code = &target->space->code;
	bool any = false;

	if (!code->nr)
		code_read(code, target->pid);
	for (uint32_t i = 0; i < code->nr; i++) {
		struct image *image = code_image(code, &code->codes[i]);

		if (!image || image == image_vdso() || looked_through(target, image->number) || !remember(target, image->number))
			continue;
		any = true;
		/* read now: once events come, each of them waits in the ring meanwhile */
		image_rows(image, target->pid, &code->codes[i].mapping);
		attach_file(target, image, &code->codes[i].mapping);
	}
	return any;
}

void heap_began(struct space *space, enum space_why why)
{
	struct heap_target *target;

	(void)why;
	if (!heap_skel)
		return;
	/* after an exec what was attached stays so */
	target = target_of(space->pid);
	if (!target) {
		target = calloc(1, sizeof(*target));
		if (!target)
			return;
		target->pid = space->pid;
		target->next = targets;
		targets = target;
	}
	target->space = space;
	target->trampoline = 0;
	space->heap = target;
	if (heap_is_confined(target->pid) && !heap_confined_are_safe()) {
		note("process %d: its heap is not traced: it runs under seccomp, which on this kernel does not allow what a function returns by whose return is probed",
		     target->pid);
		return;
	}
	look_through(target);
	heap_make_known(target);
	if (why == SPACE_FIRST && (!target->allocs || !target->releases))
		note("process %d: no function of an allocator was found: its program is static and has no symbols, or has a heap of its own kind",
		     target->pid);
}

void heap_code_changed(struct space *space)
{
	struct heap_target *target = heap_skel ? target_of(space->pid) : NULL;

	/* one that is not known to the programs may not be traced */
	if (!target || target->space != space || !target->known)
		return;
	look_through(target);
	/* an address may be of other code now */
	heap_make_known(target);
}

/* It may be an exec: what is attached is kept until the next sweep. */
void heap_ended(struct space *space)
{
	struct heap_target *target = heap_skel ? target_of(space->pid) : NULL;

	space->heap = NULL;
	if (target && target->space == space)
		target->space = NULL;
}

static void detach(struct heap_target *target)
{
	heap_make_unknown(target);
	for (uint32_t i = 0; i < target->nr_links; i++)
		close(target->links[i]);
	free(target->links);
	free(target->images);
	free(target);
}

void heap_targets_sweep(void)
{
	struct heap_target **at = &targets;

	while (*at) {
		struct heap_target *target = *at;

		if (target->space) {
			at = &target->next;
			continue;
		}
		*at = target->next;
		detach(target);
	}
}

void heap_targets_close(void)
{
	for (struct heap_target *target = targets; target; target = target->next)
		target->space = NULL;
	heap_targets_sweep();
}
