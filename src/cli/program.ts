import { Argument, Command, CommanderError, Option } from 'commander';
import { safeText } from '../base/safe-text.js';
import type { Condition } from '../rank/conditions.js';
import { DIFF_CONDITIONS } from '../rank/diff-conditions.js';
import { DIFF_ORDERS, type DiffOrder } from '../rank/diff-order.js';
import { REPORT_CONDITIONS } from '../rank/report-conditions.js';
import { DIFF_FORMATS, type DiffFormat } from './diff-formats.js';
import { EXPORT_FORMATS, type ExportFormat } from './export-formats.js';
import { failIfOption } from './fail-if.js';
import {
  COMPLETION_HELP,
  CUT_HELP,
  DIFF_HELP,
  EXPORT_HELP,
  IMPORT_HELP,
  INFO_HELP,
  LIVE_HELP,
  MAN_HELP,
  PROGRAM_EXAMPLES,
  RECORD_HELP,
  REPAIR_HELP,
  REPLAY_HELP,
  TOP_HELP,
} from './help-texts.js';
import {
  addFilterOptions,
  addSelectionOptions,
  allocatorList,
  countArgument,
  durationArgument,
  fileSizeArgument,
  keepArgument,
  type SelectionFlags,
  sizeArgument,
} from './selection-options.js';
import { addTraceOptions, type TraceFlags } from './trace-options.js';

/** Nothing heavy is imported before a command is chosen: `--help` and `--version` answer at once. */
export function buildProgram(version: string): Command {
  const program = new Command('unfreed')
    .description(
      'Finds the Linux kernel call paths that hold memory: traces the page and slab allocators, pairs every alloc ' +
        'with its free, and ranks what is still outstanding.',
    )
    .version(version, '-V, --version')
    // What was typed may hold anything; commander quotes it.
    .configureOutput({ writeErr: (text) => void process.stderr.write(text.split('\n').map(safeText).join('\n')) })
    .showHelpAfterError('(unfreed --help shows the commands)')
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', PROGRAM_EXAMPLES)
    .allowExcessArguments(true)
    .action(async () => {
      const [unknown] = program.args;
      if (unknown !== undefined) {
        const names = program.commands.map((command) => command.name()).join(', ');
        program.error(`error: unknown command '${safeText(unknown)}'; there are ${names}`);
      }
      const { runStart } = await import('./commands/start.js');
      await runStart();
    });
  addLive(program);
  addRecord(program);
  addReplay(program);
  addTop(program);
  addExport(program);
  addDiff(program);
  addImport(program);
  addInfo(program);
  addCut(program);
  addRepair(program);
  addAnonymize(program);
  addDoctor(program);
  addCompletion(program);
  addMan(program);
  for (const command of program.commands) command.allowExcessArguments(false);
  for (const command of [program, ...program.commands]) command.exitOverride();
  return program;
}

/** True for the errors by which commander says "help was shown" or "version was shown". */
export function isShown(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

function addLive(program: Command): void {
  const command = program
    .command('live')
    .description('trace this machine, in the terminal, until q')
    .option('--record <file>', 'also write a recording')
    .option('--force', 'overwrite an existing recording', false);
  addTraceOptions(addSelectionOptions(command))
    .addHelpText('after', LIVE_HELP)
    .action(async (flags: LiveFlags) => {
      const { runLive } = await import('./commands/live.js');
      await runLive(flags);
    });
}

function addRecord(program: Command): void {
  const command = program
    .command('record')
    .description('trace this machine into a file, without a screen')
    .argument('[command...]', 'after --: a command to run; the recording ends when it exits')
    .requiredOption('-o, --output <file>', 'the recording to write')
    .option('--force', 'overwrite an existing file', false)
    .addOption(new Option('--duration <time>', 'stop after this long, e.g. 30s').argParser(durationArgument))
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
    );
  addTraceOptions(command)
    .addHelpText('after', RECORD_HELP)
    .action(async (words: string[], flags: RecordFlags) => {
      const { runRecord } = await import('./commands/record.js');
      await runRecord(words, flags);
    });
}

function addReplay(program: Command): void {
  addSelectionOptions(
    program.command('replay').description('the same screen over a recording, with time in your hands'),
  )
    .argument('<file>', 'a recording (.unfreed, or the stream of unfreed-collect)')
    .addHelpText('after', REPLAY_HELP)
    .action(async (file: string, flags: SelectionFlags) => {
      const { runReplay } = await import('./commands/replay.js');
      await runReplay(file, flags);
    });
}

function addTop(program: Command): void {
  const command = program
    .command('top')
    .description('print the ranking, of a recording or of a live run')
    .argument('[file]', 'a recording, or - for standard input; none: trace this machine')
    .addOption(new Option('-n, --number <count>', 'call paths to print').argParser(countArgument).default(10))
    .option('--frames', 'print every frame, a line each', false)
    .addOption(failIfOption(REPORT_CONDITIONS, 'growing > 1M/h'))
    .addOption(new Option('--duration <time>', 'how long to trace').argParser(durationArgument).default(10e9, '10s'));
  addTraceOptions(addSelectionOptions(command))
    .addHelpText('after', TOP_HELP)
    .action(async (file: string | undefined, flags: TopFlags) => {
      const { runTop } = await import('./commands/top.js');
      await runTop(file ?? null, flags);
    });
}

function addExport(program: Command): void {
  const command = program
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
    .addOption(failIfOption(REPORT_CONDITIONS, 'growing > 1M/h'))
    .addOption(new Option('--duration <time>', 'how long to trace').argParser(durationArgument).default(10e9, '10s'));
  addTraceOptions(addSelectionOptions(command))
    .addHelpText('after', EXPORT_HELP)
    .action(async (file: string | undefined, flags: ExportFlags) => {
      const { runExport } = await import('./commands/export.js');
      await runExport(file ?? null, flags);
    });
}

function addDiff(program: Command): void {
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
    .option('--frames', 'text: print every frame, a line each', false)
    .addOption(
      new Option('--sort <order>', 'order of what grew; suspect: bytes, weighed by category and verdict')
        .choices(DIFF_ORDERS)
        .default('suspect'),
    )
    .addOption(failIfOption(DIFF_CONDITIONS, 'grown > 10M'));
  addFilterOptions(command)
    .addHelpText('after', DIFF_HELP)
    .action(async (before: string, after: string | undefined, flags: DiffFlags) => {
      const { runDiff } = await import('./commands/diff.js');
      await runDiff([before, after ?? null], flags);
    });
}

function addImport(program: Command): void {
  program
    .command('import')
    .description("turn another tool's text into a recording: perf script, trace-cmd report, tracefs trace, bpftrace")
    .argument('<input>', 'the text, gzipped or not, or - for standard input')
    .requiredOption('-o, --output <file>', 'the recording to write')
    .option('--user-frames', 'keep user frames in call paths', false)
    .option('--force', 'overwrite an existing file', false)
    .addHelpText('after', IMPORT_HELP)
    .action(async (file: string, flags: ImportFlags) => {
      const { runImport } = await import('./commands/import.js');
      await runImport(file, flags);
    });
}

function addInfo(program: Command): void {
  program
    .command('info')
    .description('what a recording holds: machine, kernel, duration, events, losses, call paths')
    .argument('<file>', 'a recording, or - for standard input')
    .option('--json', 'as one JSON object', false)
    .addHelpText('after', INFO_HELP)
    .action(async (file: string, flags: { json: boolean }) => {
      const { runInfo } = await import('./commands/info.js');
      await runInfo(file, flags);
    });
}

function addCut(program: Command): void {
  program
    .command('cut')
    .description('copy a stretch of a recording')
    .argument('<file>', 'a recording, or - for standard input')
    .requiredOption('-o, --output <file>', 'the recording to write')
    .addOption(
      new Option('--from <time>', 'first moment, e.g. 10s or 1m30s').argParser(durationArgument).default(0, '0'),
    )
    .addOption(new Option('--to <time>', 'end, not in the copy').argParser(durationArgument).default(Infinity, 'end'))
    .option('--force', 'overwrite an existing file', false)
    .addHelpText('after', CUT_HELP)
    .action(async (file: string, flags: CutFlags) => {
      const { runCut } = await import('./commands/cut.js');
      await runCut(file, flags);
    });
}

function addRepair(program: Command): void {
  program
    .command('repair')
    .description('copy all that can be read of a damaged recording, and say what is lost')
    .argument('<file>', 'a recording or stream that is damaged, or was not closed')
    .requiredOption('-o, --output <file>', 'the recording to write')
    .option('--force', 'overwrite an existing file', false)
    .addHelpText('after', REPAIR_HELP)
    .action(async (file: string, flags: { output: string; force: boolean }) => {
      const { runRepair } = await import('./commands/repair.js');
      await runRepair(file, flags);
    });
}

function addAnonymize(program: Command): void {
  program
    .command('anonymize')
    .description('copy a recording without the names of the machine and its processes')
    .argument('<file>', 'a recording, or - for standard input')
    .requiredOption('-o, --output <file>', 'the recording to write')
    .option('--keep <name...>', 'process names that stay as they are', [])
    .option('--force', 'overwrite an existing file', false)
    .addHelpText('after', '\nAll numbers stay: every total and every ranking of the copy is that of the original.')
    .action(async (file: string, flags: { output: string; keep: string[]; force: boolean }) => {
      const { runAnonymize } = await import('./commands/anonymize.js');
      await runAnonymize(file, flags);
    });
}

function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('what live tracing needs, whether it is here, and what to do')
    .option('--json', 'as one JSON object', false)
    .addHelpText('after', '\nExit status: 0 when live tracing works, 1 when it does not.')
    .action(async (flags: { json: boolean }) => {
      const { runDoctor } = await import('./commands/doctor.js');
      await runDoctor(flags);
    });
}

const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', COMPLETION_HELP)
    .action(async (shell: Shell) => {
      const { runCompletion } = await import('./commands/completion.js');
      runCompletion(program, shell);
    });
}

function addMan(program: Command): void {
  program
    .command('man')
    .description('print the manual page')
    .addHelpText('after', MAN_HELP)
    .action(async () => {
      const { runMan } = await import('./commands/man.js');
      runMan(program);
    });
}

export interface LiveFlags extends SelectionFlags, TraceFlags {
  record?: string;
  force: boolean;
}

export interface RecordFlags extends Omit<TraceFlags, 'allocator' | 'minSize'> {
  maxSize?: number;
  keep?: number;
  output: string;
  force: boolean;
  duration?: number;
  allocator: TraceFlags['allocator'];
  minSize: number;
}

export interface TopFlags extends SelectionFlags, TraceFlags {
  number: number;
  frames: boolean;
  failIf: Condition[];
  duration: number;
}

export interface ExportFlags extends SelectionFlags, TraceFlags {
  format?: ExportFormat;
  number?: number;
  output?: string;
  failIf: Condition[];
  duration: number;
}

export interface DiffFlags extends Omit<SelectionFlags, 'sort' | 'group'> {
  sort: DiffOrder;
  /** ns. */
  from?: number;
  to?: number;
  format?: DiffFormat;
  number?: number;
  output?: string;
  frames: boolean;
  failIf: Condition[];
}

export interface CutFlags {
  output: string;
  force: boolean;
  /** ns; Infinity = the end. */
  from: number;
  to: number;
}

export interface ImportFlags {
  output: string;
  force: boolean;
  userFrames: boolean;
}
