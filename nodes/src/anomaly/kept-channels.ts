import { join } from 'node:path';
import { SpikewireError } from 'spikewire';
import type { FoundChannels, Path } from 'spikewire/session';
import { type FileSystem, nodeFileSystem } from 'spikewire/store';
import { replaceDurably } from '../nets/durable-file.ts';

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

  /** Resolves when they survive a power failure. Rejects with `budget` for names too long to be read again. */
  async write({ names, paths }: FoundChannels): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify({ names, paths: [...paths] }));
    if (bytes.length > MOST_BYTES)
      throw new SpikewireError('budget', 'message', `names channels in ${bytes.length} bytes`, `at most ${MOST_BYTES}`);
    await replaceDurably(this.#path, bytes, this.#files);
  }

  async forget(): Promise<void> {
    await this.#files.remove(this.#path).catch(() => {}); // there was none
  }
}
