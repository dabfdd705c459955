// SPDX-License-Identifier: MIT
/* The MARK message. */
#include <string.h>
#include "marks.h"

#define MAX_TEXTS 3

struct head {
	uint64_t time;
	uint8_t kind, nr_values, nr_texts, zero;
	uint32_t pid;
	char comm[MARK_COMM_BYTES];
	uint32_t tid, zero_too;
};

void marks_send(const struct mark_record *mark, const char *const *texts)
{
	struct head head = {
		.time = trace_time_at(mark->time),
		.kind = (uint8_t)mark->kind,
		.nr_values = (uint8_t)mark->nr_values,
		.pid = mark->pid,
		.tid = mark->tid,
	};
	struct part parts[2 + 2 * MAX_TEXTS] = { { &head, sizeof(head) }, { mark->value, mark->nr_values * sizeof(__s64) } };
	uint16_t lengths[MAX_TEXTS];
	int nr_parts = 2;

	/* before time 0, or after its ring was read last */
	if (!head.time)
		return;
	memcpy(head.comm, mark->comm, sizeof(head.comm));
	for (int i = 0; texts && texts[i] && i < MAX_TEXTS; i++) {
		lengths[i] = (uint16_t)strlen(texts[i]);
		parts[nr_parts++] = (struct part){ &lengths[i], sizeof(lengths[i]) };
		parts[nr_parts++] = (struct part){ texts[i], lengths[i] };
		head.nr_texts++;
	}
	stream_message(MESSAGE_MARK, parts, nr_parts);
}
