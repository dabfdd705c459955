// SPDX-License-Identifier: MIT
/* A C++ program whose constructors, destructors, handlers and templates call operator new; audit.c is preloaded. */
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Noisy {
	std::string name;
	explicit Noisy(int i) : name(std::string(40, 'x') + std::to_string(i)) {}
	~Noisy() { std::string copy = name + "!" + std::string(50, 'y'); count += copy.size(); }
	static size_t count;
};
size_t Noisy::count = 0;

template <int N> struct Depth {
	static int run(const std::function<int(int)> &f)
	{
		Noisy here(N);
		try {
			return Depth<N - 1>::run(f) + f(N);
		} catch (const std::runtime_error &error) {
			std::string text = std::string(error.what()) + std::string(60, 'z');
			if (N % 3 == 0)
				throw std::runtime_error(text.substr(0, 20));
			return static_cast<int>(text.size());
		}
	}
};

template <> struct Depth<0> {
	static int run(const std::function<int(int)> &f)
	{
		if (f(0) > 1)
			throw std::runtime_error("at the end of a long way down to here");
		return 1;
	}
};

} // namespace

int main()
{
	std::map<std::string, std::vector<int>> all;
	int sum = 0;
	for (int i = 0; i < 50; i++) {
		auto big = std::make_unique<std::vector<std::string>>(20, std::string(100, 'a'));
		try {
			sum += Depth<20>::run([&](int n) { all[std::string(30, static_cast<char>('a' + n))].push_back(i); return i % 4; });
		} catch (const std::exception &) {
			sum += static_cast<int>(big->size());
		}
	}
	std::printf("%d %zu\n", sum > 0, all.size());
}
