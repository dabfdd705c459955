/** The commands that show outstanding memory. */
import { type Command, Option } from 'commander';
import { DIFF_CONDITIONS } from '../rank/conditions/diff-conditions.js';
import { REPORT_CONDITIONS } from '../rank/conditions/report-conditions.js';
import { DIFF_ORDERS } from '../rank/diff/diff-order.js';
import { EXPORT_FORMATS } from '../session/export-formats.js';
import { cacheOrder, refuseCacheOrder, topSortOption } from './options/cache-options.js';
import { DIFF_FORMATS } from './options/diff-formats.js';
import { failIfOption } from './options/fail-if.js';
import type { DiffFlags, ExportFlags, ReplayFlags, TopFlags } from './options/flags.js';
import { DIFF_HELP, EXPORT_HELP, REPLAY_HELP, TOP_HELP } from './options/help-texts.js';
import { asciiOption } from './options/look.js';
import { momentOption } from './options/moment.js';
import {
  addFilterOptions,
  addSelectionOptions,
  countArgument,
  durationArgument,
  intervalArgument,
  runTimeArgument,
} from './options/selection-options.js';
import { pageSizeOption } from './options/text-options.js';
import {
  addTraceOptions,
  refuseHeapOfNone,
  refuseKernelOptions,
  refuseTraceOptions,
  traceOptionGiven,
} from './options/trace-options.js';
import { whileLoading } from './traces/progress.js';

export function addReplay(program: Command): void {
  addSelectionOptions(
    program.command('replay').description('the same screen over a recording, with time in your hands'),
    'finding',
  )
    .argument('<file>', 'a recording, or any text that import takes, gzipped or not, or - for standard input')
    .addOption(pageSizeOption())
    .addOption(asciiOption())
    .option('--no-spool', 'no temporary copy of what can be read only from its start: going back reads it again')
    .addHelpText('after', REPLAY_HELP)
    .action(async (file: string, flags: ReplayFlags) => {
      const { runReplay } = await import('./commands/replay.js');
      await runReplay(file, flags);
    });
}

export function addTop(program: Command): void {
  const top = program
    .command('top')
    .description('print the ranking, of a recording or of a live run')
    .argument('[file]', 'a recording, or - for standard input; none: trace this machine')
    .addOption(new Option('-n, --number <count>', 'call paths to print').argParser(countArgument).default(10))
    .option('--frames', 'print every frame, a line each', false)
    .option(
      '--caches',
      'the slab caches with the columns of slabtop instead; without a file and --duration: now, without a trace',
      false,
    )
    .option('-q, --quiet', 'print the conclusions alone', false)
    .addOption(asciiOption())
    .addOption(momentOption())
    .addOption(
      new Option('--interval <time>', 'a ranking each time, e.g. 5s, until Ctrl-C, --count or --duration').argParser(
        intervalArgument,
      ),
    )
    .addOption(new Option('--count <number>', 'end after so many rankings of --interval').argParser(countArgument))
    .addOption(pageSizeOption())
    .addOption(failIfOption(REPORT_CONDITIONS, 'growing > 1M/h'))
    .addOption(new Option('--duration <time>', 'how long to trace').argParser(runTimeArgument).default(10e9, '10s'));
  addTraceOptions(addSelectionOptions(top, 'finding', topSortOption()))
    .addHelpText('after', TOP_HELP)
    .action(async (file: string | undefined, flags: TopFlags, command: Command) => {
      if (file !== undefined) refuseTraceOptions(command, file);
      refuseKernelOptions(command);
      refuseHeapOfNone(flags);
      if (flags.caches) {
        const { runTopCaches } = await import('./caches/top-caches.js');
        const isTraced = file !== undefined || traceOptionGiven(command) !== null;
        return runTopCaches(file ?? null, { ...flags, sort: cacheOrder(command) }, isTraced);
      }
      refuseCacheOrder(flags.sort);
      const loading = import('./commands/top.js');
      const { runTop } = await (file === undefined ? whileLoading(loading) : loading);
      // Rankings at intervals go on until they are ended.
      const isEndless = flags.interval !== undefined && command.getOptionValueSource('duration') === 'default';
      await runTop(file ?? null, isEndless ? { ...flags, duration: Number.POSITIVE_INFINITY } : flags);
    });
}

export function addExport(program: Command): void {
  const exporting = program
    .command('export')
    .description('write the top call paths for other tools')
    .argument('[file]', 'a recording, or - for standard input; none: trace this machine')
    .addOption(
      new Option('--format <name>', 'output format; without it the name of -o says, or json').choices(EXPORT_FORMATS),
    )
    .addOption(
      new Option('-n, --number <count>', 'call paths to write (default: all; markdown: 5)').argParser(countArgument),
    )
    .option('-o, --output <file>', 'write here instead of to standard output')
    .option('--force', 'overwrite an existing file', false)
    .addOption(momentOption())
    .addOption(pageSizeOption())
    .addOption(failIfOption(REPORT_CONDITIONS, 'growing > 1M/h'))
    .addOption(new Option('--duration <time>', 'how long to trace').argParser(runTimeArgument).default(10e9, '10s'));
  addTraceOptions(addSelectionOptions(exporting))
    .addHelpText('after', EXPORT_HELP)
    .action(async (file: string | undefined, flags: ExportFlags, command: Command) => {
      if (file !== undefined) refuseTraceOptions(command, file);
      refuseKernelOptions(command);
      refuseHeapOfNone(flags);
      const loading = import('./commands/export.js');
      const { runExport } = await (file === undefined ? whileLoading(loading) : loading);
      await runExport(file ?? null, flags);
    });
}

export function addDiff(program: Command): void {
  const command = program
    .command('diff')
    .description('what grew between two recordings, or between two moments of one')
    .argument(
      '<before>',
      'a recording, a text that import reads, a report (export --format json), or - for standard input',
    )
    .argument('[after]', 'another one; none: --from and --to are moments of the first')
    .addOption(
      new Option('--from <time>', 'first moment, e.g. 10s or 1m30s (default: the start)').argParser(durationArgument),
    )
    .addOption(new Option('--to <time>', 'second moment (default: the end)').argParser(durationArgument))
    .addOption(
      new Option('--format <name>', 'output format; without it the name of -o says, or text').choices(DIFF_FORMATS),
    )
    .addOption(
      new Option('-n, --number <count>', 'call paths to list (default: text 10, markdown 5, others all)').argParser(
        countArgument,
      ),
    )
    .option('-o, --output <file>', 'write here instead of to standard output')
    .option('--force', 'overwrite an existing file', false)
    .option('--frames', 'text: print every frame, a line each', false)
    .option('-q, --quiet', 'text: print the conclusions alone', false)
    .addOption(asciiOption())
    .addOption(
      new Option('--sort <order>', 'order of what grew; suspect: bytes, weighed by category and verdict')
        .choices(DIFF_ORDERS)
        .default('suspect'),
    )
    .addOption(pageSizeOption())
    .addOption(failIfOption(DIFF_CONDITIONS, 'grown > 10M'));
  addFilterOptions(command)
    .addHelpText('after', DIFF_HELP)
    .action(async (before: string, after: string | undefined, flags: DiffFlags) => {
      const { runDiff } = await import('./commands/diff.js');
      await runDiff([before, after ?? null], flags);
    });
}
