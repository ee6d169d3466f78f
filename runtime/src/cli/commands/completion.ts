import type { Command } from '../command.ts';
import { bash } from '../completion/bash.ts';
import { fish } from '../completion/fish.ts';
import type { Shell } from '../completion/shell.ts';
import { zsh } from '../completion/zsh.ts';

/** What there is; another one is a file of its own and a word here. */
const shells: readonly Shell[] = [bash, zsh, fish];

/** `spikewire completion`: what a shell has to know of the commands of this machine, which `commands` gives. */
export const completion = (commands: () => Promise<readonly Command[]>): Command => ({
  name: 'completion',
  summary: 'print a completion script for bash, zsh or fish',
  group: 'Operate',
  positionals: [
    {
      name: 'shell',
      doc: shells.map(({ name, use }) => `${name}: ${use}`).join('; '),
      words: shells.map(({ name }) => name),
    },
  ],
  options: {},

  async run(args, console) {
    const name = args.positionals[0]!;
    const shell = shells.find((candidate) => candidate.name === name)!;
    const script = shell.script(await commands());
    console.result({ shell: name, script }, () => script);
  },
});
