import { optionsOf } from '../arguments.ts';
import type { Command } from '../command.ts';
import { choicesOf, firstWords, type Shell } from './shell.ts';

/** Words after an option that takes one; nothing where they are free, and bash offers files then. */
function valuesOf({ name, options }: Command): string[] {
  const taking = Object.entries(options).filter(([, { type }]) => type === 'string');
  const free = taking.filter(([, declaration]) => choicesOf(declaration) === undefined);
  const pattern = free.map(([option]) => `'${name} --${option}'`).join('|');
  return [
    ...taking.flatMap(([option, declaration]) => {
      const choices = choicesOf(declaration);
      return choices === undefined ? [] : [`    '${name} --${option}') words='${choices.join(' ')}' ;;`];
    }),
    ...(pattern === '' ? [] : [`    ${pattern}) ;;`]),
  ];
}

function wordsOf(command: Command): string {
  const options = Object.keys(optionsOf(command)).map((option) => `--${option}`);
  const rest = `    '${command.name} '*) [[ $current == -* ]] && words='${options.join(' ')}'`;
  const words = firstWords(command);
  return words.length === 0 ? `${rest} ;;` : `${rest} || words='${words.join(' ')}' ;;`;
}

export const bash: Shell = {
  name: 'bash',
  use: 'add this line to ~/.bashrc: source <(spikewire completion bash)',
  script: (commands) => `# ${bash.use}
_spikewire() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" words=''
  if ((COMP_CWORD == 1)); then words='${commands.map(({ name }) => name).join(' ')}'; fi
  if ((COMP_CWORD > 1)); then case "\${COMP_WORDS[1]} $previous" in
${commands.flatMap((command) => [...valuesOf(command), wordsOf(command)]).join('\n')}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _spikewire spikewire`,
};
