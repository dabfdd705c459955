/** https://fishshell.com/docs/current/completions.html */
import { isFile, type TreeCommand, type TreeOption } from './command-tree.js';

/** The completion script, for ~/.config/fish/completions/NAME.fish or to source. */
export function fishCompletion(tree: TreeCommand): string {
  const start = `complete -c ${tree.name}`;
  const lines = [`# fish completion for ${tree.name}; made by: ${tree.name} completion fish`, `${start} -f`];
  for (const option of tree.options) lines.push(`${start} -n __fish_use_subcommand ${optionWords(option)}`);
  for (const command of tree.commands) {
    lines.push(`${start} -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.description)}`);
  }
  for (const command of tree.commands) {
    const when = `${start} -n '__fish_seen_subcommand_from ${command.name}'`;
    for (const option of command.options) lines.push(`${when} ${optionWords(option)}`);
    for (const argument of command.arguments) {
      if (argument.words.length > 0) lines.push(`${when} -a ${quoted(argument.words.join(' '))}`);
      else if (isFile(argument.name)) lines.push(`${when} -F`);
      else lines.push(`${when} -a '(__fish_complete_subcommand --fcs-skip=2)'`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function optionWords(option: TreeOption): string {
  const words = [`-l ${option.long.slice(2)}`];
  if (option.short !== null) words.unshift(`-s ${option.short.slice(1)}`);
  if (option.words.length > 0) {
    const list = option.list ? `(__fish_append , ${option.words.join(' ')})` : option.words.join(' ');
    words.push(`-x -a ${quoted(list)}`);
  } else if (option.value !== null) words.push(isFile(option.value) ? '-r -F' : '-x');
  return `${words.join(' ')} -d ${quoted(option.description)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
