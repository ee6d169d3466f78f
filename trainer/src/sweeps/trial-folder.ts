import { readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { prepareFile, writeWhole } from 'spikewire/cli';

const MARK = 'trial.json';
/** Files of a run: what it was begun with, and where it is. */
const [CONFIGURATION, LAST] = ['config.json', 'last.safetensors'];

/** The run folder of a model file where none is named. */
export function runFolderOf(out: string): string {
  return join(dirname(out), `${basename(out).replace(/\.spike$/, '')}.run`);
}

/**
 * The run folder of a trial of a sweep on several machines. A mark in it says which trial it is of, so that the trial
 * goes on from its checkpoint if this machine takes it again, and no other run does.
 */
export class TrialFolder {
  readonly path: string;
  readonly #out: string;
  readonly #mark: string;

  /** @param trial what no other trial has, as JSON */
  constructor(out: string, trial: object) {
    this.path = runFolderOf(out);
    this.#out = out;
    this.#mark = JSON.stringify({ ...trial, out, folder: process.cwd() });
  }

  /**
   * Whether there is a run of this trial to go on with; otherwise the folder is marked for one that begins. Rejects with
   * `file` where another run or model is in its place, and may not be overwritten.
   */
  async prepare(overwrite: boolean): Promise<boolean> {
    const isBegun = await exists(this.#file(CONFIGURATION));
    if (await this.#isOurs()) return isBegun;
    const inTheWay = isBegun ? this.path : (await exists(this.#out)) && this.#out;
    if (inTheWay && !overwrite)
      throw new SpikewireError('file', inTheWay, 'already exists', 'another --out, or --overwrite');
    await rm(this.#file(CONFIGURATION), { force: true });
    await prepareFile(this.#file(MARK));
    await writeWhole(this.#file(MARK), this.#mark);
    return false;
  }

  /** What failed begins anew, if it is tried again. */
  async forget(): Promise<void> {
    if (!(await this.#isOurs())) return;
    await rm(this.#file(CONFIGURATION), { force: true });
    await rm(this.#file(LAST), { force: true });
  }

  async #isOurs(): Promise<boolean> {
    return (await readFile(this.#file(MARK), 'utf8').catch(() => undefined)) === this.#mark;
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
