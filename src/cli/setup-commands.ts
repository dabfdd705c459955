/** The first look, and the commands about the program itself: what it needs, its completions, its manual page. */
import { Argument, type Command, Option } from 'commander';
import { CENSUS_FORMATS } from './options/census-formats.js';
import { type CensusFlags, SHELLS, type Shell, type TriageFlags } from './options/flags.js';
import { CENSUS_HELP, COMPLETION_HELP, MAN_HELP, TRIAGE_HELP } from './options/help-texts.js';
import { asciiOption } from './options/look.js';
import { bufferArgument, countArgument, cpuShareArgument, durationArgument } from './options/selection-options.js';

export function addTriage(program: Command): void {
  program
    .command('triage')
    .description('the first look, without a trace: what is abnormal, who holds it, what to run next')
    .argument('[files...]', 'a support bundle, texts of it, or a recording; without: this machine')
    .option('--json', 'as one JSON object', false)
    .option(
      '-v, --verbose',
      'all findings, every term of MemTotal, counters beside their limits, every source that was not read',
      false,
    )
    .option('--quick', 'without the maps of processes, the two seconds for the noise, and the census', false)
    .addOption(new Option('--watch <interval>', 'look again each interval, e.g. 60s').argParser(durationArgument))
    .addOption(new Option('--count <n>', 'end after so many looks').argParser(countArgument))
    .addOption(asciiOption())
    .addHelpText('after', TRIAGE_HELP)
    .action(async (files: string[], flags: TriageFlags) => {
      const { runTriage } = await import('./triage/triage.js');
      await runTriage(files, flags);
    });
}

export function addCensus(program: Command): void {
  program
    .command('census')
    .description('every page of this machine by what it is, who owns it and who holds it, without a trace')
    .argument('[files...]', 'saved censuses or recordings that carry some; two are subtracted; without: this machine')
    .option('--quick', 'every page by what it is, without looking for holders', false)
    .addOption(
      new Option('--cache <name>', 'what the objects of this slab cache are; may be repeated')
        .argParser((name: string, before: string[]) => [...before, name])
        .default([], 'none'),
    )
    .option('--orphans', 'objects that nothing is found to refer to: three scans, some 10 seconds', false)
    .addOption(
      new Option('--budget <share>', 'the part of one CPU that it may take, e.g. 20%')
        .argParser(cpuShareArgument)
        .default(1, 'all of it'),
    )
    .addOption(
      new Option('--call-bytes <size>', 'bytes that one call into the kernel copies').argParser(bufferArgument),
    )
    .option(
      '--keep-addresses',
      "print addresses of orphans, for a debugger: they tell where the kernel's memory is",
      false,
    )
    .addOption(new Option('--format <format>', 'of the output').choices(CENSUS_FORMATS))
    .option('--json', 'the same as --format json', false)
    .option('-o, --output <file>', 'write it to this file, for its owner alone')
    .option('--force', 'over an older file', false)
    .option('-v, --verbose', 'all rows, and the checks', false)
    .addOption(asciiOption())
    .addHelpText('after', CENSUS_HELP)
    .action(async (files: string[], flags: CensusFlags) => {
      const { runCensusCommand } = await import('./census/census.js');
      await runCensusCommand(files, flags);
    });
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('whether this machine can be traced, what is less than it could be, and what to do')
    .option('-v, --verbose', 'every single thing that live tracing needs, and whether it is here', false)
    .option('--json', 'as one JSON object', false)
    .addOption(asciiOption())
    .addHelpText('after', '\nExit status: 0 when live tracing works, 1 when it does not.')
    .action(async (flags: { json: boolean; verbose: boolean }) => {
      const { runDoctor } = await import('./commands/doctor.js');
      await runDoctor(flags);
    });
}

/** Must be added last: it knows the commands added before. `refuse` ends with the error for a name that is none of them. */
export function addHelp(program: Command, refuse: (program: Command, unknown: string) => never): void {
  const names = program.commands.map((command) => command.name());
  program
    .command('help')
    .description('the help of a command, or of all of unfreed')
    // The parser replaces that of choices(), whose message lists all commands and guesses none.
    .addArgument(new Argument('[command]', 'which command').choices(names).argParser((text) => text))
    .action((name: string | undefined) => {
      if (name === undefined) program.help();
      const command = program.commands.find((each) => each.name() === name);
      if (command === undefined) refuse(program, name ?? '');
      else command.help();
    });
}

export function addCompletion(program: Command): void {
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

export function addMan(program: Command): void {
  program
    .command('man')
    .description('print the manual page')
    .addHelpText('after', MAN_HELP)
    .action(async () => {
      const { runMan } = await import('./commands/man.js');
      runMan(program);
    });
}
