/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html; it needs bash 4 and nothing else. */
import { isFile, type TreeCommand, type TreeOption } from './command-tree.js';

/** The completion script, which bash must source. */
export function bashCompletion(tree: TreeCommand): string {
  const names = tree.commands.map((command) => command.name);
  return `# bash completion for ${tree.name}; made by: ${tree.name} completion bash
_${tree.name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= after= words= list= files= joined= i
  # --name=value arrives as three words, or as one where COMP_WORDBREAKS has no =.
  if [[ $cur == --*=* ]]; then joined=\${cur%%=*}= prev=\${cur%%=*} cur=\${cur#*=}
  elif [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join('|')}) [[ -z $command ]] && command=\${COMP_WORDS[i]} ;;
      --) after=1 ;;
    esac
  done
  COMPREPLY=()
  if [[ -n $after ]]; then
    mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    return
  fi
  case "$command $prev" in
${tree.commands.flatMap(valueCases).join('\n')}
  esac
  if [[ -z $words$files ]]; then
    case "$command" in
      '') words='${names.join(' ')} ${optionWords(tree)}' ;;
${tree.commands.map(wordCase).join('\n')}
    esac
  fi
  if [[ -n $list && $cur == *,* ]]; then
    local before=\${cur%,*},
    mapfile -t COMPREPLY < <(compgen -W "$words" -P "$joined$before" -- "\${cur##*,}")
  elif [[ -n $words ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -P "$joined" -- "$cur")
  fi
  if [[ -n $files ]]; then
    compopt -o filenames 2> /dev/null
    local found
    mapfile -t found < <(compgen -f -P "$joined" -- "$cur")
    COMPREPLY+=("\${found[@]}")
  fi
}
complete -F _${tree.name} ${tree.name}
`;
}

/** Cases for the options that take a value. */
function valueCases(command: TreeCommand): string[] {
  return command.options.flatMap((option) => {
    if (option.value === null) return [];
    const when = [option.short, option.long].filter((name) => name !== null).map((name) => `'${command.name} ${name}'`);
    return [`    ${when.join('|')}) ${valueAction(option)} ;;`];
  });
}

function valueAction(option: TreeOption): string {
  if (option.words.length > 0) return `words='${option.words.join(' ')}'${option.list ? ' list=1' : ''}`;
  return isFile(option.value) ? 'files=1' : 'return';
}

/** The case of a command where no option value is expected: options, and files if the command takes one. */
function wordCase(command: TreeCommand): string {
  const own = command.arguments.flatMap((argument) => argument.words);
  const files = command.arguments.some((argument) => isFile(argument.name));
  const free = own.length > 0 ? `words='${own.join(' ')}'` : files ? 'files=1' : `words='${optionWords(command)}'`;
  return `      ${command.name}) if [[ $cur == -* ]]; then words='${optionWords(command)}'; else ${free}; fi ;;`;
}

function optionWords(command: TreeCommand): string {
  return command.options.map((option) => option.long).join(' ');
}
