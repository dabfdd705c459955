import { expect, test } from 'vitest';
import { pairText } from '../../helpers/text-trace.js';

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

test('a filter takes the name that a call path tells, and the name of the whole cache', () => {
  const trace = pairText(TRACE, { host: HOST });
  const bytes = (cache: string): number[] => trace.report({ cache }).stacks.map((stack) => stack.bytes);
  expect(bytes('UNIX')).toEqual([1000]);
  expect(bytes('signal_cache')).toEqual([1000, 900, 800]);
  expect(bytes('UNIX or UNIX-STREAM (merged with signal_cache)')).toEqual([1000]);
  expect(bytes('PING')).toEqual([]);
});

test('a name that the kernel does not list for the cache is never used', () => {
  expect(pairText(TRACE).report().stacks[0].caches).toEqual(['signal_cache']);
});
