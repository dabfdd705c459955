import { expect, it } from 'vitest';
import { plainName } from '../../../../src/rank/names/user/function-name.js';

it.each([
  ['malloc', 'malloc'],
  ['__GI___libc_malloc', '__libc_malloc'],
  ['malloc@@GLIBC_2.2.5', 'malloc'],
  ['_int_malloc.part.0', '_int_malloc'],
  ['operator new(unsigned long)', 'operator new'],
  ['operator new[](unsigned long, std::nothrow_t const&)', 'operator new[]'],
  ['void* operator new(unsigned long)', 'operator new'],
  ['Cache::fill(std::vector<int, std::allocator<int> > const&)', 'Cache::fill'],
  [
    'void std::vector<int, std::allocator<int> >::_M_realloc_insert<int const&>(int*, int const&)',
    'std::vector::_M_realloc_insert',
  ],
  ['Foo::bar(int) const', 'Foo::bar'],
  ['std::ostream& operator<< <char>(std::ostream&, char)', 'operator<<'],
  ['Pool::operator()(int)', 'Pool::operator()'],
  ['Node* Tree<int>::operator->() const', 'Tree::operator->'],
  ['(anonymous namespace)::grow(int)', 'grow'],
  ['core::ptr::drop_in_place::h0123456789abcdef', 'core::ptr::drop_in_place'],
  [
    '<alloc::alloc::Global as core::alloc::Allocator>::allocate',
    '<alloc::alloc::Global as core::alloc::Allocator>::allocate',
  ],
  ['python3.11+0x1a2b30', 'python3.11+0x1a2b30'],
  ['', ''],
  ['((((<<<<', ''],
  ['<<<((', '<<<(('],
])('%s -> %s', (symbol, name) => {
  expect(plainName(symbol)).toBe(name);
});

it('takes any text in bounded time', () => {
  expect(plainName(`f${'<'.repeat(1e6)}`)).toBe('f');
  expect(plainName('\u0000 \u202e)(>< operator')).toBeTypeOf('string');
});
