// SPDX-License-Identifier: MIT
/*
 * Both halves of call paths without a walk, on a stack given as text. Arguments: a kallsyms text.
 * On stdin an unwind table (orc-text.h, form 6.4), a line "end of table", then:
 *   start HOOK SLOT BP           where the hook's paths start (struct fast_start)
 *   stack OFFSET=VALUE...        puts words onto the stack; a value may be @OFFSET, a place on it
 *   walk HOOK                    the walk by table -> its frames, or "asks for PC" (the loader
 *                                answers), or the reason why it stops
 *   learn HOOK SITE ID           shows the loader the path of the last walk -> "shown" or "not shown"
 *   tree HOOK SITE               the tree of known paths -> the path's id, 0 = not found
 */
#include <sys/mman.h>
#include <unistd.h>
#include "orc-text.h"
#include "kernel-half.h"

static struct slot_scratch scratch;
static struct pc_table *table;
static struct path_tree *tree;
static char took[64];

static void *lookup(const void *map, const void *key)
{
	(void)key;
	return map == (const void *)&scratches ? (void *)&scratch : map == (const void *)&pc_table ? (void *)table : NULL;
}

static void taken(void)
{
	if (record.tag == ASKS_FOR_PC) {
		const struct pc_question *question = (const void *)&record;

		snprintf(took, sizeof(took), "asks for %llx%s", question->pc, question->interrupted ? " interrupted" : "");
		pc_table_learn(question->pc, question->interrupted);
	} else if (record.tag == SAW_PATH) {
		const struct path_seen *seen = (const void *)&record;

		snprintf(took, sizeof(took), "shown");
		path_tree_saw(seen, &fast_starts[seen->hook]);
	}
}

static u64 context(void)
{
	return (u64)(uintptr_t)stack;
}

static void put_words(char *words)
{
	char *save = NULL;

	for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *value = strchr(word, '=') + 1;
		u64 number = *value == '@' ? context() + strtoull(value + 1, NULL, 0) : strtoull(value, NULL, 16);

		memcpy(stack + atoi(word), &number, sizeof(number));
	}
}

static void walk(u32 hook)
{
	static const char *const reasons[NR_WALK_REASONS] = {
		[WALK_OFF] = "off", [WALK_UNCALIBRATED] = "uncalibrated", [WALK_UNKNOWN_PC] = "unknown pc",
		[WALK_NOT_FOR_US] = "not for us", [WALK_NOT_A_PC] = "not a pc", [WALK_TOO_DEEP] = "too deep",
	};
	int reason;

	took[0] = 0;
	scratch.index = hook;
	reason = fast_walk(context(), hook);
	if (reason) {
		puts(took[0] ? took : reasons[reason]);
		return;
	}
	for (u32 i = 0; i < scratch.depth; i++)
		printf("%s%llx", i ? " " : "", scratch.frames[i]);
	puts(scratch.fixed ? "" : " (not fixed)");
}

static void learn(u64 site, u32 id)
{
	took[0] = 0;
	scratch.site = site;
	send_path(&scratch, id);
	puts(took[0] ? took : "not shown");
}

static void answer(char *line)
{
	unsigned int hook, slot, bp, id;
	unsigned long long site;
	u32 end;

	line[strcspn(line, "\n")] = 0;
	if (sscanf(line, "start %u %u %u", &hook, &slot, &bp) == 3)
		fast_starts[hook] = (struct fast_start){ slot, bp };
	else if (strncmp(line, "stack ", 6) == 0)
		put_words(line + 6);
	else if (sscanf(line, "walk %u", &hook) == 1)
		walk(hook);
	else if (sscanf(line, "learn %u %llx %u", &hook, &site, &id) == 3)
		learn(site, id);
	else if (sscanf(line, "tree %u %llx", &hook, &site) == 2)
		printf("%u\n", path_in_tree(tree, context(), hook, site, &end));
	else
		exit(2);
}

int main(int argc, char **argv)
{
	int table_fd = memfd_create("pc table", 0), tree_fd = memfd_create("path tree", 0);
	char line[4096];
	const char *why = orc_text_read(stdin, "6.4");

	if (why)
		die("%s", why);
	if (argc != 2 || ftruncate(table_fd, sizeof(*table)) != 0 || ftruncate(tree_fd, sizeof(*tree)) != 0)
		return 1;
	table = mmap(NULL, sizeof(*table), PROT_READ, MAP_SHARED, table_fd, 0);
	tree = mmap(NULL, sizeof(*tree), PROT_READ, MAP_SHARED, tree_fd, 0);
	kallsyms_load(argv[1]);
	if (!pc_table_open(table_fd) || !path_tree_open(tree_fd))
		return 1;
	while (fgets(line, sizeof(line), stdin))
		answer(line);
	path_tree_say();
	return 0;
}
