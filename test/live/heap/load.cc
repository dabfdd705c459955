// SPDX-License-Identifier: MIT
/* As load.c, in C++: operators of each kind, and exceptions that pass through them and past them. */
#include <cstdio>
#include <map>
#include <new>
#include <string>
#include <unistd.h>

static long held_blocks, held_bytes;
static void *volatile kept;

static void keep(void *block, long bytes)
{
	kept = block;
	held_blocks++;
	held_bytes += bytes;
}

struct plain {
	char bytes[300];
};

struct alignas(64) aligned {
	char bytes[128];
};

static __attribute__((noinline)) void throw_from(int depth)
{
	std::string text(100, 'x');

	if (depth == 0)
		throw std::string(200, 'y');
	throw_from(depth - 1);
	kept = &text;
}

static void catch_from(int depth)
{
	try {
		throw_from(depth);
	} catch (std::string &text) {
		kept = &text;
	}
}

static bool is_out_of_memory()
{
	try {
		/* more than there are addresses */
		kept = ::operator new(static_cast<size_t>(1) << 48);
	} catch (std::bad_alloc &) {
		return true;
	}
	return false;
}

int main()
{
	char line[64];

	setvbuf(stdout, nullptr, _IONBF, 0);
	/* what the library keeps for exceptions */
	catch_from(1);
	is_out_of_memory();
	std::printf("ready %d\n", getpid());
	if (read(0, line, sizeof(line)) <= 0)
		return 1;
	for (int i = 0; i < 100; i++) {
		keep(new plain, sizeof(plain));
		keep(new aligned, sizeof(aligned));
		keep(new char[50], 50);
		keep(new (std::nothrow) int[10], 10 * sizeof(int));
		delete new plain;
		delete[] new aligned[3];
		catch_from(i % 20);
		if (!is_out_of_memory())
			return 1;
	}
	{
		std::map<int, std::string> texts;

		for (int i = 0; i < 1000; i++)
			texts[i] = std::string(static_cast<size_t>(i % 200), 'z');
	}
	std::printf("held %ld %ld\n", held_blocks, held_bytes);
	while (read(0, line, sizeof(line)) > 0)
		;
	return 0;
}
