import type { Command } from 'commander';
import { Option } from 'commander';
import { UserError } from '../../base/errors.js';
import type { TraceFlags } from './flags.js';
import {
  auditArgument,
  bufferArgument,
  minAgeArgument,
  overheadArgument,
  processArgument,
  sampleArgument,
} from './selection-options.js';

/** Adds the options of all commands that trace this machine. */
export function addTraceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-p, --process <who>',
        "trace the memory of these processes and of those they start, not the kernel's: numbers, names or /paths of cgroups, comma separated (--pid: of the kernel's allocations, those that one process made)",
      )
        .argParser(processArgument)
        .default([], 'none'),
    )
    .option('--heap', 'with -p or a command: each block of the heap too, with its call path', false)
    .addOption(
      new Option('--collector <name>', 'auto takes bpf where it is built, and bpftrace only where it is not')
        .choices(['auto', 'bpf', 'bpftrace'])
        .default('auto'),
    )
    .addOption(
      new Option('--buffer <size>', 'ring buffer between kernel and collector; larger rides out longer bursts')
        .argParser(bufferArgument)
        .default(64 * 2 ** 20, '64M'),
    )
    .addOption(
      new Option('--sample <1/N>', 'trace one address in N, alloc and free alike; totals are estimated from that')
        .argParser(sampleArgument)
        .default(1, '1/1'),
    )
    .addOption(
      new Option('--min-age <age>', 'survivors only: leave out, in the kernel, what is freed sooner, e.g. 1s')
        .argParser(minAgeArgument)
        .default(0, '0'),
    )
    .addOption(
      new Option(
        '--max-overhead <percent>',
        'sample by itself, 1/4 to 1/64, while tracing takes more CPU, e.g. 3%',
      ).argParser(overheadArgument),
    )
    .addOption(
      new Option('--stacks <how>', 'walk has the kernel walk each stack; auto and fast do without where that is exact')
        .choices(['auto', 'walk', 'fast'])
        .default('auto'),
    )
    .addOption(
      new Option('--audit <N>', "check one in N call paths taken the fast way against the kernel's walk")
        .argParser(auditArgument)
        .default(1000),
    )
    .option('--drop-self', "leave the tracer's own allocations out in the kernel instead of marking them", false)
    .option('--no-names', 'do not read which files, sockets and BPF maps the memory belongs to');
}

/** The options above, and --duration, as commander names their values. */
const TRACE_OPTIONS = [
  'duration',
  'process',
  'heap',
  'collector',
  'buffer',
  'sample',
  'minAge',
  'maxOverhead',
  'stacks',
  'audit',
  'dropSelf',
  'names',
] as const;

/** Returns the option of tracing alone that the user gave, '--duration'; null for none. */
export function traceOptionGiven(command: Command): string | null {
  const given = TRACE_OPTIONS.find((name) => command.getOptionValueSource(name) === 'cli');
  return given === undefined ? null : (command.options.find((each) => each.attributeName() === given)?.long ?? given);
}

/** Options that say how allocations of the kernel are traced. */
const KERNEL_OPTIONS = ['sample', 'minAge', 'maxOverhead', 'stacks', 'audit', 'dropSelf'] as const;

/** Throws a UserError if the user gave one of them beside processes, whose memory is traced in another way: it would change nothing. */
export function refuseKernelOptions(command: Command): void {
  const ofProcesses = ['process', 'maps', 'heap'].find((name) => command.getOptionValueSource(name) === 'cli');
  if (ofProcesses === undefined) return;
  const given = KERNEL_OPTIONS.find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  const flag = command.options.find((each) => each.attributeName() === given)?.long ?? given;
  throw new UserError(
    `${flag} is for the kernel's allocations, and --${ofProcesses} traces the memory of processes`,
    [],
    {
      usage: true,
    },
  );
}

/** Throws a UserError if the heap is asked for, and no process is: of the kernel there is none. */
export function refuseHeapOfNone({ heap, process: processes }: TraceFlags): void {
  if (!heap || processes.length > 0) return;
  throw new UserError(
    '--heap is of processes, and none is named',
    ['With -p PID, -p NAME; or of a command: unfreed record --heap -o FILE -- CMD'],
    { usage: true },
  );
}

/** Throws a UserError if the user gave an option that is of tracing alone, beside a file: it would change nothing. */
export function refuseTraceOptions(command: Command, file: string): void {
  const given = traceOptionGiven(command);
  if (given === null) return;
  throw new UserError(
    `${given} is for tracing this machine, and ${file} is read`,
    [`Leave out one of the two. A stretch of a recording: unfreed cut ${file} --from 10s --to 1m -o part.unfreed`],
    { usage: true },
  );
}
