// SPDX-License-Identifier: MIT
/*
 * Writes a stream with stream.c and symbols.c. Arguments: the output (- is stdout), a kallsyms text,
 * and optionally the greatest size of a file in bytes. On stdin:
 *   message KIND HEX      a message of two parts, the halves of HEX
 *   event WORD...         hexadecimal words
 *   fill BYTES            a COUNTERS message of that many bytes, all 'x'
 *   symbols ADDRESS...
 *   flush                 -> "flushed" or the error, on stderr
 *   end NS REASON DETAIL
 * The first three times that stream.c asks whether the stream is still wanted, the answer is yes, then
 * no. If it asked, the last line on stderr says whether it did so until the answer was no.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "stream.h"

#define TIMES_WANTED 3

static int asked;

static bool still_wanted(void)
{
	return ++asked <= TIMES_WANTED;
}

static void send_message(const char *words)
{
	static uint8_t bytes[65536];
	char hex[8192] = "";
	size_t length, half;
	int kind;

	sscanf(words, "%d %8191s", &kind, hex);
	length = strlen(hex) / 2;
	half = length / 2;
	for (size_t i = 0; i < length; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	stream_message((enum message_kind)kind,
		       (struct part[]){ { bytes, half }, { bytes + half, length - half } }, 2);
}

static int words_of(char *text, __u64 *words)
{
	char *save = NULL;
	int nr = 0;

	for (char *word = strtok_r(text, " ", &save); word && nr < 64; word = strtok_r(NULL, " ", &save))
		words[nr++] = strtoull(word, NULL, 16);
	return nr;
}

static void fill(size_t length)
{
	char *bytes = malloc(length);

	memset(bytes, 'x', length);
	stream_message(MESSAGE_COUNTERS, &(struct part){ bytes, length }, 1);
	free(bytes);
}

static void run(char *line)
{
	__u64 words[64];
	char detail[128] = "";
	unsigned long long time;
	int reason;

	line[strcspn(line, "\n")] = 0;
	if (strncmp(line, "message ", 8) == 0) {
		send_message(line + 8);
	} else if (strncmp(line, "event ", 6) == 0) {
		int nr = words_of(line + 6, words);

		stream_event(words, (uint32_t)nr * 8);
	} else if (strncmp(line, "fill ", 5) == 0) {
		fill(strtoul(line + 5, NULL, 10));
	} else if (strncmp(line, "symbols ", 8) == 0) {
		symbols_announce(words, (uint32_t)words_of(line + 8, words));
	} else if (strcmp(line, "flush") == 0) {
		fprintf(stderr, "%s\n", stream_flush() ? "flushed" : strerror(stream_error()));
	} else if (sscanf(line, "end %llu %d %127[^\n]", &time, &reason, detail) >= 2) {
		stream_end(time, (enum end_reason)reason, detail);
	} else {
		exit(2);
	}
}

int main(int argc, char **argv)
{
	char line[16384];

	if (argc < 3)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	kallsyms_load(argv[2]);
	if (argc > 3) {
		struct rlimit limit = { strtoul(argv[3], NULL, 10), RLIM_INFINITY };

		if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
			return 1;
	}
	stream_open(strcmp(argv[1], "-") == 0 ? NULL : argv[1], still_wanted);
	while (fgets(line, sizeof(line), stdin))
		run(line);
	if (asked)
		fprintf(stderr, "asked %s\n", asked > TIMES_WANTED ? "until it was not wanted" : "and wanted");
	return stream_error() ? 1 : 0;
}
