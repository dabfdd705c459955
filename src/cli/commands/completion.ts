import type { Command } from 'commander';
import { commandTree, type TreeCommand } from '../command-tree.js';
import { bashCompletion } from '../completion-bash.js';
import { fishCompletion } from '../completion-fish.js';
import { zshCompletion } from '../completion-zsh.js';
import type { Shell } from '../flags.js';

const SCRIPTS: Record<Shell, (tree: TreeCommand) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Prints the completion script of a shell for the whole command line. */
export function runCompletion(program: Command, shell: Shell): void {
  process.stdout.write(SCRIPTS[shell](commandTree(program)));
}
