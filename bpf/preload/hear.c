// SPDX-License-Identifier: MIT
/* What processes ask over the socket. Whoever knows its name may ask: all that is said is checked. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "preload.h"

#define MOST_PENDING 64
#define PATIENCE_NS SECOND_NS

/* Connections whose question has not come yet. */
static struct pending {
	int file;
	uint64_t since; /* CLOCK_MONOTONIC, ns */
	bool asked;     /* `question` has come; it waits for the child of another fork of its parent */
	struct heap_ask question;
} pending[MOST_PENDING];

static unsigned nr_pending;
static int listener = -1;
static int waiting = -1; /* an epoll: the listener, and connections whose question has not come */
static char token[HEAP_TOKEN_BYTES + 1];
static struct preload_options wanted;
static bool said_own_malloc, said_own_new;

static bool wait_for(int file, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = file };

	return epoll_ctl(waiting, EPOLL_CTL_ADD, file, &event) == 0;
}

int hear_open(const struct preload_options *options)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t name = sizeof(HEAP_SOCKET) - 1;
	uint8_t bytes[HEAP_TOKEN_BYTES / 2];

	wanted = *options;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -1;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		snprintf(token + 2 * i, 3, "%02x", bytes[i]);
	memcpy(address.sun_path + 1, HEAP_SOCKET, name);
	memcpy(address.sun_path + 1 + name, token, HEAP_TOKEN_BYTES);
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0)
		return -1;
	if (bind(listener, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + name + HEAP_TOKEN_BYTES)) == 0 &&
	    listen(listener, 256) == 0 && (waiting = epoll_create1(EPOLL_CLOEXEC)) >= 0 && wait_for(listener, EPOLLIN))
		return waiting;
	hear_close();
	return -1;
}

const char *hear_token(void)
{
	return token;
}

static void answer(int to, uint32_t number, int memory)
{
	struct heap_answer words = { HEAP_RING_VERSION, number, number ? HEAP_BYTES : 0 };
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = "";
	struct iovec part = { &words, sizeof(words) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (memory >= 0) {
		struct cmsghdr *rights;

		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		rights = CMSG_FIRSTHDR(&message);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(rights), &memory, sizeof(memory));
	}
	if (sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		say("a process of the command has not waited for its answer: %s", strerror(errno));
}

/* What this process was until now: a program that runs on after an exec, or its number was used before. */
static struct space *before_of(pid_t pid)
{
	for (struct traced *traced = traced_first; traced; traced = traced->next) {
		struct space *space = traced->space;

		if (traced->pid != pid)
			continue;
		records_finish(traced);
		traced_end(traced);
		return space;
	}
	return NULL;
}

/* The space of a process that says hello; begins it, if spaces/ has not seen it begin. */
static struct space *space_for(pid_t pid, const struct heap_ask *hello)
{
	struct traced *parent = hello->flags & HELLO_FORKED ? traced_numbered(hello->parent) : NULL;
	struct space *before, *space;

	if (parent) {
		/* spaces/ may have seen the fork, and sent what came before it */
		space = space_of(pid);
		if (space && space != parent->space)
			return space;
		if (!parent->held_until)
			records_send(parent, hello->time - record_clock_base(), UINT64_MAX);
		parent->held_until = 0;
		return space_begin(pid, SPACE_FORK, parent->space, NULL, trace_time());
	}
	before = before_of(pid);
	space = space_of(pid);
	if (space && space != before)
		return space;
	if (before)
		return before->ended ? NULL : space_begin(pid, SPACE_EXEC, before, NULL, trace_time());
	return space_begin(pid, counted.processes ? SPACE_FORK : SPACE_FIRST, NULL, NULL, trace_time());
}

/* Files are opened while the process has them: it may end at any time, and its paths be read later. */
static void read_images(struct space *space, pid_t pid)
{
	code_read(&space->code, pid);
	for (uint32_t i = 0; i < space->code.nr; i++)
		code_image(&space->code, &space->code.codes[i]);
}

static void say_limits(const struct heap_ask *hello, pid_t pid)
{
	if (hello->flags & HELLO_OWN_MALLOC && !said_own_malloc)
		note("process %d has a malloc() of its own, which no library can come before: its heap is not seen by --heap -- CMD", pid);
	if (hello->flags & HELLO_OWN_NEW && !said_own_new)
		note("process %d has an operator new that does not call malloc(): what C++ allocates by it is not seen", pid);
	said_own_malloc |= (hello->flags & HELLO_OWN_MALLOC) != 0;
	said_own_new |= (hello->flags & HELLO_OWN_NEW) != 0;
}

static void hello(int from, pid_t pid, const struct heap_ask *question)
{
	struct space *space = space_for(pid, question);
	int memory = -1;
	struct traced *traced = space && !space->ended ? traced_new(pid, &wanted, &memory) : NULL;

	if (traced) {
		traced->space = space;
		read_images(space, pid);
		space_look_for_own(space);
		say_limits(question, pid);
	}
	answer(from, traced ? traced->number : 0, memory);
	if (memory >= 0)
		close(memory);
}

static void heard(int from, const struct heap_ask *question)
{
	struct ucred who;
	socklen_t bytes = sizeof(who);
	struct traced *traced = traced_numbered(question->number);

	if (question->version != HEAP_RING_VERSION || memcmp(question->token, token, HEAP_TOKEN_BYTES) != 0 ||
	    getsockopt(from, SOL_SOCKET, SO_PEERCRED, &who, &bytes) != 0 || who.pid <= 0)
		return;
	/* what the process did before it asked is known to spaces/ */
	spaces_consume();
	traced = traced_numbered(question->number);
	switch (question->kind) {
	case ASK_HELLO:
		hello(from, who.pid, question);
		return;
	case ASK_IMAGES:
		if (traced && traced->pid == who.pid)
			read_images(traced->space, who.pid);
		break;
	case ASK_SYNC:
		if (traced && traced->pid == who.pid)
			records_send(traced, record_clock(), UINT64_MAX);
		break;
	}
	answer(from, traced ? traced->number : 0, -1);
}

/* Its parent forked another child before, which has not said hello: what the parent holds now is that one's. */
static bool too_early(const struct heap_ask *question)
{
	struct traced *parent = question->kind == ASK_HELLO && question->flags & HELLO_FORKED ? traced_numbered(question->parent) : NULL;

	if (!parent || !question->fork)
		return false;
	if (!parent->held_until)
		records_send(parent, record_clock(), UINT64_MAX);
	return parent->held_until && parent->fork < question->fork;
}

/* True: the connection is done with. */
static bool try_to_hear(struct pending *one)
{
	ssize_t got = one->asked ? 0 : recv(one->file, &one->question, sizeof(one->question), MSG_DONTWAIT);

	if (!one->asked && got < 0 && errno == EAGAIN)
		return monotonic_ns() - one->since > PATIENCE_NS;
	if (!one->asked && got != sizeof(one->question))
		return true;
	one->asked = true;
	if (too_early(&one->question))
		return false;
	heard(one->file, &one->question);
	return true;
}

void hear(void)
{
	struct epoll_event seen[MOST_PENDING];
	int file;

	/* each connection is told of once */
	epoll_wait(waiting, seen, MOST_PENDING, 0);
	while (nr_pending < MOST_PENDING && (file = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		wait_for(file, EPOLLIN | EPOLLET);
		pending[nr_pending++] = (struct pending){ .file = file, .since = monotonic_ns() };
	}
	for (unsigned i = 0; i < nr_pending;) {
		if (!try_to_hear(&pending[i])) {
			i++;
			continue;
		}
		close(pending[i].file);
		pending[i] = pending[--nr_pending];
	}
}

void hear_close(void)
{
	while (nr_pending)
		close(pending[--nr_pending].file);
	if (listener >= 0)
		close(listener);
	if (waiting >= 0)
		close(waiting);
	listener = waiting = -1;
}
