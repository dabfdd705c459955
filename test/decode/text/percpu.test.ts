import { describe, expect, it } from 'vitest';
import { importText } from '../../helpers/text-import.js';

/** Lines made in the form of 6.1: a machine with so many online CPUs allocates 4,096 bytes for each possible one. */
function bytesOf(onlineCpus: number | null, bytesAlloc: number | null): number {
  const head = onlineCpus === null ? '' : `# ========\n# nrcpus online : ${onlineCpus}\n# ========\n#\n`;
  const size = 'reserved=0 is_atomic=0 size=4096 align=8 base_addr=0xffffe8ffffc00000 off=4096 ptr=0x607fc0001000';
  const fields = bytesAlloc === null ? size : `call_site=f+0x1 ${size} bytes_alloc=${bytesAlloc} gfp_flags=GFP_KERNEL`;
  const text = `${head}a 1 [000] 5.000001: percpu:percpu_alloc_percpu: ${fields}\n`;
  return importText('perf-script', text).log.eventRows[0][4];
}

describe('a percpu alloc of a text takes its size once for each possible CPU', () => {
  it('without the pointers that bytes_alloc includes where cgroups count kernel memory', () => {
    expect(bytesOf(2, 4096 * 4)).toBe(4096 * 2);
    expect(bytesOf(64, 4096 * 66)).toBe(4096 * 64);
    // More CPUs may be plugged in: 4 of 8 are online.
    expect(bytesOf(4, 4096 * 10)).toBe(4096 * 8);
    expect(bytesOf(null, 4096 * 10)).toBe(4096 * 8);
  });

  it('nor the 16 bytes for each 4 that kernels with allocation profiling charge', () => {
    expect(bytesOf(2, 4096 * 6)).toBe(4096 * 2);
  });

  it('and all of bytes_alloc where cgroups do not count kernel memory', () => {
    expect(bytesOf(4, 4096 * 4)).toBe(4096 * 4);
    expect(bytesOf(null, 4096)).toBe(4096);
  });

  it('for each online CPU before 5.19, which has no bytes_alloc', () => {
    expect(bytesOf(4, null)).toBe(4096 * 4);
    expect(bytesOf(null, null)).toBe(4096);
  });
});
