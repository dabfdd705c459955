/**
 * The size of a page, from what a text says of the machine. No text says it outright. Sources: the
 * PAGE_SIZE_* choices of the Kconfig of each architecture, and what distributions build.
 */

export interface PageSizeGuess {
  bytes: number;
  /** False if the architecture has other sizes too, and nothing tells which. */
  certain: boolean;
}

/** Architectures (uname -m) with one page size. */
const FIXED: Record<string, number | undefined> = { sparc64: 8192, alpha: 8192 };
const ONE_SIZE = /^(?:x86_64|i[3-6]86|x86|amd64|s390x?|riscv(?:32|64)|arm(?:v[4-8].*)?|sparc64|alpha|m68k)$/;
/** Architectures with several sizes, and the one that is built most. */
const USUAL: Record<string, number | undefined> = { ppc64: 65536, ppc64le: 65536, loongarch64: 16384, ia64: 16384 };

/** `arch`: uname -m, '' = unknown. `kernel`: uname -r, whose flavour may name the size. */
export function pageSizeOf(arch: string, kernel: string): PageSizeGuess {
  if (ONE_SIZE.test(arch)) return { bytes: FIXED[arch] ?? 4096, certain: true };
  // Fedora and RHEL: 6.5.0-1.fc39.aarch64+64k; Ubuntu: 6.8.0-31-generic-64k; SUSE: 6.4.0-1-64kb; Asahi: ...+16k
  const named = /[-+._](4|16|64)kb?(?![0-9a-z])/i.exec(kernel)?.[1];
  if (named !== undefined) return { bytes: Number(named) * 1024, certain: true };
  // RHEL 7 and 8 built their one kernel for aarch64 with 64 KiB pages.
  if (arch === 'aarch64' && /\.el[78](?:[a_.].*)?$/.test(kernel)) return { bytes: 65536, certain: false };
  return { bytes: USUAL[arch] ?? 4096, certain: false };
}

/**
 * The architecture of a machine by the name and the high half of the address of a kernel function in
 * a call path; null if it shows none.
 */
export function archOfFrame(symbol: string, addressHi: number): string | null {
  if (/^(?:__x64_sys_|__ia32_sys_|entry_SYSCALL_64|entry_INT80|asm_(?:exc|sysvec)_|x64_sys_call$)/.test(symbol)) {
    return 'x86_64';
  }
  if (/^(?:__arm64_sys_|el0_svc$|el0t_64_|el1h_64_|do_el0_svc$)/.test(symbol)) return 'aarch64';
  if (/^\.?(?:system_call_exception|system_call_vectored_common|system_call_common)$/.test(symbol)) return 'ppc64';
  if (symbol.startsWith('__s390x_sys_')) return 's390x';
  if (symbol.startsWith('__riscv_sys_')) return 'riscv64';
  // The kernel's own code: the last 2 GiB of the address space, on x86_64 and riscv64.
  return addressHi === 0xffffffff ? 'x86_64' : null;
}
