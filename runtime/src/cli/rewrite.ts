import {
  type Format,
  type JsonObject,
  type Model,
  type ReadingChoices,
  type WritingChoices,
  writeWith,
} from '@spikewire/models';
import { writeWhole } from '../atomic-file.ts';
import { allFormats } from '../extensions/formats.ts';
import type { CommandArguments, CommandConsole, CommandListing, OptionDeclaration } from './command.ts';
import { aboutFile, memoryOf, memoryOption, openModel } from './model-argument.ts';
import { overwriteOption, refuseExisting } from './overwrite.ts';

/** Options of a command that reads a model of any format and writes it as the ending of `--out` says. */
export const rewriteOptions = {
  out: { type: 'string', value: '<file>', doc: 'file to write; its extension sets the format (required)' },
  overwrite: overwriteOption('file'),
  memory: memoryOption,
} as const satisfies Readonly<Record<string, OptionDeclaration>>;

/** What stands in a new file, and what was said of it. */
export interface Rewritten {
  readonly out: string;
  readonly from: string;
  readonly to: string;
  readonly fileBytes: number;
  readonly notes: readonly string[];
  readonly model: Model;
}

export interface RewriteOptions {
  readonly path: string;
  readonly out: string;
  readonly to: Format;
  readonly choices?: ReadingChoices;
  readonly writing?: Omit<WritingChoices, 'note'>;
  /** What becomes of the model before it is written, with a line for each change. */
  readonly change?: (model: Model) => Promise<{ readonly model: Model; readonly notes: readonly string[] }>;
}

/** Reads one file and writes another. */
export async function rewrite(
  { path, out, to, choices, writing, change }: RewriteOptions,
  args: CommandArguments,
  console: Pick<CommandConsole, 'warn'>,
): Promise<Rewritten> {
  const { format: from, model, notes } = await openModel(path, console, memoryOf(args), choices);
  const changed = await change?.(model);
  for (const note of changed?.notes ?? []) console.warn(`${path}: ${note}`);
  const last = changed?.model ?? model;
  const all = [...notes, ...(changed?.notes ?? [])];
  const note = (line: string) => {
    all.push(line);
    console.warn(`${out}: ${line}`);
  };
  const bytes = await aboutFile(path, () => writeWith(to, last, { ...writing, note }));
  await refuseExisting(args, { '--out': out });
  await writeWhole(out, bytes);
  return { out, from: from.name, to: to.name, fileBytes: bytes.length, notes: all, model: last };
}

/** The answer of a command that wrote one file. */
export function sayRewritten(
  { model: _model, ...rewritten }: Rewritten,
  console: Pick<CommandConsole, 'result'>,
  compared?: { readonly report: string; readonly document: JsonObject; readonly lines: readonly string[] },
): void {
  const { out, fileBytes, to, from } = rewritten;
  const line = `${out}: ${fileBytes} bytes of ${to}, from ${from}`;
  if (compared === undefined) {
    console.result(rewritten, () => line);
    return;
  }
  const { report, document, lines } = compared;
  console.result({ ...rewritten, report, fidelity: document }, () => [
    line,
    `${report}: report of step rules`,
    '',
    ...lines,
  ]);
}

/** The formats of this machine; who asks for one of a package that is broken is told why. */
export async function formatListing(direction: 'read' | 'write'): Promise<CommandListing> {
  const known = (await allFormats()).filter((format) => format[direction] !== undefined);
  const title = direction === 'read' ? 'Formats of <model>' : 'Formats of --out';
  return { title, rows: known.map(({ extensions, summary }) => [extensions.join(', '), summary] as const) };
}
