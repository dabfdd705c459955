/**
 * The command line as plain data, read from commander's own tree. Completions and the manual page are made of it, so that
 * they always agree with --help.
 */
import type { Argument, Command, Option } from 'commander';

export interface TreeOption {
  /** '-o', or null. */
  short: string | null;
  /** '--output'. */
  long: string;
  /** Name of its value, 'file'; null for a flag. */
  value: string | null;
  /** The words that its value may be; empty = any text. */
  words: string[];
  /** True if several of `words` may be given, separated by commas. */
  list: boolean;
  description: string;
  /** Description with choices and default, as --help prints it. */
  help: string;
}

export interface TreeArgument {
  name: string;
  /** '<file>', '[file]', '[command...]'. */
  term: string;
  words: string[];
  description: string;
}

export interface TreeCommand {
  name: string;
  /** 'unfreed export [options] [file]'. */
  usage: string;
  description: string;
  arguments: TreeArgument[];
  options: TreeOption[];
  /** The text that --help prints after the options: rules and examples. */
  after: string;
  commands: TreeCommand[];
}

/** The tree of a command and its subcommands. */
export function commandTree(command: Command): TreeCommand {
  const help = command.createHelp();
  return {
    name: command.name(),
    usage: help.commandUsage(command).trim(),
    description: command.description(),
    arguments: help.visibleArguments(command).map((each) => treeArgument(each)),
    options: help.visibleOptions(command).map((each) => treeOption(each, help.optionDescription(each))),
    after: textAfter(command),
    commands: help.visibleCommands(command).map((each) => commandTree(each)),
  };
}

/** Names of values and arguments that are files. */
const FILES: readonly (string | null)[] = ['file', 'input', 'before', 'after'];

/** True if a value or argument of this name is a file. */
export function isFile(name: string | null): boolean {
  return FILES.includes(name);
}

function treeOption(option: Option, help: string): TreeOption {
  const value = /[<[]([\w/-]+)/.exec(option.flags)?.[1] ?? null;
  // A list has its own parser instead of choices; its description names the words.
  const listed = /comma separated: (.+)$/.exec(option.description)?.[1];
  // A space in a word may be given as '-'.
  const words = option.argChoices ?? listed?.split('|').map((word) => word.replaceAll(' ', '-')) ?? [];
  return {
    short: option.short ?? null,
    long: option.long ?? option.flags,
    value,
    words: [...words],
    list: listed !== undefined,
    description: option.description,
    // Left out, because every flag is off by default.
    help: help.replace(' (default: false)', ''),
  };
}

function treeArgument(argument: Argument): TreeArgument {
  const name = argument.name();
  const inner = argument.variadic ? `${name}...` : name;
  return {
    name,
    term: argument.required ? `<${inner}>` : `[${inner}]`,
    words: [...(argument.argChoices ?? [])],
    description: argument.description,
  };
}

/** The text of addHelpText(). Commander keeps it in a listener, which writes it on the event that --help emits. */
function textAfter(command: Command): string {
  let text = '';
  // A Command is an event emitter, but its type does not say so.
  const emitter = command as unknown as { emit: (event: string, context: object) => boolean };
  emitter.emit('afterHelp', { error: false, command, write: (part: string) => (text += part) });
  return text.trim();
}
