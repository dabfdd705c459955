import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/base/errors.js';
import { collectorArguments } from '../../src/collect/bpf-collector.js';
import { bpftraceCommand, whatItSaid } from '../../src/collect/bpftrace-collector.js';
import { chooseCollector, collectorFor } from '../../src/collect/choose.js';
import { defaultCollectorOptions } from '../../src/collect/collector.js';

describe('collectorFor', () => {
  it('takes the eBPF collector where it is built, and bpftrace only where it is not', () => {
    expect(collectorFor({ asked: 'auto', bpfBuilt: true, bpftraceVersion: '0.17.0' })).toBe('bpf');
    expect(collectorFor({ asked: 'auto', bpfBuilt: true, bpftraceVersion: null })).toBe('bpf');
    expect(collectorFor({ asked: 'auto', bpfBuilt: false, bpftraceVersion: '0.17.0' })).toBe('bpftrace');
  });

  it('does what it is told', () => {
    expect(collectorFor({ asked: 'bpf', bpfBuilt: true, bpftraceVersion: '0.17.0' })).toBe('bpf');
    expect(collectorFor({ asked: 'bpftrace', bpfBuilt: true, bpftraceVersion: '0.17.0' })).toBe('bpftrace');
  });

  it('says what is missing and what to do', () => {
    for (const [asked, said] of [
      ['auto', 'nothing to trace with'],
      ['bpf', 'the eBPF collector is not built'],
      ['bpftrace', 'bpftrace is not installed'],
    ] as const) {
      try {
        collectorFor({ asked, bpfBuilt: false, bpftraceVersion: null });
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        expect((error as UserError).message).toContain(said);
        expect((error as UserError).nextSteps).not.toEqual([]);
      }
    }
  });
});

describe('command lines', () => {
  const options = { ...defaultCollectorOptions(), selfPids: [100, 200] };

  it('hand the options to the eBPF collector', () => {
    const args = collectorArguments({ ...options, allocators: ['page', 'slab'], minSizeBytes: 4096, sampleOneIn: 16 });
    expect(args.join(' ')).toBe(
      '--allocators page,slab --self mark --die-with-parent --steps --self-pid 100 --self-pid 200 --min-size 4096 --sample 16 --buffer 67108864',
    );
  });

  it('hand the modes of tracing to the eBPF collector, and those alone that differ from what it does by itself', () => {
    const args = collectorArguments({
      ...options,
      minAgeNs: 1.5e9,
      maxOverhead: 0.03,
      stacks: 'walk',
      auditOneIn: 7,
    }).join(' ');
    expect(args).toContain(' --min-age 1500ms --max-overhead 3 --stacks walk --audit 7 --buffer ');
    expect(collectorArguments(options).join(' ')).not.toMatch(/min-age|overhead|stacks|audit|process|children|heap/);
  });

  it('are refused where bpftrace is asked for what only the eBPF collector can do', async () => {
    for (const mode of [{ minAgeNs: 1e9 }, { maxOverhead: 0.03 }]) {
      await expect(chooseCollector({ ...options, ...mode, collector: 'bpftrace' })).rejects.toThrow(
        '--min-age and --max-overhead need the eBPF collector',
      );
    }
  });

  it('hand them to bpftrace, its buffers split over the CPUs and limited', () => {
    const machine = { needsMount: false, pageSize: 4096, cpus: 2 };
    const command = bpftraceCommand({ ...options, self: 'drop', minSizeBytes: 64 }, machine);
    expect(command.slice(0, 2)).toEqual(['sh', '-c']);
    expect(command[2]).toContain('PERF_RB_PAGES=4096 ');
    expect(command[2]).toMatch(/exec bpftrace -q -B full - "\$\$" 100 1 64 1 4096$/);
    const small = bpftraceCommand({ ...options, bufferBytes: 3_000_000 }, { ...machine, needsMount: true });
    expect(small.slice(0, 4)).toEqual(['unshare', '-m', 'sh', '-c']);
    expect(small[4]).toContain('PERF_RB_PAGES=256 ');
  });
});

it('the reason for a failure is not the harmless line about locked memory', () => {
  const stderr = [
    "ERROR: Unknown error -1: couldn't set RLIMIT_MEMLOCK for bpftrace. If your program is not loading, ...",
    'Lost 12 events',
    'stdin:4:2-321: ERROR: printf: Not enough arguments for format string (0 supplied, 1 expected)',
    '    printf("...");',
  ].join('\n');
  expect(whatItSaid(stderr)).toContain('Not enough arguments');
  expect(whatItSaid(stderr.split('\n').slice(0, 2).join('\n'))).toBe('');
});
