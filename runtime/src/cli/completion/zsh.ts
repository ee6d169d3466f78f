import { optionsOf } from '../arguments.ts';
import type { Command, OptionDeclaration } from '../command.ts';
import { choicesOf, firstWords, type Shell } from './shell.ts';

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
/** Without what has a meaning in a description. */
const plain = (text: string) => text.replace(/[[\]:\\]/g, (sign) => `\\${sign}`);

function optionOf(name: string, declaration: OptionDeclaration): string {
  const { type, doc, multiple } = declaration;
  const choices = choicesOf(declaration);
  const action = choices === undefined ? '_files' : `(${choices.join(' ')})`;
  const taken = type === 'boolean' ? '' : `:${name}:${action}`;
  return quoted(`${multiple === true ? '*' : ''}--${name}${type === 'boolean' ? '' : '='}[${plain(doc)}]${taken}`);
}

function caseOf(command: Command): string {
  const words = firstWords(command);
  const first = words.length === 0 ? [] : [quoted(`1:word:(${words.join(' ')})`)];
  const options = Object.entries(optionsOf(command)).map((entry) => optionOf(...entry));
  return `    ${command.name}) _arguments ${[...options, ...first, quoted('*:file:_files')].join(' ')} ;;`;
}

export const zsh: Shell = {
  name: 'zsh',
  use: 'add this line to ~/.zshrc: source <(spikewire completion zsh)',
  script: (commands) => `#compdef spikewire
# ${zsh.use}
_spikewire() {
  local -a commands=(${commands.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(' ')})
  if ((CURRENT == 2)); then _describe command commands; return; fi
  shift words; ((CURRENT--))
  case $words[1] in
${commands.map(caseOf).join('\n')}
  esac
}
compdef _spikewire spikewire`,
};
