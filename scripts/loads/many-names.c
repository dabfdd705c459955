/*
 * many-names N: takes N names, one after the other, and allocates a page under each: a pipe with a byte
 * in it, which is closed at once. Then it takes the name "last-of-many" and keeps 23 such pipes.
 *
 * Truth, in pages on call paths through pipe_write: N under "name-1" to "name-N", all freed;
 * 23 under "last-of-many" that nobody frees before the process ends.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void full_pipe(int ends[2])
{
	if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1) {
		perror("pipe");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	long names = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	char name[32]; /* the kernel keeps 15 characters */
	int ends[2];

	for (long i = 1; i <= names; i++) {
		snprintf(name, sizeof(name), "name-%ld", i);
		prctl(PR_SET_NAME, name);
		full_pipe(ends);
		close(ends[0]);
		close(ends[1]);
	}
	prctl(PR_SET_NAME, "last-of-many");
	for (int i = 0; i < 23; i++)
		full_pipe(ends);
	return 0;
}
