import { Command, CommanderError, Option } from 'commander';
import { safeText } from '../base/safe-text.js';
import { addEvents, addMark } from './event-commands.js';
import { addAnonymize, addCut, addImport, addInfo, addRepair } from './file-commands.js';
import { PROGRAM_EXAMPLES } from './options/help-texts.js';
import { asciiOption, setAscii } from './options/look.js';
import { nearestWord } from './options/nearest-word.js';
import { addDiff, addExport, addReplay, addTop } from './report-commands.js';
import { addCensus, addCompletion, addDoctor, addHelp, addMan, addTriage } from './setup-commands.js';
import { addLive, addRecord } from './trace-commands.js';

/** The whole command line. A command's code is imported only when it is chosen: `--help` and `--version` answer at once. */
export function buildProgram(version: string): Command {
  const program = new Command('unfreed')
    .description(
      'Finds the Linux kernel call paths that hold memory: traces the page and slab allocators, pairs every alloc ' +
        'with its free, and ranks what is still outstanding.',
    )
    .version(version, '-V, --version')
    // Commander quotes the user's words in its messages, and they may hold any bytes.
    .configureOutput({
      outputError: (text, write) => write(plainError(text)),
      writeErr: (text) => void process.stderr.write(text.split('\n').map(safeText).join('\n')),
    })
    .showHelpAfterError('(unfreed --help shows the commands)')
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', PROGRAM_EXAMPLES)
    .addOption(asciiOption())
    .hook('preAction', (_, command) => setAscii(command.optsWithGlobals<{ ascii?: boolean }>().ascii === true))
    .allowExcessArguments(true)
    .addOption(new Option('--no-record', 'without a command: keep no recording of what the screen shows'))
    .action(async (flags: { record: boolean }) => {
      const [unknown] = program.args;
      if (unknown !== undefined) refuseCommand(program, unknown);
      const { runStart } = await import('./commands/start.js');
      await runStart(flags);
    });
  addTriage(program);
  addCensus(program);
  addLive(program);
  addRecord(program);
  addReplay(program);
  addTop(program);
  addExport(program);
  addDiff(program);
  addEvents(program);
  addMark(program);
  addImport(program);
  addInfo(program);
  addCut(program);
  addRepair(program);
  addAnonymize(program);
  addDoctor(program);
  addCompletion(program);
  addMan(program);
  addHelp(program, refuseCommand);
  for (const command of program.commands) {
    command.allowExcessArguments(false);
    command.showHelpAfterError(`(unfreed ${command.name()} --help shows its options)`);
  }
  for (const command of [program, ...program.commands]) command.exitOverride();
  return program;
}

/** An error of commander in our words: 'unfreed: --min-size cannot be 'abc'. Give a size such as 4096, 64k or 1.5G.' */
function plainError(text: string): string {
  return text
    .replace(/^error: option '(?:-\w, )?(--[\w-]+)[^']*' argument '(.*)' is invalid\. ?/s, "error: $1 cannot be '$2'. ")
    .replace(
      /^error: command-argument value '(.*)' is invalid for argument '([\w-]+)'\. ?/s,
      "error: $2 cannot be '$1'. ",
    )
    .replace(/Expected (\d+ arguments?) but got (\d+)\./, 'It takes $1, and $2 are given.')
    .replace('Allowed choices are ', 'Give one of ')
    .replace(/^error: required option '(?:-\w, )?(--[^']*)' not specified/, 'error: $1 is missing')
    .replace(/^error: missing required argument '([\w-]+)'/, 'error: $1 is missing')
    .replace(/^error: /, 'unfreed: ');
}

/** Ends with an error that names the command that was probably meant, or all there are. */
function refuseCommand(program: Command, unknown: string): never {
  const names = program.commands.map((command) => command.name());
  const nearest = nearestWord(unknown, names);
  const advice = nearest === null ? `there are ${names.join(', ')}` : `did you mean ${nearest}?`;
  return program.error(`error: unknown command '${safeText(unknown)}'; ${advice}`);
}

/** True for the errors that commander throws after it has shown help or version. */
export function isShown(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}
