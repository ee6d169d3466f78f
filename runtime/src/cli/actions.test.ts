import { describe, expect, it } from 'vitest';
import { explained } from './actions.ts';
import { parseArguments, under } from './arguments.ts';
import type { Command } from './command.ts';
import { explain } from './help.ts';

const cups = { cups: { type: 'string', value: '<n>', doc: 'number of cups' } } as const;
const grind = { grind: { type: 'string', value: 'fine|coarse', doc: 'size of the grains', default: 'fine' } } as const;
const leaf = { leaf: { type: 'boolean', doc: 'keep the leaves in' } } as const;

const brew: Command = {
  name: 'brew',
  summary: 'make a hot drink',
  examples: ['tea pot --leaf', 'coffee --grind coarse'],
  positionals: [
    { name: 'drink', doc: 'tea or coffee' },
    { name: 'vessel', doc: 'what to brew in', optional: true },
  ],
  options: { ...cups, ...under('Only for coffee', grind), ...under('Only for tea', leaf) },
  actions: [
    { name: 'tea', doc: 'leaves in hot water', options: { ...cups, ...under('Only for tea', leaf) } },
    { name: 'coffee', doc: 'ground beans', options: { ...cups, ...grind }, positionals: [] },
  ],
  run: async () => {},
};

describe('the help of one action', () => {
  it('has its summary, its examples, its positionals and only its options, without headings', () => {
    const page = explain(explained(brew, 'tea'));
    expect(page).toMatch(
      /^spikewire brew tea: leaves in hot water\n\nUsage: spikewire brew tea \[vessel\] \[options\]\n/,
    );
    expect(page).toContain('  e.g. spikewire brew tea pot --leaf\n\n');
    expect(page).toMatch(/--cups[\s\S]*--leaf[\s\S]*--json/);
    expect(page).not.toMatch(/coffee|--grind|Only for|General/);
    expect(explain(explained(brew, 'coffee'))).not.toContain('vessel');
  });

  it('is that of the command where the word names no action', () => {
    expect(explained(brew, undefined)).toBe(brew);
    expect(explained(brew, 'cocoa')).toBe(brew);
  });
});

describe('an option of another action', () => {
  it('is refused with the action that has it and those that are accepted', () => {
    expect(() => parseArguments(brew, ['tea', '--grind', 'fine'])).toThrow(
      'spikewire brew tea --grind: is an option of "spikewire brew coffee"; expected --cups, --leaf',
    );
    expect(() => parseArguments(brew, ['coffee', '--leaf'])).toThrow('is an option of "spikewire brew tea"');
  });

  it('is not refused for its default, in a request for help, or where the word names no action', () => {
    expect(parseArguments(brew, ['tea', 'pot', '--cups', '2']).text('cups')).toBe('2');
    expect(parseArguments(brew, ['tea', '--grind', 'fine', '--help']).flag('help')).toBe(true);
    expect(parseArguments(brew, ['cocoa', '--leaf']).flag('leaf')).toBe(true);
  });
});
