import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderInUseError, StoreRoot, type StoreRootOptions, type StoreUse } from '../../store/index.ts';
import type { NetStore } from '../kept/state-keeper.ts';
import type { Session } from '../session.ts';
import { folderName } from './folder-name.ts';
import { isEstablished } from './standing.ts';

/** Nets of which it is remembered that they were closed before they were established. */
const MOST_YOUNG = 2 ** 14;

/** The stores of the nets of a pool, a folder for each below one, by their keys; none where there is no folder. */
export class NetStores {
  readonly #root: StoreRoot | undefined;
  /** Folders of nets that were closed before they were established. */
  readonly #young = new Set<string>();

  constructor(directory: string | undefined, options: StoreRootOptions) {
    this.#root = directory === undefined ? undefined : new StoreRoot(directory, options);
  }

  /** Whether there are any. */
  get any(): boolean {
    return this.#root !== undefined;
  }

  /** What they take; undefined where there are none, or none can be used. */
  get use(): StoreUse | undefined {
    return this.#root?.use;
  }

  /**
   * Takes their folder, which the first net would do else. Rejects where another process holds it; where it cannot be
   * used only if stores are required, and else says so.
   */
  async take(required: boolean, warn: (line: string) => void): Promise<void> {
    try {
      await this.#root?.open();
    } catch (failure) {
      if (failure instanceof FolderInUseError || required) throw failure;
      warn(`${(failure as Error).message}; nets run and learn in memory only, until this folder can be written`);
    }
  }

  of(key: string): NetStore | undefined {
    const root = this.#root;
    const name = folderName(key);
    return (
      root && {
        directory: join(root.directory, name),
        open: (digest) => root.openStore(name, digest),
        peek: (digest) => root.peek(name, digest),
      }
    );
  }

  /** Whether a net of the key has a folder, by a look at the medium. */
  async has(key: string): Promise<boolean> {
    if (this.#root === undefined) return false;
    return stat(join(this.#root.directory, folderName(key))).then(
      () => true,
      () => false,
    );
  }

  /**
   * Whether a net of the key is not known, or was closed before it was established; `rests`: it waits to be saved. What
   * earlier processes have left is known.
   */
  isNewcomer(key: string, rests: boolean): boolean {
    const folder = folderName(key);
    return this.#young.has(folder) || !(rests || this.#root?.has(folder));
  }

  /** Remembers of a net that is closed whether it was established. */
  noteStanding(key: string, session: Session): void {
    if (this.#root === undefined) return;
    const folder = folderName(key);
    this.#young.delete(folder);
    if (isEstablished(session)) return;
    this.#young.add(folder);
    if (this.#young.size > MOST_YOUNG) this.#young.delete(this.#young.keys().next().value!);
  }

  async close(): Promise<void> {
    await this.#root?.close();
  }
}
