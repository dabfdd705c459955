import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('rights.c', [
  'base/rights.c',
  'base/log.c',
  'base/options.c',
  'base/event-kinds.c',
  'kernel/kallsyms.c',
]);
beforeAll(() => program.build());
afterAll(() => program.remove());

/** Bits 38 and 39 (include/uapi/linux/capability.h). */
const PERFMON_AND_BPF = '000000c000000000';
const AND_SYS_ADMIN = '000000c000200000';

/** Needs all capabilities, as root on a machine of its own has them. */
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)('rights that are given up', () => {
  it('all but BPF and PERFMON, for good, and for what is started; symbols stay readable', () => {
    expect(program.lines([])).toEqual([
      'before names',
      'after names',
      `CapPrm:\t${PERFMON_AND_BPF}`,
      `CapBnd:\t${PERFMON_AND_BPF}`,
      'CapAmb:\t0000000000000000',
      'NoNewPrivs:\t1',
      `CapEff:\t${PERFMON_AND_BPF}`,
    ]);
  });

  it('SYS_ADMIN stays where the kernel is to measure programs', () => {
    expect(program.lines(['keep'])).toContain(`CapPrm:\t${AND_SYS_ADMIN}`);
  });
});
