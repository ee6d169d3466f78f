import { describe, expect, it } from 'vitest';
import type { Command } from './command.ts';
import { explain, overview } from './help.ts';

const pour: Command = {
  name: 'pour',
  summary: 'pour something',
  positionals: [
    { name: 'what', doc: 'a liquid' },
    { name: 'where', doc: 'a vessel', optional: true },
  ],
  options: {
    cups: { type: 'string', value: '<n>', doc: 'how many', default: '2' },
    hot: { type: 'boolean', doc: 'heated', default: false },
    into: { type: 'string', value: '<name>', doc: 'which cup', default: '' },
  },
  run: async () => {},
};
const stir: Command = { name: 'stir-well', summary: 'mix it', options: {}, run: async () => {} };

describe('help', () => {
  it('lists the commands in columns', () => {
    const lines = overview([pour, stir]).split('\n');
    expect(lines).toContain('  pour       pour something');
    expect(lines).toContain('  stir-well  mix it');
  });

  it('lists the commands of other packages below, by the name of each', () => {
    const page = overview([pour], new Map([['spikewire-kitchen', [stir]]]));
    expect(page).toContain('  pour  pour something\n\nFrom the package spikewire-kitchen:\n\n  stir-well  mix it\n\n');
    expect(overview([pour])).not.toContain('From');
  });

  it('explains positionals, options with their values and defaults, and what every command takes', () => {
    const lines = explain(pour).split('\n');
    expect(lines[0]).toBe('spikewire pour: pour something');
    expect(lines).toContain('Usage: spikewire pour <what> [where] [options]');
    expect(lines).toContain('  what   a liquid');
    expect(lines).toContain('  --cups <n>     how many (default 2)');
    expect(lines).toContain('  --hot          heated');
    expect(lines).toContain('  --into <name>  which cup');
    expect(lines.filter((line) => /^ {2}--(json|help) /.test(line))).toHaveLength(2);
  });

  it('keeps within 100 columns, word by word, under its column', () => {
    const doc = Array.from({ length: 40 }, (_, k) => `word${k}`).join(' ');
    const page = explain({ ...stir, options: { long: { type: 'string', value: '<n>', doc } } });
    const lines = page.split('\n').filter((line) => line.includes('word'));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {14}word/);
    expect(lines.join(' ').match(/word\d+/g)).toEqual(doc.split(' '));
  });

  it('ends with the list of a command, in columns', () => {
    const listing = { title: 'Sizes', rows: [['s', 'small'] as const, ['xl', 'not small'] as const] };
    expect(explain(pour, listing).endsWith('\n\nSizes:\n\n  s   small\n  xl  not small')).toBe(true);
  });

  it('puts options below their headings, those that every command has last', () => {
    const shape: Command['options'] = { size: { type: 'boolean', doc: 'large', group: 'Shape' } };
    const page = explain({ ...stir, options: { plain: { type: 'boolean', doc: 'as it is' }, ...shape } });
    expect(page).toMatch(/ {2}--plain +as it is\n\nShape:\n {2}--size +large\n\nGeneral:\n {2}--json /);
    expect(explain(stir)).not.toContain('General');
  });

  it('shows the common options, and all where all are asked for', () => {
    const brief: Command = { ...pour, common: ['hot'] };
    expect(explain(brief)).toMatch(/--hot[\s\S]*--help-all/);
    expect(explain(brief)).not.toContain('--cups');
    expect(explain(brief, undefined, true)).toMatch(/--cups[\s\S]*--hot[\s\S]*--help-all/);
    expect(explain(pour)).not.toContain('--help-all');
  });

  it('shows command lines to begin with', () => {
    const page = explain({ ...pour, examples: ['tea pot', 'milk cup --hot'] });
    expect(page).toContain('  e.g. spikewire pour tea pot\n       spikewire pour milk cup --hot\n');
  });

  it('lists commands below their headings', () => {
    expect(overview([{ ...pour, group: 'Wet' }, stir, { ...stir, name: 'mop', group: 'Wet' }])).toContain(
      '\n\n  stir-well  mix it\n\nWet:\n  pour  pour something\n  mop   mix it\n\n',
    );
  });

  it('of a command without words says so', () => {
    expect(explain(stir)).toContain('Usage: spikewire stir-well [options]');
  });
});

it('prints what packages bring without control characters, each in its line', () => {
  const options: Command['options'] = { x: { type: 'boolean', doc: 'y', group: 'g\x1b' } };
  const odd: Command = {
    ...{ name: 'odd', summary: 'two\nlines \x1b[31m', run: async () => {} },
    options,
    examples: ['\x1b'],
  };
  expect(overview([odd], new Map([['a\x1b', [odd]]]))).toContain(
    'From the package a\\u001b:\n\n  odd  two lines \\u001b[31m\n',
  );
  expect(explain(odd)).toContain('spikewire odd: two lines \\u001b[31m\n');
  expect(explain(odd)).toContain('\ng\\u001b:\n');
  expect(explain(odd)).not.toContain('\x1b');
});
