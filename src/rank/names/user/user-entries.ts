/** Functions by which a program or a thread begins: they are at the root of nearly every call path of a process. */
const NAMES = new Set(
  `
  _start __libc_start_main __libc_start_main_impl __libc_start_call_main _start_c __libc_start_main_stage2 libc_start_main
  start_thread clone clone3 __clone __clone3 __clone_internal thread_start __restore_rt main
  execute_native_thread_routine std::execute_native_thread_routine
`
    .trim()
    .split(/\s+/),
);

/** True if this function of a process is an entry. `name` as plainName() gives it. */
export function isUserEntry(name: string): boolean {
  return NAMES.has(name);
}
