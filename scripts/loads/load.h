/*
 * Code that all loads share: the handshake, by which a tracer can attach first, read the truth while
 * it is held, and look again after the release.
 *
 *   stdin             stdout (one JSON object a line)
 *                     {"state":"ready",...}      only with --wait
 *   "go\n"         -> {"state":"held",...}       the exact truth; without --wait it comes at once
 *   any line       -> {"state":"released",...}   or SIGUSR1 instead of the line
 *   EOF            -> exit 0                     or SIGTERM, at any moment
 *
 * To count pages under pipe_write, give these programs a socket as stdout (Node does), or --wait. A
 * pipe as stdout takes one page for the first line, and then keeps it and uses it again; with --wait,
 * "ready" is that line.
 */
#ifndef UNFREED_LOAD_H
#define UNFREED_LOAD_H

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile sig_atomic_t load_release_asked;
static volatile sig_atomic_t load_exit_asked;

static void load_on_signal(int number)
{
	if (number == SIGUSR1)
		load_release_asked = 1;
	else
		load_exit_asked = 1;
}

static void load_die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/*
 * Writes each line at once, so that a reader never sees half of one. No stdio: its buffer would be an
 * allocation of ours.
 */
static void load_say(const char *format, ...)
{
	char line[1024];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(line))
		exit(70);
	if (write(STDOUT_FILENO, line, length) != length)
		exit(1);
}

/* Waits for a line on stdin. Returns 1 for a line or SIGUSR1, 0 for EOF or SIGTERM. */
static int load_next_line(void)
{
	for (;;) {
		struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
		char byte;
		ssize_t got;

		if (load_exit_asked)
			return 0;
		if (load_release_asked) {
			load_release_asked = 0;
			return 1;
		}
		/* At most a second is lost if a signal comes between the check above and poll. */
		if (poll(&input, 1, 1000) <= 0)
			continue;
		got = read(STDIN_FILENO, &byte, 1);
		if (got == 0)
			return 0;
		if (got == 1 && byte == '\n')
			return 1;
	}
}

/* Sets the signal handlers, and raises the limit of file descriptors as far as allowed. */
static void load_begin(void)
{
	struct sigaction action = { .sa_handler = load_on_signal };
	struct rlimit files;

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* With --wait: prints "ready" and returns after "go"; exits at EOF or SIGTERM instead. */
static void load_wait_for_go(const char *program, int wait)
{
	if (!wait)
		return;
	load_say("{\"state\":\"ready\",\"program\":\"%s\",\"pid\":%d}\n", program, (int)getpid());
	if (!load_next_line())
		exit(0);
}

/* Returns a count given by the user, 1..limit; exits with 2 for any other text. */
static __attribute__((unused)) long load_number(const char *text, long limit)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value < 1 || value > limit) {
		fprintf(stderr, "%s: not a number from 1 to %ld\n", text, limit);
		exit(2);
	}
	return value;
}

#endif
