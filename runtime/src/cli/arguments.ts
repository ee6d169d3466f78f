import { parseArgs } from 'node:util';
import { SpikewireError } from '@spikewire/models';
import { numberInText } from '../number-in-text.ts';
import { explained, refuseOptionsOfOthers } from './actions.ts';
import type { Command, CommandArguments, OptionDeclaration } from './command.ts';
import { nearestWord } from './nearest-word.ts';

/** Options that every command has. */
export const sharedOptions: Readonly<Record<string, OptionDeclaration>> = {
  json: { type: 'boolean', doc: 'print one JSON document on stdout and nothing else' },
  help: { type: 'boolean', short: 'h', doc: 'show this help' },
  version: { type: 'boolean', short: 'v', doc: 'print the version' },
};

/** All options of a command. */
export function optionsOf({ options, common }: Command): Readonly<Record<string, OptionDeclaration>> {
  const all: OptionDeclaration = { type: 'boolean', doc: 'show all options' };
  return { ...options, ...(common === undefined ? {} : { 'help-all': all }), ...sharedOptions };
}

/** The same options below a heading of the help. */
export function under<Options extends Readonly<Record<string, OptionDeclaration>>>(
  group: string,
  options: Options,
): Options {
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, { ...option, group }])) as Options;
}

/** Reads the words after the command's name; every mistake is a `usage` error that names it. */
export function parseArguments(command: Command, words: readonly string[]): CommandArguments {
  const options = optionsOf(command);
  const { values, positionals, tokens } = parse(command, words, options);
  const args: CommandArguments = {
    positionals,
    text: (option) => values[option] as string | undefined,
    needed(option, expected) {
      const text = args.text(option);
      if (text !== undefined && text !== '') return text;
      throw new SpikewireError('usage', `spikewire ${command.name}`, `--${option} is missing`, expected);
    },
    texts: (option) => (values[option] ?? []) as string[],
    flag: (option) => values[option] === true,
    number(option, range = {}) {
      const text = values[option] as string | undefined;
      if (text === undefined) return undefined;
      return numberInText(text, range, (expected) => {
        return new SpikewireError('usage', `spikewire ${command.name} --${option}`, `is "${text}"`, expected);
      });
    },
    bytes(option, range = {}) {
      const text = values[option] as string | undefined;
      return text === undefined ? undefined : bytesOf(command, option, text, range);
    },
  };
  if (args.flag('help') || args.flag('help-all') || args.flag('version')) return args;
  const action = explained(command, positionals[0]);
  checkPositionals(action, action === command ? positionals : positionals.slice(1));
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
  refuseOptionsOfOthers(command, positionals[0], given);
  return args;
}

function parse(command: Command, words: readonly string[], options: Readonly<Record<string, OptionDeclaration>>) {
  try {
    const table = Object.fromEntries(
      Object.entries(options).map(([name, { type, multiple, short, default: preset }]) => [
        name,
        {
          type,
          multiple: multiple === true,
          ...(short === undefined ? {} : { short }),
          ...(preset === undefined ? {} : { default: preset }),
        },
      ]),
    );
    const args = withNumbersJoined(words, options);
    return parseArgs({ args, options: table, allowPositionals: true, strict: true, tokens: true });
  } catch (cause) {
    refuseDash(command, words, cause);
    refuseNoValue(command, cause);
    refuseUnknown(command, Object.keys(options), cause);
    const problem = cause instanceof Error ? cause.message.split(/\. |\n/)[0]! : String(cause);
    throw new SpikewireError(
      'usage',
      `spikewire ${command.name}`,
      problem,
      `the usage that "spikewire ${command.name} --help" shows`,
      cause,
    );
  }
}

/** `--limit -1` as `--limit=-1`: the parser would take the number for another option. */
function withNumbersJoined(words: readonly string[], options: Readonly<Record<string, OptionDeclaration>>): string[] {
  const joined: string[] = [];
  for (const [k, word] of words.entries()) {
    const option = words.slice(0, k).includes('--') ? undefined : joined.at(-1);
    const isValue = option?.startsWith('--') && options[option.slice(2)]?.type === 'string';
    if (isValue && /^-\.?\d/.test(word)) joined[joined.length - 1] = `${option}=${word}`;
    else joined.push(word);
  }
  return joined;
}

/** `--limit --json`: the parser says in three lines that a value is missing. */
function refuseDash(command: Command, words: readonly string[], cause: unknown): void {
  const option = /^Option '--([^' ]+)' argument is ambiguous/.exec((cause as Error).message)?.[1];
  if (option === undefined) return;
  const next = words[words.indexOf(`--${option}`) + 1];
  const { value = '<value>' } = command.options[option]!;
  throw new SpikewireError('usage', `spikewire ${command.name} --${option}`, `is followed by "${next}"`, value, cause);
}

/** `--limit` as the last word. */
function refuseNoValue({ name, options }: Command, cause: unknown): void {
  const option = /^Option '(?:-\w, )?--([^' ]+) <value>' argument missing/.exec((cause as Error).message)?.[1];
  if (option === undefined) return;
  const { value = '<value>' } = options[option]!;
  throw new SpikewireError('usage', `spikewire ${name} --${option}`, 'has no value', value, cause);
}

/** A word that is none of a few, with the one that was most likely meant. */
function refuseWord({ name: command }: Command, name: string, word: string, words: readonly string[]): never {
  const meant = nearestWord(word, words);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  const expected = meant === undefined ? `one of ${words.join(', ')}` : undefined;
  throw new SpikewireError('usage', `spikewire ${command} ${word}`, `is not a known ${name}${hint}`, expected);
}

/** An option that the command does not have, with the one that was most likely meant. */
function refuseUnknown(command: Command, names: readonly string[], cause: unknown): void {
  const [, unknown, name] = /^Unknown option '(--?([^']*))'/.exec((cause as Error).message) ?? [];
  if (unknown === undefined || name === undefined) return;
  const meant = nearestWord(name, names);
  const usage = `spikewire ${command.name}`;
  const isPositional = command.positionals?.some((positional) => positional.name === name) === true;
  const other = isPositional ? `"${usage} <${name}>", without dashes` : `one that "${usage} --help" lists`;
  const [hint, expected] = meant === undefined || isPositional ? ['', other] : [`; did you mean --${meant}?`];
  throw new SpikewireError('usage', `spikewire ${command.name} ${unknown}`, `is not an option${hint}`, expected, cause);
}

/** Bytes of what may be written behind a number. */
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

function bytesOf(command: Command, option: string, text: string, { minimum = 0 }: { minimum?: number }): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([KMG]?)$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * UNITS[unit.toUpperCase()]!);
  if (bytes >= minimum && Number.isSafeInteger(bytes)) return bytes;
  const expected = `a number of bytes from ${minimum}, such as 64K, 512M or 2G`;
  throw new SpikewireError('usage', `spikewire ${command.name} --${option}`, `is "${text}"`, expected);
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const declared = command.positionals ?? [];
  const missing = declared.find(
    (each, index) => each.optional !== true && each.rest !== true && given[index] === undefined,
  );
  if (missing !== undefined) {
    const expected = missing.words?.join(', ') ?? missing.doc;
    throw new SpikewireError('usage', `spikewire ${command.name}`, `<${missing.name}> is missing`, expected);
  }
  for (const [index, { name, words }] of declared.entries()) {
    const word = given[index];
    if (words !== undefined && word !== undefined && !words.includes(word)) refuseWord(command, name, word, words);
  }
  if (given.length > declared.length && declared.at(-1)?.rest !== true) {
    const surplus = given[declared.length]!;
    throw new SpikewireError(
      'usage',
      `spikewire ${command.name}`,
      `does not take "${surplus}"`,
      `the usage that "spikewire ${command.name} --help" shows`,
    );
  }
}
