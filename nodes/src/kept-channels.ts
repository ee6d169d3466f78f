import { join } from 'node:path';
import type { FoundChannels, Path } from 'spikewire/session';
import { type FileSystem, makeFolder, nodeFileSystem } from 'spikewire/store';

const NAME = 'channels.json';
const MOST_BYTES = 1 << 16;

/** The channels that were found in the first message, beside what was learned of them. */
export class KeptChannels {
  readonly #directory: string;
  readonly #files: FileSystem;

  constructor(directory: string, files: FileSystem = nodeFileSystem) {
    this.#directory = directory;
    this.#files = files;
  }

  get #path(): string {
    return join(this.#directory, NAME);
  }

  /** Undefined where there are none, or none that can be read. */
  async read(): Promise<FoundChannels | undefined> {
    try {
      const text = new TextDecoder().decode(await this.#files.read(this.#path, MOST_BYTES));
      const { names, paths } = JSON.parse(text) as { names: string[]; paths: [string, Path][] };
      const areNames = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');
      return areNames ? { names, paths: new Map(paths) } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Resolves when they survive a power failure. */
  async write({ names, paths }: FoundChannels): Promise<void> {
    await makeFolder(this.#directory, this.#files);
    const beside = `${this.#path}.part`;
    await this.#files.remove(beside).catch(() => {}); // of a process that was killed
    const file = await this.#files.create(beside);
    try {
      await file.write(new TextEncoder().encode(JSON.stringify({ names, paths: [...paths] })));
      await file.syncData();
    } finally {
      await file.close();
    }
    await this.#files.rename(beside, this.#path);
    await this.#files.syncFolder(this.#directory);
  }

  async forget(): Promise<void> {
    await this.#files.remove(this.#path).catch(() => {}); // there was none
  }
}
