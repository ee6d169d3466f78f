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

describe('completion', () => {
  it('in bash offers commands, the options of one, the words of an option, and else leaves files to it', async () => {
    const file = await scriptFor('bash');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for bash.
    const ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _spikewire; echo "${COMPREPLY[*]}"';
    const offered = (...words: string[]) =>
      execFileSync('bash', ['-c', ask, '-', file, 'spikewire', ...words], { encoding: 'utf8' }).trim();
    expect(offered('')).toMatch(/^run teach .*completion/);
    expect(offered('in')).toBe('inspect');
    expect(offered('run', '--on')).toBe('--on-new-model --only');
    expect(offered('run', 'a.spike', '--log', '')).toBe('text json');
    expect(offered('new', '')).toBe('anomaly classifier');
    expect(offered('new', '--')).toContain('--features');
    expect([offered('run', ''), offered('run', '--store', ''), offered('no-such', '')]).toEqual(['', '', '']);
  });

  for (const shell of ['zsh', 'fish'] as const) {
    it(`is a script that ${shell} can read`, async (context) => {
      execFileSync(needs(context, shell), ['-n', await scriptFor(shell)]);
    });
  }

  it('of another shell is refused in a line', async () => {
    const { code, stderr } = await runCommand(['completion', 'tcsh']);
    expect([code, stderr]).toEqual([
      2,
      'spikewire completion tcsh: is no shell that is known here; expected bash, zsh, fish\n',
    ]);
  });
});
