import { describe, expect, it } from 'vitest';
import { encodeText } from '../../../src/export/text.js';
import { isInterruptEntry } from '../../../src/rank/names/interrupts.js';
import { pairText } from '../../helpers/text-trace.js';

describe('interrupt entry', () => {
  it.each(
    `asm_sysvec_apic_timer_interrupt sysvec_call_function_single __sysvec_irq_work fred_sysvec_reboot common_interrupt asm_common_interrupt
     __common_interrupt ret_from_intr do_IRQ __irq_exit_rcu handle_softirqs __do_softirq __softirqentry_text_start
     smp_apic_timer_interrupt exc_nmi el1h_64_irq_handler el0t_64_irq el1_irq gic_handle_irq`.split(/\s+/),
  )('%s', (name) => {
    expect(isInterruptEntry(name)).toBe(true);
  });

  it.each([
    'asm_exc_page_fault',
    'exc_page_fault',
    'vring_interrupt',
    'e1000_intr',
    'do_syscall_64',
    'run_timer_softirq',
  ])('not %s', (name) => {
    expect(isInterruptEntry(name)).toBe(false);
  });
});

describe('a call path taken in an interrupt', () => {
  const TRACE = `
    0 alloc a 64 kmalloc < lk_timer < call_timer_fn < handle_softirqs < __irq_exit_rcu < asm_sysvec_x < find_vma < sys_brk
    1 palloc 1 order 0 __alloc_pages < asm_common_interrupt < allocate_slab < handle_mm_fault
    2 alloc b 8 kmalloc < foo < asm_exc_page_fault`;

  it('ends for its reader where the interrupt came in; its frames are all there', () => {
    const [pages, timer, plain] = pairText(TRACE).report().stacks;
    expect(timer).toMatchObject({ firstFrame: 1, interruptedFrom: 3 });
    expect(timer.frames).toHaveLength(8);
    expect(plain).toMatchObject({ firstFrame: 1, interruptedFrom: null });
    // The interrupted code has nothing to do with its pages.
    expect(pages).toMatchObject({ firstFrame: 0, interruptedFrom: 1, category: null });
  });

  it('is shown so as text', () => {
    const report = pairText(TRACE).report({ allocators: ['slab'] });
    expect(encodeText(report, { columns: 120, frames: false })).toContain(' lk_timer < call_timer_fn < [interrupt]\n');
    expect(encodeText(report, { columns: 120, frames: true })).toContain(
      '       call_timer_fn+0x4\n       --- in an interrupt of:\n       handle_softirqs+0x4\n',
    );
  });
});
