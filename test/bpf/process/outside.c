// SPDX-License-Identifier: MIT
/*
 * Walks the stacks of another process by its registers (ptrace) and a copy of its stack, and names what it finds.
 * Arguments: a thread's number; "whole", or how many bytes are copied, and the rest not read; "addresses": of the whole,
 * without names.
 *   -> a line for each frame: "NAME+OFFSET in FILE [interrupted]", then the end, or why it is refused
 * "jit" and "interrupted" tell of code without an image, and of an address that is no return address.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include "process.h"

static struct process_code code;
static struct user_walk walk;
static uint8_t copy[65536];

static void put_frames(void)
{
	static struct user_name name;

	for (unsigned i = 0; i < walk.nr; i++) {
		uint64_t frame = code_frame(&code, walk.frames[i], !walk.interrupted[i]), virtual;

		if (!user_name(&code, walk.frames[i] - !walk.interrupted[i], &name)) {
			puts("no code");
			continue;
		}
		/* a frame of an image names it and the place in it; another one is the address */
		if (image_of_frame(frame, &virtual) != name.image ||
		    (name.image ? virtual - !walk.interrupted[i] != name.at : frame != walk.frames[i]))
			abort();
		printf("%s+%" PRIu64 " of %" PRIu64 " in %s%s\n", name.text, name.at - name.start, name.end - name.start,
		       name.image ? name.image->path : "jit", walk.interrupted[i] ? " interrupted" : "");
	}
}

int main(int argc, char **argv)
{
	pid_t pid = argc == 3 ? atoi(argv[1]) : 0;
	const char *why = pid ? process_refused(pid) : "usage";
	struct user_regs_struct registers;
	int status;

	if (why || ptrace(PTRACE_SEIZE, pid, 0, 0) || ptrace(PTRACE_INTERRUPT, pid, 0, 0) || waitpid(pid, &status, __WALL) != pid ||
	    ptrace(PTRACE_GETREGS, pid, 0, &registers) || (why = code_read(&code, pid))) {
		puts(why ? why : "it cannot be traced");
		return 0;
	}
	walk = (struct user_walk){ .pc = registers.rip, .sp = registers.rsp, .bp = registers.rbp, .stack = copy, .stack_at = registers.rsp,
				   .step = code_step, .step_context = &code };
	walk.stack_bytes = process_read(pid, walk.sp, copy, sizeof(copy));
	if (strcmp(argv[2], "whole") == 0 || strcmp(argv[2], "addresses") == 0) {
		walk.read = walk_read_process;
		walk.read_context = &pid;
	} else if (strtoul(argv[2], NULL, 10) < walk.stack_bytes) {
		walk.stack_bytes = strtoul(argv[2], NULL, 10);
	}
	user_walk(&walk);
	if (strcmp(argv[2], "addresses") == 0) {
		for (unsigned i = 0; i < walk.nr; i++)
			printf("%" PRIx64 "\n", walk.frames[i]);
	} else {
		put_frames();
	}
	printf("%s, %u by frame pointer\n", walk_end_name(walk.end), walk.by_frame_pointer);
	ptrace(PTRACE_DETACH, pid, 0, 0);
	code_free(&code);
	images_forget();
	return 0;
}
