import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('layouts.c', ['kernel/layouts.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

const ask = (...lines: string[]): string[] => program.lines([], `${lines.join('\n')}\n`);

describe('the program for a tracepoint is chosen by its arguments', () => {
  it.each([
    ['kmalloc on 5.10', 'kmalloc', 'ipllI', 'kmalloc_sizes'],
    ['kmalloc on 6.0', 'kmalloc', 'ipcllI', 'kmalloc_cache_sizes'],
    ['kmalloc from 6.1', 'kmalloc', 'ipllII', 'kmalloc_sizes'],
    ['kmem_cache_alloc on 5.10', 'kmem_cache_alloc', 'ipllI', 'kmem_cache_alloc_sizes'],
    ['kmem_cache_alloc on 6.0, with sizes behind its cache', 'kmem_cache_alloc', 'ipcllI', 'kmem_cache_alloc_cache'],
    ['kmem_cache_alloc from 6.1', 'kmem_cache_alloc', 'ipcII', 'kmem_cache_alloc_cache'],
    ['kmem_cache_free on 5.10', 'kmem_cache_free', 'ip', 'kmem_cache_free_ptr'],
    ['kmem_cache_free on 5.12, with a name', 'kmem_cache_free', 'ips', 'kmem_cache_free_ptr'],
    ['kmem_cache_free from 6.1', 'kmem_cache_free', 'ipC', 'kmem_cache_free_cache'],
    ['mm_page_alloc', 'mm_page_alloc', 'PIII', 'mm_page_alloc_page'],
    ['percpu_alloc_percpu before 5.19', 'percpu_alloc_percpu', 'BBllpIp', 'percpu_alloc_old'],
    ['percpu_alloc_percpu from 5.19', 'percpu_alloc_percpu', 'iBBllpIplI', 'percpu_alloc_new'],
    ['alloc_vmap_area', 'alloc_vmap_area', 'iiiiiI', 'vmap_area_alloc'],
  ])('%s', (_, tracepoint, letters, expected) => {
    expect(ask(`event ${tracepoint} ${letters}`, `btf ${tracepoint}`)).toEqual([expected]);
  });

  it('by what a type is, not by how it is spelt: typedefs, const, enums', () => {
    expect(ask('event kfree Lp', 'btf kfree', 'event mm_page_free Pe', 'btf mm_page_free')).toEqual([
      'kfree_ptr',
      'mm_page_free_page',
    ]);
  });

  it.each([
    ['a size of 4 bytes where there were 8', 'kmalloc', 'ipIlI', 'ipIiI'],
    ['an object that is not a plain pointer', 'kfree', 'io', 'i?'],
    ['a struct by value', 'kfree', 'if', 'i?'],
    ['an argument less', 'kfree', 'i', 'i'],
    ['an argument before all others', 'kfree', 'Iip', 'Iip'],
  ])('%s is not guessed at', (_, tracepoint, letters, seen) => {
    expect(ask(`event ${tracepoint} ${letters}`, `btf ${tracepoint}`)).toEqual([
      `- its arguments (${seen}) are new to this version`,
    ]);
  });

  it('more arguments than there is room for are no matter', () => {
    expect(ask(`event kfree ip${'i'.repeat(25)}`, 'btf kfree')).toEqual(['kfree_ptr']);
  });

  it('a tracepoint that this kernel does not have', () => {
    expect(ask('event kfree ip', 'btf kmalloc_node')).toEqual(['- this kernel has no such tracepoint']);
  });
});

describe("a classic tracepoint's program is chosen by its record", () => {
  it('the new event classes before the old ones', () => {
    expect(
      ask(
        'record kmem_alloc ptr bytes_req bytes_alloc',
        'record kmem_free ptr',
        'tp kmalloc',
        'tp kfree',
        'tp kmem_cache_free',
        'record kfree ptr',
        'record kmalloc ptr',
        'tp kmalloc',
        'tp kfree',
      ),
    ).toEqual(['kmalloc_old_tp', 'kfree_old_tp', 'kmem_cache_free_old_tp', 'kmalloc_tp', 'kfree_tp']);
  });

  it('one that has the same name on all kernels', () => {
    expect(ask('record percpu_alloc_percpu size ptr', 'tp percpu_alloc_percpu')).toEqual(['percpu_alloc_tp']);
  });

  it('a record of an unknown name', () => {
    expect(ask('tp kfree')).toEqual(['- its record is new to this version']);
  });
});

it("a function's letters, its result first: v for none, B for a bool, which leaves the rest of the register as it was", () => {
  expect(
    ask(
      'function kmem_cache_free_bulk v clo',
      'function __kfree_rcu_sheaf B cp',
      'function kmem_cache_alloc_bulk_noprof I cIlo',
      'function alloc_vmap_area o iiiiII',
      'prototype kmem_cache_free_bulk',
      'prototype __kfree_rcu_sheaf',
      'prototype kmem_cache_alloc_bulk_noprof',
      'prototype alloc_vmap_area',
      'prototype no_such_function',
    ),
  ).toEqual(['vci?', 'Bcp', 'IcIi?', '?iiiiII', '-']);
});

it('a function with more arguments than there is room for letters has no letters', () => {
  expect(ask(`function f I ${'i'.repeat(14)}`, `function g I ${'i'.repeat(15)}`, 'prototype f', 'prototype g')).toEqual(
    [`I${'i'.repeat(14)}`, '-'],
  );
});

it('the size of struct page, 64 where there is no such type', () => {
  expect(ask('pagesize', 'page 80', 'pagesize')).toEqual(['64', '80']);
});
