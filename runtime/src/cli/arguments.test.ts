import { SpikewireError } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';

const command: Command = {
  name: 'pour',
  summary: 'pour something',
  positionals: [
    { name: 'what', doc: 'a liquid' },
    { name: 'where', doc: 'a vessel', optional: true },
  ],
  options: {
    cups: { type: 'string', value: '<n>', doc: 'how many', default: '2' },
    add: { type: 'string', value: '<thing>', doc: 'what goes in', multiple: true },
    hot: { type: 'boolean', doc: 'heated' },
    note: { type: 'string', doc: 'a remark' },
  },
  run: async () => {},
};

const parse = (...words: string[]) => parseArguments(command, words);

function problemOf(action: () => unknown): SpikewireError {
  try {
    action();
  } catch (problem) {
    if (problem instanceof SpikewireError) return problem;
  }
  throw new Error('expected a SpikewireError');
}

describe('arguments', () => {
  it('are options in any form and order, and positionals', () => {
    const args = parse('--add', 'milk', 'tea', '--cups=3', 'pot', '--hot', '--add=sugar');
    expect(args.positionals).toEqual(['tea', 'pot']);
    expect(args.number('cups')).toBe(3);
    expect(args.texts('add')).toEqual(['milk', 'sugar']);
    expect(args.flag('hot')).toBe(true);
    expect(args.text('note')).toBeUndefined();
  });

  it('have their defaults where they are left out', () => {
    const args = parse('tea');
    expect(args.number('cups', { minimum: 1, whole: true })).toBe(2);
    expect(args.texts('add')).toEqual([]);
    expect(args.flag('hot')).toBe(false);
    expect(args.number('note')).toBeUndefined();
  });

  it.each(['0', '-0', '1e3', '2.5', '.5', ' 7 '])('take the number "%s"', (text) => {
    expect(parse('tea', `--cups=${text}`).number('cups')).toBe(Number(text));
  });

  it('take a number below 0 behind its option, and leave what stands behind -- alone', () => {
    expect(parse('tea', '--cups', '-1').number('cups')).toBe(-1);
    expect(parse('--cups', '-.5', 'tea').number('cups')).toBe(-0.5);
    expect(parse('--', '--cups', '-3').positionals).toEqual(['--cups', '-3']);
  });

  it.each([
    ['abc', {}, 'is "abc"; expected a number'],
    ['', {}, 'is ""; expected a number'],
    ['NaN', {}, 'is "NaN"; expected a number'],
    ['Infinity', {}, 'is "Infinity"; expected a number'],
    ['1,5', {}, 'is "1,5"; expected a number'],
    ['1.5', { whole: true }, 'is "1.5"; expected a whole number'],
    ['-1', { minimum: 0 }, 'is "-1"; expected a number from 0'],
    ['9', { minimum: 1, maximum: 8, whole: true }, 'is "9"; expected a whole number from 1 to 8'],
  ])('refuse "%s" within %j', (text, range, message) => {
    const args = parse('tea', `--cups=${text}`);
    const problem = problemOf(() => args.number('cups', range));
    expect(problem.code).toBe('usage');
    expect(problem.message).toBe(`spikewire pour --cups: ${message}`);
  });

  it.each([
    [
      ['tea', '--strong'],
      /^spikewire pour --strong: is not an option; expected one that "spikewire pour --help" lists$/,
    ],
    [['--what', 'tea'], /^spikewire pour --what: is not an option; expected "spikewire pour <what>", without dashes$/],
    [['tea', '--cups'], /^spikewire pour --cups: has no value; expected <n>$/],
    [['tea', '--cups', '--hot'], /^spikewire pour --cups: is followed by "--hot"; expected <n>$/],
    [['tea', '--hot=yes'], /^spikewire pour: .*--hot.*does not take an argument/],
    [['tea', '-x'], /^spikewire pour -x: is not an option; expected/],
    [[], /^spikewire pour: <what> is missing; expected a liquid$/],
    [
      ['tea', 'pot', 'cup'],
      /^spikewire pour: does not take "cup"; expected the usage that "spikewire pour --help" shows$/,
    ],
  ])('%j are wrong in one line', (words, message) => {
    const problem = problemOf(() => parse(...words));
    expect(problem.code).toBe('usage');
    expect(problem.message).toMatch(message);
    expect(problem.message).not.toMatch(/\n/);
  });

  it.each([
    ['64M', 67_108_864],
    ['1.5G', 1_610_612_736],
    ['512k', 524_288],
    ['4096', 4096],
  ])('read the size %s', (text, bytes) => {
    expect(parse('water', `--note=${text}`).bytes('note', { minimum: 1 })).toBe(bytes);
  });

  it.each(['', '0', '-1M', '64 M', '64MB', '1e3', 'M', '0.1', '9999999999G', 'NaN'])('refuse the size "%s"', (text) => {
    const problem = problemOf(() => parse('water', `--note=${text}`).bytes('note', { minimum: 1 }));
    expect(problem.code).toBe('usage');
    expect(problem.message).toBe(
      `spikewire pour --note: is "${text}"; expected a number of bytes from 1, such as 64K, 512M or 2G`,
    );
  });

  it('that a command cannot do without are texts that are not empty', () => {
    expect(parse('tea', '--note', 'strong').needed('note', 'a remark')).toBe('strong');
    for (const words of [['tea'], ['tea', '--note', '']]) {
      const { code, message } = problemOf(() => parse(...words).needed('note', 'a remark'));
      expect([code, message]).toEqual(['usage', 'spikewire pour: --note is missing; expected a remark']);
    }
  });

  it('are one of a few words where these are declared, or refused with the word that was meant', () => {
    const brew: Command = {
      ...command,
      name: 'brew',
      positionals: [{ name: 'drink', doc: '', words: ['tea', 'coffee'] }],
    };
    expect(parseArguments(brew, ['coffee']).positionals).toEqual(['coffee']);
    expect(problemOf(() => parseArguments(brew, ['cofee'])).message).toBe(
      'spikewire brew cofee: is not a known drink; did you mean "coffee"?',
    );
    expect(problemOf(() => parseArguments(brew, ['water'])).message).toBe(
      'spikewire brew water: is not a known drink; expected one of tea, coffee',
    );
  });

  it('that ask for help need no positionals', () => {
    expect(parse('--help').flag('help')).toBe(true);
  });
});
