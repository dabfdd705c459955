/** The commands that make recordings from files, or describe one. */
import { type Command, Option } from 'commander';
import type { CutFlags, ImportFlags, InfoFlags } from './options/flags.js';
import { CUT_HELP, IMPORT_HELP, INFO_HELP, REPAIR_HELP } from './options/help-texts.js';
import { asciiOption } from './options/look.js';
import { durationArgument } from './options/selection-options.js';
import { pageSizeOption } from './options/text-options.js';

export function addImport(program: Command): void {
  program
    .command('import')
    .description(
      "turn another tool's text into a recording: perf script, trace-cmd report, tracefs trace, bpftrace, page_owner, allocinfo, slabinfo, vmallocinfo",
    )
    .argument('<input>', 'the text, gzipped or not, or - for standard input')
    .requiredOption('-o, --output <file>', 'the recording to write')
    .addOption(pageSizeOption())
    .option('--user-frames', 'keep user frames in call paths', false)
    .option('--force', 'overwrite an existing file', false)
    .addHelpText('after', IMPORT_HELP)
    .action(async (file: string, flags: ImportFlags) => {
      const { runImport } = await import('./commands/import.js');
      await runImport(file, flags);
    });
}

export function addInfo(program: Command): void {
  program
    .command('info')
    .description('what a recording holds: machine, kernel, duration, events, losses, call paths')
    .argument('<file>', 'a recording, or - for standard input')
    .addOption(pageSizeOption())
    .option('--json', 'as one JSON object', false)
    .addOption(asciiOption())
    .addHelpText('after', INFO_HELP)
    .action(async (file: string, flags: InfoFlags) => {
      const { runInfo } = await import('./commands/info.js');
      await runInfo(file, flags);
    });
}

export function addCut(program: Command): void {
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

export function addRepair(program: Command): void {
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

export function addAnonymize(program: Command): void {
  program
    .command('anonymize')
    .description('copy a recording without the names of the machine and its processes')
    .argument('<file>', 'a recording, or - for standard input')
    .requiredOption('-o, --output <file>', 'the recording to write')
    .option('--keep <name...>', 'process names that stay as they are', [])
    .option('--force', 'overwrite an existing file', false)
    .addHelpText(
      'after',
      '\nAll numbers stay: every total and every ranking of the copy is that of the original.\n' +
        'A slab cache that is named after a device or a cgroup gets another name, such as cache#1.\n' +
        "Of the looks at the machine the kernel's counters stay; its log, and lists of processes, cgroups, mounts and\n" +
        'sockets are left out.',
    )
    .action(async (file: string, flags: { output: string; keep: string[]; force: boolean }) => {
      const { runAnonymize } = await import('./commands/anonymize.js');
      await runAnonymize(file, flags);
    });
}
