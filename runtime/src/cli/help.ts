import { printableLine } from '@spikewire/models';
import { sharedOptions } from './arguments.ts';
import type { Command, CommandListing, PositionalDeclaration } from './command.ts';

/** Columns of a terminal that a page keeps within. */
const PAGE_WIDTH = 100;

/** Names to the left, what they mean to the right, in as many lines as it takes. */
function columns(texts: readonly (readonly [string, string])[]): string {
  // Packages from outside bring some of them.
  const rows = texts.map(([left, right]) => [printableLine(left), printableLine(right)] as const);
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = ' '.repeat(width + 4);
  return rows
    .map(([left, right]) => {
      const lines = wrap(right, PAGE_WIDTH - indent.length);
      return `  ${left.padEnd(width)}  ${lines.join(`\n${indent}`)}`;
    })
    .join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The page of `spikewire --help`: commands of spikewire, and those of packages from outside by the package's name. */
export function overview(
  commands: readonly Command[],
  foreign: ReadonlyMap<string, readonly Command[]> = new Map(),
): string {
  const listed = (some: readonly Command[]) => columns(some.map(({ name, summary }) => [name, summary] as const));
  return [
    'spikewire: spiking neural networks that keep learning where they run',
    '',
    'Usage: spikewire <command> [options]',
    '',
    listed(commands),
    '',
    ...[...foreign].flatMap(([name, some]) => [`From the package ${printableLine(name)}:`, '', listed(some), '']),
    '"spikewire <command> --help" explains a command. Exit codes: 0 done, 1 failed, 2 wrong usage.',
  ].join('\n');
}

function shown({ name, optional, rest }: PositionalDeclaration): string {
  if (rest === true) return ` [${name} …]`;
  return optional === true ? ` [${name}]` : ` <${name}>`;
}

/** The page of `spikewire <command> --help`, with the command's list below. */
export function explain(command: Command, listing?: CommandListing): string {
  const positionals = command.positionals ?? [];
  const words = positionals.map(shown).join('');
  const options = Object.entries({ ...command.options, ...sharedOptions }).map(
    ([name, { doc, value, default: preset }]) => {
      const shown = preset === undefined || preset === false || preset === '' ? doc : `${doc} (default ${preset})`;
      return [`--${name}${value === undefined ? '' : ` ${value}`}`, shown] as const;
    },
  );
  return [
    `spikewire ${command.name}: ${printableLine(command.summary)}`,
    '',
    `Usage: spikewire ${command.name}${printableLine(words)} [options]`,
    '',
    ...(positionals.length === 0 ? [] : [columns(positionals.map(({ name, doc }) => [name, doc] as const)), '']),
    columns(options),
    ...(listing === undefined ? [] : ['', `${printableLine(listing.title)}:`, '', columns(listing.rows)]),
  ].join('\n');
}
