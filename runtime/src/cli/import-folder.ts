import { mkdir, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { formats, type Graph, type ReadingChoices, SpikewireError } from '@spikewire/models';
import { allFormats } from '../extensions/formats.ts';
import type { CommandArguments, CommandConsole } from './command.ts';
import { rewrite } from './rewrite.ts';
import { formatTable } from './table.ts';

/** What became of one file of the folder. */
interface Imported {
  readonly file: string;
  /** Types of its nodes, each once. */
  readonly kinds: readonly string[];
  readonly notes: readonly string[];
  readonly out?: string;
  readonly error?: string;
}

export interface ImportFolder {
  readonly path: string;
  readonly out: string;
  readonly choices: ReadingChoices;
}

/**
 * Imports each file of a folder that has the ending of a format, as a `.spike` file of the same name, and shows what
 * became of them. Throws `file` at the end where one failed.
 */
export async function importFolder(
  { path, out, choices }: ImportFolder,
  args: CommandArguments,
  console: CommandConsole,
): Promise<void> {
  const readable = (await allFormats()).filter(
    (format) => format.read !== undefined && !formats.includes(format as never),
  );
  const endings = readable.flatMap(({ extensions }) => extensions);
  const files = (await readdir(path)).filter((name) => endings.includes(extname(name).toLowerCase())).toSorted();
  if (files.length === 0)
    throw new SpikewireError('file', path, 'has no model files', `files of ${endings.join(', ')}`);
  refuseEqualNames(files, path);
  await mkdir(out, { recursive: true });
  const to = formats.find(({ extensions }) => extensions.includes('.spike'))!;
  const rows: Imported[] = [];
  for (const file of files) {
    const target = join(out, `${stemOf(file)}.spike`);
    try {
      const request = { path: join(path, file), out: target, to, choices };
      const { notes, model } = await rewrite(request, args, { warn: () => {} });
      rows.push({ file, kinds: kindsOf(model.graph), notes, out: target });
    } catch (problem) {
      if (!(problem instanceof SpikewireError)) throw problem;
      rows.push({ file, kinds: [], notes: [], error: withoutPlace(problem.message, join(path, file)) });
    }
  }
  console.result({ out, files: rows }, () => formatRows(rows));
  const failed = rows.filter(({ error }) => error !== undefined).length;
  if (failed === 0) return;
  throw new SpikewireError(
    'file',
    path,
    `${failed} of ${rows.length} files were not imported`,
    'models; see the table',
  );
}

const stemOf = (file: string) => file.slice(0, -extname(file).length);

/** Two files of one name would become one. */
function refuseEqualNames(files: readonly string[], path: string): void {
  const twice = files.find((file, k) => files.findIndex((other) => stemOf(other) === stemOf(file)) < k);
  if (twice === undefined) return;
  const problem = `has two files that would become ${stemOf(twice)}.spike`;
  throw new SpikewireError('usage', path, problem, 'names that differ in more than their extensions');
}

const withoutPlace = (message: string, path: string) =>
  message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;

function kindsOf({ nodes }: Graph): string[] {
  const inner = [...nodes.values()].flatMap(({ type, graph }) => (graph === undefined ? [type] : kindsOf(graph)));
  return [...new Set(inner)].filter((type) => type !== 'Input' && type !== 'Output').toSorted();
}

/** A row for each file, and one more for each further note. */
function formatRows(rows: readonly Imported[]): string[] {
  const cells = rows.flatMap(({ file, kinds, notes, error }) => {
    const [first = '', ...more] = error === undefined ? notes : [`error: ${error}`];
    return [[file, kinds.join(' '), first], ...more.map((note) => ['', '', note])];
  });
  return formatTable(['file', 'kinds', 'notes or error'], cells);
}
