import { join } from 'node:path';
import { replaceDurably } from '../../store/durable-file.ts';
import { type FileSystem, nodeFileSystem, storeFailure, systemCode } from '../../store/file-system.ts';
import { LARGEST_ORDERS, type Orders, readOrders } from './orders.ts';

/** What a device knows of its controller's will. */
export interface KeptEntry {
  /** Undefined before the first ones. */
  readonly orders: Orders | undefined;
  readonly etag: string | undefined;
  /** Whether the controller has revoked or retired the device. */
  readonly isDismissed: boolean;
}

export const NO_ORDERS: KeptEntry = { orders: undefined, etag: undefined, isDismissed: false };
/** With an etag, and with orders of machines that no answer has named for long. */
const LARGEST = 4 * LARGEST_ORDERS;

/** The orders of a device in a file, so that they hold over a restart and without a network. */
export class KeptOrders {
  readonly #path: string;
  readonly #files: FileSystem;
  #entry: KeptEntry;

  /** Where the file is damaged or unreadable, `warn` is told, and the controller is asked again. */
  static async open(folder: string, warn: (line: string) => void, files = nodeFileSystem): Promise<KeptOrders> {
    const path = join(folder, 'orders.json');
    const entry = await files
      .read(path, LARGEST)
      .then((bytes) => entryIn(Buffer.from(bytes).toString()))
      .catch((failure: Error) => {
        if (systemCode(failure) !== 'ENOENT')
          warn(`${path}: ${failure.message}; machines keep what they have until the controller answers`);
        return NO_ORDERS;
      });
    return new KeptOrders(path, files, entry);
  }

  private constructor(path: string, files: FileSystem, entry: KeptEntry) {
    [this.#path, this.#files, this.#entry] = [path, files, entry];
  }

  get entry(): KeptEntry {
    return this.#entry;
  }

  /** Resolves when it is durable; rejects with `store`, and keeps the former ones. */
  async write(entry: KeptEntry): Promise<void> {
    await replaceDurably(this.#path, Buffer.from(JSON.stringify(entry)), this.#files).catch((failure: unknown) => {
      throw storeFailure(this.#path, 'write it', failure);
    });
    this.#entry = entry;
  }
}

function entryIn(text: string): KeptEntry {
  const { orders, etag, isDismissed } = JSON.parse(text) as Partial<Record<keyof KeptEntry, unknown>>;
  return {
    orders: orders === undefined ? undefined : readOrders(JSON.stringify(orders)),
    etag: typeof etag === 'string' ? etag : undefined,
    isDismissed: isDismissed === true,
  };
}
