/**
 * The command line as plain data, read from commander's own tree: completions and the manual page are made of it, so that
 * they cannot say anything else than --help does.
 */
import type { Argument, Command, Option } from 'commander';

export interface TreeOption {
  /** '-o', or null. */
  short: string | null;
  /** '--output'. */
  long: string;
  /** Name of its value, 'file'; null for a flag. */
  value: string | null;
  /** Words that its value may be; empty = free. */
  words: string[];
  /** May `words` be given together, with commas between? */
  list: boolean;
  description: string;
  /** Description with choices and default, as --help says it. */
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
  /** What --help prints after the options: rules and examples. */
  after: string;
  commands: TreeCommand[];
}

export function commandTree(command: Command): TreeCommand {
  const help = command.createHelp();
  return {
    name: command.name(),
    usage: help.commandUsage(command).trim(),
    description: command.description(),
    arguments: help.visibleArguments(command).map((each) => treeArgument(each)),
    options: help.visibleOptions(command).map((each) => treeOption(each, help.optionDescription(each))),
    after: textAfter(command),
    // What commander adds by itself is no command of ours.
    commands: help.visibleCommands(command).flatMap((each) => (each.name() === 'help' ? [] : [commandTree(each)])),
  };
}

/** Names of values that are files. */
const FILES: readonly (string | null)[] = ['file', 'input', 'before', 'after'];

/** Does this value name a file? */
export function isFile(name: string | null): boolean {
  return FILES.includes(name);
}

function treeOption(option: Option, help: string): TreeOption {
  const value = /[<[]([\w-]+)/.exec(option.flags)?.[1] ?? null;
  // Lists have a parser of their own instead of choices; their description names the words.
  const listed = /comma separated: (.+)$/.exec(option.description)?.[1];
  // A blank in a word may be given as '-'.
  const words = option.argChoices ?? listed?.split('|').map((word) => word.replaceAll(' ', '-')) ?? [];
  return {
    short: option.short ?? null,
    long: option.long ?? option.flags,
    value,
    words: [...words],
    list: listed !== undefined,
    description: option.description,
    // Every flag is off by default.
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

/** addHelpText() keeps its text in a listener, which writes it when asked as --help asks. */
function textAfter(command: Command): string {
  let text = '';
  // Commands are event emitters; their types do not say so.
  const emitter = command as unknown as { emit: (event: string, context: object) => boolean };
  emitter.emit('afterHelp', { error: false, command, write: (part: string) => (text += part) });
  return text.trim();
}
