/** The commands about the program itself: what it needs, its completions, its manual page. */
import { Argument, type Command } from 'commander';
import { SHELLS, type Shell } from './options/flags.js';
import { COMPLETION_HELP, MAN_HELP } from './options/help-texts.js';

export function addDoctor(program: Command): void {
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
