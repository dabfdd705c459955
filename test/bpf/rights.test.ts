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
/** And bits 2, 19 and 40: DAC_READ_SEARCH, SYS_PTRACE, CHECKPOINT_RESTORE. */
const AND_PROCESSES = '000001c000080004';

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

  it('those stay with which other processes are read, where these are traced', () => {
    expect(program.lines(['processes'])).toContain(`CapPrm:\t${AND_PROCESSES}`);
  });

  it('SYS_ADMIN stays where the kernel is to measure programs', () => {
    expect(program.lines(['keep'])).toContain(`CapPrm:\t${AND_SYS_ADMIN}`);
  });
});
