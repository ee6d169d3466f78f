import { optionsOf } from '../arguments.ts';
import type { Command, OptionDeclaration } from '../command.ts';
import { choicesOf, firstWords, type Shell } from './shell.ts';

const quoted = (text: string) => `'${text.replace(/['\\]/g, (sign) => `\\${sign}`)}'`;

function linesOf(command: Command): string[] {
  const after = `complete -c spikewire -n '__fish_seen_subcommand_from ${command.name}'`;
  const option = (name: string, declaration: OptionDeclaration) => {
    const { type, doc } = declaration;
    const choices = choicesOf(declaration);
    const taken = choices === undefined ? ' -r' : ` -xa ${quoted(choices.join(' '))}`;
    return `${after} -l ${name}${type === 'boolean' ? '' : taken} -d ${quoted(doc)}`;
  };
  const words = firstWords(command);
  return [
    `complete -c spikewire -n __fish_use_subcommand -fa ${command.name} -d ${quoted(command.summary)}`,
    ...(words.length === 0 ? [] : [`${after} -fa ${quoted(words.join(' '))}`]),
    ...Object.entries(optionsOf(command)).map((entry) => option(...entry)),
  ];
}

export const fish: Shell = {
  name: 'fish',
  use: 'add this line to ~/.config/fish/config.fish: spikewire completion fish | source',
  script: (commands) => [`# ${fish.use}`, ...commands.flatMap(linesOf)].join('\n'),
};
