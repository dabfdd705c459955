/**
 * The manual page in the man macros, https://man7.org/linux/man-pages/man7/groff_man.7.html: the texts of --help for every
 * command, from the same tree. It has no date: the same version gives the same bytes.
 */
import type { TreeCommand, TreeOption } from './command-tree.js';

/** A key of the screen: the names of its keys, where it applies, and what it does. */
export interface ManualKey {
  keys: readonly string[];
  where: string;
  help: string;
}

/** The manual page as roff. `keys` in the order in which they are listed. */
export function manPage(tree: TreeCommand, version: string, keys: readonly ManualKey[]): string {
  const [start, ...rest] = tree.after.split(/\n\n/);
  return [
    `.TH ${tree.name.toUpperCase()} 1 "" "${roff(`${tree.name} ${version}`)}" "User Commands"`,
    '.SH NAME',
    `${tree.name} \\- find the Linux kernel call paths that hold memory`,
    '.SH SYNOPSIS',
    ...tree.commands.flatMap((command, i) => [...(i === 0 ? [] : ['.br']), ...synopsis(command)]),
    '.SH DESCRIPTION',
    roff(tree.description),
    '.PP',
    roff(start.replaceAll('\n', ' ')),
    '.SH OPTIONS',
    ...tree.options.flatMap(optionLines),
    '.SH COMMANDS',
    ...tree.commands.flatMap(commandLines),
    '.SH KEYS',
    'The screen of live and replay obeys these keys.',
    ...keys.flatMap(keyLines),
    ...rest.flatMap(sectionLines),
    '.SH ENVIRONMENT',
    '.TP\n.B NO_COLOR\nwhen set and not empty, no colours.',
    '.TP\n.B UNFREED_NO_RECORD\nwhen set and not empty, unfreed without a command keeps no recording.',
    '.TP\n.B TERM\ndumb, linux and vt100 and its like: plain characters (\\-\\-ascii); dumb: no colours.',
    '.TP\n.BR LC_ALL ", " LC_CTYPE ", " LANG\nthe first that is set: plain characters unless it names UTF\\-8.',
    '.SH SEE ALSO',
    '.BR perf\\-kmem (1),',
    '.BR bpftrace (8),',
    '.BR slabtop (1),',
    '.BR proc_meminfo (5)',
    '',
  ].join('\n');
}

function synopsis(command: TreeCommand): string[] {
  const [program, name, ...rest] = command.usage.split(' ');
  return [`.B ${roff(`${program} ${name}`)}`, roff(rest.join(' '))];
}

function commandLines(command: TreeCommand): string[] {
  const lines = [`.SS ${roff(command.usage)}`, roff(sentence(command.description))];
  for (const argument of command.arguments) {
    lines.push('.TP', `.I ${roff(argument.term)}`, roff(sentence(argument.description)));
  }
  lines.push(...command.options.flatMap(optionLines));
  if (command.after !== '') lines.push('.PP', ...verbatim(command.after));
  return lines;
}

function optionLines(option: TreeOption): string[] {
  const names = [option.short, option.long].filter((name) => name !== null).map((name) => `\\fB${roff(name)}\\fR`);
  const value = option.value === null ? '' : ` \\fI${roff(option.value)}\\fR`;
  return ['.TP', names.join(', ') + value, roff(sentence(option.help))];
}

function keyLines({ keys, where, help }: ManualKey): string[] {
  const names = keys.map((key) => `\\fB${roff(key)}\\fR`).join(' ');
  return ['.TP', `${names} (${roff(where)})`, roff(sentence(help))];
}

/** A section such as 'Examples:' with the lines below it, or a paragraph. */
function sectionLines(text: string): string[] {
  const [first, ...below] = text.split('\n');
  if (below.length > 0 && first.endsWith(':'))
    return [`.SH ${first.slice(0, -1).toUpperCase()}`, ...verbatim(below.join('\n'))];
  const named = /^(Exit status): (.*)$/s.exec(text);
  return named === null ? ['.PP', ...verbatim(text)] : [`.SH ${named[1].toUpperCase()}`, roff(sentence(named[2]))];
}

/** The text unchanged, in a fixed-width font. */
function verbatim(text: string): string[] {
  return ['.nf', ...text.split('\n').map(roff), '.fi'];
}

function sentence(text: string): string {
  return /[.)]$/.test(text) ? text : `${text}.`;
}

/** Escapes text for roff: backslashes, hyphens, and '.' or "'" at the start of a line, which would begin a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll(/^(?=[.'])/gm, String.raw`\&`);
}
