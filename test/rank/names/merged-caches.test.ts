import { expect, test } from 'vitest';
import { checkedHostFacts } from '../../../src/decode/stream/host-json.js';
import { encodeText } from '../../../src/export/text.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import { HOSTILE_NAMES } from '../../helpers/hostile-text.js';
import { pairText } from '../../helpers/text-trace.js';

/** The stacks as `top --frames` and the Caches column print them. */
function textOf(stacks: readonly ReportStack[]): string {
  const report = { ...pairText(TRACE).report({ group: 'stack' }), stacks: [...stacks] };
  return encodeText(report, { columns: 200, frames: true });
}

const HOST = { mergedCaches: [['UNIX', 'UNIX-STREAM', 'signal_cache']] };
const TRACE = `
  0 alloc a 1000 cache=signal_cache kmem_cache_alloc_noprof < sk_prot_alloc < sk_alloc < unix_create1 < unix_create
  1 alloc b 900 cache=signal_cache kmem_cache_alloc_noprof < copy_signal < copy_process
  2 alloc c 800 cache=signal_cache kmem_cache_alloc_noprof < somebody < else`;

test('a call path tells the name; without one all names stand there', () => {
  const caches = pairText(TRACE, { host: HOST })
    .report()
    .stacks.map((stack) => stack.caches);
  expect(caches).toEqual([
    ['UNIX or UNIX-STREAM (merged with signal_cache)'],
    ['signal_cache (merged with UNIX, 1 more)'],
    ['signal_cache (merged with UNIX, 1 more)'],
  ]);
});

test('a filter takes the name that a call path tells, one that it allows, and the name of the whole cache', () => {
  const trace = pairText(TRACE, { host: HOST });
  const bytes = (cache: string): number[] => trace.report({ cache }).stacks.map((stack) => stack.bytes);
  // Nothing tells whose the last object is: it may be a socket.
  expect(bytes('UNIX')).toEqual([1000, 800]);
  expect(bytes('signal_cache')).toEqual([1000, 900, 800]);
  expect(bytes('UNIX or UNIX-STREAM (merged with signal_cache)')).toEqual([1000]);
  expect(bytes('PING')).toEqual([]);
});

test('a name that the kernel does not list for the cache is never used', () => {
  expect(pairText(TRACE).report().stacks[0].caches).toEqual(['signal_cache']);
});

test('a text filter finds the same names', () => {
  const trace = pairText(TRACE, { host: HOST });
  const bytes = (grep: string): number[] => trace.report({ grep }).stacks.map((stack) => stack.bytes);
  expect(bytes('UNIX-STR')).toEqual([1000, 800]);
  expect(bytes('^signal_cache$')).toEqual([1000, 900, 800]);
  expect(bytes('PING')).toEqual([]);
});

test('the caller tells where the function that takes the object is a part of it', () => {
  const host = { mergedCaches: [['eventpoll_epi', 'fib6_node', 'tcp_bind_bucket']] };
  const trace = pairText(
    `
    0 alloc a 1000 cache=fib6_node kmem_cache_alloc_noprof < do_epoll_ctl.isra.0 < __x64_sys_epoll_ctl
    1 alloc b 900 cache=fib6_node kmem_cache_alloc_noprof < ep_insert < do_epoll_ctl
    2 alloc c 800 cache=fib6_node kmem_cache_alloc_noprof < inet_bind_bucket_create < inet_csk_get_port
    3 alloc d 700 cache=fib6_node kmem_cache_alloc_noprof < driver_poll < sock_poll < do_epoll_ctl`,
    { host },
  );
  expect(trace.report().stacks.map(({ caches }) => caches)).toEqual([
    ['eventpoll_epi (merged with fib6_node, 1 more)'],
    ['eventpoll_epi (merged with fib6_node, 1 more)'],
    ['tcp_bind_bucket (merged with fib6_node, 1 more)'],
    // Another function takes this one, within the call.
    ['fib6_node (merged with eventpoll_epi, 1 more)'],
  ]);
});

test('of two functions on a path the nearer tells', () => {
  const host = { mergedCaches: [['anon_vma_chain', 'eventpoll_pwq', 'fs_cache']] };
  const trace = pairText(
    `
    0 alloc a 64 cache=anon_vma_chain kmem_cache_alloc_noprof < ep_ptable_queue_proc < unix_poll < ep_insert
    1 alloc b 63 cache=anon_vma_chain kmem_cache_alloc_noprof < copy_fs_struct < copy_process
    2 alloc c 62 cache=anon_vma_chain kmem_cache_alloc_noprof < __anon_vma_prepare < do_anonymous_page`,
    { host },
  );
  expect(trace.report().stacks.map(({ caches }) => caches[0])).toEqual([
    'eventpoll_pwq (merged with anon_vma_chain, 1 more)',
    'fs_cache (merged with anon_vma_chain, 1 more)',
    'anon_vma_chain (merged with eventpoll_pwq, 1 more)',
  ]);
});

test('hostile names reach no terminal, and no text grows with them', () => {
  const names = [...HOSTILE_NAMES.filter((name) => !name.includes('\0')), 'x'.repeat(256)];
  const many = Array.from({ length: 2000 }, (_, i) => `cache_${i}`);
  const host = checkedHostFacts({ mergedCaches: [['first', ...names, ...many]] });
  const trace = pairText('0 alloc a 1000 cache=first kmem_cache_alloc < x < y; 9 clock', { host });
  const report = trace.report();
  const [{ caches }] = report.stacks;
  expect(caches[0]).toMatch(/^first \(merged with .*, \d+ more\)$/s);
  expect(caches[0].length).toBeLessThan(300);
  for (const name of names) {
    const [shown] = pairText('0 alloc a 1000 cache=first kmem_cache_alloc < x < y; 9 clock', {
      host: checkedHostFacts({ mergedCaches: [['first', name]] }),
    }).report().stacks;
    expect(shown.caches).toHaveLength(1);
    for (const text of [textOf(report.stacks), textOf([shown])]) {
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
    }
  }
});
