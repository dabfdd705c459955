import { describe, expect, it } from 'vitest';
import { archOfFrame, pageSizeOf } from '../../../src/decode/coverage/page-size.js';

describe('the size of a page', () => {
  it.each([
    ['x86_64', '6.18.44', 4096, true],
    ['i686', '5.10.0', 4096, true],
    ['s390x', '5.14.0-503.el9.s390x', 4096, true],
    ['riscv64', '6.12', 4096, true],
    ['sparc64', '6.1.0', 8192, true],
    ['aarch64', '6.12.0', 4096, false],
    ['aarch64', '5.14.0-427.el9.aarch64+64k', 65536, true],
    ['aarch64', '6.8.0-31-generic-64k', 65536, true],
    ['aarch64', '6.4.0-150600.23-64kb', 65536, true],
    ['aarch64', '6.14.2-401.asahi.fc42.aarch64+16k', 16384, true],
    ['aarch64', '4.18.0-553.el8_10.aarch64', 65536, false],
    ['ppc64le', '6.8.0-31-generic', 65536, false],
    ['ppc64le', '6.11.0-4k', 4096, true],
    ['loongarch64', '6.12', 16384, false],
    ['', '', 4096, false],
    // No flavour: a version.
    ['aarch64', '6.1.64', 4096, false],
  ])('%s %s: %i, certain: %s', (arch, kernel, bytes, certain) => {
    expect(pageSizeOf(arch, kernel)).toEqual({ bytes, certain });
  });

  it.each([
    ['__x64_sys_openat', 0, 'x86_64'],
    ['asm_sysvec_apic_timer_interrupt', 0, 'x86_64'],
    ['vfs_read', 0xffffffff, 'x86_64'],
    ['el0t_64_sync_handler', 0xffff8000, 'aarch64'],
    ['__arm64_sys_mmap', 0, 'aarch64'],
    ['system_call_exception', 0xc0000000, 'ppc64'],
    ['.system_call_exception', 0xc0000000, 'ppc64'],
    ['vfs_read', 0xffff8000, null],
  ])('a frame %s at %i: %s', (symbol, addressHi, arch) => {
    expect(archOfFrame(symbol, addressHi)).toBe(arch);
  });
});
