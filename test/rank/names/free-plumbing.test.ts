import { expect, it } from 'vitest';
import { freePlace } from '../../../src/rank/names/free-plumbing.js';
import type { ReportFrame } from '../../../src/rank/report/report-rows.js';

function place(path: string, end?: number): [name: string | null, afterGracePeriod: boolean] {
  const frames = path.split(' ').map((name): ReportFrame => {
    const [symbol, module] = name.split('@');
    return { symbol, module: module ?? null, offset: 1, address: '0xffffffff81000000' };
  });
  const { index, afterGracePeriod } = freePlace(frames, end ?? frames.length);
  return [index === null ? null : frames[index].symbol, afterGracePeriod];
}

it.each([
  // As Linux 6.18 frees pipes, sockets, pages of a process.
  ['kfree pipe_release __fput __x64_sys_close do_syscall_64', 'pipe_release', false],
  ['__free_frozen_pages free_pipe_info pipe_release __fput', 'free_pipe_info', false],
  [
    'kmem_cache_free skb_release_head_state sk_skb_reason_drop unix_release_sock unix_release',
    'unix_release_sock',
    false,
  ],
  [
    'free_unref_folios folios_put_refs free_pages_and_swap_cache __tlb_batch_free_encoded_pages tlb_finish_mmu exit_mmap',
    'exit_mmap',
    false,
  ],
  ['kmem_cache_free.part.0 __fput', '__fput', false],
  // RCU runs what it was given: above rcu_do_batch.
  ['kmem_cache_free i_callback rcu_do_batch rcu_core handle_softirqs', 'i_callback', true],
  ['kmem_cache_free rcu_do_batch rcu_core run_ksoftirqd', null, true],
  ['__free_frozen_pages tlb_remove_table_rcu rcu_do_batch', null, true],
  ['kmem_cache_free_bulk kvfree_rcu_bulk kfree_rcu_monitor process_one_work', null, true],
  // Or takes it from a caller: below kfree_rcu().
  ['__kfree_rcu_sheaf kvfree_call_rcu drop_entry user_of_it', 'drop_entry', true],
  // A module's function is never plumbing, whatever its name.
  ['kfree kfree@leaky process_one_work', 'kfree', false],
  ['kfree', null, false],
  ['kfree 0xffffffff81000040', null, false],
])('%s: %s', (path, name, afterGracePeriod) => {
  expect(place(path)).toEqual([name, afterGracePeriod]);
});

it('looks no further than the interrupt', () => {
  expect(place('kfree handle_softirqs do_work', 1)).toEqual([null, false]);
});
