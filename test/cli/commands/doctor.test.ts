import { describe, expect, it } from 'vitest';
import { doctorText } from '../../../src/cli/commands/doctor.js';
import { diagnose } from '../../../src/collect/checks.js';
import type { Machine } from '../../../src/collect/machine.js';
import { TRACEPOINTS } from '../../../src/collect/tracefs.js';
import { machine } from '../../helpers/machine.js';

const FENTRY = 'this kernel lets nobody hook functions (fentry)';
const NO_VMALLOC = TRACEPOINTS.filter((name) => !name.startsWith('vmalloc') && !name.endsWith('_node'));

function text(changes: Partial<Machine> = {}, { verbose = false, columns = 100 } = {}): string[] {
  const lines = doctorText(diagnose(machine(changes)), verbose, columns).split('\n');
  expect(lines.pop()).toBe('');
  return lines;
}

describe('a machine that can be traced', () => {
  it('is said to be so first, then what is traced', () => {
    expect(text()).toEqual([
      'This machine can be traced: Linux 6.18.0 x86_64, root, eBPF.',
      'ok    kernel memory       pages, slab, percpu, vmalloc',
    ]);
    expect(text({ privilege: 'sudo' })[0]).toBe('This machine can be traced: Linux 6.18.0 x86_64, sudo, eBPF.');
  });

  it('has less of what its kernel refuses', () => {
    const bpfNotes = [`frees in bulk and by kfree_rcu() are not seen: kmem_cache_free_bulk: ${FENTRY}`];
    expect(text({ bpfNotes }).slice(2)).toEqual([
      'less  frees in bulk       this kernel refuses function hooks: some frees of slab are seen late',
    ]);
  });

  it('says of which events the time line can tell, and why not of others', () => {
    const bpfMarks = [
      { kind: 'oom-kill', lacks: null },
      { kind: 'memcg-reclaim', lacks: 'mm_vmscan_memcg_reclaim_begin: this kernel has no such tracepoint' },
      { kind: 'shm', lacks: `sys_shmget: ${FENTRY}` },
      { kind: 'swap', lacks: `sys_swapon: ${FENTRY}` },
      { kind: 'module', lacks: 'module_load: this kernel has no modules' },
      { kind: 'later-kind', lacks: null },
    ];
    expect(text({ bpfMarks }, { columns: 200 }).slice(2)).toEqual([
      'ok    events              OOM kills, later-kind',
      "less  events              not reclaim at a cgroup's limit: mm_vmscan_memcg_reclaim_begin: this kernel has no such tracepoint",
      'less  events              not System V shared memory calls, swap on and off: this kernel refuses function hooks; unfreed events has them',
    ]);
    expect(diagnose(machine({ bpfMarks })).marks).toEqual(bpfMarks);
    // bpftrace tells of none.
    expect(diagnose(machine({ bpfMarks, bpfCollectorBuilt: false })).marks).toEqual([]);
  });

  it('has less of what its rights and settings deny, with what to do', () => {
    expect(text({ kptrRestrict: 2 })[2]).toBe(
      'less  names in paths      kernel.kptr_restrict = 2; call paths have no names while it is 2: sysctl',
    );
  });

  it('says a missing allocator once, though a check and the collector know it', () => {
    const changes = { btfTracepoints: NO_VMALLOC, tracefsTracepoints: NO_VMALLOC };
    const bpfNotes = ['vmalloc is not traced: alloc_vmap_area: this kernel has no such tracepoint'];
    const lines = text({ ...changes, bpfAllocators: ['page', 'slab', 'percpu'], bpfNotes });
    expect(lines.slice(1)).toEqual([
      'ok    kernel memory       pages, slab, percpu',
      'less  vmalloc memory      this kernel has no such tracepoint: vmalloc memory is not traced',
    ]);
  });

  it('says through bpftrace what that costs, and what eBPF lacks', () => {
    const lines = text({ bpfCollectorBuilt: false, bpfBuildError: 'no clang' }, { columns: 300 });
    expect(lines[0]).toMatch(/, root, bpftrace\.$/);
    expect(lines[2]).toBe(
      'less  speed               bpftrace slows the machine down 5 to 23 times as much as eBPF; eBPF lacks the eBPF collector, ' +
        'built: the build failed: no clang; npm run setup',
    );
  });
});

describe('a machine that cannot be traced', () => {
  it('says so first, then what is in the way alone, and what still works', () => {
    const changes = { privilege: null, bpfTrial: undefined, tracefsError: 'root only', tracefsTracepoints: [] };
    const lines = text(changes, { columns: 300 });
    expect(lines).toEqual([
      'This machine cannot be traced from here: Linux 6.18.0 x86_64, no root.',
      'no    rights              needs root, the capabilities BPF and PERFMON, or sudo without a password: none of them; ' +
        'run it as root, or record on this machine as root and replay the file as yourself',
      'ok    recordings          of other machines: unfreed replay FILE',
    ]);
  });

  it.each<[string, Partial<Machine>, string[]]>([
    ['a lockdown', { lockdown: 'confidentiality' }, ['lockdown']],
    ['a refusal of BPF', { bpfTrial: 'Operation not permitted' }, ['BPF programs']],
    [
      'no collector at all',
      { bpfCollectorBuilt: false, bpftrace: null, bpfTrial: undefined },
      ['eBPF collector', 'bpftrace'],
    ],
    ['neither BTF nor bpftrace', { btf: false, bpftrace: null }, ['types', 'bpftrace']],
  ])('%s is what is in the way', (_, changes, subjects) => {
    const lines = text(changes, { columns: 300 });
    expect(lines[0]).toMatch(/^This machine cannot be traced from here: /);
    expect(lines.slice(1, -1).map((line) => line.slice(0, 26).trim())).toEqual(subjects.map((name) => `no    ${name}`));
  });
});

it('keeps to the columns, and lets no text of the machine act on the terminal', () => {
  const lines = text({ bpfTrial: `\x1b[2J${'long words of a kernel '.repeat(20)}` }, { columns: 80 });
  for (const line of lines) {
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).not.toContain('\x1b');
  }
  expect(lines.length).toBeGreaterThan(8);
});

it('-v has every single check, after the same conclusion', () => {
  const lines = text({ clang: null }, { verbose: true });
  expect(lines[0]).toBe(text()[0]);
  expect(lines.length).toBeGreaterThan(diagnose(machine()).checks.length);
  expect(lines).toContain('NO  to build it        clang, to build the eBPF collector: not installed');
  expect(lines).toContain(`${' '.repeat(23)}not needed: it is built`);
});
