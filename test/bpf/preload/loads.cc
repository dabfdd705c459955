// SPDX-License-Identifier: MIT
// What C++ keeps: by new, new[], containers, with an alignment; and what it throws away, by exceptions too.
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

struct alignas(128) Wide {
	char bytes[128];
};

#define APART __attribute__((noinline, noipa))

template <typename T> static T *hidden(T *at)
{
	__asm__ volatile("" : "+r"(at) : : "memory");
	return at;
}

APART static void load_new()
{
	for (int i = 0; i < 20; i++) {
		hidden(new char);
		hidden(new uint64_t[10]);
		hidden(new (std::nothrow) char[5]);
		hidden(new Wide);
		delete hidden(new std::string(1000, 'x'));
		delete[] hidden(new std::string[7]);
		delete hidden(new Wide);
	}
	std::vector<int> numbers;
	std::map<int, std::string> names;
	for (int i = 0; i < 1000; i++) {
		numbers.push_back(i);
		names[i] = std::string(100, 'y');
	}
}

APART static void thrower(int depth)
{
	std::string longer(static_cast<size_t>(depth) * 10, 'z');
	if (depth == 0)
		throw std::runtime_error("as planned, in a text that is longer than what fits into the object itself");
	thrower(depth - 1);
	__asm__ volatile("" : : "r"(longer.data()) : "memory");
}

APART static void load_thrown()
{
	size_t too_much = SIZE_MAX / 4;
	__asm__ volatile("" : "+r"(too_much));
	for (int i = 0; i < 50; i++) {
		try {
			thrower(30);
		} catch (const std::exception &) {
			hidden(new char[3]);
		}
		try {
			hidden(new char[too_much]);
		} catch (const std::bad_alloc &) {
			hidden(new char[4]);
		}
	}
}

int main()
{
	load_new();
	load_thrown();
	std::fprintf(stderr, "load_new 80 %d\nload_thrown 100 350\n", 20 * (1 + 80 + 5 + 128));
}
