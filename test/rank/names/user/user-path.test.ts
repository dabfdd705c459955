import { describe, expect, it } from 'vitest';
import type { FrameKind } from '../../../../src/rank/names/user/user-frames.js';
import { frameKind } from '../../../../src/rank/names/user/user-frames.js';
import { isProcessPath, type UserFrame, userPathFacts } from '../../../../src/rank/names/user/user-path.js';

/** 'malloc@libc.so.6 < fill < main': frames of 'prog' where no file is named; '?' = without a name. */
function path(text: string, leaf: FrameKind = 'image'): UserFrame[] {
  return text.split(' < ').map((each, i): UserFrame => {
    const [symbol, module = 'prog'] = each.split('@');
    return {
      kind: i === 0 ? leaf : 'image',
      name: symbol === '?' ? null : { symbol, offset: 0, module },
    };
  });
}

/** The function that names the path, and what a range that it mapped is. */
function named(text: string): [string | undefined, string | undefined, boolean | undefined] {
  const frames = path(text);
  const facts = userPathFacts(frames);
  return [frames[facts?.first ?? 0]?.name?.symbol, facts?.category, facts?.isForHeap];
}

describe('userPathFacts', () => {
  it.each([
    ['mmap@libc.so.6 < spawn_worker < main', 'spawn_worker', 'mapped', false],
    ['malloc@libc.so.6 < fill < main', 'fill', 'heap', true],
    [
      'brk@libc.so.6 < sbrk@libc.so.6 < __glibc_morecore@libc.so.6 < sysmalloc@libc.so.6 < _int_malloc@libc.so.6 < malloc@libc.so.6 < load',
      'load',
      'heap',
      true,
    ],
    // Our own library asks the kernel itself; what malloc() takes through it is the program's.
    ['unfreed-heap.so+0x1080@unfreed-heap.so < call_init@ld-linux-x86-64.so.2 < _start', 'call_init', 'mapped', false],
    ['brk@libc.so.6 < malloc@libc.so.6 < unfreed-heap.so+0x1200@unfreed-heap.so < fill < main', 'fill', 'heap', true],
    // Without symbols of static functions.
    [
      'brk@libc.so.6 < libc.so.6+0x9c2e1@libc.so.6 < libc.so.6+0x9d100@libc.so.6 < malloc@libc.so.6 < load',
      'load',
      'heap',
      true,
    ],
    ['libc.so.6+0x8aaaa@libc.so.6 < qsort_r', 'libc.so.6+0x8aaaa', 'mapped', false],
    [
      'operator new(unsigned long)@libstdc++.so.6 < std::__new_allocator<int>::allocate(unsigned long, void const*) < std::vector<int, std::allocator<int> >::_M_realloc_insert(int) < Cache::add(int)',
      'Cache::add(int)',
      'heap',
      true,
    ],
    ['malloc@libjemalloc.so.2 < libjemalloc.so.2+0x1111@libjemalloc.so.2 < serve', 'serve', 'heap', true],
    [
      'mmap@libc.so.6 < allocate_stack@libc.so.6 < pthread_create@@GLIBC_2.34@libc.so.6 < start_workers < main',
      'start_workers',
      'thread stack',
      false,
    ],
    [
      'mmap@libc.so.6 < libc.so.6+0x8a111@libc.so.6 < pthread_create@libc.so.6 < start_workers',
      'start_workers',
      'thread stack',
      false,
    ],
    ['mmap@libc.so.6 < alloc_thread_stack < main', 'alloc_thread_stack', 'thread stack', false],
    [
      'mmap@libc.so.6 < _dl_map_segments@ld-linux-x86-64.so.2 < dlopen@libc.so.6 < load_plugin',
      'load_plugin',
      'file mapping',
      false,
    ],
    [
      'malloc@libc.so.6 < PyMem_RawMalloc@python3.11 < _PyObject_GC_NewVar@python3.11 < PyList_New@python3.11',
      'PyList_New',
      'heap',
      true,
    ],
    ['malloc@libc.so.6 < g_malloc0@libglib-2.0.so.0 < widget_new', 'widget_new', 'heap', true],
    ['? < main', undefined, 'mapped', false],
  ])('%s: %s, %s', (text, symbol, category, isForHeap) => {
    expect(named(text)).toEqual([symbol, category, isForHeap]);
  });

  it('starts at the leaf where all frames are plumbing', () => {
    expect(userPathFacts(path('mmap@libc.so.6 < malloc@libc.so.6'))?.first).toBe(-1);
  });

  it.each([
    ['[heap]', 'heap'],
    ['[stack]', 'thread stack'],
    ['anonymous memory', 'mapped'],
    ['libfoo.so', 'file mapping'],
    ['tstack', 'file mapping'],
    ['shared anonymous memory', 'mapped'],
    ['/memfd:pool', 'mapped'],
    ['[vdso]', 'mapped'],
  ])('knows what was mapped before: %s is %s', (name, category) => {
    expect(userPathFacts(path(name, 'synthetic'))).toEqual({ first: 0, isForHeap: false, category });
  });
});

describe('isProcessPath', () => {
  it('is of a process by a frame of a file, whatever made the code that called it', () => {
    expect(isProcessPath(['image', 'image'])).toBe(true);
    expect(isProcessPath(['code', 'image'])).toBe(true);
    expect(isProcessPath(['synthetic'])).toBe(true);
  });

  it('is of the kernel where the kernel allocated, or where addresses are made up', () => {
    expect(isProcessPath(['kernel', 'kernel', 'image'])).toBe(false);
    expect(isProcessPath(['code', 'code'])).toBe(false);
    expect(isProcessPath([])).toBe(false);
  });
});

it('tells frames apart by the upper bits of their addresses', () => {
  expect(frameKind(0xffffffff)).toBe('kernel');
  expect(frameKind(0xffff8880)).toBe('kernel');
  expect(frameKind(0x40000100)).toBe('image');
  expect(frameKind(0x00007f12)).toBe('code');
  expect(frameKind(0xc0000000)).toBe('synthetic');
  expect(frameKind(-1)).toBe('kernel');
});

it.each([
  ['malloc@libc.so.6 < v8::internal::Malloced::operator new(unsigned long)@node < grow@node', 'grow'],
  [
    'malloc@libc.so.6 < node::NodeArrayBufferAllocator::Allocate(unsigned long)@node < v8::internal::BackingStore::Allocate(v8::internal::Isolate*)@node < use@node',
    'use',
  ],
  ['mmap@libc.so.6 < ggc_internal_alloc@cc1plus < make_node@cc1plus', 'make_node'],
  ['__rust_alloc@tool < alloc::raw_vec::RawVec<T,A>::grow_one@tool < tool::read@tool', 'tool::read'],
])('%s: %s', (text, symbol) => {
  expect(named(text)[0]).toBe(symbol);
});
