import { expect, it } from 'vitest';
import type { Command, OptionDeclaration } from './command.ts';
import { currentWords } from './old-words.ts';

const text: OptionDeclaration = { type: 'string', doc: 'a text' };

function commandWith(...options: readonly string[]): Command {
  return {
    ...{ name: 'play', summary: 'play something', run: async () => {} },
    options: Object.fromEntries(options.map((name) => [name, text])),
  };
}

const both = commandWith('device', 'threads', 'out');

it.each([
  [['--engine', 'event'], ['--device', 'event'], '--engine event is an old name; write --device event'],
  [['--engine=event'], ['--device', 'event'], '--engine=event is an old name; write --device event'],
  [['--in-process'], ['--threads', '0'], '--in-process is an old name; write --threads 0'],
  [['--device', 'event+worker'], ['--device', 'event'], '--device event+worker is an old name; write --device event'],
  [['--device=auto+worker'], ['--device', 'auto'], '--device=auto+worker is an old name; write --device auto'],
])('%j is read as %j, and a line says so', (old, current, note) => {
  const { words, notes } = currentWords(both, ['a', ...old, '--out', 'b']);
  expect(words).toEqual(['a', ...current, '--out', 'b']);
  expect(notes).toEqual([`spikewire play: ${note}`]);
});

it('several old words are read together', () => {
  const { words, notes } = currentWords(both, ['--engine', 'event', '--in-process', 'a']);
  expect(words).toEqual(['--device', 'event', '--threads', '0', 'a']);
  expect(notes).toHaveLength(2);
});

it.each([
  [both, ['--device', 'event', '--threads', '2', '--out', 'x+worker']],
  [both, ['--engine']],
  [both, ['a', '--', '--in-process', '--engine', 'event']],
  [commandWith('engine', 'in-process', 'device', 'threads'), ['--engine', 'event', '--in-process']],
  [commandWith('out'), ['--engine', 'event', '--in-process', '--device', 'event+worker']],
])('other words stay as they are', (command, words) => {
  expect(currentWords(command, words)).toEqual({ words, notes: [] });
});

it.each([
  [['--engine', 'event', '--device', 'auto'], 'spikewire play --engine event: cannot be combined with --device'],
  [['--threads=1', '--in-process'], 'spikewire play --in-process: cannot be combined with --threads'],
])('%j contradicts itself', (words, line) => {
  expect(() => currentWords(both, words)).toThrow(line);
});
