// SPDX-License-Identifier: MIT
/*
 * Messages out (bpf/README.md has the layout). They are gathered in one buffer and
 * written in large pieces. The buffer begins and ends with a whole message, so a
 * file that is cut by SIGKILL is readable up to its last flush. If a reader is slow,
 * we wait and the ring fills: its losses are counted in the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "stream.h"

#define BUFFER_BYTES (1 << 20)
#define EVENTS_BYTES (256 << 10)
#define STREAM_HEADER 16
#define MESSAGE_HEADER 8
/* how long a reader that takes nothing may hold us up once the trace must end */
#define PATIENCE_NS 2000000000ull

static int out = -1;
static bool is_file, is_socket;
static char *buffer;
static size_t used, capacity;
static size_t events_at;       /* where the open EVENTS message begins */
static bool events_open;
static uint64_t written;       /* whole messages that are out */
static int failure;
static uint64_t given_up_at;
static bool (*wanted)(void);   /* false: the trace must end */
static off_t file_start;       /* not 0 if stdout is a file that has content already */

static void put_bytes(const void *bytes, size_t length)
{
	memcpy(buffer + used, bytes, length);
	used += length;
}

static void put_header(enum message_kind kind, size_t length)
{
	uint16_t words[2] = { (uint16_t)kind, 0 };
	uint32_t bytes = (uint32_t)length;

	put_bytes(words, sizeof(words));
	put_bytes(&bytes, sizeof(bytes));
}

static void close_events(void)
{
	uint32_t length = (uint32_t)(used - events_at - MESSAGE_HEADER);

	if (events_open)
		memcpy(buffer + events_at + 4, &length, sizeof(length));
	events_open = false;
}

static void need(size_t bytes)
{
	if (used + bytes <= capacity)
		return;
	stream_flush();
	if (failure)
		used = 0; /* it cannot be written any more */
	if (used + bytes > capacity) {
		capacity = used + bytes;
		buffer = realloc(buffer, capacity);
		if (!buffer)
			die("out of memory for a message of %s", human_bytes((double)bytes));
	}
}

static void open_pipe(void)
{
	char path[32];
	int fd;

	/*
	 * Opened again it is ours alone: O_NONBLOCK on the descriptor that we got
	 * would change it for every process that shares it.
	 */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", out);
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		if (out != STDOUT_FILENO)
			close(out);
		else
			dup2(STDERR_FILENO, STDOUT_FILENO); /* so that our copy is the last one */
		out = fd;
	}
	fcntl(out, F_SETPIPE_SZ, 1 << 20);
}

void stream_open(const char *path, bool (*still_wanted)(void))
{
	static const uint8_t header[STREAM_HEADER] = {
		'U', 'N', 'F', 'R', 'E', 'E', 'D', 'S', 2, 0, 0, 0, 0x04, 0x03, 0x02, 0x01,
	};
	struct stat status;
	int size = 4 << 20;

	wanted = still_wanted;
	out = STDOUT_FILENO;
	if (path) {
		out = output_open(path);
		if (out < 0)
			die("cannot write %s: %s", path, strerror(errno));
	}
	if (fstat(out, &status) != 0)
		die("stdout is closed: give -o FILE, or pipe it to a reader");
	is_file = S_ISREG(status.st_mode);
	is_socket = S_ISSOCK(status.st_mode);
	if (is_file)
		file_start = lseek(out, 0, SEEK_CUR);
	if (S_ISFIFO(status.st_mode))
		open_pipe();
	if (is_socket)
		setsockopt(out, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	capacity = BUFFER_BYTES;
	buffer = malloc(capacity);
	if (!buffer)
		die("out of memory");
	put_bytes(header, sizeof(header));
}

void stream_message(enum message_kind kind, const struct part *parts, int nr_parts)
{
	static const char zeros[8];
	size_t length = 0;

	for (int i = 0; i < nr_parts; i++)
		length += parts[i].length;
	close_events();
	need(MESSAGE_HEADER + length + 7);
	put_header(kind, length);
	for (int i = 0; i < nr_parts; i++)
		put_bytes(parts[i].bytes, parts[i].length);
	put_bytes(zeros, -length & 7);
}

void stream_event(const void *words, uint32_t bytes)
{
	if (events_open && used - events_at + bytes > EVENTS_BYTES)
		close_events();
	if (used + MESSAGE_HEADER + bytes > capacity)
		need(MESSAGE_HEADER + bytes); /* flushes, and so closes */
	if (!events_open) {
		events_at = used;
		events_open = true;
		put_header(MESSAGE_EVENTS, 0);
	}
	put_bytes(words, bytes);
}

/* False when the reader took nothing for too long after the trace's end. */
static bool wait_for_reader(void)
{
	struct pollfd fd = { .fd = out, .events = POLLOUT };

	if (given_up_at && monotonic_ns() > given_up_at)
		return false;
	poll(&fd, 1, 100);
	if (!wanted() && !given_up_at)
		given_up_at = monotonic_ns() + PATIENCE_NS;
	return true;
}

static ssize_t write_some(const char *bytes, size_t length)
{
	if (is_socket)
		return send(out, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	return write(out, bytes, length);
}

/* Bytes of whole messages at the start of the buffer, at most `limit`. */
static size_t whole_messages(size_t limit)
{
	size_t at = written == 0 ? STREAM_HEADER : 0;
	size_t end = 0;

	while (at <= limit && at <= used) {
		uint32_t length;

		end = at;
		if (at + MESSAGE_HEADER > used)
			break;
		memcpy(&length, buffer + at + 4, sizeof(length));
		at += MESSAGE_HEADER + ((length + 7u) & ~7u);
	}
	return end;
}

bool stream_flush(void)
{
	size_t done = 0;

	close_events();
	while (!failure && done < used) {
		ssize_t n = write_some(buffer + done, used - done);

		if (n >= 0) {
			done += (size_t)n;
			given_up_at = 0;
		}
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			failure = wait_for_reader() ? 0 : ETIMEDOUT;
		else if (errno != EINTR)
			failure = errno;
	}
	if (failure && done < used && is_file) {
		/* cut the file where a message ends; the rest of the buffer is lost */
		size_t whole = whole_messages(done);

		if (ftruncate(out, file_start + (off_t)(written + whole)) == 0)
			lseek(out, 0, SEEK_END);
		written += whole;
	} else {
		written += done;
	}
	used = 0;
	return !failure;
}

uint64_t stream_bytes(void)
{
	return written + used;
}

int stream_fd(void)
{
	return out;
}

int stream_error(void)
{
	return failure;
}

void stream_end(uint64_t time, enum end_reason reason, const char *detail)
{
	uint8_t fields[16] = { 0 };
	struct part parts[] = { { fields, sizeof(fields) }, { detail, strlen(detail) } };

	memcpy(fields, &time, sizeof(time));
	fields[8] = (uint8_t)reason;
	/* a full disk may still have room for a message this small, above all after the cut */
	if (failure && is_file)
		failure = 0;
	stream_message(MESSAGE_END, parts, 2);
	stream_flush();
}
