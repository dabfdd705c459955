/**
 * Interrupts: a call path that was taken in one belongs to the interrupt's work. The frames of its
 * machinery (soft interrupts, entry code) and of the interrupted code have nothing to do with the
 * memory. ksoftirqd and local_bh_enable() do the same work: cut at the same frame, all its call
 * paths begin alike.
 *
 * x86 (5.4 to 7.2, IDT and FRED), arm64, and the common ones of others. Exceptions (page faults)
 * are not interrupts: in them a process takes memory for itself.
 */
const NAMES = new Set(
  `
  __do_softirq ____do_softirq handle_softirqs __softirqentry_text_start do_softirq_own_stack run_ksoftirqd
  __irq_exit_rcu irq_exit_rcu irq_exit __irq_exit ret_from_intr common_interrupt __common_interrupt asm_common_interrupt
  do_IRQ handle_irq __handle_irq call_on_irqstack asm_call_on_stack asm_call_irq_on_stack asm_call_sysvec_on_stack
  apic_timer_interrupt smp_apic_timer_interrupt reschedule_interrupt smp_reschedule_interrupt call_function_interrupt
  smp_call_function_interrupt call_function_single_interrupt smp_call_function_single_interrupt irq_work_interrupt
  smp_irq_work_interrupt fred_extint exc_nmi asm_exc_nmi end_repeat_nmi
  gic_handle_irq call_on_irq_stack do_interrupt_handler el0_irq el1_irq el0_interrupt el1_interrupt __el1_irq
  handle_riscv_irq do_irq do_io_irq do_ext_irq io_int_handler ext_int_handler timer_interrupt
  hardware_interrupt_common_virt
`
    .trim()
    .split(/\s+/),
);
const PATTERN = /^(?:(?:asm_|__|fred_)?sysvec_\w+|asm_\w+_interrupt|el[01][ht]?_(?:64_|32_)?irq(?:_handler)?)$/;

/** True if this function of the core kernel is machinery of interrupts. `name` as bareName() gives it. */
export function isInterruptEntry(name: string): boolean {
  return NAMES.has(name) || PATTERN.test(name);
}
