import type { Command } from 'commander';
import { manualKeys } from '../../view/model/keys.js';
import { commandTree } from '../completion/command-tree.js';
import { manPage } from '../completion/man-page.js';

/** Prints the manual page as roff. */
export function runMan(program: Command): void {
  process.stdout.write(manPage(commandTree(program), program.version() ?? '', manualKeys()));
}
