// SPDX-License-Identifier: MIT
/*
 * Words with the collector: a socket that is opened for each question and closed after the answer, so that the program
 * finds no descriptor that it has not opened. The name of the socket is in the environment.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "library.h"

#define ANSWER_SECONDS 10
#define EINTR 4
#define NAME_CHARACTERS (int)(sizeof(HEAP_VARIABLE))

static char token[HEAP_TOKEN_BYTES];
static bool known;
static uint32_t number;

/*
 * How much of "NAME=TOKEN" has been read, with one more character; -1: in another variable.
 */
static int match(int same, char c)
{
	static const char name[] = HEAP_VARIABLE "=";

	if (!c)
		return 0;
	if (same < 0)
		return same;
	if (same < NAME_CHARACTERS)
		return c == name[same] ? same + 1 : -1;
	token[same - NAME_CHARACTERS] = c;
	return same + 1;
}

/* As the program was started: a program may change its environment, but its children are traced too. */
bool ask_open(void)
{
	char buffer[1024];
	int same = 0, file;
	long got;

	if (known)
		return true;
	file = (int)CALL(SYS_open, "/proc/self/environ", O_RDONLY | O_CLOEXEC, 0);
	while (file >= 0 && !known && (got = CALL(SYS_read, file, buffer, sizeof(buffer))) > 0) {
		for (long i = 0; i < got && !known; i++) {
			same = match(same, buffer[i]);
			known = same == NAME_CHARACTERS + HEAP_TOKEN_BYTES;
		}
	}
	if (file >= 0)
		CALL(SYS_close, file, 0, 0);
	return known;
}

static int connected(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { ANSWER_SECONDS, 0 };
	const size_t name = sizeof(HEAP_SOCKET) - 1;
	int file = (int)CALL(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	long error;

	if (file < 0)
		return -1;
	/* abstract: found in any root directory */
	memcpy(address.sun_path + 1, HEAP_SOCKET, name);
	memcpy(address.sun_path + 1 + name, token, sizeof(token));
	call6(SYS_setsockopt, file, SOL_SOCKET, SO_RCVTIMEO, (long)&patience, sizeof(patience), 0);
	call6(SYS_setsockopt, file, SOL_SOCKET, SO_SNDTIMEO, (long)&patience, sizeof(patience), 0);
	do
		error = CALL(SYS_connect, file, &address, sizeof(address.sun_family) + 1 + name + sizeof(token));
	while (error == -EINTR);
	if (error == 0)
		return file;
	CALL(SYS_close, file, 0, 0);
	return -1;
}

static long receive(int file, struct heap_answer *answer, int *memory)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
	struct iovec part = { answer, sizeof(*answer) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *first;
	long got;

	do
		got = CALL(SYS_recvmsg, file, &message, MSG_CMSG_CLOEXEC);
	while (got == -EINTR);
	first = CMSG_FIRSTHDR(&message);
	if (got > 0 && first && first->cmsg_type == SCM_RIGHTS && first->cmsg_len == CMSG_LEN(sizeof(int))) {
		int came;

		memcpy(&came, CMSG_DATA(first), sizeof(came));
		if (memory)
			*memory = came;
		else
			CALL(SYS_close, came, 0, 0);
	}
	return got;
}

uint32_t ask(struct heap_ask *question, int *memory)
{
	struct heap_answer answer = { 0, 0, 0 };
	int file = connected();
	long sent;

	if (memory)
		*memory = -1;
	if (file < 0)
		return 0;
	question->version = HEAP_RING_VERSION;
	memcpy(question->token, token, sizeof(token));
	if (question->kind != ASK_HELLO)
		question->number = number;
	do
		sent = call6(SYS_sendto, file, (long)question, sizeof(*question), MSG_NOSIGNAL, 0, 0);
	while (sent == -EINTR);
	if (sent != sizeof(*question) || receive(file, &answer, memory) != sizeof(answer))
		answer.number = 0;
	CALL(SYS_close, file, 0, 0);
	if (question->kind == ASK_HELLO)
		number = answer.number;
	return answer.number;
}

bool ask_is_heard(void)
{
	int file = connected();

	if (file < 0)
		return false;
	CALL(SYS_close, file, 0, 0);
	return true;
}
