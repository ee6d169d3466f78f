import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  type Format,
  formats,
  type Model,
  type ReadingChoices,
  readWith,
  SpikewireError,
  writeModel,
} from '@spikewire/models';
import { formatOfBytes } from '../extensions/formats.ts';
import { unreadableFile } from '../file-problem.ts';
import { memoryOfMachine } from '../memory-limit.ts';
import { readWholeFile } from '../regular-file.ts';
import type { CommandArguments, CommandConsole, OptionDeclaration, PositionalDeclaration } from './command.ts';

/** The argument of every command that opens a model. */
export const modelArgument: PositionalDeclaration = {
  name: 'model',
  doc:
    'model file (.spike, its text form .json, ' +
    'or a format of an installed add-on package), or a built-in model, such as next-reading-1',
};

/** The option of every command that opens a model. */
export const memoryOption: OptionDeclaration = {
  type: 'string',
  value: '<bytes>',
  doc:
    'limit for the memory of all nets together, and the same limit for reading one file, ' +
    'such as 64M (default: half of the memory of this device)',
};

/** What the nets of a command may take, in bytes. */
export function memoryOf(args: CommandArguments): number {
  return args.bytes('memory', { minimum: 1 }) ?? memoryOfMachine();
}

/** A model as a command finds it. */
export interface ModelFile {
  readonly format: Format;
  readonly model: Model;
  /** What the format could not say, or a model cannot; warned of already. */
  readonly notes: readonly string[];
  /** What a device would get: the file as it is, or, where its format is foreign, the .spike file of its model. */
  readonly bytes: Uint8Array;
}

/**
 * Opens a model file of whatever format, and puts the file's name in front of whatever is wrong with it.
 *
 * @param signal ends a format of another package that waits
 */
export async function openModel(
  path: string,
  console: Pick<CommandConsole, 'warn'>,
  memory?: number,
  choices?: ReadingChoices,
  signal?: AbortSignal,
): Promise<ModelFile> {
  const bytes = await modelBytes(path, memory);
  try {
    const format = await formatOfBytes(bytes);
    const { model, notes } = await readWith(format, bytes, { bytes: memory ?? memoryOfMachine() }, choices, signal);
    for (const note of notes) console.warn(`${path}: ${note}`);
    return { format, model, notes, bytes: formats.some((own) => own === format) ? bytes : writeModel(model) };
  } catch (problem) {
    throw inFile(path, problem);
  }
}

/** Bytes of a model file, of which there may be as many as the net may take; rejects with `file`. */
function modelBytes(path: string, memory: number | undefined): Promise<Uint8Array> {
  const option = memory === undefined ? undefined : '--memory';
  const bytes = readWholeFile(path, memory ?? memoryOfMachine(), 'a model file', option);
  return bytes.catch((problem: unknown) => readReadyMade(path, problem));
}

/** Where models lie that come with the package. */
const ZOO = 'zoo';
const ENDING = '.spike';

/** A model that comes with the package, by its name; where there is none, why there is no such file either. */
async function readReadyMade(name: string, problem: unknown): Promise<Uint8Array> {
  const cause = problem instanceof SpikewireError ? (problem.cause as NodeJS.ErrnoException | undefined) : undefined;
  if (cause?.code !== 'ENOENT' || !/^[\w-]+$/.test(name)) throw problem;
  const packageFile = createRequire(import.meta.url).resolve('@spikewire/models/package.json');
  const folder = join(dirname(packageFile), ZOO);
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(ENDING));
  if (files.includes(name + ENDING)) return readFile(join(folder, name + ENDING));
  const names = files.map((file) => file.slice(0, -ENDING.length)).join(', ');
  throw names === '' ? problem : unreadableFile(name, cause, `a model file, or one of ${names}`);
}

/** The model of a file, as `openModel` finds it. */
export async function loadModel(
  path: string,
  console: Pick<CommandConsole, 'warn'>,
  memory?: number,
  choices?: ReadingChoices,
): Promise<Model> {
  return (await openModel(path, console, memory, choices)).model;
}

/** Does something with the content of a file, and puts the file's name in front of what is found wrong with it. */
export async function aboutFile<Result>(path: string, task: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (problem) {
    throw inFile(path, problem);
  }
}

/** What was found wrong, with the name of the file that it was found in. */
export function inFile(path: string, problem: unknown): unknown {
  if (!(problem instanceof SpikewireError)) return problem;
  return SpikewireError.restore(problem.code, path, `${path}: ${problem.message}`);
}
