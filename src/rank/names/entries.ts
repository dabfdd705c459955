/**
 * Functions by which a processor enters the kernel, or by which a thread begins: they are at the root
 * of nearly every call path and tell nothing of it. Those of interrupts are in interrupts.ts.
 *
 * System calls and exceptions of x86 (5.4 to 7.2, IDT and FRED), arm64, and the common ones of others.
 */
const NAMES = new Set(
  `
  do_syscall_64 x64_sys_call ia32_sys_call do_fast_syscall_32 __do_fast_syscall_32 do_SYSENTER_32 do_int80_emulation
  do_int80_syscall_32 int80_emulation asm_int80_emulation syscall_return_via_sysret
  fred_entry_from_user fred_entry_from_kernel asm_fred_entrypoint_user asm_fred_entrypoint_kernel fred_hwexc fred_other
  page_fault async_page_fault ret_from_fork ret_from_fork_asm
  el0_svc do_el0_svc el0_svc_common el0_svc_handler el0_svc_naked el0_svc_compat do_el0_svc_compat invoke_syscall
  el0_sync el0_sync_handler el0_sync_compat el0_sync_compat_handler el1_sync el1_sync_handler el0_da el0_ia el1_abort
  do_mem_abort do_trap_ecall_u handle_exception ret_from_exception
  system_call __do_syscall pgm_check_handler __do_pgm_check system_call_exception system_call_common
  system_call_vectored_common handle_syscall do_syscall ret_fast_syscall
`
    .trim()
    .split(/\s+/),
);
const PATTERN = /^(?:entry_\w+|asm_exc_\w+|exc_page_fault|el[01][ht]?_(?:64|32)_sync(?:_handler)?)$/;

/** True if this function of the core kernel is an entry. `name` as bareName() gives it. */
export function isEntry(name: string): boolean {
  return NAMES.has(name) || PATTERN.test(name);
}
