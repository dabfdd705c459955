import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/collect/checks.js';
import { type Machine, parseLockedMemory, probeDetails, probeVerdict } from '../../src/collect/machine.js';
import { parseFormats, TRACEPOINTS } from '../../src/collect/tracefs.js';
import { machine } from '../helpers/machine.js';

function failing(changes: Partial<Machine>): string[] {
  return diagnose(machine(changes))
    .checks.filter((check) => !check.ok)
    .map((check) => check.id);
}

describe('diagnose', () => {
  it('finds nothing to say about a machine that has everything', () => {
    expect(failing({})).toEqual([]);
    expect(diagnose(machine()).collectors).toEqual(['bpf', 'bpftrace']);
    expect(diagnose(machine()).checks.every((check) => check.advice === '')).toBe(true);
  });

  it('without root nothing traces', () => {
    const changes = {
      privilege: null,
      bpfTrial: undefined,
      tracefsError: 'only root can read it',
      tracefsTracepoints: [],
    };
    expect(failing(changes)).toEqual(['root', 'bpf', 'tracefs']);
    expect(diagnose(machine(changes)).collectors).toEqual([]);
  });

  it('without BTF or a build bpftrace is left', () => {
    expect(diagnose(machine({ btf: false, btfTracepoints: [] })).collectors).toEqual(['bpftrace']);
    expect(diagnose(machine({ bpfCollectorBuilt: false })).collectors).toEqual(['bpftrace']);
    expect(diagnose(machine({ bpftrace: null })).collectors).toEqual(['bpf']);
  });

  it('a refused BPF program and a lockdown stop everything, and the reason is told', () => {
    const refused = diagnose(machine({ bpfTrial: 'Operation not permitted' }));
    expect(refused.collectors).toEqual([]);
    expect(refused.checks.find((check) => check.id === 'bpf')?.found).toContain('Operation not permitted');
    expect(diagnose(machine({ lockdown: 'confidentiality' })).collectors).toEqual([]);
    expect(diagnose(machine({ lockdown: 'integrity' })).collectors).toEqual(['bpf', 'bpftrace']);
  });

  it('missing comforts are told but stop nothing', () => {
    const changes = {
      kptrRestrict: 2,
      btfTracepoints: TRACEPOINTS.filter((name) => !name.startsWith('vmalloc')),
      tracefsTracepoints: [],
      clang: null,
    };
    expect(failing(changes)).toEqual(['kptr', 'vmalloc', 'clang', 'tracefs']);
    expect(diagnose(machine(changes)).collectors).toEqual(['bpf']);
  });

  it('less than the rights of root is told, with what it costs, and stops nothing', () => {
    const changes: Partial<Machine> = {
      privilege: 'capabilities',
      rights: { uid: 1000, capabilities: ['PERFMON', 'BPF'] },
    };
    expect(failing(changes)).toEqual(['rights']);
    const told = diagnose(machine(changes));
    expect(told.collectors).toContain('bpf');
    const rights = told.checks.find((check) => check.id === 'rights');
    expect(rights?.found).toMatch(/^uid 1000 with PERFMON, BPF: .*no names.*slabinfo cannot be read/);
    expect(rights?.advice).toContain('SYSLOG and DAC_READ_SEARCH');
  });

  it('pages that cannot be traced stop the eBPF collector, and the remedy is told', () => {
    const bpfUnmet =
      'page memory cannot be traced here: no pfns; give it CAP_SYS_ADMIN; or leave it out: --allocator slab';
    const told = diagnose(machine({ bpfUnmet }));
    expect(told.collectors).toEqual(['bpftrace']);
    expect(told.checks.find((check) => check.id === 'allocators')).toMatchObject({
      ok: false,
      found: 'page memory cannot be traced here',
      advice: 'no pfns; give it CAP_SYS_ADMIN; or leave it out: --allocator slab',
    });
  });

  it('a build that failed says with which error', () => {
    const told = diagnose(machine({ bpfCollectorBuilt: false, bpfBuildError: 'x.h:1:2: error: no' }));
    expect(told.checks.find((check) => check.id === 'collector')?.found).toBe('the build failed: x.h:1:2: error: no');
  });

  it('names the tracepoints that are missing', () => {
    const gone = diagnose(machine({ btfTracepoints: ['kmem:kmalloc'], tracefsTracepoints: [] }));
    expect(gone.checks.find((check) => check.id === 'tracepoints')?.found).toContain('kmem:mm_page_free');
  });

  it('locked memory counts only before 5.11, and not for root', () => {
    expect(failing({ kernel: '5.10.0', lockedMemoryBytes: 65536 })).toEqual([]);
    expect(failing({ kernel: '5.10.0', lockedMemoryBytes: 65536, privilege: null })).toContain('memlock');
    expect(failing({ kernel: '5.15.0', lockedMemoryBytes: 65536, privilege: null })).not.toContain('memlock');
  });

  it('wants bpftrace 0.17', () => {
    expect(failing({ bpftrace: '0.14.0' })).toEqual(['bpftrace']);
    expect(failing({ bpftrace: '1.0.0' })).toEqual([]);
  });
});

it('reads the limit of locked memory', () => {
  expect(parseLockedMemory('Max locked memory         8388608              8388608              bytes\n')).toBe(
    8388608,
  );
  expect(parseLockedMemory('Max locked memory         unlimited            unlimited            bytes\n')).toBe(
    Infinity,
  );
  expect(parseLockedMemory('')).toBe(Infinity);
});

it('takes the format files of many tracepoints apart', () => {
  const formats = parseFormats('=== kmem/kfree\nname: kfree\nID: 1\n=== kmem/kmalloc\nname: kmalloc\n');
  expect([...formats]).toEqual([
    ['kmem:kfree', 'name: kfree\nID: 1\n'],
    ['kmem:kmalloc', 'name: kmalloc\n'],
  ]);
});

it('reads the verdict of unfreed-collect --probe', () => {
  const before = '{"name":"root","ok":true,"detail":"uid 0"}\n';
  expect(probeVerdict(`${before}{"name":"load","ok":true,"detail":"the kernel takes the programs"}\n`)).toBeNull();
  expect(probeVerdict(`${before}{"name":"load","ok":false,"detail":"Operation not permitted"}\n`)).toBe(
    'Operation not permitted',
  );
  expect(probeVerdict('unfreed-collect: no such option\n')).toBeUndefined();
});

it('reads of unfreed-collect --probe what can be traced, and what a trace will lack', () => {
  const output =
    '{"name":"allocator:page","ok":true,"detail":"can be traced"}\n' +
    '{"name":"allocator:vmalloc","ok":false,"detail":"no"}\n' +
    '{"name":"marks:oom-kill","ok":true,"detail":"can be told"}\n' +
    '{"name":"marks:shm","ok":false,"detail":"sys_shmget: no"}\n' +
    '{"name":"note","ok":true,"detail":"a note"}\nnull\n{"name":7}\n';
  expect(probeDetails(output)).toEqual({
    allocators: ['page'],
    marks: [
      { kind: 'oom-kill', lacks: null },
      { kind: 'shm', lacks: 'sys_shmget: no' },
    ],
    notes: ['a note'],
  });
  expect(probeDetails('unfreed-collect: no such option\n')).toEqual({ allocators: null, marks: [], notes: [] });
});

describe('what is traced here', () => {
  it('is what the trial of the eBPF collector has shown', () => {
    const changes = { bpfAllocators: ['page', 'slab'], bpfNotes: ['a note'] };
    expect(diagnose(machine(changes))).toMatchObject({ allocators: ['page', 'slab'], notes: ['a note'] });
  });

  it('goes by the tracepoints where bpftrace traces', () => {
    const all = { allocators: ['page', 'slab', 'percpu', 'vmalloc'], notes: [] };
    expect(diagnose(machine({ bpfCollectorBuilt: false, bpfNotes: ['a note'] }))).toMatchObject(all);
    const known = TRACEPOINTS.filter((name) => !name.startsWith('vmalloc') && !name.endsWith('_node'));
    const changes = { bpfCollectorBuilt: false, btfTracepoints: known, tracefsTracepoints: known };
    expect(diagnose(machine(changes))).toMatchObject({ allocators: ['page', 'slab', 'percpu'] });
  });

  it('is nothing where no collector can run', () => {
    expect(diagnose(machine({ lockdown: 'confidentiality' }))).toMatchObject({ allocators: [], notes: [] });
  });
});
