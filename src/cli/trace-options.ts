import type { Command } from 'commander';
import { Option } from 'commander';
import type { AllocatorName } from '../event/kinds.js';
import { bufferArgument, sampleArgument } from './selection-options.js';

/** The flags of every command that traces this machine, as commander hands them over. */
export interface TraceFlags {
  collector: 'auto' | 'bpf' | 'bpftrace';
  buffer: number;
  sample: number;
  dropSelf: boolean;
  /** From the selection flags where the command has them. */
  allocator: AllocatorName[];
  minSize: number;
}

export function addTraceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--collector <name>', 'auto takes bpf where it is built, else bpftrace')
        .choices(['auto', 'bpf', 'bpftrace'])
        .default('auto'),
    )
    .addOption(
      new Option('--buffer <size>', 'ring buffer between kernel and collector; larger rides out longer bursts')
        .argParser(bufferArgument)
        .default(64 * 2 ** 20, '64M'),
    )
    .addOption(
      new Option('--sample <1/N>', 'trace one address in N, alloc and free alike; totals are not scaled')
        .argParser(sampleArgument)
        .default(1, '1/1'),
    )
    .option('--drop-self', "leave the tracer's own allocations out in the kernel instead of marking them", false);
}
