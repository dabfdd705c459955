/** What a machine offers a tracer, for tests of the checks. */
import type { Machine } from '../../src/collect/machine.js';
import { TRACEPOINTS } from '../../src/collect/tracefs.js';

/** A machine that has everything, but for `changes`. */
export function machine(changes: Partial<Machine> = {}): Machine {
  return {
    kernel: '6.18.0',
    arch: 'x86_64',
    privilege: 'root',
    rights: { uid: 0, capabilities: ['SYS_ADMIN', 'SYSLOG', 'PERFMON', 'BPF'] },
    btf: true,
    btfTracepoints: TRACEPOINTS.filter((name) => !name.endsWith('_node')),
    tracefsTracepoints: TRACEPOINTS.filter((name) => !name.endsWith('_node')),
    tracefsError: null,
    tracefsUnmounted: true,
    bpfTrial: null,
    bpfTriedWith: 'unfreed-collect',
    bpfUnmet: null,
    bpfAllocators: ['page', 'slab', 'percpu', 'vmalloc'],
    bpfMarks: [],
    bpfNotes: [],
    bpfCollectorBuilt: true,
    bpfBuildError: '',
    libbpfHeaders: true,
    clang: '14.0.6',
    bpftool: '7.1.0',
    make: '4.3',
    cc: '12.2.0',
    bpftrace: '0.17.0',
    lockedMemoryBytes: 8 << 20,
    kptrRestrict: 0,
    lockdown: '',
    ...changes,
  };
}
