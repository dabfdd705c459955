import type { Command } from 'commander';
import { commandTree, type TreeCommand } from '../completion/command-tree.js';
import { bashCompletion } from '../completion/completion-bash.js';
import { fishCompletion } from '../completion/completion-fish.js';
import { zshCompletion } from '../completion/completion-zsh.js';
import type { Shell } from '../options/flags.js';

const SCRIPTS: Record<Shell, (tree: TreeCommand) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Prints the completion script of a shell for the whole command line. */
export function runCompletion(program: Command, shell: Shell): void {
  process.stdout.write(SCRIPTS[shell](commandTree(program)));
}
