// SPDX-License-Identifier: MIT
/* The status line while recording to a file, and the sentences at the end. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "trace.h"


void progress_show(uint64_t time)
{
	static uint64_t events_before, time_before;
	double seconds = (double)(time - time_before) / 1e9;
	uint64_t lost = losses_events();

	if (!options->output || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%llu s  %llu events  %.0f/s  %s  ", (unsigned long long)(time / SECOND_NS),
		(unsigned long long)relayed_events(), (double)(relayed_events() - events_before) / (seconds > 0 ? seconds : 1),
		human_bytes((double)stream_bytes()));
	if (lost)
		fprintf(stderr, "%llu LOST", (unsigned long long)lost);
	else
		fputs("none lost", stderr);
	events_before = relayed_events();
	time_before = time;
}

int progress_result(int error)
{
	if (!error)
		error = stream_error();
	if (options->output && isatty(STDERR_FILENO))
		fputc('\n', stderr);
	if (options->verbose)
		say("%llu events, %llu lost, %llu of them because the ring was full",
		    (unsigned long long)relayed_events(), (unsigned long long)losses_events(),
		    (unsigned long long)losses_to_ring());
	if (options->verbose)
		path_tree_say();
	if (options->output && losses_to_ring())
		say("%llu events were lost because the ring was full: give a larger --buffer than %s, or trace less (--allocators, --sample)",
		    (unsigned long long)losses_to_ring(), human_bytes((double)options->buffer_bytes));
	if (error == EPIPE || error == 0)
		return 0;
	if (options->output)
		say("%s: %s: the recording ends at %.1f s, whole up to there; make room or give --max-bytes",
		    options->output, strerror(error), (double)last_event_time() / 1e9);
	else
		say("the reader of the stream failed us: %s", strerror(error));
	return 1;
}
