import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assembleScript, type ScriptTarget } from '../../src/collect/bpftrace-script.js';
import { unknownHost } from '../../src/event/host-facts.js';
import { KERNEL_ALLOCATORS } from '../../src/event/kinds.js';

const SCRIPT = readFileSync(new URL('../../bpf/unfreed.bt', import.meta.url), 'utf8');

function format(fields: string): string {
  const lines = fields.split(', ').map((field) => `\tfield:${field};\toffset:8;\tsize:8;\tsigned:0;\n`);
  return `name: event\nID: 1\nformat:\n\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\n${lines.join('')}`;
}

const KMALLOC =
  'unsigned long call_site, const void * ptr, size_t bytes_req, size_t bytes_alloc, unsigned long gfp_flags';
const FREE = 'unsigned long call_site, const void * ptr';
const PAGE = 'unsigned long pfn, unsigned int order';

/** The fields that the script uses, as in the format files of these kernels. */
const FORMATS: Record<string, Map<string, string>> = {
  '5.10': new Map([
    ['kmem:kmalloc', format(KMALLOC)],
    ['kmem:kmalloc_node', format(`${KMALLOC}, int node`)],
    ['kmem:kmem_cache_alloc', format(KMALLOC)],
    ['kmem:kmem_cache_alloc_node', format(`${KMALLOC}, int node`)],
    ['kmem:kfree', format(FREE)],
    ['kmem:kmem_cache_free', format(FREE)],
    ['kmem:mm_page_alloc', format(`${PAGE}, gfp_t gfp_flags, int migratetype`)],
    ['kmem:mm_page_free', format(PAGE)],
    ['percpu:percpu_alloc_percpu', format('size_t size, size_t align, void * base_addr, int off, void * ptr')],
    ['percpu:percpu_free_percpu', format('void * base_addr, int off, void * ptr')],
  ]),
  '6.1': new Map([
    ['kmem:kmalloc', format(`${KMALLOC}, int node`)],
    ['kmem:kmem_cache_alloc', format(`${KMALLOC}, int node, bool accounted`)],
    ['kmem:kfree', format(FREE)],
    ['kmem:kmem_cache_free', format(`${FREE}, __data_loc char[] name`)],
    ['kmem:mm_page_alloc', format(`${PAGE}, unsigned long gfp_flags, int migratetype`)],
    ['kmem:mm_page_free', format(PAGE)],
    ['percpu:percpu_alloc_percpu', format('size_t size, void * ptr, size_t bytes_alloc, unsigned long gfp_flags')],
    ['percpu:percpu_free_percpu', format('void * base_addr, int off, void * ptr')],
  ]),
};
FORMATS['6.18'] = new Map([
  ...FORMATS['6.1'],
  [
    'kmem:kmem_cache_alloc',
    format(`unsigned long call_site, const void * ptr, __data_loc char[] name, size_t bytes_req`),
  ],
  ['vmalloc:alloc_vmap_area', format('unsigned long addr, unsigned long size, int failed')],
  ['vmalloc:free_vmap_area_noflush', format('unsigned long va_start, unsigned long nr_lazy')],
]);

function assemble(kernel: string, target: Partial<ScriptTarget> = {}) {
  return assembleScript(SCRIPT, {
    formats: FORMATS[kernel],
    allocators: KERNEL_ALLOCATORS,
    possibleCpus: 6,
    seesBtf: true,
    host: unknownHost(),
    ...target,
  });
}

describe('assembleScript', () => {
  it('has the twins for NUMA nodes, no cache names and its own types on 5.10', () => {
    const { text, hooks } = assemble('5.10', { seesBtf: false });
    expect(hooks).toContain('tracepoint:kmem:kmalloc_node');
    expect(hooks).toContain('tracepoint:kmem:kmem_cache_alloc_node');
    expect(hooks.some((hook) => hook.includes('vmalloc'))).toBe(false);
    expect(text).toContain('#define size_t unsigned long\n#define gfp_t unsigned int');
    expect(text).toContain('$cpus = (uint64)6;');
    expect(text).not.toContain('args->name');
    expect(text).not.toContain('@g');
  });

  it('takes the size of percpu for each CPU, not bytes_alloc, and no types where BTF has them', () => {
    const { text, hooks } = assemble('6.1');
    expect(hooks).toHaveLength(8);
    expect(text).toContain('$cpus = (uint64)6;');
    expect(text).toContain('args->size * $cpus << 32 | args->size);');
    expect(text).not.toContain('#define');
    // kmem_cache_free names the cache on 6.1, kmem_cache_alloc does not.
    expect(text).not.toContain('args->name');
  });

  it('names caches and traces vmalloc on 6.18', () => {
    const { text, hooks } = assemble('6.18');
    expect(hooks).toHaveLength(10);
    expect(text).toContain('str(args->name)');
    expect(text).toContain('clear(@g);');
    expect(text).not.toContain('$g = (uint64)0;');
  });

  it('defines no probe twice, for bpftrace 0.17 would run one of them twice and the other never', () => {
    for (const kernel of Object.keys(FORMATS)) {
      const { hooks } = assemble(kernel);
      expect(new Set(hooks).size).toBe(hooks.length);
    }
  });

  it('traces only the allocators that were asked for', () => {
    expect(assemble('6.18', { allocators: ['page'] }).hooks).toEqual([
      'tracepoint:kmem:mm_page_alloc',
      'tracepoint:kmem:mm_page_free',
    ]);
    expect(assemble('6.18', { allocators: ['percpu', 'vmalloc'] }).text).not.toContain('@g');
  });

  it('leaves no marker behind, and balances its braces', () => {
    for (const kernel of Object.keys(FORMATS)) {
      const { text } = assemble(kernel);
      expect(text).not.toContain('//:');
      expect(text.split('{').length).toBe(text.split('}').length);
    }
  });

  it('prints the host facts whatever characters they have', () => {
    const hostname = 'a"b\\c%d\n\u001b[2Jé\u2028';
    const { text } = assemble('6.18', { host: { ...unknownHost(), hostname } });
    const printed = /printf\("H(.*)\\n"\);/.exec(text)?.[1] ?? '';
    expect(printed).toMatch(/^[\x20-\x7e]*$/);
    expect(printed).not.toContain('%');
    // As bpftrace reads a string literal.
    expect(JSON.parse(printed.replace(/\\(.)/g, '$1'))).toMatchObject({ hostname });
  });

  it('refuses a script whose markers it does not know', () => {
    expect(() => assembleScript('//: x when always\n//: put nothing\n', nothing())).toThrow("marker 'put nothing'");
    expect(() => assembleScript('//: x when possible\n', nothing())).toThrow("condition 'possible'");
  });
});

function nothing(): ScriptTarget {
  return { formats: new Map(), allocators: [], possibleCpus: 1, seesBtf: true, host: unknownHost() };
}
