/** The commands that only trace this machine; those that also read recordings are in report-commands.ts. */
import { type Command, Option } from 'commander';
import { commList } from './event-commands.js';
import type { LiveFlags, RecordFlags } from './options/flags.js';
import { LIVE_HELP, RECORD_HELP } from './options/help-texts.js';
import { asciiOption } from './options/look.js';
import {
  addSelectionOptions,
  allocatorList,
  fileSizeArgument,
  keepArgument,
  runTimeArgument,
  sizeArgument,
} from './options/selection-options.js';
import { addTraceOptions, refuseHeapOfNone, refuseKernelOptions } from './options/trace-options.js';
import { whileLoading } from './traces/progress.js';

export function addLive(program: Command): void {
  const command = program
    .command('live')
    .description('trace this machine, in the terminal, until q')
    .option('--record <file>', 'also write a recording')
    .option('--force', 'overwrite an existing recording', false)
    .addOption(asciiOption());
  addTraceOptions(addSelectionOptions(command, 'finding'))
    .addHelpText('after', LIVE_HELP)
    .action(async (flags: LiveFlags, self: Command) => {
      refuseKernelOptions(self);
      refuseHeapOfNone(flags);
      const { runLive } = await import('./commands/live.js');
      await runLive(flags);
    });
}

export function addRecord(program: Command): void {
  const command = program
    .command('record')
    .description('trace this machine into a file, without a screen')
    .argument('[command...]', 'after --: a command to run; the recording ends when it exits')
    .requiredOption('-o, --output <file>', 'the recording to write')
    .option('--force', 'overwrite an existing file', false)
    .addOption(new Option('--duration <time>', 'stop after this long, e.g. 30s').argParser(runTimeArgument))
    .addOption(
      new Option('--allocator <names>', 'trace only these, comma separated: page|slab|percpu|vmalloc')
        .argParser(allocatorList)
        .default([], 'all'),
    )
    .addOption(
      new Option('--min-size <size>', 'leave smaller allocations out in the kernel')
        .argParser(sizeArgument)
        .default(0, '0'),
    );
  command
    .addOption(
      new Option(
        '--max-size <size>',
        'stop when the file has this size; with --keep, go on in the next file',
      ).argParser(fileSizeArgument),
    )
    .addOption(
      new Option('--keep <count>', 'files of --max-size to keep; older ones are deleted').argParser(keepArgument),
    )
    .addOption(
      new Option('--watch-comm <names>', 'execs and exits of these commands, and of what they start, are events')
        .argParser(commList)
        .default([], 'none'),
    )
    .option('--maps', "trace what the command maps, instead of the kernel's allocations", false)
    .addOption(
      new Option(
        '--sample-bytes <size>',
        'of the heap one block in so many bytes, for production, e.g. 512k',
      ).argParser(sizeArgument),
    )
    .option('--census', 'begin and end with a census: who held what before the trace, and what grew', false);
  addTraceOptions(command)
    .addHelpText('after', RECORD_HELP)
    .action(async (words: string[], flags: RecordFlags, self: Command) => {
      refuseKernelOptions(self);
      const { runRecord } = await whileLoading(import('./commands/record.js'));
      await runRecord(words, flags);
    });
}
