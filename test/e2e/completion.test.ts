import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { runCommand } from './command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-completion-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function scriptFor(shell: string): Promise<string> {
  const { code, stdout } = await runCommand(['completion', shell]);
  expect(code).toBe(0);
  const file = join(folder, shell);
  await writeFile(file, stdout);
  return file;
}

/** Types lines into a zsh at a terminal, with a `spikewire` that only says how it was called. */
const TYPED_INTO_ZSH = `
zmodload zsh/zpty
zpty shell 'zsh -f -i'
zpty -w shell "PROMPT=; autoload -Uz compinit; compinit -u -D; source $1"
zpty -w shell 'spikewire() { print -r -- "<$*>" }; print ready'
shift
while zpty -r shell line; do [[ $line == ready* ]] && break; done
for typed in "$@"; do
  zpty -w -n shell "$typed"$'\\n'
  while zpty -r shell line; do [[ $line == '<'*'>'* ]] && { print -r -- \${line%%$'\\r'*}; break }; done
done
`;

describe('completion', () => {
  it('in bash offers commands, the options of one, the words of an option, and else leaves files to it', async () => {
    const file = await scriptFor('bash');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for bash.
    const ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _spikewire; echo "${COMPREPLY[*]}"';
    const offered = (...words: string[]) =>
      execFileSync('bash', ['-c', ask, '-', file, 'spikewire', ...words], { encoding: 'utf8' }).trim();
    expect(offered('')).toMatch(/^new run teach .*completion/);
    expect(offered('in')).toBe('inspect');
    expect(offered('run', '--on')).toBe('--only --on-new-model');
    expect(offered('run', 'a.spike', '--log', '')).toBe('text json');
    expect(offered('new', '')).toBe('anomaly classifier');
    expect(offered('new', '--')).toContain('--features');
    expect([offered('run', ''), offered('run', '--store', ''), offered('no-such', '')]).toEqual(['', '', '']);
  });

  it('in zsh completes what is typed', async (context) => {
    const typed = ['in\t', 'run --on-\t', 'run a.spike --log j\t', 'new cl\t', 'run --on-new-model r\tb\t'];
    const lines = typed.map((words) => `spikewire ${words}`);
    const words = ['-f', '-c', TYPED_INTO_ZSH, '-', await scriptFor('zsh'), ...lines];
    const completed = execFileSync(needs(context, 'zsh'), words, { encoding: 'utf8' });
    expect(completed.trim().split('\n')).toEqual([
      '<inspect>',
      '<run --on-new-model>',
      '<run a.spike --log json>',
      '<new classifier>',
      '<run --on-new-model rebase>',
    ]);
  });

  it('in fish offers commands, the options of one, and the words of an option', async (context) => {
    const fish = needs(context, 'fish');
    const file = await scriptFor('fish');
    const offered = (...words: string[]) => {
      const ask = [
        '--no-config',
        '-c',
        'source $argv[1]; complete -C $argv[2]',
        file,
        ['spikewire', ...words].join(' '),
      ];
      return execFileSync(fish, ask, { encoding: 'utf8' }).trim().split('\n');
    };
    const summary = 'show a model (parts, parameters, memory), or how learning has changed a net in a store';
    expect(offered('in')).toEqual([`inspect\t${summary}`]);
    expect(offered('run', '--on-')[0]).toMatch(/^--on-new-model\t/);
    expect(offered('new', '').map((line) => line.split('\t')[0])).toEqual(['anomaly', 'classifier']);
    expect(offered('run', 'a.spike', '--log', '').map((line) => line.split('\t')[0])).toEqual(['json', 'text']);
  });

  it('of another shell is refused in a line', async () => {
    const { code, stderr } = await runCommand(['completion', 'tcsh']);
    expect([code, stderr]).toEqual([
      2,
      'spikewire completion tcsh: is not a known shell; expected one of bash, zsh, fish\n',
    ]);
  });
});
