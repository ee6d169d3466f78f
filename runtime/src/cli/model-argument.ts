import { readFile } from 'node:fs/promises';
import { type Model, readAnyModel, SpikewireError } from '@spikewire/models';
import { unreadableFile } from '../file-problem.ts';

/** The bytes of the model file that a command was given. Rejects with a `file` error that says why it cannot be read. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadableFile(path, cause, 'a .spike file or its text form in JSON');
  }
}

/** The model of a file, with the file's name in front of whatever is wrong with it. */
export async function loadModel(path: string): Promise<Model> {
  return parseModelFile(path, await readModelFile(path));
}

export function parseModelFile(path: string, bytes: Uint8Array): Model {
  return aboutFile(path, () => readAnyModel(bytes));
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
