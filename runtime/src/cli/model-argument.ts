import { readFile } from 'node:fs/promises';
import { type Model, readAnyModel, SpikewireError } from '@spikewire/models';

/** The bytes of the model file that a command was given. Rejects with a `file` error that says why it cannot be read. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : (cause as Error).message;
    throw new SpikewireError('file', path, reason, 'a .spike file or its text form in JSON', cause);
  }
}

/** The model of a file, with the file's name in front of whatever is wrong with it. */
export async function loadModel(path: string): Promise<Model> {
  return parseModelFile(path, await readModelFile(path));
}

export function parseModelFile(path: string, bytes: Uint8Array): Model {
  try {
    return readAnyModel(bytes);
  } catch (problem) {
    if (problem instanceof SpikewireError)
      throw SpikewireError.restore(problem.code, path, `${path}: ${problem.message}`);
    throw problem;
  }
}
