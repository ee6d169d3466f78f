import { readFile } from 'node:fs/promises';
import { type Model, readAnyModel, SpikewireError } from '@spikewire/models';
import { unreadableFile } from '../file-problem.ts';
import { memoryOfMachine } from '../memory-limit.ts';
import type { CommandArguments, OptionDeclaration } from './command.ts';

/**
 * The bytes of the model file that a command was given. Rejects with a `file` error that says why it cannot be read.
 */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadableFile(path, cause, 'a .spike file or its text form in JSON');
  }
}

/** The option of every command that opens a model. */
export const memoryOption: OptionDeclaration = {
  type: 'string',
  value: '<bytes>',
  doc: 'most that nets may take together, such as 64M; half of the memory of this machine where absent',
};

/** What the nets of a command may take, in bytes. */
export function memoryOf(args: CommandArguments): number {
  return args.bytes('memory', { minimum: 1 }) ?? memoryOfMachine();
}

/** The model of a file, with the file's name in front of whatever is wrong with it. */
export async function loadModel(path: string, memory = memoryOfMachine()): Promise<Model> {
  return parseModelFile(path, await readModelFile(path), memory);
}

export function parseModelFile(path: string, bytes: Uint8Array, memory: number): Model {
  return aboutFile(path, () => readAnyModel(bytes, { bytes: memory }));
}

/** Does something with the content of a file, and puts the file's name in front of what is found wrong with it. */
export function aboutFile<Result>(path: string, task: () => Result): Result {
  try {
    return task();
  } catch (problem) {
    throw inFile(path, problem);
  }
}

/** What was found wrong, with the name of the file that it was found in. */
export function inFile(path: string, problem: unknown): unknown {
  if (!(problem instanceof SpikewireError)) return problem;
  return SpikewireError.restore(problem.code, path, `${path}: ${problem.message}`);
}
