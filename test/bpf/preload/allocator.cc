// SPDX-License-Identifier: MIT
// An allocator as jemalloc and tcmalloc are: preloaded, its operator new does not call its malloc(), and its delete calls
// its free(). Memory is never used again but for the block that was freed last.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <sys/mman.h>

namespace {

struct Header {
	size_t bytes, padding;
};

char *next, *end;
char lock;

void *take(size_t bytes, size_t alignment)
{
	if (bytes > SIZE_MAX / 8)
		return nullptr;
	while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
		;
	size_t need = bytes + alignment + sizeof(Header);
	if (!next || need > static_cast<size_t>(end - next)) {
		size_t room = need > (64u << 20) ? need : 64u << 20;
		next = static_cast<char *>(mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		end = next + room;
	}
	uintptr_t at = (reinterpret_cast<uintptr_t>(next) + sizeof(Header) + alignment - 1) / alignment * alignment;
	next = reinterpret_cast<char *>(at + bytes);
	__atomic_clear(&lock, __ATOMIC_RELEASE);
	reinterpret_cast<Header *>(at)[-1].bytes = bytes;
	return reinterpret_cast<void *>(at);
}

void *taken_or_thrown(size_t bytes, size_t alignment)
{
	void *at = take(bytes, alignment);
	if (!at)
		throw std::bad_alloc();
	return at;
}

} // namespace

extern "C" {
void *malloc(size_t bytes) { return take(bytes, 16); }
void free(void *) {}
void *calloc(size_t nr, size_t bytes)
{
	size_t all;
	return __builtin_mul_overflow(nr, bytes, &all) ? nullptr : take(all, 16);
}
void *realloc(void *at, size_t bytes)
{
	if (at && !bytes)
		return nullptr;
	void *now = take(bytes, 16);
	if (at && now) {
		size_t had = static_cast<Header *>(at)[-1].bytes;
		memcpy(now, at, had < bytes ? had : bytes);
	}
	return now;
}
void *memalign(size_t alignment, size_t bytes) { return take(bytes, alignment < 16 ? 16 : alignment); }
void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }
int posix_memalign(void **at, size_t alignment, size_t bytes)
{
	*at = memalign(alignment, bytes);
	return *at ? 0 : ENOMEM;
}
}

void *operator new(size_t bytes) { return taken_or_thrown(bytes, 16); }
void *operator new[](size_t bytes) { return taken_or_thrown(bytes, 16); }
void *operator new(size_t bytes, const std::nothrow_t &) noexcept { return take(bytes, 16); }
void *operator new[](size_t bytes, const std::nothrow_t &) noexcept { return take(bytes, 16); }
// as jemalloc's: one of malloc's kin does it
void *operator new(size_t bytes, std::align_val_t alignment) { return aligned_alloc(static_cast<size_t>(alignment), bytes); }
void operator delete(void *at) noexcept { free(at); }
void operator delete[](void *at) noexcept { free(at); }
void operator delete(void *at, size_t) noexcept { free(at); }
void operator delete[](void *at, size_t) noexcept { free(at); }
void operator delete(void *at, std::align_val_t) noexcept { free(at); }
void operator delete(void *at, size_t, std::align_val_t) noexcept { free(at); }
