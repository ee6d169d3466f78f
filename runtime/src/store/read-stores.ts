import { join, resolve } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { nodeFileSystem as files, storeFailure, systemCode } from './file-system.ts';
import { FolderInUseError, Lock } from './lock.ts';
import { machineProcessTable } from './process-table.ts';
import { MAXIMUM_SLOT_BYTES, parseSlot, SlotError } from './slot.ts';
import { isStateName } from './slot-folder.ts';

/** Names that session/pool/folder-name.ts gives the folder of a net. */
export const NET_FOLDER = /^[a-z0-9_-]{1,128}$/;
/** All states are in memory at a time; who has more copies the folder. */
export const MOST_STATE_BYTES = 2 ** 28;
/** What the process that holds a store needs only while it runs, and a save that was cut off. */
const PASSING = /^(lock\..+|written\.json(\.new)?|[ab]\.slot\.new)$/;
/** Of more only the number is said. */
const MOST_LEFT_OUT = 1000;

/** Something in a folder of stores that is no state. */
export interface LeftOut {
  /** `<net>/<name>`, or what lies beside the nets. */
  readonly name: string;
  readonly because: string;
}

export interface ReadStores {
  /** Sound slots by `<net>/<slot>`. */
  readonly slots: ReadonlyMap<string, Uint8Array>;
  /** The first thousand, and how many there are. */
  readonly leftOut: readonly LeftOut[];
  readonly leftOutCount: number;
}

/**
 * All states of a folder of stores, those of other models too; what is no state is left out. A process that uses the
 * folder makes this reject with `store`, unless it may: each state is then as it was saved at some moment of the
 * reading.
 *
 * @param options.only folder of the only net to read
 * @param options.mostBytes of all states together
 */
export async function readStores(
  directory: string,
  {
    mayBeInUse = false,
    only,
    mostBytes = MOST_STATE_BYTES,
  }: { readonly mayBeInUse?: boolean; readonly only?: string; readonly mostBytes?: number } = {},
): Promise<ReadStores> {
  return withFolder(directory, async (folder) => {
    await files.list(folder); // before a lock is made in it
    const lock = mayBeInUse ? undefined : await takeLock(folder);
    try {
      const reading = new StoresReading(folder, mostBytes);
      await (only === undefined ? reading.readAll() : reading.readNet(only));
      return reading;
    } finally {
      await lock?.release();
    }
  });
}

/** Folders of the nets of a folder of stores, sorted. Rejects with `store` where it cannot be read. */
export async function netFolders(directory: string): Promise<readonly string[]> {
  return withFolder(directory, async (folder) => {
    const names = (await files.list(folder)).filter((name) => NET_FOLDER.test(name)).sort();
    const found = await Promise.all(names.map((name) => files.stat(join(folder, name))));
    return names.filter((_, k) => found[k]!.kind === 'folder');
  });
}

/** Names of saved states in a folder of stores, or in that of one net, below it; the first `most`. */
export async function stateFiles(directory: string, most: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const net of ['', ...(await netFolders(directory))]) {
    if (found.length >= most) break;
    const names = await withFolder(directory, (folder) => files.list(join(folder, net)));
    found.push(
      ...names
        .filter(isStateName)
        .sort()
        .map((name) => join(net, name)),
    );
  }
  return found.slice(0, most);
}

/** Passes on the full path of a folder of stores, and says of failures that they are about it. */
async function withFolder<T>(directory: string, read: (folder: string) => Promise<T>): Promise<T> {
  const folder = resolve(directory);
  try {
    return await read(folder);
  } catch (failure) {
    if (systemCode(failure) === 'ENOENT')
      throw new SpikewireError('store', `store ${folder}`, 'does not exist', 'a folder that run --store has written');
    throw storeFailure(`store ${folder}`, 'read it', failure);
  }
}

/** Only this store is wanted: another folder is no way out. */
async function takeLock(folder: string): Promise<Lock> {
  try {
    return await Lock.take(folder, files, machineProcessTable());
  } catch (failure) {
    if (!(failure instanceof FolderInUseError)) throw failure;
    throw new FolderInUseError(folder, failure.who, failure.pid, 'that process stopped first');
  }
}

class StoresReading implements ReadStores {
  readonly slots = new Map<string, Uint8Array>();
  readonly leftOut: LeftOut[] = [];
  leftOutCount = 0;
  readonly #folder: string;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(folder: string, mostBytes: number) {
    [this.#folder, this.#mostBytes] = [folder, mostBytes];
  }

  async readAll(): Promise<void> {
    for (const net of await this.#namesIn('')) {
      const isNet = NET_FOLDER.test(net) && (await files.stat(join(this.#folder, net))).kind === 'folder';
      if (!isNet) this.#leaveOut(net, 'not of a store');
      else await this.readNet(net);
    }
  }

  async readNet(net: string): Promise<void> {
    for (const name of await this.#namesIn(net)) await this.#readState(net, name);
  }

  async #namesIn(net: string): Promise<string[]> {
    return (await files.list(join(this.#folder, net))).filter((name) => !PASSING.test(name)).sort();
  }

  async #readState(net: string, name: string): Promise<void> {
    const path = `${net}/${name}`;
    if (!isStateName(name)) return this.#leaveOut(path, 'no state');
    try {
      const bytes = await files.read(join(this.#folder, net, name), MAXIMUM_SLOT_BYTES);
      parseSlot(bytes, 'state');
      this.#take(path, bytes);
    } catch (problem) {
      const isNoState = problem instanceof SlotError || ['EFTYPE', 'EFBIG'].includes(systemCode(problem) ?? '');
      if (!isNoState) throw problem;
      this.#leaveOut(path, problem instanceof SlotError ? problem.message : 'not a file, or too large for a state');
    }
  }

  #take(path: string, bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#mostBytes) {
      const expected = `at most ${this.#mostBytes}: copy the folder while no process uses it`;
      throw new SpikewireError('store', `store ${this.#folder}`, 'has more bytes of states', expected);
    }
    this.slots.set(path, bytes);
  }

  #leaveOut(name: string, because: string): void {
    this.leftOutCount++;
    if (this.leftOut.length < MOST_LEFT_OUT) this.leftOut.push({ name, because });
  }
}
