/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html (_arguments, _describe, _values). */
import { isFile, type TreeArgument, type TreeCommand, type TreeOption } from './command-tree.js';

/** The completion script, for a directory of $fpath as _NAME, or to source after compinit. */
export function zshCompletion(tree: TreeCommand): string {
  const names = tree.commands.map((command) => quoted(`${command.name}:${command.description}`));
  return `#compdef ${tree.name}
# zsh completion for ${tree.name}; made by: ${tree.name} completion zsh
_${tree.name}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C ${tree.options.map(optionSpec).join(' ')} '1:command:->command' '*::argument:->argument' && return
  case $state in
    command)
      local -a commands=(
        ${names.join('\n        ')}
      )
      _describe command commands
      ;;
    argument)
      case $words[1] in
${tree.commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _${tree.name} ]]; then _${tree.name} "$@"; else compdef _${tree.name} ${tree.name}; fi
`;
}

function commandCase(command: TreeCommand): string {
  const specs = [...command.options.map(optionSpec), ...command.arguments.map(argumentSpec)];
  return `        ${command.name})\n          _arguments -S ${specs.join(' \\\n            ')}\n          ;;`;
}

/** '(-o --output)'{-o+,--output=}'[help]:file:_files' */
function optionSpec(option: TreeOption): string {
  const value = option.value === null ? '' : `:${option.value}:${valueAction(option)}`;
  const help = `[${option.description.replaceAll(/[[\]\\:]/g, String.raw`\$&`)}]${value}`;
  const [short, long] = option.value === null ? ['', ''] : ['+', '='];
  if (option.short === null) return quoted(`${option.long}${long}${help}`);
  const names = `${option.short} ${option.long}`;
  return `${quoted(`(${names})`)}{${option.short}${short},${option.long}${long}}${quoted(help)}`;
}

function valueAction(option: TreeOption): string {
  if (option.list) return `_values -s , ${option.value} ${option.words.join(' ')}`;
  if (option.words.length > 0) return `(${option.words.join(' ')})`;
  return isFile(option.value) ? '_files' : ' ';
}

function argumentSpec(argument: TreeArgument, index: number): string {
  const place = `${index + 1}:${argument.name}`;
  if (argument.words.length > 0) return quoted(`${place}:(${argument.words.join(' ')})`);
  return isFile(argument.name) ? quoted(`${place}:_files`) : quoted(`*::${argument.name}:_normal`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
