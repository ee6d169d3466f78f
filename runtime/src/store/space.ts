import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { type FileSystem, systemCode } from './file-system.ts';

/** What a folder takes on the medium. */
export interface Footprint {
  readonly bytes: number;
  /** Files and folders. */
  readonly entries: number;
}

/** What a file system gives out at least. */
const BLOCK_BYTES = 4096;
/** One file or folder for so many bytes of the quota: small ones use up what a file system has of them. */
const BYTES_PER_ENTRY = 2 ** 14;
const SLOT = /^[ab]\.slot$/;
/** A folder of stores has folders of files. */
const DEPTH = 2;

/**
 * The quota of a folder of stores. A net that has its place keeps it: a store counts from its first save as two slots,
 * and the room for one unfinished save is never given away, so that only what would make the folder grow is ever
 * refused.
 */
export class Space {
  readonly quota: Footprint;
  readonly #name: string;
  #used: Footprint;
  #largestSave = 0;

  /** `name` is what the quota is called where it is set. */
  constructor(quotaBytes: number, name: string, used: Footprint) {
    this.quota = { bytes: quotaBytes, entries: Math.max(8, Math.floor(quotaBytes / BYTES_PER_ENTRY)) };
    this.#name = name;
    this.#used = used;
  }

  get used(): Footprint {
    return this.#used;
  }

  /** Throws `store` where a store may not grow so much; `save` is the size of the file that is written meanwhile. */
  expectRoom(where: string, before: Footprint, after: Footprint, save = 0): void {
    this.#largestSave = Math.max(this.#largestSave, inBlocks(save));
    if (after.bytes <= before.bytes && after.entries <= before.entries) return;
    const bytes = this.#used.bytes - before.bytes + after.bytes + this.#largestSave;
    const entries = this.#used.entries - before.entries + after.entries + 1;
    if (bytes <= this.quota.bytes && entries <= this.quota.entries) return;
    const { used, quota } = this;
    throw new SpikewireError(
      'store',
      where,
      `no room: ${used.bytes} of ${quota.bytes} bytes and ${used.entries} of ${quota.entries} files are taken`,
      `fewer nets, or a larger ${this.#name}`,
    );
  }

  /** A store takes something else now. */
  change(before: Footprint, after: Footprint): void {
    const { bytes, entries } = this.#used;
    this.#used = { bytes: bytes - before.bytes + after.bytes, entries: entries - before.entries + after.entries };
  }
}

export const NOTHING: Footprint = { bytes: 0, entries: 0 };
export const EMPTY_FOLDER: Footprint = { bytes: BLOCK_BYTES, entries: 1 };

/** A store as it will be after a save of so many bytes. */
export function withSave(store: Footprint, slots: Footprint, bytes: number): Footprint {
  const saved = { bytes: 2 * Math.max(inBlocks(bytes), slots.bytes / 2), entries: 2 };
  return { bytes: store.bytes - slots.bytes + saved.bytes, entries: store.entries - slots.entries + saved.entries };
}

/**
 * What a folder takes, and of that the slots of a store, counted as the two that they will be; nothing if it is not
 * there.
 */
export async function measure(
  folder: string,
  fileSystem: FileSystem,
  depth = DEPTH,
): Promise<{ all: Footprint; slots: Footprint }> {
  const names = await namesIn(folder, fileSystem);
  if (names === undefined) return { all: NOTHING, slots: NOTHING };
  let { bytes, entries } = EMPTY_FOLDER;
  let largestSlot = 0;
  for (const name of names) {
    const path = join(folder, name);
    const { kind, bytes: size } = await fileSystem.stat(path).catch(unlessGone);
    if (kind === 'folder' && depth > 1) {
      const { all } = await measure(path, fileSystem, depth - 1);
      bytes += all.bytes;
      entries += all.entries;
    } else if (SLOT.test(name)) largestSlot = Math.max(largestSlot, inBlocks(size));
    else {
      bytes += inBlocks(size);
      entries++;
    }
  }
  const slots = largestSlot === 0 ? NOTHING : { bytes: 2 * largestSlot, entries: 2 };
  return { all: { bytes: bytes + slots.bytes, entries: entries + slots.entries }, slots };
}

/** A folder of somebody else, as `lost+found` is, has nothing to do with us. */
async function namesIn(folder: string, fileSystem: FileSystem): Promise<string[] | undefined> {
  try {
    return await fileSystem.list(folder);
  } catch (failure) {
    const code = systemCode(failure);
    if (code === 'ENOENT') return undefined;
    if (code === 'EACCES' || code === 'EPERM') return [];
    throw failure;
  }
}

function unlessGone(failure: unknown): { kind: 'other'; bytes: number } {
  if (systemCode(failure) === 'ENOENT') return { kind: 'other', bytes: 0 };
  throw failure;
}

function inBlocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
