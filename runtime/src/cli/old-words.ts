import { SpikewireError } from '@spikewire/models';
import type { Command } from './command.ts';

/** A command line in the words of this release, with a note about each older word. */
export interface CurrentWords {
  readonly words: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Replaces the words that said where a net computes before `--device` and `--threads` did: `--engine <name>`,
 * `--in-process` and `--device <engine>+worker`. They work for one release; then this file and its call are to be
 * deleted. Throws `usage` where an old word and the new one are both given.
 */
export function currentWords(command: Command, words: readonly string[]): CurrentWords {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const current: string[] = [];
  const notes: string[] = [];
  for (let k = 0; k < end; k++) {
    const { old, option, value } = oldWordAt(command, words, k) ?? {};
    if (old === undefined || option === undefined || value === undefined) {
      current.push(words[k]!);
      continue;
    }
    refuseBoth(command, words, old, option);
    current.push(option, value);
    notes.push(`spikewire ${command.name}: ${old} is an old name; write ${option} ${value}`);
    if (old.endsWith(` ${words[k + 1]}`)) k++;
  }
  return { words: [...current, ...words.slice(end)], notes };
}

/** An old word with its value, and the option and the value that replace it. */
interface OldWord {
  readonly old: string;
  readonly option: string;
  readonly value: string;
}

function oldWordAt({ options }: Command, words: readonly string[], k: number): OldWord | undefined {
  const word = words[k]!;
  const isNew = (name: string, before: string) => Object.hasOwn(options, name) && !Object.hasOwn(options, before);
  if (word === '--in-process')
    return isNew('threads', 'in-process') ? { old: word, option: '--threads', value: '0' } : undefined;
  const [, name, given] = /^--(engine|device)(?:=(.*))?$/s.exec(word) ?? [];
  const value = given ?? words[k + 1];
  if (name === undefined || value === undefined || !Object.hasOwn(options, 'device')) return undefined;
  const isOld = name === 'engine' ? !Object.hasOwn(options, name) : value.endsWith('+worker');
  const old = given === undefined ? `--${name} ${value}` : word;
  return isOld ? { old, option: '--device', value: value.replace(/\+worker$/, '') } : undefined;
}

function refuseBoth({ name }: Command, words: readonly string[], old: string, option: string): void {
  const isGiven = words.some((word) => word === option || word.startsWith(`${option}=`));
  if (!old.startsWith(option) && isGiven)
    throw new SpikewireError(
      'usage',
      `spikewire ${name} ${old}`,
      `cannot be combined with ${option}`,
      `only ${option}${option === '--threads' ? '; --threads 0 is the old --in-process' : ''}`,
    );
}
