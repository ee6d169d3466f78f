import { printableLine } from '@spikewire/models';
import { optionsOf } from './arguments.ts';
import type { Command, CommandAction, CommandListing, OptionDeclaration, PositionalDeclaration } from './command.ts';

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

/** Things by their headings, those without one first, each in the order in which it came. */
function byGroup<Thing>(things: readonly Thing[], groupOf: (thing: Thing) => string | undefined): [string, Thing[]][] {
  const groups = new Map<string, Thing[]>([['', []]]);
  for (const thing of things) {
    const group = groupOf(thing) ?? '';
    groups.set(group, [...(groups.get(group) ?? []), thing]);
  }
  return [...groups].filter(([, some]) => some.length > 0);
}

/** The page of `spikewire --help`: commands of spikewire, and those of packages from outside by the package's name. */
export function overview(
  commands: readonly Command[],
  foreign: ReadonlyMap<string, readonly Command[]> = new Map(),
): string {
  const listed = (some: readonly Command[]) => columns(some.map(({ name, summary }) => [name, summary] as const));
  return [
    'spikewire: learns what is usual for sensors, flags unusual readings, and recognises the states of machines',
    '',
    'Usage: spikewire <command> [options]',
    '',
    ...byGroup(commands, ({ group }) => group).flatMap(([group, some]) => [
      ...(group === '' ? [] : [`${printableLine(group)}:`]),
      listed(some),
      '',
    ]),
    ...[...foreign].flatMap(([name, some]) => [`From the package ${printableLine(name)}:`, '', listed(some), '']),
    'A model is a file; a net is a running copy of it, one for each topic. Only nets learn, and they save',
    'what they have learned in a folder, the store. docs/glossary.md in the source code explains more words.',
    '"spikewire <command> --help" explains a command. Exit codes: 0 done, 1 failed, 2 wrong usage.',
  ].join('\n');
}

function shown({ name, optional, rest }: PositionalDeclaration): string {
  if (rest === true) return ` [${name} …]`;
  return optional === true ? ` [${name}]` : ` <${name}>`;
}

function optionRow([name, { doc, value, default: preset }]: [string, OptionDeclaration]): readonly [string, string] {
  const text = preset === undefined || preset === false || preset === '' ? doc : `${doc} (default ${preset})`;
  return [`--${name}${value === undefined ? '' : ` ${value}`}`, text];
}

/** The options of a command in columns, below their headings. */
function optionLines(command: Command, isAll: boolean): string[] {
  const { common } = command;
  const isShown = ([name]: [string, OptionDeclaration]) =>
    isAll || common === undefined || common.includes(name) || !Object.hasOwn(command.options, name);
  const hasGroups = Object.values(command.options).some(({ group }) => group !== undefined);
  const last = hasGroups ? 'General' : undefined;
  const groups = byGroup(Object.entries(optionsOf(command)).filter(isShown), ([name, { group }]) => {
    return group ?? (Object.hasOwn(command.options, name) ? undefined : last);
  });
  return groups.flatMap(([group, some], k) => [
    ...(k === 0 ? [] : ['']),
    ...(group === '' ? [] : [`${printableLine(group)}:`]),
    columns(some.map(optionRow)),
  ]);
}

/** What the first positional may be, and that each has a page of its own. */
function actionLines(command: string, word = 'action', actions: readonly CommandAction[]): string {
  const title = `Each <${printableLine(word)}>, explained by "spikewire ${command} <${printableLine(word)}> --help":`;
  return `${title}\n${columns(actions.map(({ name, doc }) => [name, doc] as const))}`;
}

/** The page of `spikewire <command> --help`, with the command's lists below. */
export function explain(
  command: Command,
  listings: CommandListing | readonly CommandListing[] = [],
  isAll = false,
): string {
  const { positionals = [], examples = [], actions = [] } = command;
  const words = positionals.map(shown).join('');
  return [
    ...wrap(`spikewire ${command.name}: ${printableLine(command.summary)}`, PAGE_WIDTH),
    '',
    `Usage: spikewire ${command.name}${printableLine(words)} [options]`,
    ...examples.map(
      (example, k) => `${k === 0 ? '  e.g. ' : '       '}spikewire ${command.name} ${printableLine(example)}`,
    ),
    '',
    ...(positionals.length === 0 ? [] : [columns(positionals.map(({ name, doc }) => [name, doc] as const)), '']),
    ...(actions.length === 0 ? [] : [actionLines(command.name, positionals[0]?.name, actions), '']),
    ...optionLines(command, isAll),
    ...[listings].flat().flatMap(({ title, rows }) => ['', `${printableLine(title)}:`, '', columns(rows)]),
  ].join('\n');
}
